"""The jobs, which are also the outbox of their messages."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping, Update, bindparam, case, cast, exists, func, null, select, update

from bot.domain.clips import Clip
from bot.domain.jobs import Job, Origin
from bot.errors import TooManyInFlight
from bot.store.clips import add_clips
from bot.store.database import Database
from bot.store.tables import HAS_TOKEN, IS_IN_FLIGHT, IS_LISTED, IS_UNSETTLED, jobs

_ORIGIN = tuple(field.name for field in fields(Origin))
_JOB = tuple(field.name for field in fields(Job) if field.name != "origin")
_FIXED = frozenset({"id", "kind", "interaction_id", "user_id", "guild_id", "created_at", "announced"})
"""What `save` never writes: who asked for what when is settled at the acceptance, and `announced` has a writer of its own."""


class Jobs:
    """Fulfils `services.ports.Jobs`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database
        in_flight = select(func.count()).select_from(jobs).where(jobs.c.user_id == bindparam("person"), IS_IN_FLIGHT).scalar_subquery()
        # PostgreSQL cannot guess the type of a NULL in a SELECT, hence the casts.
        values = [cast(bindparam(f"new_{column.name}", type_=column.type), column.type) for column in jobs.c]
        self._accept = (
            database.insert(jobs)
            .from_select(list(jobs.c), select(*values).where(in_flight < bindparam("limit")))
            .on_conflict_do_nothing(index_elements=[jobs.c.interaction_id])
            .returning(jobs.c.id)
        )

    async def accept(self, job: Job, *, limit: int) -> bool:
        """Insert a new job if its person has fewer than `limit` in flight; False if its interaction has a job. Raises TooManyInFlight."""
        person = job.origin.user_id
        values = {f"new_{name}": value for name, value in to_row(job).items()}
        async with self._database.write_in_turn(person) as connection:
            if await connection.scalar(self._accept, {**values, "person": person, "limit": limit}) is not None:
                return True
            known = await connection.scalar(select(exists().where(jobs.c.interaction_id == job.origin.interaction_id)))
        if not known:
            raise TooManyInFlight(limit)
        return False

    async def get(self, job_id: str) -> Job | None:
        """Read one job."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).mappings().one_or_none()
        return None if row is None else _to_job(row)

    async def by_task(self, task_id: str) -> Job | None:
        """Read the earliest job that has this task."""
        query = select(jobs).where(jobs.c.task_id == task_id).order_by(jobs.c.created_at).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else _to_job(row)

    async def save(self, job: Job, *, clips: Sequence[Clip] = ()) -> bool:
        """Write the job and its finished clips in one transaction; False if the stored revision is not the one before."""
        row = to_row(job)
        values = {name: value for name, value in row.items() if name not in _FIXED}
        values |= {"of_job": job.id, "before": job.revision - 1}
        values |= {"token": values.pop("reply_token"), "token_end": job.origin.token_expires_at}
        async with self._database.write() if clips else self._database.write_one() as connection:
            updated = await connection.execute(_SAVE, values)
            if not updated.rowcount:
                return False
            if clips:
                await add_clips(self._database, connection, job, clips)
        return True

    async def announce(self, job_id: str, revision: int) -> None:
        """Note that the reply shows this revision; it never goes back."""
        statement = update(jobs).where(jobs.c.id == job_id, jobs.c.announced < revision).values(announced=revision)
        async with self._database.write_one() as connection:
            await connection.execute(statement)

    async def unsettled(self) -> list[Job]:
        """Read every job that still needs something, oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(jobs).where(IS_UNSETTLED).order_by(jobs.c.created_at, jobs.c.id))).mappings().all()
        return [_to_job(row) for row in rows]

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what /jobs lists of a person, newest first."""
        query = select(jobs).where(jobs.c.user_id == user_id, IS_LISTED).order_by(jobs.c.created_at.desc()).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_to_job(row) for row in rows]

    async def forget_tokens(self, before: float) -> int:
        """Delete the interaction tokens that expired before this time (epoch seconds); return how many."""
        statement = update(jobs).where(HAS_TOKEN, jobs.c.token_expires_at < before).values(reply_token=None)
        async with self._database.write_one() as connection:
            return (await connection.execute(statement)).rowcount


def _save() -> Update:
    # A writer may have read the job before its token was forgotten. Forgotten it stays, unless a new one, with its own end, has come.
    was_forgotten = jobs.c.reply_token.is_(None) & (jobs.c.token_expires_at == bindparam("token_end"))
    return (
        update(jobs)
        .where(jobs.c.id == bindparam("of_job"), jobs.c.revision == bindparam("before"))
        .values(reply_token=case((was_forgotten, null()), else_=bindparam("token", type_=jobs.c.reply_token.type)))
    )


_SAVE = _save()


def to_row(job: Job) -> dict[str, Any]:
    """Lay the job and its origin out as one row."""
    return {name: getattr(job, name) for name in _JOB} | {name: getattr(job.origin, name) for name in _ORIGIN}


def _to_job(row: RowMapping) -> Job:
    return Job(origin=Origin(**{name: row[name] for name in _ORIGIN}), **{name: row[name] for name in _JOB})
