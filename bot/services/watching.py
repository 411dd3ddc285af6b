"""Querying in turn: each query of the quota is spent on the job for which it pays most."""

import contextlib
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import replace
from typing import Any

from bot.domain.jobs import Job
from bot.domain.polling import Policy, Watch
from bot.domain.quota import Quota
from bot.errors import ProviderError, TooOften
from bot.services.finishing import Finishing
from bot.services.health import LaneHealth
from bot.services.pacing import slot_of
from bot.services.ports import Clock, Music
from bot.services.submitting import IDLE


class Watching:
    """The jobs of a lane that the provider is working on, and the quota of its queries."""

    def __init__(
        self, *, music: Music, finishing: Finishing, health: LaneHealth, clock: Clock, policy: Policy, queries_per_second: float
    ) -> None:
        """`policy` decides what a query is spent on."""
        self._music = music
        self._finishing = finishing
        self._health = health
        self._clock = clock
        self._policy = policy
        self._quota = Quota.per_second(queries_per_second, clock.monotonic())
        self._watched: dict[str, tuple[Job, Watch]] = {}
        self._in_query: set[str] = set()

    @property
    def at_once(self) -> int:
        """Tell how many queries may be under way."""
        return self._quota.slots

    def watch(self, job: Job) -> None:
        """Take a job under watch until its `watch_until` is None."""
        watch = Watch(
            job_id=job.id,
            model=job.model,
            submitted_at=job.submitted_at or job.created_at,
            deadline=self._finishing.deadline_of(job),
        )
        self._keep(job, watch)

    def until_next(self) -> float:
        """Tell how many seconds it is until the next query pays, unless something changes before."""
        pick = self._policy.pick(self._free_watches(), self._clock.now())
        return IDLE if pick is None else min(IDLE, pick.at - self._clock.now())

    async def query_one(self) -> bool:
        """Spend one query on the job for which it pays most, if one is due, and act on the answer; False if none is due."""
        advance = await self.query_next()
        if advance is None:
            return False
        await advance
        return True

    async def query_next(self) -> Coroutine[Any, Any, None] | None:
        """Query the job for which it pays most; return what is left to do with the answer, None if no query is due."""
        pick = self._policy.pick(self._free_watches(), self._clock.now())
        if pick is None or pick.at > self._clock.now():
            return None
        job, watch = self._watched[pick.job_id]
        self._in_query.add(job.id)
        try:
            report = await self._music.task(job.task_id or "", slot=self._query_slot)
        except ProviderError as error:
            self._health.query_failed(error, self._clock.monotonic())
            self._keep(job, replace(watch, last_query=self._clock.now()))
            return self._advance(job, self._finishing.no_answer(job, error))
        except BaseException:
            self._in_query.discard(job.id)
            raise
        self._health.query_answered()
        self._keep(job, replace(watch, last_query=self._clock.now(), stage=report.stage))
        return self._advance(job, self._finishing.take(job, report))

    async def _advance(self, job: Job, step: Coroutine[Any, Any, Job]) -> None:
        """Take a watched job a step on, and go on watching it as it is then."""
        try:
            self._follow(await step)
        finally:
            self._in_query.discard(job.id)

    @contextlib.asynccontextmanager
    async def _query_slot(self) -> AsyncGenerator[None]:
        """Hold one slot of the query quota while a request is under way; keep it closed longer if the provider says so."""
        async with slot_of(self._quota, self._clock) as slot:
            try:
                yield
            except TooOften as error:
                slot.hold = self._quota.window if error.retry_after is None else error.retry_after
                raise

    def _keep(self, job: Job, watch: Watch) -> None:
        self._watched[job.id] = (job, watch)

    def _follow(self, job: Job) -> None:
        """Go on watching the job as it is now, or stop."""
        watch = self._watched[job.id][1]
        if job.watch_until is None:
            del self._watched[job.id]
        else:
            self._keep(job, watch)

    def _free_watches(self) -> list[Watch]:
        return [watch for job_id, (_, watch) in self._watched.items() if job_id not in self._in_query]
