"""What people want for themselves. Only what differs from the defaults is kept."""

from dataclasses import asdict, fields

from sqlalchemy import delete, select

from bot.domain.preferences import Preferences
from bot.store.database import Database
from bot.store.tables import preferences

_FIELDS = tuple(field.name for field in fields(Preferences))


class PreferenceStore:
    """Fulfils `services.ports.records.PreferenceStore`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def all(self) -> list[Preferences]:
        """Read what differs from the defaults."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(preferences))).mappings().all()
        return [Preferences(**{name: row[name] for name in _FIELDS}) for row in rows]

    async def keep(self, wanted: Preferences) -> None:
        """Write a person's preferences over those that were there; what says nothing new leaves no row."""
        if wanted.usual:
            statement = delete(preferences).where(preferences.c.user_id == wanted.user_id)
        else:
            row = asdict(wanted)
            insert = self._database.insert(preferences).values(row)
            statement = insert.on_conflict_do_update(index_elements=[preferences.c.user_id], set_=row)
        async with self._database.write_one() as connection:
            await connection.execute(statement)
