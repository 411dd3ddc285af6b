"""Deleting what is somebody's: begun by their wish, written down, and gone on with until nothing of it is left, in whatever process.

A step may be repeated, so a process that ends in the middle leaves the rest to the next one. What cannot go yet is waited for: a
message that Discord does not let the bot delete at once, a track that the provider is still making, a day whose limits still count.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence

from bot.domain.erasing import Erasure, kept, withdrawn
from bot.domain.jobs import Job, JobState
from bot.domain.limits import day_begin
from bot.errors import StoreUnavailable
from bot.services.changing import change
from bot.services.delivery import Delivery
from bot.services.ports.outside import Archive, Clock
from bot.services.ports.records import Erasures
from bot.services.ports.stores import Jobs
from bot.services.preferences import Preferences
from bot.services.removals import Removals
from bot.services.sources import Sources

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between looks at what could not go yet."""
GIVE_UP = 7 * 24 * 3600.0
"""Seconds after which a message that Discord does not let the bot reach is left where it is."""
AT_ONCE = 50
"""Jobs that are changed at the same time: they share a write."""


class Erasing:
    """Fulfils `services.ports.people.Erasing`; `run` goes on with what is under way."""

    def __init__(
        self,
        *,
        store: Erasures,
        jobs: Jobs,
        delivery: Delivery,
        preferences: Preferences,
        removals: Removals,
        sources: Sources,
        archive: Archive,
        clock: Clock,
        leave: Callable[[Job], None],
        posts_changed: Callable[[], Awaitable[object]],
        sessions_changed: Callable[[Sequence[str]], None],
        session_job: Callable[[Job], None],
    ) -> None:
        """Let `leave` take a cancelled job out of its line; `posts_changed` hears of posts that are owed a deletion or an edit.

        `sessions_changed` hears of the sessions (ids) whose rows have become others, `session_job` of their jobs that were taken back.
        """
        self._store = store
        self._jobs = jobs
        self._delivery = delivery
        self._preferences = preferences
        self._removals = removals
        self._sources = sources
        self._archive = archive
        self._clock = clock
        self._leave = leave
        self._posts_changed = posts_changed
        self._sessions_changed = sessions_changed
        self._session_job = session_job
        self._begun = asyncio.Event()

    async def begin(self, user_id: int) -> None:
        """Delete all that is a person's now; return when it is written down, after which nothing stops it. Raises StoreUnavailable."""
        self._sessions_changed(await self._store.begin(Erasure(user_id, self._clock.now())))
        await self._preferences.forget(user_id)
        self._begun.set()

    async def run(self) -> None:
        """Go on with what is under way, now and then, and at once when something is begun."""
        while True:
            self._begun.clear()
            try:
                under_way = await self.step()
            except StoreUnavailable as error:
                log.warning("deleting people's data waits for the database: %s", error)
                under_way = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY if under_way else None):
                    await self._begun.wait()

    async def step(self) -> bool:
        """Do all that can be done now; tell whether something is left. Raises StoreUnavailable."""
        left = False
        for wish in await self._store.under_way():
            try:
                left = not await self._advance(wish) or left
            except OSError as error:
                log.warning("somebody's tracks could not be deleted from disk, trying again: %s", error.strerror)
                left = True
        return left

    async def _advance(self, wish: Erasure) -> bool:
        await self._store.forget_acts(wish)
        theirs = await self._store.jobs_of(wish)
        for first in range(0, len(theirs), AT_ONCE):
            await asyncio.gather(*(self._withdraw(job) for job in theirs[first : first + AT_ONCE]))
        await self._delete_tracks(wish, theirs)
        await self._posts_changed()
        now = self._clock.now()
        at_rest = [job.id for job in theirs if _settled(job)]
        await self._store.strip(wish, at_rest, today=day_begin(now), give_up=now >= wish.until + GIVE_UP)
        if not await self._store.finish(wish):
            return False
        log.info("the data of a person who wished it is deleted")
        return True

    async def _withdraw(self, job: Job) -> None:
        changed = await change(self._jobs, job, lambda current: withdrawn(current, self._clock.now()))
        if changed is None:
            return
        self._removals.note(changed)
        if changed.state is JobState.CANCELLED:
            self._leave(changed)
        if changed.session_id is None:
            self._delivery.wake(changed)
        else:
            self._session_job(changed)

    async def _delete_tracks(self, wish: Erasure, theirs: Sequence[Job]) -> None:
        """Delete the tracks that nobody else knows or has continued, files first; the others stay without a name."""
        made = await self._store.made(wish, {job.task_id for job in theirs if job.task_id})
        if not made:
            return
        ids = [clip.clip_id for clip in made]
        stays = kept(made, known_elsewhere=await self._store.known_elsewhere(wish, made), children=await self._store.children(ids))
        await self._store.forget_titles(ids)
        doomed = [clip for clip in made if clip.clip_id not in stays]
        for clip in doomed:
            for name in _files(clip.audio_name, clip.image_name):
                self._archive.discard(name)
        self._archive.discard_joined()
        await self._store.delete_clips([clip.clip_id for clip in doomed])
        await self._store.make_anonymous(stays)
        self._sources.forget(ids)


def _settled(job: Job) -> bool:
    """Tell whether a job, as it was read, brings no more tracks."""
    return not job.in_flight and job.watch_until is None


def _files(*names: str | None) -> Iterator[str]:
    return (name for name in names if name is not None)
