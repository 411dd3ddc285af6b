"""What the operator does to the bot while it runs: hold the lane, attach a lost task, block people, look."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol

from bot.domain.admission import EVERYWHERE
from bot.domain.jobs import Job, JobState, transition
from bot.domain.overview import Overview
from bot.domain.requests import parse_task_id
from bot.errors import CannotAttach
from bot.services.changing import change_surely, surely
from bot.services.delivery import Delivery
from bot.services.finishing import Finishing
from bot.services.guilds import Guilds
from bot.services.ports.outside import Clock
from bot.services.ports.records import Memory
from bot.services.ports.stores import Jobs

log = logging.getLogger(__name__)


KEY: Final = "held"
"""Under which it is kept that the lane is held: why and since when, as JSON; empty: it is not."""


class Lanes(Protocol):
    """The lanes, as far as they are operated by hand."""

    def hold(self, reason: str, since: float) -> None:
        """Submit nothing more on the operator's key and take nothing new, until `release`; `since` is in epoch seconds."""
        ...

    def release(self) -> None:
        """Go on."""
        ...

    def enter(self, job: Job) -> None:
        """Take a job that the provider has under watch."""
        ...


class Operating:
    """Fulfils `services.ports.operators.Operating`. `restore` comes before the lanes run."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        lanes: Lanes,
        delivery: Delivery,
        finishing: Finishing,
        guilds: Guilds,
        memory: Memory,
        clock: Clock,
        look: Callable[[], Awaitable[Overview]],
    ) -> None:
        """`look` takes stock of the bot."""
        self._jobs = jobs
        self._lanes = lanes
        self._delivery = delivery
        self._finishing = finishing
        self._guilds = guilds
        self._memory = memory
        self._clock = clock
        self._look = look
        self._attaching = asyncio.Lock()
        self._holding = asyncio.Lock()

    # The lane.

    async def restore(self) -> None:
        """Hold the lane if it was held when the last process ended. Raises StoreUnavailable."""
        if kept := await self._memory.get(KEY):
            held = json.loads(kept)
            self._lanes.hold(held["reason"], held["since"])
            log.warning("the operator still holds the lane: /operator resume lets it go on")

    async def pause(self, reason: str) -> None:
        """Hold the lane at once, and write that down however long it takes; a second time changes the reason."""
        since = self._clock.now()
        self._lanes.hold(reason, since)
        log.warning("the operator holds the lane")
        kept = json.dumps({"reason": reason, "since": since})
        async with self._holding:
            # Again, where somebody was about to resume: of the two, whoever writes last has the say.
            self._lanes.hold(reason, since)
            await surely(lambda: self._memory.set(KEY, kept))

    async def resume(self) -> None:
        """Write down that the lane goes on, and let it."""
        async with self._holding:
            await surely(lambda: self._memory.set(KEY, ""))
            self._lanes.release()
        log.info("the operator lets the lane go on")

    # A task that the provider made although its answer was lost.

    async def attach(self, job_id: str, typed_task: str) -> Job:
        """Give an UNKNOWN job its task, once, and follow it from there. Raises BadOption, CannotAttach."""
        task_id = parse_task_id(typed_task)
        # One at a time: between the look for other jobs of this task and the save, none of them may come to be.
        async with self._attaching:
            job = await surely(lambda: self._jobs.get(job_id.strip()))
            if job is None:
                raise CannotAttach
            if job.state is not JobState.UNKNOWN:
                raise CannotAttach(state=job.state)
            other = await surely(lambda: self._jobs.by_task(task_id))
            if other is not None:
                raise CannotAttach(owner=other.id)
            changed = await change_surely(self._jobs, job, lambda current: self._with_task(current, task_id))
        if changed is None:
            current = await surely(lambda: self._jobs.get(job.id)) or job
            raise CannotAttach(state=current.state)
        log.info("job %s was given task %s by the operator", changed.id, task_id)
        self._lanes.enter(changed)
        self._delivery.wake(changed)
        return changed

    def _with_task(self, job: Job, task_id: str) -> Job | None:
        if job.state is not JobState.UNKNOWN:
            return None
        now = self._clock.now()
        # The submit had just left when its outcome became unclear. A task that is past its deadline gets one of its own.
        submitted = replace(job, submitted_at=job.state_since)
        if now >= self._finishing.deadline_of(submitted):
            submitted = replace(job, submitted_at=now)
        return transition(
            job,
            JobState.GENERATING,
            now,
            task_id=task_id,
            submitted_at=submitted.submitted_at or now,
            watch_until=self._finishing.deadline_of(submitted),
            undeliverable=False,
        )

    # People.

    async def block(self, user_id: int, *, by: int) -> None:
        """Take nothing from a person any more, on any server. Raises StoreUnavailable."""
        await self._guilds.block(EVERYWHERE, user_id, by=by)
        log.info("person %d was blocked everywhere by the operator %d", user_id, by)

    async def unblock(self, user_id: int) -> bool:
        """Lift that; False if there was nothing to lift. Raises StoreUnavailable."""
        was_blocked = user_id in await self._guilds.blocked(EVERYWHERE)
        await self._guilds.unblock(EVERYWHERE, user_id)
        return was_blocked

    async def blocked(self) -> list[int]:
        """List who is blocked everywhere. Raises StoreUnavailable."""
        return sorted(await self._guilds.blocked(EVERYWHERE))

    # The whole.

    async def overview(self) -> Overview:
        """Take stock. Raises StoreUnavailable."""
        return await self._look()
