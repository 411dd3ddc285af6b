"""What was typed and refused, kept so that it can be mended."""

import secrets
from collections.abc import Callable

from sqlalchemy import delete, insert, select

from bot.store.database import Database
from bot.store.tables import drafts


class Drafts:
    """Fulfils `services.ports.records.Drafts`."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        """Use this database; `now` tells the time in seconds since the Unix epoch."""
        self._database = database
        self._now = now

    async def keep(self, user_id: int, fields: dict[str, str], *, life: float) -> str:
        """Store the typed fields for `life` seconds; return the draft's id of 12 characters. Expired drafts go."""
        draft_id, now = secrets.token_urlsafe(9), self._now()
        async with self._database.write() as connection:
            await connection.execute(delete(drafts).where(drafts.c.expires_at <= now))
            await connection.execute(insert(drafts).values(id=draft_id, user_id=user_id, fields=fields, expires_at=now + life))
        return draft_id

    async def get(self, draft_id: str, user_id: int) -> dict[str, str] | None:
        """Read this person's draft, unless it has expired."""
        query = select(drafts.c.fields).where(drafts.c.id == draft_id, drafts.c.user_id == user_id, drafts.c.expires_at > self._now())
        async with self._database.read() as connection:
            return await connection.scalar(query)
