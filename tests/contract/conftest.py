import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.migrate import migrate
from tests.postgres import fresh_database, name_in, postgres_server


def copied(file: Path, folder: Path) -> str:
    """Copy a SQLite file into an empty folder; return the copy's address."""
    copy = shutil.copy(file, folder / "encore.db")
    return f"sqlite+aiosqlite:///{copy}"


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_template(postgres_url: str) -> AsyncGenerator[str]:
    """Make a database on the server that has its schema and nothing else, and yield its name; tests work on copies."""
    async with fresh_database(postgres_url) as url:
        await migrate(url)
        yield name_in(url)


@pytest.fixture
def migrated_sqlite_url(migrated: Path, tmp_path: Path) -> str:
    return copied(migrated, tmp_path)


@pytest.fixture
async def migrated_postgres_url(postgres_url: str, migrated_template: str) -> AsyncGenerator[str]:
    async with fresh_database(postgres_url, migrated_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with its schema and nothing in it, in each dialect in turn."""
    return cast("str", request.getfixturevalue(f"migrated_{request.param}_url"))


@pytest.fixture
async def database(migrated_url: str) -> AsyncGenerator[Database]:
    # A crowd on a busy machine waits for a connection longer than people could; tests of that set their own limit.
    async with Database(migrated_url, patience=30.0) as database:
        yield database


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database, spaced=False)


@pytest.fixture
def clips(database: Database) -> Clips:
    return Clips(database)
