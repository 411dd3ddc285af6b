"""Starter tracks: taken in once, so that a newcomer has something to continue.

A task is taken in by a job that belongs to nobody: it has no reply, is hidden, and goes through the lane as /track does. One is made
a day at most for each task, whatever became of the last: its id follows from the task and the day, so a restart makes no second one.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.domain.actors import NOBODY
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Failure, Job, JobKind, JobState, Origin, made_up_interaction
from bot.domain.limits import DAY, Limits, day_end
from bot.domain.requests import Source
from bot.domain.starters import Starter, named
from bot.errors import StoreUnavailable
from bot.services.finishing import Finishing
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Clips, Jobs
from bot.services.removals import Removals

log = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds of rest when the database is away."""


class Starters:
    """The operator's and the servers' starter tracks. `offered` answers from memory, but for the first time an id is seen."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        lanes: Lanes,
        finishing: Finishing,
        clock: Clock,
        removals: Removals,
        settings_of: Callable[[int], Awaitable[GuildSettings]],
        operators: Sequence[str],
        model: str,
    ) -> None:
        """`operators` are the task ids and clip ids of STARTER_TRACKS; `model` is what tracks made elsewhere are taken for."""
        self._jobs = jobs
        self._clips = clips
        self._lanes = lanes
        self._finishing = finishing
        self._clock = clock
        self._removals = removals
        self._settings_of = settings_of
        self._operators = tuple(operators)
        self._model = model
        self._found: dict[str, tuple[Starter, ...]] = {}
        self._wanted: dict[str, int | None] = {}
        """What is named and not there, with the key on which it is asked for: that of the server which named it, or the operator's."""
        self._moved = asyncio.Event()

    async def offered(self, guild_id: int | None, *, to: int) -> list[Starter]:
        """List the starters for a person in a place (None: outside of servers), the server's first. Raises StoreUnavailable.

        What was removed there could not be continued, so it is left out.
        """
        servers = () if guild_id is None else (await self._settings_of(guild_id)).starters
        offered: dict[str, Starter] = {}
        for name in named(self._operators, servers):
            for starter in await self._find(name, lane=None if name in self._operators else self._lanes.of(guild_id)):
                if not await self._is_removed(starter, user_id=to, guild_id=guild_id):
                    offered.setdefault(starter.clip_id, starter)
        return list(offered.values())

    async def _is_removed(self, starter: Starter, *, user_id: int, guild_id: int | None) -> bool:
        return starter.source is not None and await self._removals.hide(starter.source.task_id, user_id=user_id, guild_id=guild_id)

    def heard(self, job: Job) -> None:
        """Hear of a job that was saved: one that belongs to nobody may have brought a starter."""
        if job.origin.user_id != NOBODY or job.task_id is None:
            return
        self._found.pop(job.task_id, None)
        if job.state is JobState.FAILED:
            log.warning("the starter %s could not be taken in: %s", job.task_id, _why(job))

    async def run(self) -> None:
        """Take in what is named, and what is asked for meanwhile; look once a day whether what failed can be had now."""
        while True:
            rest: float = day_end(self._clock.now()) - self._clock.now()
            try:
                await self.step()
            except StoreUnavailable as error:
                log.warning("starters wait for the database: %s", error)
                rest = AGAIN
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._moved.wait()

    async def step(self) -> None:
        """Take in everything that is named and not there. Raises StoreUnavailable."""
        self._found = {name: found for name, found in self._found.items() if found and all(starter.source for starter in found)}
        for name in named(self._operators, ()):
            await self._find(name, lane=None)
        for name, lane in list(self._wanted.items()):
            await self._take_in(name, lane)
            del self._wanted[name]

    async def _find(self, name: str, *, lane: int | None) -> tuple[Starter, ...]:
        if (found := self._found.get(name)) is not None:
            return found
        found = self._found[name] = await self._read(name)
        if not found:
            self._wanted[name] = lane
            self._moved.set()
        return found

    async def _read(self, name: str) -> tuple[Starter, ...]:
        clip = await self._clips.get(name)
        clips = [clip] if clip is not None else await self._clips.of_task(name)
        if clips:
            return tuple(Starter(clip.clip_id, Source.of(clip)) for clip in clips)
        tried = await self._jobs.get(_job_id(name, self._clock.now()))
        # What is no task may be a track, which cannot be queried: it can be continued all the same.
        return (Starter(name),) if tried is not None and tried.failure is Failure.TASK_UNKNOWN else ()

    async def _take_in(self, task_id: str, lane: int | None) -> None:
        now = self._clock.now()
        job_id = _job_id(task_id, now)
        if await self._jobs.get(job_id) is not None:
            return
        job = Job(
            id=job_id,
            kind=JobKind.TRACK,
            state=JobState.GENERATING,
            origin=_nowhere(task_id, now),
            created_at=now,
            state_since=now,
            revision=1,
            announced=1,
            model=self._model,
            acknowledged=True,
            hidden=True,
            task_id=task_id,
            lane=lane,
        )
        job = replace(job, watch_until=self._finishing.deadline_of(job))
        if await self._jobs.accept(job, limits=Limits()):
            log.info("the starter %s is being taken in", task_id)
            self._lanes.enter(job)


def _nowhere(task_id: str, now: float) -> Origin:
    """Make an origin that nobody can be reached at."""
    made_up = made_up_interaction(_name(task_id, now))
    return Origin(interaction_id=made_up, user_id=NOBODY, guild_id=None, channel_id=0, can_post=True, upload_limit=0)


def _job_id(task_id: str, now: float) -> str:
    return f"s{hashlib.blake2b(_name(task_id, now).encode(), digest_size=8).hexdigest()}"


def _name(task_id: str, now: float) -> str:
    """Name a task and the day."""
    return f"{task_id} {now // DAY:.0f}"


def _why(job: Job) -> str:
    if job.failure is Failure.TASK_UNKNOWN:
        return "the music service knows no such task; if it is a track's id, it is offered as it is, and a task's id would tell more"
    return job.provider_words or "the music service gave up on it"
