"""/extend, from the command to the delivered track."""

import io
import itertools
import json
from typing import cast

import av
import pytest
from av.container import InputContainer

from bot.sandbox.discord import Message
from bot.sandbox.music_tasks import Task
from bot.sandbox.music_wire import Endpoint
from tests.e2e.conftest import SUBMIT_INTERVAL
from tests.e2e.play import SAMPLE, Play, until
from tests.e2e.reading import audio_of, ids_in, labels, privately, text_of
from tests.e2e.recordings import SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _task(shared: Play, title: str) -> Task:
    return next(task for task in shared.music.tasks.values() if task.body.get("title") == title)


async def test_the_sample_request_of_the_providers_page_arrives_unchanged(shared: Play) -> None:
    await shared.extend()
    await shared.result()
    assert [json.dumps(body, sort_keys=True) for body in shared.submits()] == [json.dumps(SAMPLE, sort_keys=True)]


async def test_the_reply_shows_the_task_and_what_was_asked_for(shared: Play) -> None:
    call = await shared.extend(title="Night Train")
    reply = await shared.shows(call, "Task: ")
    said = text_of(reply)
    assert ids_in(said) == [SAMPLE["continue_clip_id"], _task(shared, "Night Train").id]
    assert "Styles: tropical house, wave, synthwave" in said
    assert "from 1:40" in said
    assert "Night Train" in said
    assert not reply.mentions
    result = await shared.result(title="Night Train")
    reply = await shared.shows(call, "The track is here")
    assert f"/{shared.room.id}/{result.id})" in text_of(reply)
    assert labels(reply) == []


async def test_the_result_pings_its_requester_alone_and_plays_in_discord(shared: Play) -> None:
    call = await shared.extend(title="Day Bus")
    result = await shared.result(title="Day Bus")
    assert result.mentions == [shared.world.mira.user]
    assert result.pinged == {shared.world.mira.id}
    assert result.reference is call.message
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert [embed["title"] for embed in result.embeds] == ["A · Day Bus", "B · Day Bus"]
    assert [_seconds(shared, result, name) for name in audio_of(result)] == list(SECONDS)
    assert [name.rpartition("-")[2].strip("_ ") for name in audio_of(result)] == ["A.mp3", "B.mp3"]
    covers = [attachment for attachment in result.attachments if attachment.content_type == "image/jpeg"]
    assert [cover.filename for cover in covers] == ["cover-A.jpg", "cover-B.jpg"]
    assert all(attachment.description for attachment in result.attachments)
    assert all("cover-" in embed["thumbnail"]["url"] for embed in result.embeds)


def _seconds(shared: Play, message: Message, filename: str) -> int:
    attachment = next(attachment for attachment in message.attachments if attachment.filename == filename)
    with cast("InputContainer", av.open(io.BytesIO(shared.discord.read_attachment(attachment)))) as file:
        return round(sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0)))


async def test_continue_b_opens_a_filled_form_and_submitting_it_makes_a_second_track(shared: Play) -> None:
    await shared.extend(title="first")
    result = await shared.result(title="first")
    await shared.restart()
    once, again = [await shared.continues(result, "B", shared.world.jo) for _ in range(2)]
    assert once.custom_id != again.custom_id
    filled = [(field.custom_id, field.value) for field in again.fields]
    assert filled == [("continue_at", "0:14"), ("tags", SAMPLE["tags"]), ("title", "first")]
    call = await shared.world.jo.submit(again, {"continue_at": "end", "title": "second"})
    await call.answered()
    await shared.result(title="second")
    b = _task(shared, "first").clips[1]
    assert shared.submits("second") == [{**SAMPLE, "title": "second", "continue_clip_id": b.id, "continue_at": 14}]
    assert "B · first from 0:14" in text_of(call.message)


async def test_more_shows_ids_privately_and_copy_id_answers_with_nothing_else(shared: Play) -> None:
    await shared.extend(title="more")
    result = await shared.result(title="more")
    more = await shared.press(result, "More", shared.world.jo)
    task = _task(shared, "more")
    assert set(ids_in(privately(more))) == {task.id, *(clip.id for clip in task.clips), SAMPLE["continue_clip_id"]}
    copied = await shared.press(more.message, "Copy ID B", shared.world.jo)
    assert privately(copied) == task.clips[1].id


async def test_a_direct_message_with_the_bot_works_like_a_channel(shared: Play) -> None:
    room = shared.discord.direct_message(shared.world.mira)
    await shared.extend(None, room, title="just us")
    result = await shared.result(room)
    assert len(audio_of(result)) == 2
    assert labels(result) == ["Continue A", "Continue B", "More"]


async def test_the_end_of_a_known_track_is_its_last_whole_second(shared: Play) -> None:
    await shared.extend(title="source")
    await shared.result(title="source")
    clip = _task(shared, "source").clips[0]
    await shared.extend(continue_clip_id=f"https://cdn1.suno.ai/{clip.id}.mp3", continue_at="END", title="", model="")
    await until(lambda: len([result for result in shared.results() if "source" in result.content]) == 2)
    # Without a title the track keeps its source's; without a model it is the first on offer.
    assert shared.submits("source")[1] == {**SAMPLE, "title": "source", "continue_clip_id": clip.id, "continue_at": 11}


async def test_several_requests_of_two_people_are_sent_in_turn(shared: Play) -> None:
    before = len(shared.submits())
    for number in range(3):
        await shared.extend(title=f"mira {number}")
    await shared.extend(shared.world.jo, title="jo 0")
    results = [await shared.result(title=title) for title in ("mira 0", "mira 1", "mira 2", "jo 0")]
    titles = [body["title"] for body in shared.submits()[before:]]
    assert sorted(str(title) for title in titles) == ["jo 0", "mira 0", "mira 1", "mira 2"]
    assert [title for title in titles if title != "jo 0"] == ["mira 0", "mira 1", "mira 2"]
    arrivals = shared.music.counts.arrivals(Endpoint.EXTEND)
    assert min(later - earlier for earlier, later in itertools.pairwise(arrivals)) >= SUBMIT_INTERVAL
    assert [result.pinged for result in results] == [{shared.world.mira.id}] * 3 + [{shared.world.jo.id}]


async def test_nothing_secret_is_logged_at_debug_level(shared: Play) -> None:
    # The last test of the file: what every test's end asserts of the log then holds of all that came before, and of this.
    shared.set(LOG_LEVEL="DEBUG")
    await shared.restart()
    call = await shared.extend(title="secret")
    result = await shared.result(title="secret")
    await shared.press(result, "More")
    await shared.shows(call, "The track is here")
    log = shared.bot.log
    assert "DEBUG    discord" in log
    assert not [secret for secret in (shared.discord.token, shared.music.key, call.interaction.token) if secret in log]
