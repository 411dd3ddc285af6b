"""kill -9 after each step of the walk, then a restart: no job lost, no second submit, no second result."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.discord import Event, InteractionCall, MessageCreated, MessageUpdated, RequestAnswered
from bot.sandbox.music_faults import stall
from bot.sandbox.music_wire import Endpoint
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, text_of
from tests.postgres import fresh_database

FOREVER = 600
CALLBACK = "/interactions/{id}/{token}/callback"
POST = "/channels/{id}/messages"


async def _noted(live: Play) -> None:
    """Wait until every acknowledgement is written: people see their place in line a moment before."""
    file = live.bot.environment["DATABASE_URL"].partition(":///")[2]
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        await until(lambda: connection.execute("SELECT min(acknowledged) FROM jobs").fetchone() == (1,))


async def _one_result(live: Play, call: InteractionCall) -> None:
    """See the track delivered, once, for one submit, and nothing left to do."""
    result = await live.result()
    await live.shows(call, f"/{result.id})")
    await live.nothing_under_way()
    assert live.results() == [result]
    assert len(audio_of(result)) == 2
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert len(live.submits()) == 1


async def test_killed_between_acceptance_and_acknowledgement_the_job_is_withdrawn(live: Play) -> None:
    held = live.discord.faults.add(method="POST", route=CALLBACK, delay=FOREVER)
    call = await live.world.mira.slash(live.room, "extend", continue_clip_id="abc123", continue_at="1:00", tags="x")
    await until(lambda: held.hits == 1)
    await live.kill()
    await live.start()
    await call.answered()
    assert call.failed == "The application did not respond"
    await live.nothing_under_way()
    assert live.music.counts.log == []


async def test_killed_before_the_acknowledgement_was_noted_the_job_is_withdrawn(live: Play) -> None:
    def acknowledged(event: Event) -> bool:
        return isinstance(event, RequestAnswered) and event.request.path.endswith("/callback")

    async with live.killed_at(acknowledged):
        await live.extend()
    await live.start()
    await live.nothing_under_way()
    assert live.music.counts.log == []


async def test_killed_in_line_the_job_keeps_its_place(stage: Play) -> None:
    stage.hurry()
    stage.set(MUSIC_SUBMIT_INTERVAL="60")
    await stage.start()
    call = await stage.extend()
    await stage.shows(call, "In line")
    await _noted(stage)
    await stage.kill()
    stage.set(MUSIC_SUBMIT_INTERVAL="0.2")
    await stage.start()
    await _one_result(stage, call)


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "not accepted"])
async def test_killed_while_submitting_the_outcome_is_unknown_and_nothing_is_sent_again(live: Play, accepted: bool) -> None:
    struck = live.strike(Endpoint.EXTEND, stall(FOREVER, accepted=accepted))
    call = await live.extend(title="in the air")
    waiting = await live.extend(live.world.jo, title="in line")
    await struck.wait()
    await live.shows(waiting, "In line")
    await _noted(live)
    await live.kill()
    await live.start()
    reply = await live.shows(call, "Not clear whether it started")
    assert labels(reply) == ["Try again (may cost twice)"]
    await live.result(title="in line")
    await live.shows(waiting, "The track is here")
    assert [body["title"] for body in live.submits()] == ["in the air", "in line"]


async def test_killed_after_a_cancellation_it_stays_cancelled(stage: Play) -> None:
    stage.hurry()
    stage.set(MUSIC_SUBMIT_INTERVAL="60")
    await stage.start()
    call = await stage.extend()
    reply = await stage.shows(call, "In line")
    async with stage.killed_at(lambda event: isinstance(event, MessageCreated) and "Cancelled" in event.message.content):
        await stage.world.mira.press(reply, "Cancel")
    stage.set(MUSIC_SUBMIT_INTERVAL="0.2")
    await stage.start()
    await stage.shows(call, "Cancelled")
    await stage.nothing_under_way()
    assert stage.music.counts.log == []


async def test_killed_while_it_is_being_made_the_job_is_followed_to_its_end(live: Play) -> None:
    struck = live.strike(Endpoint.QUERY, stall(FOREVER, accepted=True))
    call = await live.extend()
    await struck.wait()
    await live.shows(call, "Being made")
    await live.kill()
    await live.start()
    await _one_result(live, call)


async def test_killed_during_the_download_the_audio_is_fetched_again(live: Play) -> None:
    struck = live.strike(Endpoint.AUDIO, stall(FOREVER, accepted=True))
    call = await live.extend()
    await struck.wait()
    await live.kill()
    await live.start()
    await _one_result(live, call)


async def test_killed_with_the_post_under_way_there_is_one_result(live: Play) -> None:
    held = live.discord.faults.add(method="POST", route=POST, delay=2.0)
    call = await live.extend()
    await until(lambda: held.hits == 1)
    await live.kill()
    await live.start()
    await _one_result(live, call)
    await until(lambda: live.sent("POST", f"/channels/{live.room.id}/messages")[0].status == 200)
    assert len(live.results()) == 1


def _posted(event: Event) -> bool:
    return isinstance(event, MessageCreated) and bool(audio_of(event.message))


@pytest.mark.parametrize("minutes", [0, 10], ids=["at once", "past the nonce's window"])
async def test_killed_after_the_post_but_before_it_was_noted_there_is_one_result(live: Play, minutes: int) -> None:
    async with live.killed_at(_posted):
        call = await live.extend()
    live.discord.advance(60 * minutes)
    await live.start()
    await _one_result(live, call)


async def test_killed_after_a_post_far_behind_its_reply_there_is_one_result(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.shows(call, "Being made")
    for _ in range(120):
        await hurried.world.jo.send(hurried.room, "a busy channel")
    async with hurried.killed_at(_posted):
        hurried.finish_late()
    hurried.discord.advance(600)
    await hurried.start()
    await _one_result(hurried, call)


async def test_killed_when_the_reply_told_of_the_result_there_is_one_result(live: Play) -> None:
    async with live.killed_at(lambda event: isinstance(event, MessageUpdated) and "The track is here" in text_of(event.message)):
        call = await live.extend()
    await live.start()
    await _one_result(live, call)


async def test_killed_while_a_sibling_is_late_it_is_added_all_the_same(stage: Play) -> None:
    stage.hurry({"bot.domain.settling.SIBLING_WAIT": 0.0})
    await stage.start()
    stage.next_is_late(1)
    call = await stage.extend()
    result = await stage.result()
    await stage.shows(call, "The track is here")
    assert labels(result) == ["Continue A", "More"]
    await stage.kill()
    stage.finish_late()
    await stage.start()
    await stage.room.wait_for(lambda message: message is result and len(audio_of(message)) == 2, PATIENCE)
    await _one_result(stage, call)


async def test_killed_again_and_again_there_is_one_result(live: Play) -> None:
    struck = live.strike(Endpoint.QUERY, stall(FOREVER, accepted=True))
    call = await live.extend()
    await struck.wait()
    await live.kill()
    struck = live.strike(Endpoint.AUDIO, stall(FOREVER, accepted=True))
    await live.start()
    await struck.wait()
    await live.kill()
    async with live.killed_at(_posted):
        await live.bot.start()
    await live.start()
    await _one_result(live, call)
    await live.restart()
    await _one_result(live, call)


async def test_on_postgresql_nothing_is_lost_or_done_twice_either(stage: Play, postgres_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        stage.set(DATABASE_URL=url)
        await stage.start()
        struck = stage.strike(Endpoint.EXTEND, stall(FOREVER, accepted=True))
        lost = await stage.extend(title="in the air")
        await struck.wait()
        await stage.kill()
        await stage.start()
        await stage.shows(lost, "Not clear whether it started")
        async with stage.killed_at(_posted):
            call = await stage.extend(title="posted")
        await stage.start()
        result = await stage.result()
        await stage.shows(call, f"/{result.id})")
        assert stage.results() == [result]
        assert [body["title"] for body in stage.submits()] == ["in the air", "posted"]
        assert await stage.bot.stop() == 0


async def test_settings_in_a_file_and_a_database_beside_it_survive_too(stage: Play, tmp_path: Path) -> None:
    environment = stage.bot.environment
    names = {name for name in environment if name.startswith(("DISCORD", "MUSIC", "MEDIA", "OPS"))}
    lines = [f"{name}={environment[name]}\n" for name in sorted(names - {"MEDIA_DIR"})]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
    stage.bot.environment = {name: value for name, value in environment.items() if name not in names | {"DATABASE_URL"}}
    await stage.start()
    async with stage.killed_at(_posted):
        call = await stage.extend()
    await stage.start()
    await _one_result(stage, call)
    assert (tmp_path / "data" / "encore.db").is_file()
    assert len(list((tmp_path / "data" / "media").glob("*.mp3"))) == 2
