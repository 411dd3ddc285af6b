"""What becomes of a task that the provider has accepted."""

from pathlib import Path

import pytest

from bot.sandbox.music_faults import Audio, Outcome, Shape, html, truncated
from bot.sandbox.music_wire import Endpoint
from tests.e2e.conftest import play_on
from tests.e2e.play import LATE, PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately, text_of
from tests.e2e.shelf import sound

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_one_failing_clip_does_not_spoil_the_other(shared: Play) -> None:
    shared.music.faults.next_task(Outcome(clip_fails={0: "error"}))
    await shared.extend(title="half")
    result = await shared.result(title="half")
    assert [embed["title"] for embed in result.embeds] == ["B · half"]
    assert labels(result) == ["Continue B", "More"]
    assert "Only one version came of it" in result.content
    assert len(audio_of(result)) == 1


async def test_a_task_that_fails_is_told_without_a_ping(shared: Play) -> None:
    shared.music.faults.next_task(Outcome(fails_as="generate_audio_failed"))
    call = await shared.extend(title="failed")
    reply = await shared.shows(call, "Nothing came of it")
    assert "gave up while making it" in text_of(reply)
    assert labels(reply) == ["Change and try again"]
    assert [message for message in shared.results() if "failed" in message.content] == []
    assert reply.pinged == frozenset()


async def test_queries_that_bring_nothing_are_asked_again(shared: Play) -> None:
    for fault in (html(), truncated()):
        shared.music.faults.add(Endpoint.QUERY, fault)
    await shared.extend(title="asked again")
    assert len(audio_of(await shared.result(title="asked again"))) == 2
    assert len(shared.submits("asked again")) == 1


async def test_words_of_sibling_providers_are_understood(shared: Play) -> None:
    words = {"submitted": "NOT_START", "queued": "Pending", "streaming": "text_success", "complete": "SUCCESS"}
    shared.music.faults.next_task(Outcome(words=words, shape=Shape.OBJECT, duration=int))
    await shared.extend(title="words")
    assert len(audio_of(await shared.result(title="words"))) == 2


async def test_complete_without_audio_is_fetched_again_until_there_is_audio(shared: Play) -> None:
    kinds = [kind for kind in Audio if kind is not Audio.GOOD]
    titles = [f"bad {number}" for number in range(len(kinds))]
    before = len(shared.music.counts.accepted)
    for number, kind in enumerate(kinds):
        outcome = Outcome(audio=kind, mended_after=LATE, shape=list(Shape)[number % 2], duration=float)
        shared.music.faults.next_task(outcome, when=lambda body, title=titles[number]: body["title"] == title)
        await shared.extend(title=titles[number])
    await until(lambda: len(shared.music.counts.accepted) == before + len(kinds))
    await until(lambda: shared.bot.log.count("is not ready to be kept") >= 2 * len(kinds))
    assert [message for message in shared.results() if "bad " in message.content] == []
    shared.finish_late()
    for title in titles:
        assert len(audio_of(await shared.result(title=title))) == 2


@pytest.mark.asyncio(loop_scope="function")
async def test_a_late_sibling_is_added_to_the_result_by_an_edit(stage: Play) -> None:
    stage.hurry({"bot.domain.settling.SIBLING_WAIT": 0.0})
    await stage.start()
    stage.next_is_late(1)
    await stage.extend()
    result = await stage.result()
    assert "Its other version is not done yet" in result.content
    assert (len(audio_of(result)), labels(result)) == (1, ["Continue A", "More"])
    stage.finish_late()
    await stage.room.wait_for(lambda message: message is result and len(audio_of(message)) == 2, PATIENCE)
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert "not done yet" not in result.content
    assert stage.results() == [result]


@pytest.mark.asyncio(loop_scope="function")
async def test_a_task_without_an_end_is_called_stalled_and_can_be_asked_for_again(stage: Play) -> None:
    stage.hurry()
    stage.set(JOB_DEADLINE="1")
    await stage.start()
    stage.music.faults.next_task(Outcome(hangs_as="streaming"))
    call = await stage.extend(title="endless")
    reply = await stage.shows(call, "No end in sight")
    assert labels(reply) == ["Try again (costs again)", "Hide"]
    assert "endless" in privately(await stage.use("jobs"))
    stage.may_submit_twice = True
    await stage.press(reply, "Try again (costs again)")
    await stage.result(title="endless")
    assert len(stage.submits("endless")) == 2


@pytest.mark.asyncio(loop_scope="function")
async def test_what_the_provider_calls_complete_and_nobody_can_hear_never_reaches_the_library(tmp_path: Path) -> None:
    whole = sound(2)
    unheard = (whole[:300] + b"\0" * 3_000, sound(0))
    async with play_on(tmp_path, lambda take, _title: unheard[take.variant]) as play:
        play.hurry()
        play.set(JOB_DEADLINE="1")
        await play.start()
        call = await play.extend(title="unheard")
        await play.shows(call, "No end in sight")
        assert play.bot.log.count("is not ready to be kept") >= 2
        assert play.results() == []
        assert "You have no finished track yet" in privately(await play.use("library"))
        assert [path.name for path in (tmp_path / "media").iterdir() if path.suffix == ".mp3"] == []
