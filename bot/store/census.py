"""What there is in the database, in numbers."""

from sqlalchemy import case, func, select, text

from bot.domain.jobs import JobState
from bot.domain.posts import Debt
from bot.store.database import Database
from bot.store.tables import IS_OWED, IS_UNSETTLED, jobs, posts


async def count_unsettled(database: Database) -> dict[JobState, int]:
    """Count the jobs that still need something, by state, along their index: history does not slow it. Raises StoreUnavailable."""
    statement = select(jobs.c.state, func.count().label("number")).where(IS_UNSETTLED).group_by(jobs.c.state)
    async with database.read() as connection:
        rows = await connection.execute(statement)
        return {row.state: row.number for row in rows}


async def count_owed(database: Database) -> dict[Debt, int]:
    """Count the posts of which Discord still has to be told something, along their index. Raises StoreUnavailable."""
    debt = case((posts.c.removed, Debt.DELETION.value), (posts.c.message_id.is_(None), Debt.MESSAGE.value), else_=Debt.EDIT.value)
    statement = select(debt.label("debt"), func.count().label("number")).where(IS_OWED).group_by("debt")
    async with database.read() as connection:
        rows = await connection.execute(statement)
        return {Debt(row.debt): row.number for row in rows}


class Census:
    """Fulfils `ops.taking_stock.Census`."""

    def __init__(self, database: Database) -> None:
        """Count in this database."""
        self._database = database

    async def unsettled(self) -> dict[JobState, int]:
        """Count the jobs that still need something, by state. Raises StoreUnavailable."""
        return await count_unsettled(self._database)

    async def size(self) -> int:
        """Tell how many bytes the database takes on its disk. Raises StoreUnavailable."""
        async with self._database.read() as connection:
            if self._database.engine.dialect.name == "sqlite":
                # What is in the write-ahead log alone is left out: some megabytes at most.
                asked = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
            else:
                asked = text("SELECT pg_database_size(current_database())")
            return await connection.scalar(asked) or 0
