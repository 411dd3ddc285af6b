"""Private first and the deletion of one's data, by the whole bot over real sockets: also over kill -9."""

import sqlite3
from contextlib import closing

from bot.sandbox.discord import InteractionCall
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately


async def switch_on(live: Play) -> None:
    card = await live.use("settings")
    await card.answered()
    assert card.message is not None
    assert card.message.is_ephemeral
    await live.press(card.message, "Switch it on")


async def asked(live: Play) -> InteractionCall:
    call = await live.extend()
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
    assert "Published" in privately(published)
    assert left_of(live, "SELECT private FROM jobs") == [(0,)]
    assert left_of(live, "SELECT kind, removed FROM posts") == [("publication", 0)]


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
