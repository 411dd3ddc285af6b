"""Finished clips, and who knows them."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, Subquery, func, select, union_all, update

from bot.domain.clips import Clip, KnownClip, StoredAudio
from bot.domain.searching import fold, words_of
from bot.store.database import Database
from bot.store.tables import HAS_PUBLIC_TAGS, HAS_PUBLIC_TRACKS, HAS_TAGS, HAS_TRACKS, clips, jobs, storable

_CLIP = tuple(field.name for field in fields(Clip))
_KNOWN = tuple(field.name for field in fields(KnownClip))
_JOBS_READ_FOR_TAGS = 200
"""So many of the newest jobs of a person, and of a server, are looked at for their tags."""
_JOBS_SEARCHED = 500
"""So many of the newest finished jobs of a person, and of a server, are looked at for a text: a text that is found nowhere must not
have a server's whole history read at every key that is pressed."""
_JOBS_A_CLIP = 4
"""Finished jobs that are looked at for each clip that is wanted: the same task may have been asked for several times."""
_CLIPS_A_TASK = 26
"""Two are usual."""


class Clips:
    """Fulfils `services.ports.stores.Clips`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def get(self, clip_id: str) -> Clip | None:
        """Read one clip."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(clips).where(clips.c.clip_id == clip_id))).mappings().one_or_none()
        return None if row is None else to_clip(row)

    async def several(self, clip_ids: Collection[str]) -> list[Clip]:
        """Read those of these clips that are known, in the order in which they are named."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(clips).where(clips.c.clip_id.in_(clip_ids)))).mappings().all()
        found = {row["clip_id"]: to_clip(row) for row in rows}
        return [found[clip_id] for clip_id in clip_ids if clip_id in found]

    async def of_task(self, task_id: str) -> list[Clip]:
        """Read a task's clips, A first."""
        query = select(clips).where(clips.c.task_id == task_id).order_by(*a_first(clips))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [to_clip(row) for row in rows]

    async def known_to(self, user_id: int, guild_id: int | None, *, text: str, limit: int) -> list[KnownClip]:
        """Read the clips that this person or this server knows, newest first; `text` filters title, tags and id, ignoring case.

        A clip is known where a job has brought it, since that was asked for; to the server, unless its person keeps it to themselves.
        With a text, only the newest 500 finished jobs of the person and of the server are looked at, and without one no more than the
        limit needs: the time does not grow with history.
        """
        among = _JOBS_SEARCHED if text else _JOBS_A_CLIP * limit
        newest = [_newest_finished(among).where(HAS_TRACKS, jobs.c.user_id == user_id)]
        if guild_id is not None:
            newest.append(_newest_finished(among).where(HAS_PUBLIC_TRACKS, jobs.c.guild_id == guild_id))
        finished = union_all(*(select(part.subquery()) for part in newest)).subquery()
        since = func.max(finished.c.created_at).label("known_since")
        tasks = select(finished.c.task_id, since).group_by(finished.c.task_id).subquery()
        found = clips_by_task(tasks, on_sqlite=self._database.engine.dialect.name == "sqlite")
        query = (
            select(*(found.c[name] for name in _KNOWN if name != "known_since"), tasks.c.known_since)
            .join_from(tasks, found, found.c.task_id == tasks.c.task_id)
            .order_by(tasks.c.known_since.desc(), *a_first(found), found.c.clip_id)
            .limit(limit)
        )
        if text:
            query = query.where(found.c.search_text.contains(fold(text), autoescape=True))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [KnownClip(**{name: row[name] for name in _KNOWN}) for row in rows]

    async def tag_sets(self, user_id: int, guild_id: int | None, *, limit: int) -> list[str]:
        """Read the distinct tags used before by this person or server, newest first; only their newest 200 jobs each are looked at."""
        newest = [select(jobs.c.tags, jobs.c.created_at).where(HAS_TAGS, jobs.c.user_id == user_id)]
        if guild_id is not None:
            newest.append(select(jobs.c.tags, jobs.c.created_at).where(HAS_PUBLIC_TAGS, jobs.c.guild_id == guild_id))
        parts = (part.order_by(jobs.c.created_at.desc()).limit(_JOBS_READ_FOR_TAGS).subquery() for part in newest)
        used = union_all(*(select(part) for part in parts)).subquery()
        query = select(used.c.tags).group_by(used.c.tags).order_by(func.max(used.c.created_at).desc(), used.c.tags).limit(limit)
        async with self._database.read() as connection:
            return list((await connection.scalars(query)).all())

    async def audio_back(self, clip_id: str, audio: StoredAudio) -> None:
        """Note that the archive has a clip's audio again; how long the clip is was said before, and stays."""
        async with self._database.write_one() as connection:
            changed = update(clips).where(clips.c.clip_id == clip_id).values(audio_name=audio.name, audio_size=audio.size)
            await connection.execute(changed)

    async def audio_gone(self, name: str) -> None:
        """Note that the archive let this file go."""
        async with self._database.write_one() as connection:
            await connection.execute(update(clips).where(clips.c.audio_name == name).values(audio_name=None))


def clips_by_task(tasks: Subquery, *, on_sqlite: bool) -> FromClause:
    """Look the clips up task by task. PostgreSQL might find reading them all cheaper, which the limit of a lateral join rules out."""
    return clips if on_sqlite else select(clips).where(clips.c.task_id == tasks.c.task_id).limit(_CLIPS_A_TASK).lateral()


def a_first(of: FromClause) -> tuple[ColumnElement[int], ColumnElement[str]]:
    """Order a task's clips: past Z the variants are numbers, which come after the letters."""
    return func.length(of.c.variant), of.c.variant


def _newest_finished(number: int) -> Select[str | None, float]:
    return select(jobs.c.task_id, jobs.c.created_at).order_by(jobs.c.created_at.desc()).limit(number)


def to_row(clip: Clip) -> dict[str, Any]:
    """Lay the clip out as a row, with the text that it is searched by."""
    return {name: getattr(clip, name) for name in _CLIP} | searched_by(clip.clip_id, clip.title, clip.tags)


def searched_by(clip_id: str, title: str, tags: str) -> dict[str, str]:
    """Lay out what a clip is found by."""
    text = f"{title}\n{tags}\n{clip_id}"
    return {"search_text": fold(text), "search_words": " ".join(words_of(text))}


def to_json(clip: Clip) -> dict[str, Any]:
    """Lay the clip out as a row that travels within another one (`unpacking`), past the types of its columns."""
    return {name: storable(value) if isinstance(value, str) else value for name, value in to_row(clip).items()}


def to_clip(row: RowMapping) -> Clip:
    """Read a clip off a row that has all of its columns."""
    return Clip(**{name: row[name] for name in _CLIP})
