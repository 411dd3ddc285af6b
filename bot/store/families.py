"""Families in the database: where a track comes from, and what grew from it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, exists, func, literal, or_, select

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.family import MOST_KIN, MOST_STEPS, Kin
from bot.domain.viewing import Viewer
from bot.store.clips import to_clip
from bot.store.database import Database
from bot.store.tables import clips, favourites, votes
from bot.store.visibility import known_to


class Families:
    """Fulfils `services.ports.stores.Families`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def path(self, clip_id: str) -> list[Clip]:
        """Read a track and its ancestors, the root first, at most 64; nothing for a track that is not known."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_path(clip_id))).mappings().all()
        # Where the data runs in a circle, each is named once: setting a key again leaves it in its place.
        nearest_first = {row["clip_id"]: to_clip(row) for row in rows}
        return list(nearest_first.values())[::-1]

    async def of(self, clip_id: str, viewer: Viewer) -> list[Kin]:
        """Read a track's family, at most 500: the path to it, what grew from it, and then what else grew from its ancestors.

        Left out is what the viewer may not see and nothing has grown from.
        """
        path = await self.path(clip_id)
        wanted = [clip.clip_id for clip in path]
        async with self._database.read() as connection:
            for begun_at in ([clip_id], wanted[::-1]):
                if path and (room := MOST_KIN - len(wanted)) > 0:
                    grown = await connection.scalars(_grown_from(begun_at, viewer, limit=room, but=wanted))
                    wanted += grown.all()
            rows = (await connection.execute(with_counts(clips.c.clip_id.in_(wanted), viewer.guild_id))).mappings().all()
        return [to_kin(row) for row in rows]


def _path(clip_id: str) -> Select[*tuple[Any, ...]]:
    """Climb by the primary key, step by step: the steps are bounded, so that no circle keeps it going."""
    up = select(clips.c.clip_id, clips.c.parent_id, literal(1).label("step")).where(clips.c.clip_id == clip_id).cte("up", recursive=True)
    above = clips.alias("above")
    up = up.union_all(
        select(above.c.clip_id, above.c.parent_id, up.c.step + 1).join(up, above.c.clip_id == up.c.parent_id).where(up.c.step < MOST_STEPS)
    )
    return select(clips).join(up, clips.c.clip_id == up.c.clip_id).order_by(up.c.step)


def _grown_from(begun_at: Sequence[str], viewer: Viewer, *, limit: int, but: Collection[str]) -> Select[str]:
    """Descend from these tracks, generation by generation; UNION takes each track once, whatever circles there are.

    Both databases stop at the limit, so that a starter on which half the world has built costs no more than that.
    """
    down = select(clips.c.clip_id).where(clips.c.clip_id.in_(begun_at)).cte("down", recursive=True)
    down = down.union(select(clips.c.clip_id).join(down, clips.c.parent_id == down.c.clip_id).where(_worth_a_place(viewer)))
    found = select(down.c.clip_id).limit(limit + len(but)).subquery()
    return select(found.c.clip_id).where(found.c.clip_id.not_in(but)).limit(limit)


def _worth_a_place(viewer: Viewer) -> ColumnElement[bool]:
    child = clips.alias("child")
    return or_(known_to(viewer), clips.c.user_id == NOBODY, exists().where(child.c.parent_id == clips.c.clip_id))


def with_counts(which: ColumnElement[bool], guild_id: int | None) -> Select[*tuple[Any, ...]]:
    """Read clips with the number of people whose favourite they are, and their votes on a server; `to_kin` takes the rows."""
    of_favourites = select(func.count()).select_from(favourites).where(favourites.c.clip_id == clips.c.clip_id)
    of_votes = select(func.count()).select_from(votes).where(votes.c.clip_id == clips.c.clip_id, votes.c.guild_id == (guild_id or 0))
    counts = of_favourites.scalar_subquery().label("favourites"), of_votes.scalar_subquery().label("votes")
    return select(clips, *counts).where(which)


def to_kin(row: RowMapping) -> Kin:
    """Read a track off such a row."""
    return Kin(clip=to_clip(row), favourites=row["favourites"], votes=row["votes"])
