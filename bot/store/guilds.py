"""What servers have set, and who is blocked."""

import json
from collections import defaultdict
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import delete, select, update

from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.store.database import Database
from bot.store.tables import blocks, guild_settings

_FIELDS = tuple(field.name for field in fields(GuildSettings) if field.name not in ("guild_id", "revision"))


class GuildStore:
    """Fulfils `services.ports.records.GuildStore`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def get(self, guild_id: int) -> GuildSettings:
        """Read a server's settings; the defaults if it has set nothing."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(guild_settings).where(guild_settings.c.guild_id == guild_id))).mappings().one_or_none()
        return GuildSettings(guild_id=guild_id) if row is None else _to_settings(guild_id, row["revision"], row["settings"])

    async def all(self) -> list[GuildSettings]:
        """Read the settings of every server that has set something."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(guild_settings))).mappings().all()
        return [_to_settings(row["guild_id"], row["revision"], row["settings"]) for row in rows]

    async def save(self, settings: GuildSettings) -> bool:
        """Write the settings; False if the stored revision is not the one before."""
        text = json.dumps({name: value for name, value in asdict(settings).items() if name in _FIELDS}, ensure_ascii=False)
        async with self._database.write_one() as connection:
            if settings.revision == 1:
                first = self._database.insert(guild_settings).values(guild_id=settings.guild_id, revision=1, settings=text)
                # Of an INSERT, rowcount is -1 in one dialect, whatever became of it; a returned row tells in both.
                written = first.on_conflict_do_nothing().returning(guild_settings.c.guild_id)
                return (await connection.scalar(written)) is not None
            later = (
                update(guild_settings)
                .where(guild_settings.c.guild_id == settings.guild_id, guild_settings.c.revision == settings.revision - 1)
                .values(revision=settings.revision, settings=text)
            )
            return bool((await connection.execute(later)).rowcount)

    async def blocked(self, guild_id: int) -> frozenset[int]:
        """Read who is blocked in a server (EVERYWHERE: by the operator)."""
        async with self._database.read() as connection:
            return frozenset((await connection.scalars(select(blocks.c.user_id).where(blocks.c.guild_id == guild_id))).all())

    async def all_blocks(self) -> dict[int, frozenset[int]]:
        """Read the same of every server in which somebody is."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(blocks.c.guild_id, blocks.c.user_id))).all()
        people: dict[int, set[int]] = defaultdict(set)
        for guild_id, user_id in rows:
            people[guild_id].add(user_id)
        return {guild_id: frozenset(blocked) for guild_id, blocked in people.items()}

    async def block(self, guild_id: int, user_id: int, *, by: int, at: float) -> None:
        """Block a person in a server; blocking twice is the same as once."""
        row = self._database.insert(blocks).values(guild_id=guild_id, user_id=user_id, blocked_by=by, blocked_at=at)
        async with self._database.write_one() as connection:
            await connection.execute(row.on_conflict_do_nothing())

    async def unblock(self, guild_id: int, user_id: int) -> None:
        """Lift a block, if there is one."""
        async with self._database.write_one() as connection:
            await connection.execute(delete(blocks).where(blocks.c.guild_id == guild_id, blocks.c.user_id == user_id))


def _to_settings(guild_id: int, revision: int, text: str) -> GuildSettings:
    # A field that an older or newer version wrote and this one does not know is left out, not an error.
    known: dict[str, Any] = {name: value for name, value in json.loads(text).items() if name in _FIELDS}
    for name in ("channels", "words", "starters"):
        known[name] = tuple(known.get(name, ()))
    known["results_in"] = ResultsIn(known.get("results_in", ResultsIn.CHANNEL))
    return GuildSettings(guild_id=guild_id, revision=revision, **known)
