"""What each tab hears, and what it hears of again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.discord import LoopbackDiscord, MessageFlag, Person, Room, build_sandbox_world
from bot.sandbox.discord import messages as wire
from bot.sandbox.discord.world import Message
from bot.sandbox.music_api import MusicApi
from bot.sandbox.page.feed import Feed, Gone, News
from bot.sandbox.page.scene import Scene, set_scene
from bot.sandbox.stage import BotProcess, Stage


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    discord = LoopbackDiscord()
    stage = Stage(
        music=MusicApi(),
        discord=discord,
        world=build_sandbox_world(discord),
        bot=BotProcess({}, tmp_path, tmp_path / "log"),
        folder=tmp_path,
    )
    yield set_scene(stage)
    discord.core.files.close()


def privately(room: Room, viewer: Person, text: str) -> Message:
    draft = wire.Draft(body={"content": text}, flags=MessageFlag.EPHEMERAL, viewer_id=viewer.id)
    return wire.post(room.core, room.channel, room.core.bot, draft)


def heard(feed: Feed, person: Person, position: int = 0) -> list[str]:
    entries, _ = feed.read(position, person)
    assert entries is not None
    return [f"{name} {data.get('message', data).get('content', '')}".strip() for _, name, data in entries]


async def test_everybody_in_a_channel_hears_of_a_message_and_nobody_else(scene: Scene) -> None:
    feed, world = Feed(scene), scene.stage.world
    await world.mira.send(world.music, "hello")
    assert heard(feed, world.mira) == heard(feed, world.jo) == ["message hello"]
    assert heard(feed, world.stranger) == []


async def test_an_ephemeral_message_reaches_its_person_alone(scene: Scene) -> None:
    feed, world = Feed(scene), scene.stage.world
    message = privately(world.music, world.mira, "between us")
    wire.delete(scene.stage.discord.core, world.music.channel, message)
    again = privately(world.music, world.mira, "once more")
    assert heard(feed, world.mira) == ["gone", "message once more"]
    assert heard(feed, world.jo) == heard(feed, world.sam) == []
    assert not scene.sees(world.jo, again)


async def test_what_was_dismissed_is_gone_for_that_person(scene: Scene) -> None:
    feed, world = Feed(scene), scene.stage.world
    message = privately(world.music, world.mira, "between us")
    scene.dismissed.add((world.mira.id, message.id))
    feed.publish(Gone(message, world.mira.id))
    assert heard(feed, world.mira) == ["gone"]


async def test_reading_on_begins_after_the_cursor(scene: Scene) -> None:
    feed, world = Feed(scene), scene.stage.world
    await world.mira.send(world.music, "one")
    cursor = feed.cursor
    await world.mira.send(world.music, "two")
    position = feed.position(cursor)
    assert position is not None
    assert heard(feed, world.jo, position) == ["message two"]


async def test_a_message_is_told_as_it_is_when_it_is_read_of(scene: Scene) -> None:
    feed, world = Feed(scene), scene.stage.world
    message = await world.mira.send(world.music, "one")
    wire.edit(scene.stage.discord.core, world.music.channel, message, {"content": "changed"})
    assert heard(feed, world.jo) == ["message changed", "message changed"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "00000000-1", "-", "-1"])
async def test_an_unknown_cursor_leads_nowhere(scene: Scene, cursor: str) -> None:
    assert Feed(scene).position(cursor) is None


async def test_a_cursor_of_another_feed_or_of_the_future_leads_nowhere(scene: Scene) -> None:
    one, other = Feed(scene), Feed(scene)
    assert one.position(other.cursor) is None
    epoch = one.cursor.partition("-")[0]
    assert one.position(f"{epoch}-99") is None


async def test_whoever_missed_more_than_is_kept_is_told_so(scene: Scene) -> None:
    feed = Feed(scene, kept=3)
    begin = feed.cursor
    for _ in range(4):
        feed.publish(News("state", {}))
    assert feed.position(begin) is None
    entries, position = feed.read(0, scene.stage.world.mira)
    assert (entries, position) == (None, feed.last)


async def test_a_wait_ends_with_news_with_time_and_with_the_feed(scene: Scene) -> None:
    feed = Feed(scene)
    assert not await feed.wait(feed.last, 0.001)
    waiting = asyncio.create_task(feed.wait(feed.last, 60))
    await asyncio.sleep(0)
    feed.publish(News("state", {}))
    assert await waiting
    last = asyncio.create_task(feed.wait(feed.last, 60))
    await asyncio.sleep(0)
    feed.close()
    assert await last
