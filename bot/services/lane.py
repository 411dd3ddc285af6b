"""One API key's lane: it submits in turn, queries in turn, and keeps both quotas."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.jobs import Job, JobState
from bot.domain.standing import LaneCondition, Standing
from bot.domain.watch import Policy
from bot.errors import StoreUnavailable
from bot.services.finishing import Finishing
from bot.services.health import Hold, LaneHealth, nobody
from bot.services.notices import Notices
from bot.services.ports.outside import Clock, Music
from bot.services.ports.stores import Jobs
from bot.services.submitting import Submitting
from bot.services.watching import Watching

log = logging.getLogger(__name__)

T = TypeVar("T")

AFTER_A_FALL = 2.0
"""Seconds of rest after a step that broke off."""


class Lane:
    """Takes acknowledged jobs to their ends. `submit_one` and `query_one` are its steps; `run` takes them as the quotas allow."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        music: Music,
        finishing: Finishing,
        clock: Clock,
        policy: Policy,
        submit_interval: float,
        queries_per_second: float,
        on_change: Callable[[Job], None],
        on_standstill: Callable[[Job], None],
        on_pause: Callable[[LaneCondition | None, str], None] = nobody,
        name: str = "the lane",
        own_key: bool = False,
    ) -> None:
        """`submit_interval` is in seconds; `on_change` hears of every job that was saved here.

        `on_standstill` hears of every job in line whose person should be told that nothing moves, or that it does again; `on_pause`
        of the lane's pauses (see `LaneHealth`). `name` is what the log calls it, `own_key` tells that the key is a server's.
        """
        self._clock = clock
        self._finishing = finishing
        self._own_key = own_key
        self._health = LaneHealth(base=submit_interval, name=name, on_pause=on_pause)
        self._watching = Watching(
            music=music, finishing=finishing, health=self._health, clock=clock, policy=policy, queries_per_second=queries_per_second
        )
        self._submitting = Submitting(
            jobs=jobs,
            music=music,
            finishing=finishing,
            health=self._health,
            clock=clock,
            interval=submit_interval,
            on_change=on_change,
            on_accepted=self._watch,
        )
        self._notices = Notices(health=self._health, in_line=self._submitting.in_line, standing=self.standing, tell=on_standstill)
        self._line_moved, self._watch_moved = asyncio.Event(), asyncio.Event()
        self._ending = False
        self._stopping = False

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        return self._health.condition

    @property
    def trouble_since(self) -> float | None:
        """Tell since when (epoch seconds) the lane is not well; None while it is."""
        since = self._health.since
        return None if since is None else self._clock.now() - (self._clock.monotonic() - since)

    def standing(self, job: Job) -> Standing:
        """Tell a job's place in line, what it may expect, and the lane's condition."""
        place, wait = self._submitting.place_of(job)
        return Standing(
            place=place,
            wait=wait,
            usual=self._watching.usual(job) if job.in_flight else None,
            progress=self._finishing.progress_of(job),
            as_of=self._clock.now(),
            lane=self._health.shown(self._clock.monotonic()),
            trouble_since=self.trouble_since,
            why=self._health.why,
            own_key=self._own_key,
        )

    def hold(self, condition: LaneCondition, why: str, since: float) -> None:
        """Submit nothing more until `release`, and show this condition; `since` is in epoch seconds. What is being made is watched on."""
        self._health.hold(Hold(condition, self._clock.monotonic() - (self._clock.now() - since), why))
        self._wake()

    def release(self) -> None:
        """Go on, and try at once what the provider has refused."""
        self._health.release()
        self._wake()

    @property
    def why(self) -> str:
        """Tell what whoever holds the lane says of it."""
        return self._health.why

    def end(self) -> None:
        """Stop as soon as nothing is in line, being sent or being made."""
        self._ending = True
        self._wake()

    def go_on(self) -> None:
        """Take `end` back, unless it has come to `stop` already."""
        self._ending = False

    @property
    def stopping(self) -> bool:
        """Tell that `stop` was called."""
        return self._stopping

    def in_line(self) -> list[Job]:
        """List the jobs in line."""
        return list(self._submitting.in_line())

    def expect(self, job: Job) -> Standing | None:
        """Give a job that is about to be acknowledged its place in line; tell how it stands there, None if it goes at once.

        After this comes `enter_at_once`, `enter` or `leave`.
        """
        if job.state is not JobState.QUEUED:
            return None
        self._submitting.hold(job)
        return None if self._submitting.goes_at_once(job) else self.standing(job)

    async def enter_at_once(self, job: Job) -> bool:
        """Take in a job whose acknowledgement is not written yet; False if its claim did not come in time to write that too."""
        if job.state is not JobState.QUEUED:
            return False
        self._line_moved.set()
        return await self._submitting.enter_at_once(job)

    def enter(self, job: Job) -> None:
        """Take an acknowledged job in: into the line, or under watch if the provider has it already."""
        if job.state is JobState.QUEUED:
            self._submitting.enter(job)
            self._notices.entered(job, self._clock.monotonic())
            self._line_moved.set()
        elif job.task_id is not None and job.watch_until is not None:
            self._watch(job)

    def leave(self, job: Job) -> None:
        """Take a job out of the line: it was cancelled, or never acknowledged."""
        self._submitting.leave(job)

    def _watch(self, job: Job) -> None:
        self._watching.watch(job)
        self._watch_moved.set()

    async def run(self) -> None:
        """Submit and query until `stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._submit_loop(), name="lane-submit")
            for number in range(self._watching.at_once):
                group.create_task(self._query_loop(group), name=f"lane-query-{number}")

    def stop(self) -> None:
        """Start nothing more; what is under way is finished, then `run` returns."""
        self._stopping = True
        self._wake()

    async def _submit_loop(self) -> None:
        while not self._stopping:
            if await self._survived(self.submit_one(), broken=False):
                continue
            if self._ending and not (self._submitting.busy or self._watching.busy):
                self.stop()
            else:
                await self._sleep(self._until_next_submit(), self._line_moved)

    async def _query_loop(self, group: asyncio.TaskGroup) -> None:
        """Spend query after query; what a report sets off (downloads, most of all) goes on beside the next one."""
        while not self._stopping:
            advance = await self._survived(self._watching.query_next(), broken=None)
            if advance is None:
                await self._sleep(self._watching.until_next(), self._watch_moved)
            else:
                group.create_task(self._advance(advance), name="lane-advance")

    async def _advance(self, step: Awaitable[None]) -> None:
        await self._survived(step, broken=None)
        self._wake()

    async def _survived(self, step: Awaitable[T], *, broken: T) -> T:
        """Take a step; one that breaks off counts as `broken` after a rest, and does not end the lane."""
        try:
            return await step
        except StoreUnavailable as error:
            log.warning("a step of the lane waits for the database: %s", error)
        except Exception:
            log.exception("a step of the lane broke off")
        await asyncio.sleep(AFTER_A_FALL)
        return broken

    def _wake(self) -> None:
        self._line_moved.set()
        self._watch_moved.set()

    async def _sleep(self, seconds: float, moved: asyncio.Event) -> None:
        """Rest until something has moved. Who comes into the line wakes the submits alone: looking for a query that pays costs more."""
        moved.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.005)):
                await moved.wait()

    def _until_next_submit(self) -> float:
        now = self._clock.monotonic()
        others = (self._health.until_next(now), self._notices.until_next(now))
        return min((self._submitting.until_next(), *(wait for wait in others if wait is not None)))

    async def submit_one(self) -> bool:
        """Submit the next job in line, if the quota and the lane's condition allow; False if nothing was sent."""
        try:
            return await self._submitting.submit_one()
        finally:
            self._notices.step(self._clock.monotonic())

    async def query_one(self) -> bool:
        """Spend one query on the job for which it pays most, if one is due, and act on the answer; False if none is due."""
        return await self._watching.query_one()
