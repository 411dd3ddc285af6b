import pytest
from sqlalchemy import func, select

from bot.services.ports import records
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.meta import Meta
from bot.store.tables import drafts as drafts_table
from tests.contract.builders import USER

FIELDS = {"tags": "wave, ’house’", "continue_at": "1:40", "title": ""}


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def drafts(database: Database, hands: Hands) -> Drafts:
    return Drafts(database, hands.now)


def test_it_is_what_the_services_ask_for(drafts: Drafts) -> None:
    port: records.Drafts = drafts
    assert port is drafts


async def test_a_draft_is_its_persons_alone(drafts: Drafts) -> None:
    draft_id = await drafts.keep(USER, FIELDS, life=900.0)
    assert len(draft_id) <= 16
    assert await drafts.get(draft_id, USER) == FIELDS
    assert await drafts.get(draft_id, USER + 1) is None
    assert await drafts.get("nothing", USER) is None


async def test_a_draft_expires_and_goes_with_the_next_one(drafts: Drafts, hands: Hands, database: Database) -> None:
    old = await drafts.keep(USER, FIELDS, life=900.0)
    hands.time = 1900.0
    assert await drafts.get(old, USER) is None
    new = await drafts.keep(USER, FIELDS, life=1000.0)
    assert await drafts.get(new, USER) == FIELDS
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(drafts_table)) == 1


async def test_meta_keeps_the_last_value(database: Database) -> None:
    meta = Meta(database)
    assert await meta.get("commands") is None
    await meta.set("commands", "one")
    await meta.set("commands", "two")
    assert await meta.get("commands") == "two"
    assert await meta.get("else") is None
