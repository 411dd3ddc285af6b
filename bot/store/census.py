"""How many jobs there are that still need something."""

from sqlalchemy import func, select

from bot.domain.jobs import JobState
from bot.store.database import Database
from bot.store.tables import IS_UNSETTLED, jobs


async def count_unsettled(database: Database) -> dict[JobState, int]:
    """Count them by state, along the index that holds no settled job: history does not slow it. Raises StoreUnavailable."""
    statement = select(jobs.c.state, func.count().label("number")).where(IS_UNSETTLED).group_by(jobs.c.state)
    async with database.read() as connection:
        rows = await connection.execute(statement)
        return {row.state: row.number for row in rows}
