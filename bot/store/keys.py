"""The servers' own API keys, encrypted."""

from sqlalchemy import delete, select

from bot.domain.guild_keys import SealedKey
from bot.store.database import Database
from bot.store.tables import guild_keys


class GuildKeys:
    """Fulfils `services.ports.records.GuildKeys`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def all(self) -> list[SealedKey]:
        """Read every key."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(guild_keys).order_by(guild_keys.c.guild_id))).mappings().all()
        return [SealedKey(**row) for row in rows]

    async def get(self, guild_id: int) -> SealedKey | None:
        """Read a server's key."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(guild_keys).where(guild_keys.c.guild_id == guild_id))).mappings().one_or_none()
        return None if row is None else SealedKey(**row)

    async def keep(self, key: SealedKey) -> None:
        """Write a server's key over the one that was there."""
        values = {"sealed": key.sealed, "added_by": key.added_by, "added_at": key.added_at}
        statement = self._database.insert(guild_keys).values(guild_id=key.guild_id, **values)
        async with self._database.write_one() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=[guild_keys.c.guild_id], set_=values))

    async def remove(self, guild_id: int) -> bool:
        """Delete a server's key; False if there is none."""
        async with self._database.write_one() as connection:
            return bool((await connection.execute(delete(guild_keys).where(guild_keys.c.guild_id == guild_id))).rowcount)
