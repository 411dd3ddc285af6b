"""Requests that wait in line: their place, /jobs, and who may cancel them."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from bot.sandbox.discord import ClientRefusal, Person
from tests.e2e.conftest import play_on
from tests.e2e.play import SAMPLE, Play, Recorder, until
from tests.e2e.reading import ids_in, labels, privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> AsyncGenerator[Play]:
    """A bot that sends nothing yet: after a start it waits for one whole interval."""
    async with play_on(tmp_path_factory.mktemp("line"), recorder) as play:
        play.set(MUSIC_SUBMIT_INTERVAL="600", JOBS_PER_USER=str(LIMIT))
        play.hurry()
        await play.start()
        yield play
        assert play.music.counts.log == []


def _newcomer(line: Play, name: str) -> Person:
    person = line.discord.add_user(name)
    line.discord.add_member(line.world.guild, person)
    return person


async def test_the_reply_tells_the_place_in_line(line: Play) -> None:
    first, second = await line.extend(), await line.extend(line.world.jo)
    assert "You are next" in text_of(first.message), "as the first answer, not by an edit"
    # The first submit waits for a whole interval of ten minutes, the second for another one.
    assert "You are next, about 10 min to the start, then usually" in text_of(first.message)
    assert "Place 2 in line, about 20 min to the start, then usually" in text_of(second.message)
    assert ids_in(text_of(second.message)) == [SAMPLE["continue_clip_id"]]


async def test_a_request_is_cancelled_by_its_button_and_no_longer_listed(line: Play) -> None:
    ada = _newcomer(line, "Ada")
    call = await line.extend(ada)
    reply = await line.shows(call, "In line")
    assert labels(reply) == ["Cancel"]
    assert "nothing was spent" in privately(await line.press(reply, "Cancel", ada))
    reply = await line.shows(call, "Cancelled")
    assert labels(reply) == []
    with pytest.raises(ClientRefusal):
        await line.press(reply, "Cancel", ada)
    assert "Nothing under way" in privately(await line.use("jobs", ada))


async def test_jobs_lists_what_is_under_way_and_can_cancel_it(line: Play) -> None:
    ben = _newcomer(line, "Ben")
    await line.extend(ben, title="first")
    second = await line.extend(ben, title="second")
    listed = await line.use("jobs", ben)
    said = privately(listed)
    assert "1 · second · In line" in said
    assert "2 · first · In line" in said
    assert labels(listed.message) == ["Cancel 1", "Cancel 2"]
    await line.press(listed.message, "Cancel 1", ben)
    assert "no longer possible" in privately(await line.press(listed.message, "Cancel 1", ben))
    await line.shows(second, "Cancelled")
    said = privately(await line.use("jobs", ben))
    assert "first" in said
    assert "second" not in said


async def test_only_the_requester_or_a_moderator_can_cancel(line: Play) -> None:
    cleo = _newcomer(line, "Cleo")
    call = await line.extend(cleo)
    reply = await line.shows(call, "In line")
    assert "Only the person who asked" in privately(await line.press(reply, "Cancel", line.world.jo))
    await line.press(reply, "Cancel", line.world.sam)
    await line.shows(call, "Cancelled")


async def test_a_person_has_only_so_many_requests_and_pages_to_see_them(line: Play) -> None:
    dan = _newcomer(line, "Dan")
    for number in range(LIMIT):
        await line.extend(dan, title=f"request {number}")
    refused = await line.extend(dan)
    said = privately(refused)
    assert "as many as one person may have" in said
    assert f"1 · request {LIMIT - 1} · In line" in said
    assert "2 more under /jobs" in refused.message.embeds[0]["footer"]["text"]
    await line.press(refused.message, "Cancel 1", dan)
    await line.extend(dan, title=f"request {LIMIT - 1}")
    listed = await line.use("jobs", dan)
    assert "Page 1 of 2" in listed.message.embeds[0]["footer"]["text"]
    await line.press(listed.message, "Next page", dan)
    await until(lambda: "Page 2 of 2" in listed.message.embeds[0]["footer"]["text"])
    assert f"{LIMIT} · request 0 · In line" in text_of(listed.message)
    cancel = next(label for label in labels(listed.message) if label.startswith("Cancel"))
    await line.press(listed.message, cancel, dan)
    assert "In line" in text_of((await line.extend(dan)).message)
