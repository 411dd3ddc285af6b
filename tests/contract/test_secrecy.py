import logging
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.jobs import JobState, amend
from bot.domain.limits import Limits
from bot.errors import StoreUnavailable
from bot.store.database import Database
from bot.store.jobs import Jobs
from tests.contract.builders import TOKEN, make_job


def whole_story(error: BaseException | None) -> str:
    """Everything that a traceback would print, causes included."""
    told: list[str] = []
    while error is not None:
        told += [str(error), repr(error)]
        error = error.__cause__ or error.__context__
    return "\n".join(told)


async def test_no_log_line_at_any_level_holds_a_token(migrated_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("aiosqlite", "psycopg", "sqlalchemy.engine", "sqlalchemy.pool"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with Database(migrated_url) as talkative:
        jobs = Jobs(talkative)
        job = make_job()
        await jobs.accept(job, limits=Limits(in_flight=3))
        await jobs.save(amend(job))
        await jobs.get(job.id)
        await jobs.forget_tokens(1e12)
    assert "FROM jobs" in caplog.text
    assert TOKEN not in caplog.text


async def test_no_error_holds_a_token(jobs: Jobs) -> None:
    job = make_job()
    await jobs.accept(job, limits=Limits(in_flight=3))
    with pytest.raises(IntegrityError) as twice:
        await jobs.accept(make_job(2, id=job.id), limits=Limits(in_flight=3))
    with pytest.raises(IntegrityError) as broken:
        # PostgreSQL's detail of this error quotes the whole row.
        await jobs.save(replace(amend(job), title=None))  # pyright: ignore[reportArgumentType] - the bug that is acted out
    for error in (twice.value, broken.value):
        assert TOKEN not in whole_story(error)
        assert "constraint" in str(error)


async def test_no_outage_holds_a_token(sqlite_url: str) -> None:
    async def write_too_much(database: Database) -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("CREATE TABLE t (token TEXT)")
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")
            await connection.exec_driver_sql("INSERT INTO t VALUES (?)", (TOKEN * 1000,))

    async with Database(sqlite_url) as database:
        with pytest.raises(StoreUnavailable) as outage:
            await write_too_much(database)
    assert TOKEN not in whole_story(outage.value)


def test_no_repr_holds_a_token() -> None:
    job = make_job(state=JobState.READY)
    assert TOKEN not in repr(job) + str(job) + repr(job.origin)
