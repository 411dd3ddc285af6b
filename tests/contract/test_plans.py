"""No statement of the store reads a whole table, however long the history is."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from bot.domain.jobs import JobState, amend
from bot.store.clips import Clips
from bot.store.clips import to_row as clip_row
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.jobs import Jobs
from bot.store.jobs import to_row as job_row
from bot.store.migrate import migrate
from bot.store.tables import Knower, clips, drafts, jobs, library
from tests.contract.builders import GUILD, USER, make_clip, make_job

MANY = 8000
PEOPLE = 60


async def fill(database: Database) -> None:
    """Write a long history: people who made things on one server, nearly all of them long since delivered."""
    history = [
        make_job(
            number,
            user_id=USER + number % PEOPLE,
            state=JobState.DELIVERED,
            revision=3,
            announced=3,
            task_id=f"task-{number}",
            origin={"reply_token": None},
        )
        for number in range(MANY)
    ]
    history[-20:] = [replace(job, state=JobState.GENERATING, origin=make_job(n).origin) for n, job in enumerate(history[-20:], MANY)]
    made = [make_clip(f"clip-{number}", task_id=f"task-{number}", tags="tropical house, wave, synthwave, " * 5) for number in range(MANY)]
    knowing = [
        {"knower": knower, "knower_id": knower_id, "clip_id": f"clip-{number}", "known_since": float(number)}
        for number in range(MANY)
        for knower, knower_id in ((Knower.USER, USER + number % 3), (Knower.GUILD, GUILD))
    ]
    typed: list[dict[str, object]] = [
        {"id": f"draft-{number}", "user_id": USER, "fields": {}, "expires_at": 1e9 + number} for number in range(MANY)
    ]
    async with database.write() as connection:
        await connection.execute(insert(jobs), [job_row(job) for job in history])
        await connection.execute(insert(clips), [clip_row(clip) for clip in made])
        await connection.execute(insert(library), knowing)
        await connection.execute(insert(drafts), typed)
    async with database.write_one() as connection:
        await connection.exec_driver_sql("ANALYZE")


@pytest.fixture
async def history(url: str) -> AsyncGenerator[Database]:
    await migrate(url)
    async with Database(url) as database:
        await fill(database)
        yield database


async def plan_of(database: Database, act: Callable[[], Awaitable[object]]) -> str:
    """Do the act, then let the database explain every statement that was sent."""
    sent: list[tuple[str, Any]] = []

    def on_execute(_connection: Connection, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SELECT pg_advisory")):
            sent.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", on_execute)
    await act()
    event.remove(database.engine.sync_engine, "before_cursor_execute", on_execute)
    assert sent
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    lines: list[str] = []
    async with database.read() as connection:
        for statement, parameters in sent:
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            lines += [str(row[-1]) for row in rows]
    return "\n".join(lines)


def reads_a_whole_table(plan: str) -> bool:
    # SQLite says SCAN also of an index that is followed from end to end: of the partial one, which is as short as the work that is left.
    lines = (line for line in plan.splitlines() if "USING INDEX ix_jobs_unsettled" not in line)
    whole = [f"{way} {table}" for way in ("SCAN", "Seq Scan on") for table in ("jobs", "clips", "library", "drafts")]
    return any(step in line for line in lines for step in whole)


async def test_no_statement_reads_a_whole_table_and_each_uses_its_index(history: Database) -> None:
    jobs_store, clips_store, drafts_store = Jobs(history), Clips(history), Drafts(history, lambda: 1e9)
    is_sqlite = history.engine.dialect.name == "sqlite"
    key_of_jobs, key_of_clips = ("sqlite_autoindex_jobs", "sqlite_autoindex_clips") if is_sqlite else ("pk_jobs", "pk_clips")
    key_of_interactions, key_of_drafts = ("sqlite_autoindex_jobs", "sqlite_autoindex_drafts") if is_sqlite else ("uq_jobs", "pk_drafts")
    new = make_job(MANY + 100)
    twin = replace(new, id="twin")
    acts: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("ix_jobs_listed", lambda: jobs_store.accept(new, limit=100)),
        (key_of_interactions, lambda: jobs_store.accept(twin, limit=100)),
        (key_of_jobs, lambda: jobs_store.get("job7")),
        ("ix_jobs_task", lambda: jobs_store.by_task("task-9")),
        (key_of_jobs, lambda: jobs_store.save(amend(new))),
        (key_of_jobs, lambda: jobs_store.announce("job7", 9)),
        ("ix_jobs_unsettled", jobs_store.unsettled),
        ("ix_jobs_listed", lambda: jobs_store.of_user(USER, limit=10)),
        ("ix_jobs_tokens", lambda: jobs_store.forget_tokens(0.0)),
        (key_of_clips, lambda: clips_store.get("clip-1")),
        ("ix_clips_task", lambda: clips_store.of_task("task-1")),
        (key_of_clips, lambda: clips_store.known_to(USER, GUILD, text="", limit=25)),
        ("ix_library_newest", lambda: clips_store.known_to(USER, None, text="", limit=25)),
        ("ix_jobs_tags_of_user", lambda: clips_store.tag_sets(USER, GUILD, limit=25)),
        ("ix_jobs_tags_of_guild", lambda: clips_store.tag_sets(USER, GUILD, limit=25)),
        ("ix_clips_audio", lambda: clips_store.audio_gone("clip-1.mp3")),
        (key_of_drafts, lambda: drafts_store.get("draft-1", USER)),
        ("ix_drafts_expires_at", lambda: drafts_store.keep(USER, {}, 2e9)),
    ]
    for index, act in acts:
        plan = await plan_of(history, act)
        assert not reads_a_whole_table(plan), plan
        assert index in plan, plan


async def test_the_newest_known_clips_are_read_without_the_rest(history: Database) -> None:
    """Each knower's newest are the first steps along an index; only what was found is joined and sorted."""
    plan = await plan_of(history, lambda: Clips(history).known_to(USER, GUILD, text="", limit=25))
    if history.engine.dialect.name == "sqlite":
        assert plan.count("SEARCH library USING INDEX ix_library_newest (knower=? AND knower_id=?)") == 2, plan
        assert "CO-ROUTINE" in plan, plan
    else:
        assert plan.count("Index Scan Backward using ix_library_newest") == 2, plan
