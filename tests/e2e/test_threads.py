"""Results in threads, and results that ping nobody: what a server's settings do to delivery."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bot.sandbox.discord import ChannelType, Overwrite, OverwriteKind, Permission, RequestAnswered
from bot.sandbox.discord.permissions import NONE
from tests.e2e.play import PATIENCE, until
from tests.e2e.reading import audio_of

if TYPE_CHECKING:
    from bot.sandbox.discord import Event, InteractionCall, Message, Room
    from tests.e2e.play import Play


def wants(live: Play, **settings: object) -> None:
    """Set what the server wants; a bot that runs has looked already."""
    file = live.bot.environment["DATABASE_URL"].partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=10.0)) as connection, connection:
        connection.execute(
            "INSERT INTO guild_settings (guild_id, revision, settings) VALUES (?, 1, ?)", (live.world.guild.id, json.dumps(settings))
        )


async def set_up(live: Play, **settings: object) -> None:
    """Set what the server wants, and let the bot look anew."""
    wants(live, **settings)
    await live.kill()
    await live.start()


def thread_of(live: Play, call: InteractionCall) -> Room:
    """Return the thread under a reply."""
    return live.discord.room(live.discord.core.world.channels[call.message.id])


def threads(live: Play) -> list[str | None]:
    return [channel.name for channel in live.discord.core.world.channels.values() if channel.is_thread]


async def in_its_thread(live: Play, call: InteractionCall) -> Message:
    """Wait for the result in the thread; see that it is there once, and nowhere else, and that the reply leads to it."""
    await until(lambda: call.message.id in live.discord.core.world.channels)
    result = await live.result(thread_of(live, call))
    await live.shows(call, f"/{call.message.id}/{result.id})")
    await live.nothing_under_way()
    assert live.results(thread_of(live, call)) == [result]
    assert live.results() == []
    return result


async def test_the_result_is_posted_in_a_thread_under_the_reply_for_one_more_request(live: Play) -> None:
    await set_up(live, results_in="thread")
    call = await live.extend(title="Night *train*")
    result = await in_its_thread(live, call)
    assert len(audio_of(result)) == 2
    assert threads(live) == ["Night *train*"]
    assert result.pinged == {live.world.mira.id}
    assert len(live.sent("POST", "/threads")) == 1
    again = await live.extend(title="Another")
    await in_its_thread(live, again)
    assert len(threads(live)) == 2


async def test_a_late_version_is_added_in_the_thread_even_when_that_was_archived(stage: Play) -> None:
    stage.hurry({"bot.domain.settling.SIBLING_WAIT": 0.0})
    await stage.start()
    await set_up(stage, results_in="thread")
    stage.next_is_late(1)
    call = await stage.extend()
    result = await in_its_thread(stage, call)
    assert len(audio_of(result)) == 1
    thread_of(stage, call).channel.archived = True
    stage.finish_late()
    await until(lambda: len(audio_of(result)) == 2)
    assert not thread_of(stage, call).channel.archived


async def test_asked_for_in_a_thread_the_result_comes_there(live: Play) -> None:
    await set_up(live, results_in="thread")
    room = live.discord.add_thread(live.room, "jam", live.world.mira)
    await live.extend(live.world.mira, room)
    result = await live.result(room)
    assert result.reference is not None
    assert threads(live) == ["jam"]
    assert live.sent("POST", "/threads") == []


async def test_without_the_permission_the_channel_serves(live: Play) -> None:
    await set_up(live, results_in="thread")
    everyone = (OverwriteKind.ROLE, live.world.guild.id)
    live.room.channel.overwrites[everyone] = Overwrite(allow=NONE, deny=Permission.CREATE_PUBLIC_THREADS)
    call = await live.extend()
    result = await live.result()
    await live.shows(call, f"/{live.room.id}/{result.id})")
    assert threads(live) == []


async def test_in_a_voice_channel_the_channel_serves(live: Play) -> None:
    await set_up(live, results_in="thread")
    room = live.discord.add_channel(live.world.guild, "stage", kind=ChannelType.VOICE)
    await live.extend(live.world.mira, room)
    await live.result(room)
    assert threads(live) == []


async def removed(live: Play, call: InteractionCall) -> None:
    """Let a moderator take the track down, and wait until the reply says so."""
    sam = live.world.sam
    asked = await (await sam.context_menu(live.room, "Remove track", call.message)).settled(PATIENCE)
    await sam.press(asked.message, "Remove")
    await live.shows(call, "removed by a moderator")


async def test_a_track_that_is_removed_leaves_its_name_not_even_on_the_thread(live: Play) -> None:
    await set_up(live, results_in="thread")
    call = await live.extend(title="Not to be read")
    result = await in_its_thread(live, call)
    thread_of(live, call).channel.archived = True
    await removed(live, call)
    assert threads(live) == ["Removed track"]
    assert result.id not in thread_of(live, call).channel.messages


async def test_a_thread_that_people_have_started_keeps_its_name(live: Play) -> None:
    call = await live.extend()
    await live.shows(call, f"/{(await live.result()).id})")
    thread = live.discord.add_thread(live.room, "What do you think?", live.world.jo, on=call.message)
    await removed(live, call)
    assert threads(live) == ["What do you think?"]
    assert live.sent("PATCH", f"/channels/{thread.id}") == []


async def test_without_pings_the_person_is_named_and_not_notified(live: Play) -> None:
    await set_up(live, pings=False)
    await live.extend()
    result = await live.result()
    assert live.world.mira.mention in result.content
    assert result.pinged == frozenset()


async def test_killed_between_the_thread_and_the_post_there_is_one_of_each(live: Play) -> None:
    await set_up(live, results_in="thread")

    def started(event: Event) -> bool:
        return isinstance(event, RequestAnswered) and event.request.path.endswith("/threads")

    async with live.killed_at(started):
        call = await live.extend()
    await live.start()
    await in_its_thread(live, call)
    assert len(threads(live)) == 1


async def test_killed_between_the_post_and_its_note_there_is_one_of_each(live: Play) -> None:
    await set_up(live, results_in="thread")

    def posted(event: Event) -> bool:
        return isinstance(event, RequestAnswered) and event.request.method == "POST" and event.request.path.endswith("/messages")

    async with live.killed_at(posted):
        call = await live.extend()
    await live.start()
    await in_its_thread(live, call)
    assert len(threads(live)) == 1
