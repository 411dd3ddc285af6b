"""Small facts about the installation itself, such as the hash of the commands that were synced last."""

from sqlalchemy import select

from bot.store.database import Database
from bot.store.tables import meta


class Meta:
    """Texts under keys."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def get(self, key: str) -> str | None:
        """Read a value. Raises StoreUnavailable."""
        async with self._database.read() as connection:
            return await connection.scalar(select(meta.c.value).where(meta.c.key == key))

    async def set(self, key: str, value: str) -> None:
        """Write a value over what was there. Raises StoreUnavailable."""
        statement = self._database.insert(meta).values(key=key, value=value)
        async with self._database.write_one() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": value}))
