"""All that is kept of a person, for themselves to read (docs/privacy.md describes the form)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, func, select

from bot.store.database import Database
from bot.store.session_people import parts_of
from bot.store.tables import blocks, clips, favourites, guild_keys, jobs, posts, preferences, session_votes, votes

MOST: Final = 20_000
"""Entries of a kind, the newest; a person who has more is told how many were left out."""
_SECRET: Final = frozenset({"reply_token", "brought", "search_text", "blocked_by", "sealed"})
"""What is no business of whoever reads it: tokens, what is in there twice, who has blocked them, keys."""
_SNOWFLAKE: Final = 2**53
"""Above that a number loses digits in most readers of JSON."""


class Belongings:
    """Fulfils `services.ports.records.Belongings`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def of(self, user_id: int) -> dict[str, Any]:
        """Read all that is kept of a person, newest first, as JSON takes it; ids of Discord's are texts. Raises StoreUnavailable."""
        kinds = (
            ("requests", jobs, jobs.c.user_id, jobs.c.created_at),
            ("tracks", clips, clips.c.user_id, clips.c.created_at),
            ("favourites", favourites, favourites.c.user_id, favourites.c.created_at),
            ("votes", votes, votes.c.user_id, votes.c.created_at),
            ("session_votes", session_votes, session_votes.c.user_id, session_votes.c.created_at),
            ("posts", posts, posts.c.user_id, posts.c.created_at),
            ("preferences", preferences, preferences.c.user_id, preferences.c.user_id),
            ("blocks", blocks, blocks.c.user_id, blocks.c.blocked_at),
            ("server_keys", guild_keys, guild_keys.c.added_by, guild_keys.c.added_at),
        )
        found: dict[str, Any] = {}
        left_out: dict[str, int] = {}
        async with self._database.read() as connection:
            for name, table, person, time in kinds:
                mine = person == user_id
                rows = (await connection.execute(_newest(table, mine, time))).mappings().all()
                found[name] = [_plain(row) for row in rows]
                if len(rows) == MOST:
                    left_out[name] = (await connection.execute(_count(table, mine))).scalar_one() - MOST
            found["sessions"] = [_plain(part) for part in await parts_of(connection, user_id, limit=MOST)]
        return found | {"left_out": {name: number for name, number in left_out.items() if number}}


def _newest(table: Table, mine: ColumnElement[bool], time: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    columns = [column for column in table.c if column.name not in _SECRET]
    return select(*columns).where(mine).order_by(time.desc()).limit(MOST)


def _count(table: Table, mine: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(table).where(mine)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _readable(value) for name, value in row.items()}


def _readable(value: Any) -> Any:  # noqa: ANN401 - any column's
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _SNOWFLAKE:
        return str(value)
    return value
