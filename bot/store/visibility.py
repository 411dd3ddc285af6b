"""Who may see which tracks: one rule, for every list, picture and button.

A track is known to a person by a finished job of their own with its task, or by one of this server that is not private. What belongs to
nobody (a starter, or what somebody who had their data deleted has left) is known to everybody.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from bot.domain.actors import NOBODY
from bot.domain.viewing import Seen, Viewer
from bot.store.database import Database
from bot.store.tables import HAS_PUBLIC_TRACKS, HAS_TRACKS, IS_REMOVED, clips, jobs


class Visibility:
    """Fulfils `services.ports.Visibility`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def seen(self, clip_ids: Collection[str], viewer: Viewer) -> dict[str, Seen]:
        """Tell what somebody may see of each of these tracks; one that is not known at all is left out."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_seen(clip_ids, viewer))).all()
        return {
            str(clip_id): _verdict(nobodys=user_id == NOBODY, known=known, removed=removed) for clip_id, user_id, known, removed in rows
        }


def known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Write that a clip (`clips`, in the statement around it) is known to somebody by a job."""
    of_task = jobs.c.task_id == clips.c.task_id
    mine = exists().where(of_task, HAS_TRACKS, unindexed(jobs.c.user_id) == viewer.user_id)
    if viewer.guild_id is None:
        return mine
    return or_(mine, exists().where(of_task, HAS_PUBLIC_TRACKS, unindexed(jobs.c.guild_id) == viewer.guild_id))


def shown_to(viewer: Viewer) -> ColumnElement[bool]:
    """Write that somebody may see all of a clip (`clips`, in the statement around it)."""
    return or_(known_to(viewer), and_(clips.c.user_id == NOBODY, ~_removed_for(viewer)))


def unindexed(column: ColumnElement[int] | ColumnElement[int | None]) -> ColumnElement[int]:
    """Keep a condition from choosing an index: SQLite, without statistics, would read somebody's whole history for each task."""
    return func.coalesce(column, NOBODY)


def _removed_for(viewer: Viewer) -> ColumnElement[bool]:
    here = false() if viewer.guild_id is None else jobs.c.guild_id == viewer.guild_id
    return exists().where(jobs.c.task_id == clips.c.task_id, and_(IS_REMOVED, or_(jobs.c.user_id == viewer.user_id, here)))


def _seen(clip_ids: Collection[str], viewer: Viewer) -> Select[str | None, int, bool, bool]:
    seen = select(clips.c.clip_id, clips.c.user_id, known_to(viewer), _removed_for(viewer))
    return seen.where(clips.c.clip_id.in_(clip_ids))


def _verdict(*, nobodys: bool, known: bool, removed: bool) -> Seen:
    if known or (nobodys and not removed):
        return Seen.SHOWN
    return Seen.REMOVED if removed else Seen.PRIVATE
