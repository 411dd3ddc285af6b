"""/track takes in a task made elsewhere; /jobs shows what is under way, and the buttons that end it."""

from typing import Any, cast

import aiohttp
import pytest

from bot.sandbox.discord import ClientRefusal, InteractionCall
from bot.sandbox.music_faults import Outcome, stall
from bot.sandbox.music_wire import Endpoint
from tests.e2e.play import SAMPLE, Play, audio_of, ids_in, labels, privately, text_of, until

LATE = Outcome(late=frozenset({0, 1}), late_by=2.0)
"""Both clips take two seconds: not done at the first query, done at the second."""


async def test_a_finished_task_made_elsewhere_comes_into_the_library(live: Play) -> None:
    task = live.music.task_of(str(SAMPLE["continue_clip_id"]))
    call = await live.use("track", task_id=f" `{task.id}` ")
    result = await live.result()
    assert len(audio_of(result)) == 2
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert live.submits() == []
    await live.shows(call, "The track is here")
    offered = await live.world.mira.autocomplete(live.room, "extend", focused="continue_clip_id", value="")
    assert {choice.value for choice in offered} == {clip.id for clip in task.clips}
    queries = live.music.counts.queries
    await live.use("track", live.world.jo, live.world.lounge, task_id=task.id)
    assert len(audio_of(await live.result(live.world.lounge))) == 2
    assert live.music.counts.queries == queries, "what is in the library is asked of nobody"


async def test_a_running_task_made_elsewhere_is_followed_to_its_end(live: Play) -> None:
    live.music.faults.next_task(LATE)
    call = await live.use("track", task_id=await _made_elsewhere(live))
    assert labels(await live.shows(call, "Being made")) == ["Hide"]
    assert len(audio_of(await live.result())) == 2


async def _made_elsewhere(live: Play) -> str:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {live.music.key}"}) as session,
        session.post(live.music.url + Endpoint.GENERATE, json={"tags": "lofi", "title": "elsewhere"}) as response,
    ):
        answer = cast("dict[str, Any]", await response.json())
    return str(answer["task_id"])


async def test_a_task_that_nobody_knows_is_said_so(live: Play) -> None:
    call = await live.use("track", task_id="00000000-0000-4000-8000-000000000000")
    assert "doesn't know this task" in text_of(await live.shows(call, "Nothing came of it"))
    said = privately(await live.use("track", task_id="not a task"))
    assert said.startswith("**Task** (`task_id`): ")
    assert "For example: `" in said
    assert "Nothing under way" in privately(await live.use("jobs"))


async def _one_sent_and_one_in_line(live: Play) -> tuple[InteractionCall, InteractionCall]:
    """Keep the lane busy with Mira's first request, so that her second one stays in line."""
    busy = live.strike(Endpoint.EXTEND, stall(60, accepted=True))
    first = await live.extend(title="first")
    await busy.wait()
    return first, await live.extend(title="second")


async def test_a_request_in_line_is_cancelled_by_its_button_and_never_sent(live: Play) -> None:
    _, second = await _one_sent_and_one_in_line(live)
    reply = await live.shows(second, "In line")
    assert labels(reply) == ["Cancel"]
    said = privately(await live.press(reply, "Cancel"))
    assert "nothing was spent" in said
    reply = await live.shows(second, "Cancelled")
    assert labels(reply) == []
    with pytest.raises(ClientRefusal):
        await live.press(reply, "Cancel")
    assert [body["title"] for body in live.submits()] == ["first"]
    await live.kill()
    await live.start()
    listed = privately(await live.use("jobs"))
    assert "Nothing under way" in listed
    assert [body["title"] for body in live.submits()] == ["first"]


async def test_jobs_lists_what_is_under_way_and_can_cancel_it(live: Play) -> None:
    await _one_sent_and_one_in_line(live)
    listed = await live.use("jobs")
    said = privately(listed)
    assert "1 · second · In line" in said
    assert "2 · first · Being sent" in said
    assert labels(listed.message) == ["Cancel 1", "Hide 2"]
    assert "Nothing under way" in privately(await live.use("jobs", live.world.jo))
    await live.press(listed.message, "Cancel 1")
    late = privately(await live.press(listed.message, "Cancel 1"))
    assert "no longer possible" in late
    assert "second" not in privately(await live.use("jobs"))
    await live.kill()


async def test_only_the_requester_or_a_moderator_can_end_a_request(live: Play) -> None:
    _, second = await _one_sent_and_one_in_line(live)
    reply = await live.shows(second, "In line")
    assert "Only the person who asked" in privately(await live.press(reply, "Cancel", live.world.jo))
    await live.press(reply, "Cancel", live.world.sam)
    await live.shows(second, "Cancelled")
    assert [body["title"] for body in live.submits()] == ["first"]
    await live.kill()


async def test_a_hidden_request_posts_nothing_and_its_tracks_reach_the_library(live: Play) -> None:
    live.music.faults.next_task(LATE)
    call = await live.extend()
    said = privately(await live.press(await live.shows(call, "Being made"), "Hide"))
    assert "may cost" in said
    await live.shows(call, "It is finished. Its tracks are in the list of /extend.")
    assert live.results() == []
    task = live.music.tasks[live.music.counts.accepted[0].task_id]
    offered = await live.world.mira.autocomplete(live.room, "extend", focused="continue_clip_id", value="")
    assert {choice.value for choice in offered} == {clip.id for clip in task.clips}


async def test_jobs_turns_its_pages_in_place(stage: Play) -> None:
    stage.set(JOBS_PER_USER="9", MUSIC_SUBMIT_INTERVAL="60")
    await stage.start()
    for number in range(6):
        await stage.extend(title=f"request {number}")
    listed = await stage.use("jobs")
    assert "Page 1 of 2" in listed.message.embeds[0]["footer"]["text"]
    await stage.press(listed.message, "Next page")
    await until(lambda: "Page 2 of 2" in listed.message.embeds[0]["footer"]["text"])
    assert "6 · request 0 · In line" in text_of(listed.message)


async def test_a_person_has_only_so_many_requests_under_way(stage: Play) -> None:
    stage.set(JOBS_PER_USER="1", MUSIC_SUBMIT_INTERVAL="60")
    await stage.start()
    first = await stage.extend()
    assert "as many as one person may have" in privately(await stage.extend())
    assert (await stage.extend(stage.world.jo)).message.is_loading
    await stage.press(await stage.shows(first, "In line"), "Cancel")
    await stage.shows(first, "Cancelled")
    assert (await stage.extend()).message.is_loading
    assert stage.submits() == []


async def test_the_reply_tells_the_place_in_line(stage: Play) -> None:
    stage.set(MUSIC_SUBMIT_INTERVAL="60")
    await stage.start()
    first, second = await stage.extend(), await stage.extend(stage.world.jo)
    assert "You are next" in text_of(await stage.shows(first, "In line"))
    assert "Place 2 in line, about 60 s to the start" in text_of(await stage.shows(second, "In line"))
    assert ids_in(text_of(second.message)) == [SAMPLE["continue_clip_id"]]
