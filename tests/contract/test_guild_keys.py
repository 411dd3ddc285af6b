import pytest

from bot.domain.guild_keys import SealedKey
from bot.services.ports import records
from bot.store.database import Database
from bot.store.keys import GuildKeys
from tests.contract.builders import GUILD, USER


@pytest.fixture
def keys(database: Database) -> GuildKeys:
    return GuildKeys(database)


def key(guild_id: int = GUILD, sealed: str = "sealed", at: float = 100.0) -> SealedKey:
    return SealedKey(guild_id=guild_id, sealed=sealed, added_by=USER, added_at=at)


def test_it_is_what_the_services_ask_for(keys: GuildKeys) -> None:
    port: records.GuildKeys = keys
    assert port is keys


async def test_a_server_has_one_key_the_last(keys: GuildKeys) -> None:
    assert await keys.get(GUILD) is None
    await keys.keep(key())
    await keys.keep(key(sealed="another", at=200.0))
    assert await keys.get(GUILD) == key(sealed="another", at=200.0)
    assert await keys.all() == [key(sealed="another", at=200.0)]


async def test_a_removed_key_leaves_nothing_and_the_others_stay(keys: GuildKeys) -> None:
    await keys.keep(key())
    await keys.keep(key(GUILD + 1))
    assert await keys.remove(GUILD)
    assert not await keys.remove(GUILD)
    assert await keys.all() == [key(GUILD + 1)]
