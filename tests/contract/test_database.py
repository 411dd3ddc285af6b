import asyncio
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.domain.limits import Limits
from bot.errors import StartupError, StoreUnavailable
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.meta import Meta
from bot.store.migrate import migrate
from bot.store.tables import meta
from bot.store.urls import parse_url, sqlite_file
from tests.contract.builders import make_job

UNREACHABLE = "postgresql://postgres@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////data/x.db", "sqlite+aiosqlite"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h:5433/d?sslmode=require", "postgresql+psycopg"),
    ],
)
def test_an_address_gets_the_driver_in_use(text: str, driver: str) -> None:
    assert parse_url(text).drivername == driver


@pytest.mark.parametrize(
    "text",
    [
        "",
        "encore.db",
        "postgresql://u:hunter2@h:port/d",
        "mysql://u:hunter2@h/d",
        "postgresql+asyncpg://u:hunter2@h/d",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_unusable_address_is_refused_in_words_without_its_password(text: str) -> None:
    with pytest.raises(StartupError, match=r"^DATABASE_URL .*Examples: sqlite") as refusal:
        Database(text)
    assert "hunter2" not in str(refusal.value)


def test_a_repr_shows_no_password() -> None:
    assert repr(Database("postgres://u:hunter2@h/d")) == "Database(postgresql+psycopg://u:***@h/d)"


async def test_sqlite_is_set_up_to_lose_nothing(sqlite_url: str) -> None:
    async with Database(sqlite_url) as database, database.read() as one, database.read() as two:
        for connection in (one, two):
            for pragma, value in {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}.items():
                assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() == value


async def test_the_sqlite_file_is_for_its_owner_alone(sqlite_url: str) -> None:
    await migrate(sqlite_url)
    async with Database(sqlite_url) as database:
        await Meta(database).set("key", "value")
        files = list(sqlite_file(parse_url(sqlite_url)).parent.iterdir())
        assert len(files) == 3
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_a_transaction_is_undone_if_anything_is_raised(database: Database) -> None:
    values = Meta(database)

    async def write_and_fail() -> None:
        async with database.write() as connection:
            await connection.execute(database.insert(meta).values(key="key", value="value"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    assert await values.get("key") is None
    await values.set("key", "later")
    assert await values.get("key") == "later"


async def test_a_reader_sees_nothing_of_an_open_transaction(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(database.insert(meta).values(key="key", value="value"))
        assert await Meta(database).get("key") is None
    assert await Meta(database).get("key") == "value"


async def test_many_writers_at_once_wait_for_each_other(database: Database) -> None:
    values = Meta(database)
    await asyncio.gather(*(values.set(f"key{number}", "value") for number in range(40)))
    async with database.read() as connection:
        assert len((await connection.execute(select(meta))).all()) == 40


async def test_a_writer_that_is_cancelled_stands_in_nobodys_way(database: Database) -> None:
    begun = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.write() as connection:
            await connection.execute(database.insert(meta).values(key="key", value="cancelled"))
            begun.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write_and_wait())
    await begun.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with asyncio.timeout(30):
        await Meta(database).set("other", "value")
    assert await Meta(database).get("key") is None


async def test_a_writer_cancelled_in_the_middle_of_a_statement_stands_in_nobodys_way(database: Database) -> None:
    jobs = Jobs(database)
    for number in range(12):
        writer = asyncio.create_task(jobs.accept(make_job(number), limits=Limits(in_flight=100)))
        for _ in range(number * 3):
            await asyncio.sleep(0)
        writer.cancel()
        await asyncio.wait([writer])
    async with asyncio.timeout(30):
        assert await jobs.accept(make_job(99), limits=Limits(in_flight=100))
        assert await jobs.get("job99") == make_job(99)


async def test_a_bug_of_ours_stays_what_it_is(database: Database) -> None:
    jobs = Jobs(database)
    await jobs.accept(make_job(1), limits=Limits(in_flight=3))
    with pytest.raises(IntegrityError):
        await jobs.accept(make_job(2, id="job1"), limits=Limits(in_flight=3))
    with pytest.raises(Exception, match=r"(?i)no_such_table") as error:
        async with database.read() as connection:
            await connection.exec_driver_sql("SELECT * FROM no_such_table")
    assert not isinstance(error.value, StoreUnavailable)


async def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await Database(f"sqlite:///{tmp_path}/file/encore.db").open()


async def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "encore.db").write_text("Dear diary, " * 1000)
    with pytest.raises(StoreUnavailable, match="not a database"):
        async with Database(f"sqlite:///{tmp_path}/encore.db"):
            pass


async def test_a_file_that_vanished_is_an_outage(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = Database(f"sqlite:///{folder}/encore.db")
    with pytest.raises(StoreUnavailable, match="unable to open") as outage:
        await database.ping()
    assert isinstance(outage.value.__cause__, OperationalError)
    await database.open()
    await database.ping()
    await database.close()


async def test_a_full_disk_is_an_outage_and_nothing_is_half_written(sqlite_url: str) -> None:
    await migrate(sqlite_url)

    async def write_too_much(database: Database) -> None:
        async with database.write() as connection:
            await connection.execute(database.insert(meta).values(key="small", value="fits"))
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")
            await connection.execute(database.insert(meta).values(key="large", value="x" * 100_000))

    async with Database(sqlite_url) as database:
        with pytest.raises(StoreUnavailable, match="full"):
            await write_too_much(database)
        assert await Meta(database).get("small") is None


async def test_a_lock_that_another_process_keeps_is_an_outage(sqlite_url: str) -> None:
    await migrate(sqlite_url)
    stranger = sqlite3.connect(sqlite_file(parse_url(sqlite_url)), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    async with Database(sqlite_url, patience=0.05) as database:
        values = Meta(database)
        with pytest.raises(StoreUnavailable, match="locked"):
            await values.set("key", "value")
        with pytest.raises(StoreUnavailable, match="locked"):
            async with database.write():
                pass
        assert await values.get("key") is None
        stranger.close()
        await values.set("key", "value")


async def test_more_readers_than_connections_wait_no_longer_than_asked(url: str) -> None:
    async with Database(url, patience=0.05) as database:
        async with database.read(), database.read(), database.read(), database.read():
            with pytest.raises(StoreUnavailable, match="busy"):
                await database.ping()
        await database.ping()


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        async with Database(UNREACHABLE):
            pass


async def test_a_server_that_went_away_is_an_outage_until_it_is_back(fresh_postgres_url: str, postgres_url: str) -> None:
    await migrate(fresh_postgres_url)
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    name = parse_url(fresh_postgres_url).database

    async def write_while_it_goes_away(database: Database) -> None:
        async with database.write() as connection:
            await connection.execute(database.insert(meta).values(key="key", value="value"))
            async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as operator:
                await operator.execute(terminate, [name])
            await connection.execute(database.insert(meta).values(key="other", value="value"))

    async with Database(fresh_postgres_url) as database:
        with pytest.raises(StoreUnavailable):
            await write_while_it_goes_away(database)
        assert await Meta(database).get("key") is None
        await Meta(database).set("key", "later")
