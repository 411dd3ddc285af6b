"""Sessions through what can happen to them: the real bot between both loopbacks, killed where it hurts, and a Discord that changes."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.sandbox.discord import (
    ChannelChanged,
    Event,
    MessageCreated,
    MessageUpdated,
    Overwrite,
    OverwriteKind,
    Permission,
    interactions,
)
from bot.sandbox.music_faults import stall
from bot.sandbox.music_wire import Endpoint
from bot.services.sessions.running import ALIVE
from tests.e2e.conftest import MANY_QUERIES, PROVIDER, play_on
from tests.e2e.play import PATIENCE, PATIENT, Play, Recorder, until
from tests.e2e.reading import privately, text_of
from tests.e2e.session_play import SHORT, SessionPlay, a_track, thread_since

pytestmark = pytest.mark.asyncio(loop_scope="module")
FOREVER = 3600.0
VOTERS = 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def play(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> AsyncGenerator[Play]:
    """One bot for this file, which is killed again and again."""
    provider = replace(PROVIDER, queries_per_second=MANY_QUERIES)
    async with play_on(tmp_path_factory.mktemp("sessions"), recorder, provider) as play:
        play.set(JOBS_PER_USER="100", MUSIC_QUERIES_PER_SECOND=str(MANY_QUERIES))
        play.hurry({**SHORT, **PATIENT})
        await play.start()
        yield play


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clip_id(play: Play) -> str:
    """Return the track that every session here begins with."""
    return await a_track(play)


def _thread_opens(event: Event) -> bool:
    return isinstance(event, ChannelChanged) and event.channel.is_thread


def _says(session: SessionPlay, text: str) -> Callable[[Event], bool]:
    """Wait for the moment in which a message of a session's thread says something."""

    def moment(event: Event) -> bool:
        if not isinstance(event, MessageCreated | MessageUpdated) or event.message.is_ephemeral:
            return False
        return event.message.channel_id == session.thread.id and text in text_of(event.message)

    return moment


async def test_a_bot_that_is_killed_at_each_message_of_a_session_posts_each_once(play: Play, clip_id: str) -> None:
    world = play.world
    bought = len(play.submits())
    card = await SessionPlay.card(play, clip_id, rounds="1")
    before = set(play.discord.core.world.channels)
    async with play.killed_at(_thread_opens):
        await world.mira.press(card, "Start")
    session = SessionPlay(play, clip_id, await thread_since(play, before))
    async with play.killed_at(_says(session, "Round 1 of 1")):
        await play.bot.start()
    await play.start()
    board = await session.shows("Add or change my idea")
    async with play.killed_at(_says(session, "slow strings")):
        await session.idea(world.jo, board, "slow strings")
    await play.start()
    async with play.killed_at(_says(session, "Vote for A")):
        await session.host("Skip to the next step")
    await play.start()
    await session.shows("Vote for B", "Hear the join B")
    assert "Your vote" in await session.press(world.sam, board, "Vote for B")
    async with play.killed_at(_says(session, "Export")):
        await session.host("Skip to the next step")
    await play.start()
    recap = await play.room.wait_for(lambda message: "Export" in text_of(message), PATIENCE)
    assert "1 vote" in recap.embeds[0]["footer"]["text"]
    await session.shows("It goes on with", "with 1 vote")
    assert len(session.saying("Round 1 of 1")) == len(session.saying("Export")) == 1
    assert len(play.submits()) == bought + 1


async def test_a_kill_while_it_is_submitted_leaves_the_host_to_say_whether_it_is_tried_again(play: Play, clip_id: str) -> None:
    session = await SessionPlay.start(play, clip_id, rounds="1")
    board = await session.shows("Add or change my idea")
    await session.idea(play.world.jo, board, "in the air")
    struck = play.strike(Endpoint.EXTEND, stall(FOREVER, accepted=True))
    await session.host("Skip to the next step")
    await struck.wait()
    await play.kill()
    await play.start()
    await session.shows("can't tell whether it was started", "1 of 3 extensions are spent")
    assert "Only the session's host" in await session.press(play.world.jo, board, "Try again (may cost twice)")
    play.may_submit_twice = True
    await session.press(play.world.mira, board, "Try again (may cost twice)")
    await session.shows("Vote for A")
    assert [body["tags"] for body in play.submits()].count("in the air") == 2
    await session.ends()


async def test_a_bot_that_was_down_for_more_than_ten_minutes_pauses_once_and_for_less_goes_on(play: Play, clip_id: str) -> None:
    session = await SessionPlay.start(play, clip_id)
    board = await session.shows("Add or change my idea")
    await play.kill()
    _set_alive(play, by=300.0)
    await play.start()
    await session.idea(play.world.jo, board, "still open")
    await play.kill()
    _set_alive(play, by=700.0)
    await play.start()
    paused = await session.shows("Paused: I was down for more than ten minutes")
    assert paused is board
    await until(lambda: len(_told(play)) == 1)
    await play.restart()
    await session.press(play.world.mira, board, "Resume (host)")
    await session.shows("still open", "Add or change my idea")
    assert len(_told(play)) == 1
    await session.ends()


def _told(play: Play) -> list[str]:
    """List what Mira was told of sessions by direct message."""
    return [message.content for message in play.discord.direct_message(play.world.mira).messages if "is paused" in message.content]


def _set_alive(play: Play, *, by: float) -> None:
    """Set back when the bot was there last, while it is down; a session was always started by somebody who was there."""
    file = play.bot.environment["DATABASE_URL"].partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=10.0)) as connection, connection:
        connection.execute("UPDATE sessions SET state = json_set(state, '$.created_at', json_extract(state, '$.created_at') - ?)", (by,))
        changed = connection.execute("UPDATE meta SET value = CAST(value AS REAL) - ? WHERE key = ?", (by, ALIVE)).rowcount
    assert changed == 1


async def test_a_deleted_message_is_posted_anew_and_a_deleted_thread_is_opened_anew_by_the_host(play: Play, clip_id: str) -> None:
    world = play.world
    session = await SessionPlay.start(play, clip_id)
    board = await session.shows("Add or change my idea")
    await session.idea(world.jo, board, "slow strings")
    await world.sam.delete(board)
    led = privately(await (await world.jo.slash(session.thread, "session board")).settled(PATIENCE))
    anew = await session.shows("Add or change my idea", "slow strings")
    assert f"/{anew.id}" in led
    guild, channels = world.guild, play.discord.core.world.channels
    before, told = set(channels), len(_told(play))
    del guild.channels[session.thread.id], channels[session.thread.id]
    panel = (await (await world.mira.slash(play.room, "session host")).settled(PATIENCE)).message
    await world.mira.press(panel, "+1 min")
    await until(lambda: len(_told(play)) == told + 1)
    panel = (await (await world.mira.slash(play.room, "session host")).settled(PATIENCE)).message
    await world.mira.press(panel, "Resume")
    session.thread = await thread_since(play, before)
    await session.shows("Add or change my idea", "slow strings")
    await session.ends()


async def test_a_thread_that_takes_no_messages_any_more_pauses_the_session(play: Play, clip_id: str) -> None:
    session = await SessionPlay.start(play, clip_id, rounds="2")
    board = await session.shows("Add or change my idea")
    await session.idea(play.world.jo, board, "slow strings")
    await session.host("Skip to the next step")
    await session.shows("Vote for A")
    told = len(_told(play))
    denied = (OverwriteKind.MEMBER, play.discord.application_id)
    play.room.channel.overwrites[denied] = Overwrite(deny=Permission.SEND_MESSAGES_IN_THREADS)
    await session.host("Skip to the next step")
    await until(lambda: len(_told(play)) == told + 1)
    del play.room.channel.overwrites[denied]
    await session.host("Resume")
    assert await session.shows("Round 2 of 2") is not board
    await session.ends()


async def test_two_hundred_people_vote_within_two_seconds_and_every_vote_counts(
    play: Play, clip_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How soon they are answered is measured by bench.session_votes: here Discord does not lose patience with a busy machine.
    monkeypatch.setattr(interactions, "ACK_SECONDS", PATIENCE)
    world = play.world
    crowd = [play.discord.add_user(f"voter {number}") for number in range(VOTERS)]
    for person in crowd:
        play.discord.add_member(world.guild, person)
    session = await SessionPlay.start(play, clip_id, rounds="1")
    board = await session.shows("Add or change my idea")
    for person, tags in ((world.jo, "slow strings"), (world.sam, "fast drums")):
        await session.idea(person, board, tags)
    await session.host("Skip to the next step")
    await session.shows("Vote for one idea")
    told = await asyncio.gather(*(session.vote(person, board, 2) for person in crowd))
    assert all("Your vote" in said for said in told)
    await session.shows(f"{VOTERS} people have voted.")
    await session.host("Skip to the next step")
    await session.shows("Vote for A")
    await session.host("Skip to the next step")
    recap = await session.shows("Export")
    assert recap.embeds
    await until(lambda: len(session.saying("Export")) == 1)
