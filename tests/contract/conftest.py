from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import cast

import pytest

from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.migrate import migrate
from tests.postgres import fresh_database, postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Generator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/data/encore.db"


@pytest.fixture
async def fresh_postgres_url(postgres_url: str) -> AsyncGenerator[str]:
    async with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, in each dialect in turn."""
    return cast("str", request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "fresh_postgres_url"))


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    await migrate(url)
    async with Database(url) as database:
        yield database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database, spaced=False)


@pytest.fixture
def clips(database: Database) -> Clips:
    return Clips(database)
