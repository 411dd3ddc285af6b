"""What servers have set, kept in each database."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.admission import EVERYWHERE
from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.store.database import Database
from bot.store.guilds import GuildStore
from tests.contract.builders import GUILD, USER

EVERYTHING = GuildSettings(
    guild_id=GUILD,
    revision=1,
    channels=(GUILD + 1, GUILD + 2),
    spender_role=GUILD + 3,
    host_role=GUILD + 4,
    results_in=ResultsIn.THREAD,
    showcase_channel=GUILD + 5,
    log_channel=GUILD + 6,
    pings=False,
    daily_per_person=5,
    daily_per_server=50,
    creating=True,
    words=("bad", "wörse*"),
    starters=("a-track",),
)


@pytest.fixture
def store(database: Database) -> GuildStore:
    return GuildStore(database)


async def test_what_is_saved_is_read(store: GuildStore) -> None:
    assert await store.get(GUILD) == GuildSettings(guild_id=GUILD)
    assert await store.save(EVERYTHING)
    assert await store.get(GUILD) == EVERYTHING
    assert await store.get(GUILD + 1) == GuildSettings(guild_id=GUILD + 1)


async def test_all_that_was_set_is_read_at_once(store: GuildStore) -> None:
    assert await store.all() == []
    other = GuildSettings(guild_id=GUILD + 1, revision=1, pings=False)
    assert await store.save(EVERYTHING)
    assert await store.save(other)
    assert sorted(await store.all(), key=lambda settings: settings.guild_id) == [EVERYTHING, other]


async def test_only_the_revision_that_follows_is_saved(store: GuildStore) -> None:
    assert await store.save(EVERYTHING)
    second = replace(EVERYTHING, revision=2, pings=True)
    assert not await store.save(EVERYTHING), "the first is there"
    assert await store.save(second)
    assert not await store.save(replace(second, creating=False)), "the second is there"
    assert not await store.save(replace(second, revision=4))
    assert await store.get(GUILD) == second


async def test_what_another_version_has_written_is_read(store: GuildStore, database: Database) -> None:
    assert await store.save(EVERYTHING)
    async with database.write() as connection:
        await connection.execute(text("UPDATE guild_settings SET settings = :text"), {"text": '{"pings": false, "volume": 11}'})
    assert await store.get(GUILD) == GuildSettings(guild_id=GUILD, revision=1, pings=False)


async def test_blocks_are_of_a_server_or_everywhere(store: GuildStore) -> None:
    for _ in range(2):
        await store.block(GUILD, USER, by=USER + 1, at=1.0)
    await store.block(EVERYWHERE, USER + 2, by=USER + 1, at=1.0)
    await store.block(GUILD, USER + 2, by=USER + 1, at=1.0)
    assert await store.all_blocks() == {GUILD: {USER, USER + 2}, EVERYWHERE: {USER + 2}}
    await store.unblock(GUILD, USER + 2)
    assert await store.blocked(GUILD) == {USER}
    assert await store.blocked(EVERYWHERE) == {USER + 2}
    await store.unblock(GUILD, USER)
    await store.unblock(GUILD, USER)
    assert await store.blocked(GUILD) == frozenset()
    assert await store.all_blocks() == {EVERYWHERE: {USER + 2}}
