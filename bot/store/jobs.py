"""The jobs, which are also the outbox of their messages."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Executable,
    Insert,
    RowMapping,
    Text,
    TextClause,
    Update,
    bindparam,
    case,
    cast,
    exists,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.domain.clips import Clip
from bot.domain.jobs import Job, Origin
from bot.domain.limits import Limit, Limits
from bot.errors import Busy, KnownSource, StoreUnavailable
from bot.store.clips import to_json
from bot.store.database import Database, Row
from bot.store.grouping import Grouped
from bot.store.limits import limit_reached, refusal, values_of, within_limits
from bot.store.tables import HAS_TASK, HAS_TOKEN, IS_LISTED, IS_PRIVATE, IS_REMOVED, IS_UNSETTLED, clips, jobs

ACCEPTS_EVERY = 0.1
"""Seconds from one insert to the next: a write costs about as much CPU for twenty rows as for one (bench/interactions.py), and people
notice a tenth of a second less than a bot that is late."""
SAVES_EVERY = 0.05
"""Seconds from one save to the next: for no longer may an acknowledgement be in memory alone."""

_ORIGIN = tuple(field.name for field in fields(Origin))
_JOB = tuple(field.name for field in fields(Job) if field.name != "origin")
_FIXED = frozenset({"id", "kind", "interaction_id", "user_id", "guild_id", "created_at", "lane", "session_id"})
"""What `save` never writes: who asked for what when is settled at the acceptance."""
_BY_RULE = frozenset({"reply_token", "announced"})
"""What it writes by a rule of its own."""


class Jobs:
    """Fulfils `services.ports.stores.Jobs`."""

    def __init__(self, database: Database, *, spaced: bool = True) -> None:
        """Use this database. Unless `spaced`, writes follow each other at once, for tests that make one after the other."""
        self._database = database
        self._accept = _accept(database)
        self._accepted = Grouped(self._accept_all, name="accept-jobs", spacing=ACCEPTS_EVERY if spaced else 0.0)
        self._saved = Grouped(self._save_all, name="save-jobs", spacing=SAVES_EVERY if spaced else 0.0)
        self._shown: dict[str, int] = {}

    async def accept(self, job: Job, *, limits: Limits, unknown_source: bool = False) -> bool:
        """Insert a new job if it is within its limits; False if its interaction has a job.

        With `unknown_source`, only if its source is neither a clip nor a task that is known.
        Raises TooManyInFlight, LimitReached, KnownSource, Busy.
        """
        unknown = job.source_id if unknown_source else None
        row = {f"new_{name}": value for name, value in to_row(job).items()}
        return await self._accepted(row | values_of(limits) | {"unknown": unknown})

    async def get(self, job_id: str) -> Job | None:
        """Read one job."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).mappings().one_or_none()
        return None if row is None else to_job(row)

    async def by_task(self, task_id: str) -> Job | None:
        """Read the earliest job that has this task."""
        query = select(jobs).where(jobs.c.task_id == task_id).order_by(jobs.c.created_at).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else to_job(row)

    async def by_interaction(self, interaction_id: int) -> Job | None:
        """Read the job of an interaction."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.interaction_id == interaction_id))).mappings().one_or_none()
        return None if row is None else to_job(row)

    async def of_task(self, task_id: str) -> list[Job]:
        """Read every job that has this task, oldest first."""
        query = select(jobs).where(jobs.c.task_id == task_id).order_by(jobs.c.created_at)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [to_job(row) for row in rows]

    async def removed_tasks(self) -> frozenset[str]:
        """Read the tasks of which a job was removed."""
        return await self._tasks(IS_REMOVED)

    async def private_tasks(self) -> frozenset[str]:
        """Read the tasks of which a job is private."""
        return await self._tasks(IS_PRIVATE)

    async def _tasks(self, where: TextClause) -> frozenset[str]:
        query = select(jobs.c.task_id).distinct().where(where, HAS_TASK)
        async with self._database.read() as connection:
            return frozenset(task for task in (await connection.scalars(query)).all() if task is not None)

    async def save(self, job: Job, *, clips: Sequence[Clip] = ()) -> bool:
        """Write the job and its finished clips in one statement; False if the stored revision is not the one before."""
        announced = max(job.announced, self._shown.get(job.id, 0))
        values = {name: value for name, value in to_row(job).items() if name not in _FIXED | _BY_RULE}
        values |= {"of_job": job.id, "before": job.revision - 1, "shown": announced}
        values |= {"token": job.origin.reply_token, "token_end": job.origin.token_expires_at}
        # In one order everywhere, so that two writers of the same clips cannot wait for each other.
        values |= {"brought": [to_json(clip) for clip in sorted(clips, key=lambda clip: clip.clip_id)] or None}
        saved = await self._saved(values)
        if saved and self._shown.get(job.id, 0) <= announced:
            self._shown.pop(job.id, None)
        return saved

    def shown(self, job_id: str, revision: int) -> None:
        """Note that the reply shows this revision; the job's next save writes it."""
        self._shown[job_id] = max(revision, self._shown.get(job_id, 0))

    async def announce(self, job_id: str, revision: int) -> None:
        """Write that the reply shows this revision; it never goes back."""
        statement = update(jobs).where(jobs.c.id == job_id, jobs.c.announced < revision).values(announced=revision)
        async with self._database.write_one() as connection:
            await connection.execute(statement)
        if self._shown.get(job_id, 0) <= revision:
            self._shown.pop(job_id, None)

    async def unsettled(self) -> list[Job]:
        """Read every job that still needs something, oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(jobs).where(IS_UNSETTLED).order_by(jobs.c.created_at, jobs.c.id))).mappings().all()
        return [to_job(row) for row in rows]

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what /jobs lists of a person, newest first."""
        query = select(jobs).where(jobs.c.user_id == user_id, IS_LISTED).order_by(jobs.c.created_at.desc()).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [to_job(row) for row in rows]

    async def forget_tokens(self, before: float) -> int:
        """Delete the interaction tokens that expired before this time (epoch seconds); return how many."""
        statement = update(jobs).where(HAS_TOKEN, jobs.c.token_expires_at < before).values(reply_token=None)
        async with self._database.write_one() as connection:
            return (await connection.execute(statement)).rowcount

    async def _accept_all(self, rows: Sequence[Row]) -> list[bool | Exception]:
        """Insert what can be inserted; what cannot is found by one look, and does not hold up the others."""
        failure: Exception | None = None
        try:
            if await self._database.execute_each(self._accept, rows):
                return [True] * len(rows)
        except IntegrityError as error:
            failure = error
        reasons = await self._why_not(rows)
        left = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
        if len(left) < len(rows):
            others = iter(await self._accept_all(left) if left else ())
            return [next(others) if reason is None else reason for reason in reasons]
        if len(rows) > 1:
            return [(await self._accept_all([row]))[0] for row in rows]
        return [failure or await self._limit_of(rows[0])]

    async def _limit_of(self, row: Row) -> Exception:
        """Find the limit that a job alone has met."""
        async with self._database.read() as connection:
            found = (await connection.execute(_LIMIT_REACHED, dict(row))).scalar_one()
        if found is None:
            return Busy("what kept the job out was gone at the next look")
        return refusal(Limit(found), row)

    async def _why_not(self, rows: Sequence[Row]) -> list[bool | Exception | None]:
        """Tell why jobs were not inserted: False for an interaction that has one, else what is to be raised; None: it is neither."""
        interactions = [row["new_interaction_id"] for row in rows]
        unknown = {row["unknown"] for row in rows if row["unknown"] is not None}
        async with self._database.read() as connection:
            found = (await connection.execute(_WHY_NOT, {"interactions": interactions, "unknown": sorted(unknown)})).all()
        twice, known = ({key for kind, key in found if kind == which} for which in ("interaction", "source"))
        return [
            False if str(row["new_interaction_id"]) in twice else KnownSource(row["unknown"]) if row["unknown"] in known else None
            for row in rows
        ]

    async def _save_all(self, rows: Sequence[Row]) -> list[bool | Exception]:
        return await self._each(_SAVE, rows)

    async def _each(self, statement: Executable, rows: Sequence[Row]) -> list[bool | Exception]:
        """Execute a statement for each row, and tell for each whether it took effect.

        All in one go, as nearly always each of them does; else one by one. Raises StoreUnavailable.
        """
        try:
            if await self._database.execute_each(statement, rows):
                return [True] * len(rows)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked for that row
            if len(rows) == 1:
                return [error]
        if len(rows) == 1:
            return [False]
        return [(await self._each(statement, [row]))[0] for row in rows]


def _accept(database: Database) -> Insert:
    # PostgreSQL cannot guess the type of a NULL in a SELECT, hence the casts.
    columns = [column for column in jobs.c if column.name != "brought"]
    values = [cast(bindparam(f"new_{column.name}", type_=column.type), column.type) for column in columns]
    return (
        database.insert(jobs)
        .from_select(columns, select(*values).where(within_limits(database.engine.dialect.name), ~_KNOWN))
        .on_conflict_do_nothing(index_elements=[jobs.c.interaction_id])
        .execution_options(preserve_rowcount=True)
    )


_UNKNOWN = bindparam("unknown", type_=jobs.c.source_id.type)
_KNOWN = exists().where(clips.c.clip_id == _UNKNOWN) | exists().where(jobs.c.task_id == _UNKNOWN)
"""Whether what is taken for unknown is known after all: as a clip, or as a task. A NULL never is."""
_LIMIT_REACHED = select(limit_reached())
_INTERACTIONS = bindparam("interactions", expanding=True, type_=jobs.c.interaction_id.type)
_UNKNOWNS = bindparam("unknown", expanding=True, type_=jobs.c.source_id.type)
_WHY_NOT = union_all(
    select(literal("interaction"), cast(jobs.c.interaction_id, Text)).where(jobs.c.interaction_id.in_(_INTERACTIONS)),
    select(literal("source"), clips.c.clip_id).where(clips.c.clip_id.in_(_UNKNOWNS)),
    select(literal("source"), jobs.c.task_id).where(jobs.c.task_id.in_(_UNKNOWNS)),
)


def _save() -> Update:
    # A writer may have read the job before its token was forgotten. Forgotten it stays, unless a new one, with its own end, has come.
    was_forgotten = jobs.c.reply_token.is_(None) & (jobs.c.token_expires_at == bindparam("token_end"))
    shown = bindparam("shown", type_=jobs.c.announced.type)
    return (
        update(jobs)
        .where(jobs.c.id == bindparam("of_job"), jobs.c.revision == bindparam("before"))
        .values(
            reply_token=case((was_forgotten, null()), else_=bindparam("token", type_=jobs.c.reply_token.type)),
            announced=case((jobs.c.announced < shown, shown), else_=jobs.c.announced),
        )
    )


_SAVE = _save()


def to_row(job: Job) -> dict[str, Any]:
    """Lay the job and its origin out as one row."""
    return {name: getattr(job, name) for name in _JOB} | {name: getattr(job.origin, name) for name in _ORIGIN}


def to_job(row: RowMapping) -> Job:
    """Read a job from its row."""
    return Job(origin=Origin(**{name: row[name] for name in _ORIGIN}), **{name: row[name] for name in _JOB})
