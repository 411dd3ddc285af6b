"""What people want for themselves: kept where it differs from the defaults, and at hand without a query."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import func, select

from bot.domain.preferences import Preferences as Wanted
from bot.errors import StoreUnavailable
from bot.services.preferences import Preferences
from bot.store.preferences import PreferenceStore
from bot.store.tables import preferences
from tests.contract.builders import USER
from tests.fakes import MoodyDatabase


@pytest.fixture
async def moody(migrated_url: str) -> AsyncGenerator[MoodyDatabase]:
    async with MoodyDatabase(migrated_url) as database:
        yield database


@pytest.fixture
def wants(moody: MoodyDatabase) -> Preferences:
    return Preferences(store=PreferenceStore(moody))


async def rows(database: MoodyDatabase) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(preferences))).scalar_one()


async def test_what_was_set_holds_after_a_restart(moody: MoodyDatabase, wants: Preferences) -> None:
    assert not wants.of(USER).private_first
    assert await wants.set_private_first(USER, on=True) == Wanted(user_id=USER, private_first=True)
    await wants.set_private_first(USER + 1, on=True)
    await wants.set_private_first(USER + 1, on=False)
    assert await rows(moody) == 1, "what says nothing new is not kept"
    anew = Preferences(store=PreferenceStore(moody))
    await anew.restore()
    assert (anew.of(USER).private_first, anew.of(USER + 1).private_first) == (True, False)
    await anew.forget(USER)
    assert not anew.of(USER).private_first
    assert await rows(moody) == 0


async def test_asking_costs_no_query(moody: MoodyDatabase, wants: Preferences) -> None:
    await wants.set_private_first(USER, on=True)
    moody.statements.clear()
    assert wants.of(USER).private_first
    assert moody.statements == []


async def test_what_could_not_be_written_does_not_hold(moody: MoodyDatabase, wants: Preferences) -> None:
    moody.away = 1
    with pytest.raises(StoreUnavailable):
        await wants.set_private_first(USER, on=True)
    assert not wants.of(USER).private_first


async def test_presses_at_once_leave_what_is_kept_and_what_is_at_hand_the_same(moody: MoodyDatabase, wants: Preferences) -> None:
    await asyncio.gather(*(wants.set_private_first(USER, on=bool(number % 2)) for number in range(20)))
    anew = Preferences(store=PreferenceStore(moody))
    await anew.restore()
    assert anew.of(USER) == wants.of(USER)
