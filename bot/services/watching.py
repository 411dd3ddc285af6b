"""Querying in turn: each query of the quota is spent on the job for which it pays most."""

import contextlib
import functools
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.jobs import Job, JobKind, JobState
from bot.domain.quota import Quota
from bot.domain.reports import Stage
from bot.domain.watch import Policy, Watch
from bot.errors import ProviderError, TooOften, Unreadable
from bot.services.finishing import Finishing
from bot.services.health import LaneHealth
from bot.services.pacing import slot_of
from bot.services.ports.outside import Clock, Music
from bot.services.submitting import IDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """A query that is over: the job and what was known before it, until when it was surely unfinished, and what is known now."""

    job: Job
    before: Watch
    sent_at: float
    stage: Stage | None
    """How far the job was by the answer; None: there was no answer."""

    @property
    def unfinished_at(self) -> float:
        """Tell when (epoch seconds) the job was last known to be unfinished, if this query did not find its end."""
        return self.sent_at if self.stage is not None else self.before.last_seen or self.before.submitted_at

    def after(self) -> Watch:
        """Tell what is known now, if this query did not find its end."""
        return self.before.unanswered(self.sent_at) if self.stage is None else self.before.unfinished(self.sent_at, self.stage)


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

    @property
    def at_once(self) -> int:
        """Tell how many queries may be under way."""
        return self._quota.slots

    @property
    def busy(self) -> bool:
        """Tell whether a job is under watch."""
        return bool(self._watched)

    def watch(self, job: Job) -> None:
        """Take a job under watch until its `watch_until` is None."""
        now = self._clock.now()
        watch = Watch(
            job_id=job.id,
            model=job.model,
            submitted_at=job.submitted_at or job.created_at,
            deadline=self._finishing.settles_at(job),
            age_known=_age_known(job),
            # What an earlier process learned from the query at the deadline is not learned twice.
            late=job.state is not JobState.GENERATING and now >= self._finishing.deadline_of(job),
        )
        self._keep(job, watch)

    def usual(self, job: Job) -> tuple[float, float]:
        """Tell between which durations (s from the submit) a job like this one usually ends, given that it has not ended yet."""
        begun = job.submitted_at if _age_known(job) else job.created_at
        age = 0.0 if begun is None else max(self._clock.now() - begun, 0.0)
        return self._policy.usual(job.model, age, age_known=_age_known(job))

    def until_next(self) -> float:
        """Tell how many seconds it is until the next query pays and may be sent, unless something changes before."""
        pick = self._policy.pick(self._clock.now())
        opens = self._quota.opens_at()
        if pick is None or opens is None:
            return IDLE
        return min(IDLE, max(pick.at - self._clock.now(), opens - self._clock.monotonic()))

    async def query_one(self) -> bool:
        """Spend one query on the job for which it pays most, if one is due, and act on the answer; False if nothing was sent."""
        advance = await self.query_next()
        if advance is None:
            return False
        await advance
        return True

    async def query_next(self) -> Coroutine[Any, Any, None] | None:
        """Query the job for which it pays most; return what is left to do with the answer.

        None, and nothing is sent, while no query is due or no slot of the quota is open: the choice is made when it can be sent.
        """
        opens = self._quota.opens_at()
        if opens is None or opens > self._clock.monotonic():
            return None
        pick = self._policy.pick(self._clock.now())
        if pick is None or pick.at > self._clock.now():
            return None
        job, watch = self._watched[pick.job_id]
        self._policy.asked(job.id)
        attempts: list[float] = []
        stage: Stage | None = None
        try:
            # The first attempt takes the open slot at once, before another loop has its turn; a repetition waits for one.
            report = await self._music.task(job.task_id or "", slot=functools.partial(self._query_slot, attempts))
        except ProviderError as error:
            self._health.query_failed(error, self._clock.monotonic())
            step = self._finishing.no_answer(job, error)
        except BaseException:
            self._keep(job, watch.unanswered(self._clock.now()))
            raise
        else:
            self._health.query_answered(self._clock.monotonic())
            step, stage = self._finishing.take(job, report), report.stage
        *lost, sent_at = attempts or [self._clock.now()]
        for at in lost:
            watch = watch.unanswered(at)
        return self._advance(_Query(job=job, before=watch, sent_at=sent_at, stage=stage), step)

    @contextlib.asynccontextmanager
    async def _query_slot(self, attempts: list[float]) -> AsyncGenerator[None]:
        """Hold one slot of the query quota while a request is under way; let all of them rest if the provider says so.

        The time of each request is added to `attempts`.
        """
        async with slot_of(self._quota, self._clock):
            attempts.append(self._clock.now())
            try:
                yield
            except (TooOften, Unreadable) as error:
                if isinstance(error, TooOften) or error.retry_after is not None:
                    now = self._clock.monotonic()
                    self._quota.rest(now + self._quota.window + self._health.query_too_often(error))
                raise

    async def _advance(self, query: _Query, step: Coroutine[Any, Any, Job]) -> None:
        """Take a watched job a step on, and go on watching it as it is then."""
        job = query.job
        try:
            job = await step
        finally:
            self._go_on(job, query)

    def _go_on(self, job: Job, query: _Query) -> None:
        """Tell the policy what became of a job that was asked about, and watch it on if anything is still to come."""
        over = job.watch_until is None
        watch = query.after()
        stalled = job.state is JobState.STALLED or query.unfinished_at >= self._finishing.deadline_of(job)
        if not watch.late and (over or stalled):
            ended = over and job.state is not JobState.STALLED
            self._policy.settled(query.before, query.sent_at if ended else query.unfinished_at, ended=ended)
            watch = replace(watch, late=True)
        if over:
            del self._watched[job.id]
            self._policy.leave(job.id)
        else:
            self._keep(job, replace(watch, deadline=self._finishing.settles_at(job)))

    def _keep(self, job: Job, watch: Watch) -> None:
        self._watched[job.id] = (job, watch)
        self._policy.follow(watch)


def _age_known(job: Job) -> bool:
    return job.kind is not JobKind.TRACK
