"""Whose data is being deleted, and the statements of it.

Each may be repeated: a process that ends in the middle leaves the rest to the next one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Update, and_, case, delete, or_, select, update

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.erasing import UNTITLED, Erasure
from bot.domain.jobs import Job
from bot.store.clips import to_clip
from bot.store.database import Database
from bot.store.jobs import to_job
from bot.store.session_people import leave_out
from bot.store.tables import IS_IN_FLIGHT, IS_UNSETTLED, clips, drafts, favourites, jobs, meta, posts, preferences, session_votes, votes

_UNDER_WAY: Final = "erase:"
"""Begins the keys of the table meta under which it is written whose data is being deleted, and up to which moment."""
_AT_ONCE: Final = 500
"""Values of one IN: SQLite takes 32,766 in a statement."""
_STRIPPED: Final = ""
"""A locale that Discord does not have marks a job of which nothing is left but who asked where and when."""


class Erasures:
    """Fulfils `services.ports.records.Erasures`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def begin(self, wish: Erasure) -> list[str]:
        """Write down that a person's data is to be deleted; what is small, or has no time of its own, goes at once.

        So do they in sessions; returned are the ids of those that were changed.
        """
        row = {"key": f"{_UNDER_WAY}{wish.user_id}", "value": repr(wish.until)}
        upsert = self._database.insert(meta).values(row).on_conflict_do_update(index_elements=[meta.c.key], set_=row)
        async with self._database.write() as connection:
            await connection.execute(upsert)
            await connection.execute(delete(preferences).where(preferences.c.user_id == wish.user_id))
            await connection.execute(delete(drafts).where(drafts.c.user_id == wish.user_id))
            return await leave_out(connection, wish)

    async def under_way(self) -> list[Erasure]:
        """Read whose data is being deleted."""
        query = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_UNDER_WAY, autoescape=True))
        async with self._database.read() as connection:
            return [Erasure(int(key.removeprefix(_UNDER_WAY)), float(value)) for key, value in (await connection.execute(query)).all()]

    async def jobs_of(self, wish: Erasure) -> list[Job]:
        """Read the jobs of which there is more left than who asked where and when, oldest first."""
        query = select(jobs).where(_theirs(wish), jobs.c.locale != _STRIPPED).order_by(jobs.c.created_at)
        async with self._database.read() as connection:
            return [to_job(row) for row in (await connection.execute(query)).mappings().all()]

    async def forget_acts(self, wish: Erasure) -> None:
        """Delete a person's favourites and votes, and owe the deletion of what they have posted."""
        shared = update(posts).where(posts.c.user_id == wish.user_id, posts.c.created_at <= wish.until)
        async with self._database.write() as connection:
            for table in (favourites, votes, session_votes):
                await connection.execute(delete(table).where(table.c.user_id == wish.user_id, table.c.created_at <= wish.until))
            await connection.execute(_taken_down(shared).values(user_id=NOBODY, note=""))

    async def made(self, wish: Erasure, task_ids: Collection[str]) -> list[Clip]:
        """Read the tracks of these tasks that the person has made."""
        found: list[Clip] = []
        async with self._database.read() as connection:
            for some in _portions(task_ids):
                query = select(clips).where(clips.c.task_id.in_(some), clips.c.user_id == wish.user_id)
                found += [to_clip(row) for row in (await connection.execute(query)).mappings().all()]
        return found

    async def known_elsewhere(self, wish: Erasure, made: Sequence[Clip]) -> frozenset[str]:
        """Tell which of these tracks others know by a request of their own, or are continuing right now."""
        of_task: defaultdict[str, set[str]] = defaultdict(set)
        for clip in made:
            of_task[clip.task_id].add(clip.clip_id)
        found: set[str] = set()
        async with self._database.read() as connection:
            for some in _portions(of_task):
                query = select(jobs.c.task_id).distinct().where(jobs.c.task_id.in_(some), ~jobs.c.removed, ~_theirs(wish))
                for task_id in (await connection.scalars(query)).all():
                    found |= of_task[task_id or ""]
            continued = select(jobs.c.source_id).where(IS_UNSETTLED, ~_theirs(wish), jobs.c.source_id.is_not(None))
            sources = set((await connection.scalars(continued)).all())
        return frozenset(found | (sources & {clip.clip_id for clip in made}))

    async def children(self, clip_ids: Collection[str]) -> dict[str, set[str]]:
        """Read what continues each of these tracks."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for some in _portions(clip_ids):
                query = select(clips.c.parent_id, clips.c.clip_id).where(clips.c.parent_id.in_(some))
                for parent_id, clip_id in (await connection.execute(query)).all():
                    found[parent_id or ""].add(clip_id)
        return dict(found)

    async def delete_clips(self, clip_ids: Collection[str]) -> None:
        """Delete tracks with what hangs on them, and owe the deletion of every post that shows one."""
        for some in _portions(clip_ids):
            async with self._database.write() as connection:
                await connection.execute(_taken_down(update(posts).where(posts.c.clip_id.in_(some))))
                for table in (favourites, votes, clips):
                    await connection.execute(delete(table).where(table.c.clip_id.in_(some)))

    async def make_anonymous(self, clip_ids: Collection[str]) -> None:
        """Take name, title and styles off tracks that others have continued, and owe an edit to every post that shows one."""
        for some in _portions(clip_ids):
            bare = {"user_id": NOBODY, "title": UNTITLED, "tags": "", "search_text": UNTITLED.casefold()}
            shown = update(posts).where(posts.c.clip_id.in_(some), ~posts.c.removed)
            async with self._database.write() as connection:
                await connection.execute(shown.values(revision=posts.c.revision + 1))
                await connection.execute(update(clips).where(clips.c.clip_id.in_(some)).values(bare))

    async def forget_titles(self, clip_ids: Collection[str]) -> None:
        """Take the titles of tracks out of the requests that continue them, whosesoever these are."""
        announced = case((jobs.c.announced == jobs.c.revision, jobs.c.revision + 1), else_=jobs.c.announced)
        bare = {"source_label": UNTITLED, "revision": jobs.c.revision + 1, "announced": announced}
        for some in _portions(clip_ids):
            named = (jobs.c.source_id.in_(some), jobs.c.source_label.not_in(("", UNTITLED)))
            async with self._database.write_one() as connection:
                await connection.execute(update(jobs).where(*named).values(bare))

    async def strip(self, wish: Erasure, job_ids: Collection[str], *, today: float, give_up: bool) -> None:
        """Leave of these jobs, if they are at rest, nothing but who asked where and when; from the day after, not even who.

        `today` (epoch seconds) is when the day began: its limits still count. With `give_up`, what Discord is still owed is let go.
        """
        at_rest = ~_AT_WORK if give_up else ~_OWED
        stripped = {
            "tags": "",
            "title": "",
            "source_label": "",
            "provider_words": "",
            "locale": _STRIPPED,
            "reply_token": None,
            "task_id": None,
            "source_id": None,
            "continue_at": None,
            "reply_id": None,
            "result_id": None,
            "result_channel_id": None,
            "removed_by": None,
            "undeliverable": False,
            "revision": jobs.c.revision + 1,
            "announced": jobs.c.revision + 1,
        }
        async with self._database.write() as connection:
            for some in _portions(job_ids):
                await connection.execute(update(jobs).where(_theirs(wish), jobs.c.id.in_(some), jobs.c.removed, at_rest).values(stripped))
            gone = update(jobs).where(_theirs(wish), jobs.c.locale == _STRIPPED, jobs.c.created_at < today)
            await connection.execute(gone.values(user_id=NOBODY))

    async def finish(self, wish: Erasure) -> bool:
        """Note that nothing of a person is left, unless there is, or they have asked anew; False if it goes on."""
        async with self._database.write() as connection:
            if (await connection.execute(select(jobs.c.id).where(_theirs(wish)).limit(1))).first() is not None:
                return False
            ours = meta.c.key == f"{_UNDER_WAY}{wish.user_id}"
            await connection.execute(delete(meta).where(ours, meta.c.value == repr(wish.until)))
        return True


_AT_WORK = or_(IS_IN_FLIGHT, jobs.c.watch_until.is_not(None))
_OWED = or_(_AT_WORK, and_(jobs.c.state == "ready", ~jobs.c.undeliverable), jobs.c.announced < jobs.c.revision)


def _theirs(wish: Erasure) -> ColumnElement[bool]:
    return and_(jobs.c.user_id == wish.user_id, jobs.c.created_at <= wish.until)


def _taken_down(which: Update) -> Update:
    """Owe the deletion of posts, once."""
    return which.values(revision=case((posts.c.removed, posts.c.revision), else_=posts.c.revision + 1), removed=True)


def _portions(values: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(values)
    return (listed[first : first + _AT_ONCE] for first in range(0, len(listed), _AT_ONCE))
