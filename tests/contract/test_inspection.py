"""Looking at a database without touching it, and counting what is left to do in it."""

import sqlite3
from pathlib import Path

import pytest

from bot.domain.guild_keys import SealedKey
from bot.domain.jobs import JobState
from bot.domain.limits import Limits
from bot.domain.posts import Debt, PostKind
from bot.errors import StoreUnavailable
from bot.store.census import Census, count_owed, count_unsettled
from bot.store.database import Database
from bot.store.inspection import Schema, compare, inspect
from bot.store.jobs import Jobs
from bot.store.keys import GuildKeys
from bot.store.lock import hold_lock
from bot.store.migrate import migrate
from bot.store.posts import Posts
from bot.store.tables import meta
from tests.contract.builders import make_job
from tests.contract.test_posts import make_post


async def test_an_empty_database_is_found_so_and_left_so(url: str) -> None:
    first, again = await inspect(url), await inspect(url)
    assert first == again
    assert (first.schema, first.in_use) == (Schema.NONE, False)
    assert first.pending >= 1


async def test_a_migrated_one_is_current_and_a_bot_on_it_is_noticed_and_not_disturbed(url: str) -> None:
    await migrate(url)
    async with hold_lock(url) as lock:
        found = await inspect(url)
        assert (found.schema, found.pending, found.in_use) == (Schema.CURRENT, 0, True)
        assert found.server.startswith(("SQLite 3.", "PostgreSQL 1"))
        del lock
    assert not (await inspect(url)).in_use
    async with hold_lock(url):
        pass


async def test_one_of_a_newer_version_is_told_apart_and_no_key_is_read_from_it(url: str) -> None:
    await migrate(url)
    kept = SealedKey(guild_id=7, sealed="sealed", added_by=1, added_at=2.0)
    async with Database(url) as database:
        await GuildKeys(database).keep(kept)
        assert (await inspect(url)).own_keys == (kept,)
        async with database.write_one() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of_tomorrow'")
    found = await inspect(url)
    assert (found.schema, found.own_keys) == (Schema.NEWER, ())


def test_what_is_behind_is_counted() -> None:
    assert compare(["c", "b", "a"], ()) == (Schema.NONE, 3)
    assert compare(["c", "b", "a"], ("a",)) == (Schema.BEHIND, 2)
    assert compare(["c", "b", "a"], ("c",)) == (Schema.CURRENT, 0)
    assert compare(["c", "b", "a"], ("d",)) == (Schema.NEWER, 0)


async def test_no_file_is_made(sqlite_url: str, tmp_path: Path) -> None:
    assert (await inspect(sqlite_url)).schema is Schema.NONE
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 - an empty folder


async def test_a_folder_that_is_a_file_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in its place")
    with pytest.raises(StoreUnavailable, match="is a file"):
        await inspect(f"sqlite:///{tmp_path}/data/encore.db")


async def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "encore.db").write_text("certainly not a database, however long one reads in it " * 40)
    with pytest.raises(StoreUnavailable):
        await inspect(f"sqlite:///{tmp_path}/encore.db")


async def test_a_database_that_a_writer_holds_can_still_be_looked_at(sqlite_url: str, tmp_path: Path) -> None:
    await migrate(sqlite_url)
    writer = sqlite3.connect(tmp_path / "data/encore.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        assert (await inspect(sqlite_url)).schema is Schema.CURRENT
    finally:
        writer.close()


async def test_a_server_that_is_away_is_an_outage_that_names_no_password() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await inspect("postgresql://encore:tr%40mpoline@127.0.0.1:1/encore")
    assert "tr@mpoline" not in str(caught.value)
    assert "tr%40mpoline" not in str(caught.value)


async def test_what_needs_something_is_counted_by_state(database: Database) -> None:
    jobs = Jobs(database)
    assert await count_unsettled(database) == {}
    for number, state in enumerate((JobState.QUEUED, JobState.QUEUED, JobState.GENERATING)):
        await jobs.accept(make_job(number, state=state, revision=1, announced=1), limits=Limits(in_flight=10))
    await jobs.accept(make_job(9, state=JobState.DELIVERED, revision=1, announced=1), limits=Limits(in_flight=10))
    assert await count_unsettled(database) == {JobState.QUEUED: 2, JobState.GENERATING: 1}


async def test_what_posts_are_owed_is_counted(database: Database) -> None:
    posts = Posts(database)
    assert await count_owed(database) == {}
    for number in range(6):
        await posts.add(make_post(f"post{number}", kind=PostKind.PUBLICATION))
    for number in range(4):
        await posts.announced(f"post{number}", 1, 70 + number)
    await posts.renew("post1")
    await posts.take_down("post2")
    await posts.give_up("post4")
    assert await count_owed(database) == {Debt.MESSAGE: 1, Debt.EDIT: 1, Debt.DELETION: 1}


async def test_the_size_of_a_database_is_told_and_grows_with_it(database: Database) -> None:
    census = Census(database)
    before = await census.size()
    assert before > 0
    async with database.write_one() as connection:
        await connection.execute(meta.insert().values(key="large", value="x" * 1_000_000))
    assert await census.size() >= before + 100_000 or database.engine.dialect.name != "sqlite", "PostgreSQL compresses"
    assert await census.unsettled() == {}
