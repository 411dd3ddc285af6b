"""Private first and the deletion of one's data, by the whole bot over real sockets: also over kill -9."""

import asyncio
import sqlite3
from contextlib import closing

from bot.sandbox.discord import Event, InteractionCall, Message, MessageCreated
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately, text_of

SECRET = "Secret Sunrise"
"""Title and styles of a track that nobody else knows; no line of the log is to tell of it."""


async def switch_on(live: Play) -> None:
    card = await live.use("settings")
    await card.answered()
    assert card.message is not None
    assert card.message.is_ephemeral
    await live.press(card.message, "Switch it on")


async def asked(live: Play, **options: str) -> InteractionCall:
    call = await live.extend(**options)
    await live.shows(call, "is finished")
    await live.nothing_under_way()
    return call


def left_of(live: Play, query: str) -> list[tuple[object, ...]]:
    file = live.bot.environment["DATABASE_URL"].partition(":///")[2]
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


async def test_what_is_private_reaches_no_channel_and_publish_outlives_a_kill(live: Play) -> None:
    await switch_on(live)
    call = await asked(live)
    assert call.message is not None
    assert call.message.is_ephemeral
    assert len(audio_of(call.message)) == 2
    assert labels(call.message) == ["Continue A", "Continue B", "More", "Publish"]
    assert live.sent("POST", f"/channels/{live.room.id}/messages") == []
    await live.kill()
    await live.start()
    published = await (await live.press(call.message, "Publish")).settled(PATIENCE)
    (posted,) = _published(live)
    assert f"/{posted.id})" in privately(published), "whoever publishes waits until it is there"
    assert left_of(live, "SELECT private FROM jobs") == [(0,)]
    assert left_of(live, "SELECT kind, removed FROM posts") == [("publication", 0)]


def _published(live: Play) -> list[Message]:
    return [message for message in live.room.messages if not message.is_ephemeral and audio_of(message)]


async def test_two_presses_at_once_and_a_kill_right_after_the_post_publish_once(live: Play) -> None:
    await switch_on(live)
    call = await asked(live)

    def is_posted(event: Event) -> bool:
        return isinstance(event, MessageCreated) and bool(audio_of(event.message))

    async with live.killed_at(is_posted):
        await asyncio.gather(*(live.world.mira.press(call.message, "Publish") for _ in range(2)))
    await live.start()
    await until(lambda: left_of(live, "SELECT count(*) FROM posts WHERE message_id IS NULL OR announced < revision") == [(0,)])
    (message,) = _published(live)
    assert left_of(live, "SELECT kind, message_id FROM posts") == [("publication", message.id)]
    assert left_of(live, "SELECT private FROM jobs") == [(0,)]


async def test_two_presses_at_once_are_both_led_to_the_one_post(live: Play) -> None:
    await switch_on(live)
    call = await asked(live)
    pressed = await asyncio.gather(*(live.world.mira.press(call.message, "Publish") for _ in range(2)))
    told = [privately(await press.settled(PATIENCE)) for press in pressed]
    (posted,) = _published(live)
    assert all(f"/{posted.id})" in said for said in told)


async def test_what_is_published_before_its_other_version_is_done_gets_it_too(stage: Play) -> None:
    stage.hurry({"bot.domain.settling.SIBLING_WAIT": 0.0, "bot.services.posting.BETWEEN_EDITS": 0.2})
    await stage.start()
    await switch_on(stage)
    stage.next_is_late(1)
    call = await stage.extend()
    await stage.room.wait_for(lambda message: message is call.message and "Publish" in labels(message), PATIENCE)
    await stage.press(call.message, "Publish")
    published = await stage.room.wait_for(lambda message: message in _published(stage), PATIENCE)
    assert len(audio_of(published)) == 1
    stage.finish_late()
    await stage.room.wait_for(lambda message: message is published and len(audio_of(message)) == 2, PATIENCE)
    assert _published(stage) == [published]


async def test_a_private_result_whose_reply_can_no_longer_be_edited_comes_directly_and_is_published_from_there(stage: Play) -> None:
    stage.hurry()
    await stage.start()
    await switch_on(stage)
    stage.next_is_late()
    call = await stage.extend(title=SECRET, tags=SECRET)
    await stage.shows(call, "Being made")
    stage.discord.advance(16 * 60)
    stage.finish_late()
    direct = stage.discord.direct_message(stage.world.mira)
    result = await stage.result(direct)
    await stage.nothing_under_way()
    assert _published(stage) == []
    assert SECRET not in stage.bot.log
    pressed = await (await stage.world.mira.press(result, "Publish")).settled(PATIENCE)
    assert "Published" in text_of(pressed.message)
    await stage.room.wait_for(lambda message: message in _published(stage), PATIENCE)


async def test_a_private_result_that_no_direct_message_brings_is_fetched_under_jobs_at_once(stage: Play) -> None:
    stage.hurry()
    await stage.start()
    await switch_on(stage)
    stage.world.mira.user.dms_open = False
    stage.next_is_late()
    call = await stage.extend(title=SECRET, tags=SECRET)
    await stage.shows(call, "Being made")
    stage.discord.advance(16 * 60)
    stage.finish_late()
    await until(lambda: "it waits under /jobs" in stage.bot.log)
    theirs = await stage.use("jobs", stage.world.jo)
    assert SECRET not in privately(theirs)
    listed = await stage.use("jobs")
    assert SECRET in privately(listed)
    fetched = await (await stage.press(listed.message, "Fetch 1")).settled(PATIENCE)
    assert f"**{SECRET}** is finished" in privately(fetched)
    assert len(audio_of(fetched.message)) == 2
    assert labels(fetched.message) == ["Continue A", "Continue B", "More", "Publish"]
    await stage.nothing_under_way()
    assert _published(stage) == []
    assert SECRET not in stage.bot.log


async def test_a_deletion_that_was_promised_goes_on_after_a_kill(live: Play) -> None:
    await live.extend(title="Night Train")
    result = await live.result()
    await live.nothing_under_way()
    card = await live.use("privacy")
    await card.answered()
    assert card.message is not None
    await live.press(card.message, "Delete mine…")
    await live.press(card.message, "Delete mine")
    await live.kill()
    await live.start()
    await until(lambda: result not in live.results())
    await until(lambda: left_of(live, "SELECT count(*) FROM clips") == [(0,)])
    assert left_of(live, "SELECT count(*) FROM jobs WHERE title <> '' OR tags <> ''") == [(0,)]
    assert left_of(live, "SELECT count(*) FROM meta WHERE key LIKE 'erase:%'") == [(1,)], "today's count is waited for"
