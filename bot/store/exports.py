"""What a person takes with them: their tracks, and the messages that show tracks."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, false, func, not_, or_, select

from bot.domain.export import MOST_TASKS, Place
from bot.domain.family import Kin
from bot.domain.viewing import Viewer
from bot.store.database import Database
from bot.store.families import to_kin, with_counts
from bot.store.tables import HAS_TRACKS, clips, jobs, posts


class Exports:
    """Fulfils `services.ports.stores.Exports`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def of_person(self, viewer: Viewer) -> list[Kin]:
        """Read the tracks that a person's own requests have brought, newest first, of their newest 1000 finished requests."""
        newest = select(jobs.c.task_id).where(HAS_TRACKS, jobs.c.user_id == viewer.user_id)
        async with self._database.read() as connection:
            tasks = (await connection.scalars(newest.order_by(jobs.c.created_at.desc()).limit(MOST_TASKS))).all()
            at = {task_id: number for number, task_id in reversed(list(enumerate(tasks)))}
            brought = with_counts(clips.c.task_id.in_(at), viewer.guild_id)
            found = [to_kin(row) for row in (await connection.execute(brought)).mappings()]
        return sorted(found, key=lambda kin: (at[kin.clip.task_id], len(kin.clip.variant), kin.clip.variant))

    async def places(self, kin: Sequence[Kin], viewer: Viewer) -> dict[str, Place]:
        """Find, for each track, a message that shows it and that the viewer can reach: its newest result, or else its newest post."""
        async with self._database.read() as connection:
            results = (await connection.execute(_results({each.clip.task_id for each in kin}, viewer))).all()
            shared = (await connection.execute(_posts({each.clip.clip_id for each in kin}, viewer))).all()
        of_tasks = {task_id: Place(*place) for task_id, *place in results}
        found = {clip_id: Place(*place) for clip_id, *place in shared}
        return dict(_places(kin, of_tasks, found))


def _places(kin: Sequence[Kin], of_tasks: dict[str, Place], of_clips: dict[str, Place]) -> Iterator[tuple[str, Place]]:
    for each in kin:
        place = of_tasks.get(each.clip.task_id) or of_clips.get(each.clip.clip_id)
        if place is not None:
            yield each.clip.clip_id, place


def _results(task_ids: Collection[str], viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Read where results are, the newest last; not those that only their person was shown for a moment, nor direct messages."""
    place = func.coalesce(jobs.c.result_channel_id, jobs.c.channel_id)
    fleeting = or_(jobs.c.result_direct, and_(jobs.c.reply_ephemeral, jobs.c.result_id == func.coalesce(jobs.c.reply_id, 0)))
    here = false() if viewer.guild_id is None else and_(jobs.c.guild_id == viewer.guild_id, not_(jobs.c.private))
    return (
        select(jobs.c.task_id, jobs.c.guild_id, place, jobs.c.result_id)
        .where(jobs.c.task_id.in_(task_ids), HAS_TRACKS, jobs.c.result_id.is_not(None), not_(fleeting))
        .where(or_(jobs.c.user_id == viewer.user_id, here))
        .order_by(jobs.c.created_at)
    )


def _posts(clip_ids: Collection[str], viewer: Viewer) -> Select[*tuple[Any, ...]]:
    here = false() if viewer.guild_id is None else posts.c.guild_id == viewer.guild_id
    return (
        select(posts.c.clip_id, posts.c.guild_id, posts.c.channel_id, posts.c.message_id)
        .where(posts.c.clip_id.in_(clip_ids), here, posts.c.message_id.is_not(None), not_(posts.c.removed))
        .order_by(posts.c.created_at)
    )
