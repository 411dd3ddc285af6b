"""Finished clips, and who knows them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.clips import Clip, KnownClip
from bot.domain.jobs import Job
from bot.store.database import Database
from bot.store.tables import HAS_TAGS, Knower, clips, jobs, library

_CLIP = tuple(field.name for field in fields(Clip))
_KNOWN = tuple(field.name for field in fields(KnownClip))
_JOBS_READ_FOR_TAGS = 200
"""So many of the newest jobs of a person, and of a server, are looked at for their tags."""


class Clips:
    """Fulfils `services.ports.Clips`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def get(self, clip_id: str) -> Clip | None:
        """Read one clip."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(clips).where(clips.c.clip_id == clip_id))).mappings().one_or_none()
        return None if row is None else _to_clip(row)

    async def of_task(self, task_id: str) -> list[Clip]:
        """Read a task's clips, A first."""
        # Past Z the variants are numbers: they come after the letters.
        query = select(clips).where(clips.c.task_id == task_id).order_by(func.length(clips.c.variant), clips.c.variant)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_to_clip(row) for row in rows]

    async def known_to(self, user_id: int, guild_id: int | None, *, text: str, limit: int) -> list[KnownClip]:
        """Read the clips that this person or this server knows, newest first; `text` filters title, tags and id, ignoring case."""
        newest = [_newest_known(Knower.USER, user_id, text, limit)]
        if guild_id is not None:
            newest.append(_newest_known(Knower.GUILD, guild_id, text, limit))
        known = union_all(*(select(part.subquery()) for part in newest)).subquery()
        since = func.max(known.c.known_since).label("known_since")
        query = (
            select(clips.c.clip_id, clips.c.variant, clips.c.title, clips.c.tags, clips.c.seconds, since)
            .join_from(known, clips, clips.c.clip_id == known.c.clip_id)
            .group_by(clips.c.clip_id)
            .order_by(since.desc(), clips.c.variant, clips.c.clip_id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [KnownClip(**{name: row[name] for name in _KNOWN}) for row in rows]

    async def tag_sets(self, user_id: int, guild_id: int | None, *, limit: int) -> list[str]:
        """Read the distinct tags used before by this person or server, newest first; only their newest 200 jobs each are looked at."""
        newest = [select(jobs.c.tags, jobs.c.created_at).where(jobs.c.user_id == user_id)]
        if guild_id is not None:
            newest.append(select(jobs.c.tags, jobs.c.created_at).where(jobs.c.guild_id == guild_id))
        parts = (part.where(HAS_TAGS).order_by(jobs.c.created_at.desc()).limit(_JOBS_READ_FOR_TAGS).subquery() for part in newest)
        used = union_all(*(select(part) for part in parts)).subquery()
        query = select(used.c.tags).group_by(used.c.tags).order_by(func.max(used.c.created_at).desc(), used.c.tags).limit(limit)
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())

    async def audio_gone(self, name: str) -> None:
        """Note that the archive let this file go."""
        async with self._database.write_one() as connection:
            await connection.execute(update(clips).where(clips.c.audio_name == name).values(audio_name=None))


async def add_clips(database: Database, connection: AsyncConnection, job: Job, found: Sequence[Clip]) -> None:
    """Add a job's finished clips, and that its person and server know them, inside the caller's transaction.

    A clip that is there already keeps its maker, lineage and names; its files, addresses and length are written anew.
    """
    insert = database.insert(clips)
    new = insert.excluded
    anew = {column.name: new[column.name] for column in (clips.c.seconds, clips.c.audio_name, clips.c.audio_size, clips.c.audio_url)}
    # A cover that could not be fetched this time does not lose the one that is there.
    anew |= {column.name: func.coalesce(new[column.name], column) for column in (clips.c.image_name, clips.c.image_url)}
    # In one order everywhere, so that two writers of the same clips cannot wait for each other.
    in_order = sorted(found, key=lambda clip: clip.clip_id)
    await connection.execute(
        insert.on_conflict_do_update(index_elements=[clips.c.clip_id], set_=anew),
        [to_row(clip) for clip in in_order],
    )
    knowers = [(Knower.USER, job.origin.user_id)]
    if job.origin.guild_id is not None:
        knowers.append((Knower.GUILD, job.origin.guild_id))
    await connection.execute(
        database.insert(library).on_conflict_do_nothing(),
        [
            {"knower": knower, "knower_id": knower_id, "clip_id": clip.clip_id, "known_since": job.state_since}
            for knower, knower_id in knowers
            for clip in in_order
        ],
    )


def _newest_known(knower: Knower, knower_id: int, text: str, limit: int) -> Select[str, float]:
    query = (
        select(library.c.clip_id, library.c.known_since)
        .where(library.c.knower == knower, library.c.knower_id == knower_id)
        .order_by(library.c.known_since.desc())
        .limit(limit)
    )
    if text:
        found = clips.c.search_text.contains(text.casefold(), autoescape=True)
        query = query.join(clips, clips.c.clip_id == library.c.clip_id).where(found)
    return query


def to_row(clip: Clip) -> dict[str, Any]:
    """Lay the clip out as a row, with the text that it is searched by."""
    return {name: getattr(clip, name) for name in _CLIP} | {"search_text": f"{clip.title}\n{clip.tags}\n{clip.clip_id}".casefold()}


def _to_clip(row: RowMapping) -> Clip:
    return Clip(**{name: row[name] for name in _CLIP})
