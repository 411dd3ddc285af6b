"""Everything that is announced, once: the reply is kept current by edits, the result is posted.

The job's row is the outbox: `announced < revision` owes an edit, READY owes a result. One task at a time writes for a job,
always from the newest row it knows, so a burst of changes becomes one edit.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.clips import Clip
from bot.domain.jobs import Failure, Job, JobState, amend, transition
from bot.domain.quota import Quota
from bot.domain.standing import Standing
from bot.errors import (
    CannotPost,
    DiscordError,
    DiscordUnavailable,
    EncoreError,
    RefusedByDiscord,
    ReplyGone,
    StoreUnavailable,
    TokenExpired,
)
from bot.services.changing import change_surely
from bot.services.pacing import slot_of
from bot.services.ports import Announcer, Clips, Clock, Jobs
from bot.services.results import Delivered, Results, Way

log = logging.getLogger(__name__)

SETTLE = 2.5
"""Seconds that a reply waits while its job is about to be submitted: most go straight on to the next state."""
LAST_WORDS = 60.0
"""Seconds before the token's end at which a reply that nothing else can reach says how to fetch the result."""
EDITS_PER_SECOND = 20
"""Budget of edits for the whole bot, well below Discord's 50 requests a second (Rate Limits)."""
AT_ONCE = 8
"""Jobs written at the same time: uploads are slow, and each has messages of its own."""
LONGEST_PAUSE = 60.0
"""Seconds between tries while Discord or the database is away."""


@dataclass(slots=True)
class _Owed:
    """A job that is owed something: its newest row, when to act (epoch seconds), and what was done in this process."""

    job: Job
    due: float
    recovered: bool = False
    failures: int = 0
    said_last_words: bool = False


class Delivery:
    """Announces what has changed. `wake` tells it of a change, `step` does all that is due, `run` goes on doing so."""

    def __init__(self, *, jobs: Jobs, clips: Clips, announcer: Announcer, clock: Clock, standing: Callable[[Job], Standing]) -> None:
        """Start with nothing owed; `recover` brings what an earlier process has left."""
        self._jobs = jobs
        self._clips = clips
        self._announcer = announcer
        self._clock = clock
        self._standing = standing
        self._results = Results(announcer=announcer, clock=clock)
        self._owed: dict[str, _Owed] = {}
        self._busy: set[str] = set()
        self._moved = asyncio.Event()
        self._edits = Quota(slots=EDITS_PER_SECOND, window=1.0, started=clock.monotonic() - 1.0)
        self._stopping = False

    def wake(self, job: Job) -> None:
        """Take note of a job's newest row."""
        now = self._clock.now()
        settling = job.state in (JobState.QUEUED, JobState.SUBMITTING)
        owed = self._owed.get(job.id)
        if owed is None:
            self._owed[job.id] = _Owed(job, now + SETTLE if settling else now)
        elif job.revision >= owed.job.revision:
            owed.job = replace(job, announced=max(job.announced, owed.job.announced))
            # A job that goes to and fro before its submit must not put off its reply for ever.
            owed.due = min(owed.due, now + SETTLE) if settling else now
        self._moved.set()

    def recover(self, job: Job) -> None:
        """Take over a job of an earlier process, which may have done more than it could note."""
        self._owed[job.id] = _Owed(job, self._clock.now(), recovered=True)
        if job.state is JobState.READY:
            self._results.recover(job)
        self._moved.set()

    async def run(self) -> None:
        """Announce until `stop`."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                for job_id in self._due():
                    self._busy.add(job_id)
                    group.create_task(self._deliver(job_id), name=f"deliver-{job_id}")
                self._moved.clear()
                try:
                    async with asyncio.timeout(self._until_next()):
                        await self._moved.wait()
                except TimeoutError:
                    continue

    def stop(self) -> None:
        """Begin nothing more; what is being sent is sent, then `run` returns."""
        self._stopping = True
        self._moved.set()

    async def step(self) -> None:
        """Announce all that is due now, one after the other."""
        for job_id in self._due():
            self._busy.add(job_id)
            await self._deliver(job_id)

    def _due(self) -> list[str]:
        now = self._clock.now()
        ready = sorted((owed.due, job_id) for job_id, owed in self._owed.items() if owed.due <= now and job_id not in self._busy)
        return [job_id for _, job_id in ready[: AT_ONCE - len(self._busy)]]

    def _until_next(self) -> float | None:
        if len(self._busy) >= AT_ONCE:
            return None
        due = min((owed.due for job_id, owed in self._owed.items() if job_id not in self._busy), default=None)
        return None if due is None else max(due - self._clock.now(), 0.005)

    async def _deliver(self, job_id: str) -> None:
        """Bring one job's messages up to date, and plan what comes next for it."""
        owed = self._owed[job_id]
        try:
            await self._write(owed)
        except (DiscordUnavailable, StoreUnavailable) as error:
            self._later(owed, error)
        except Exception:
            log.exception("job %s: announcing it broke off", job_id)
            self._later(owed, None)
        else:
            self._plan(owed)
        finally:
            self._busy.discard(job_id)
            self._moved.set()

    def _later(self, owed: _Owed, error: EncoreError | None) -> None:
        owed.failures += 1
        owed.due = self._clock.now() + min(2.0**owed.failures, LONGEST_PAUSE)
        if owed.failures == 1 and error is not None:
            log.warning("job %s could not be announced, trying again: %s", owed.job.id, error)

    def _plan(self, owed: _Owed) -> None:
        """Forget a job that is owed nothing; keep one that is owed more, or whose token's end wants last words."""
        owed.failures = 0
        job = owed.job
        if job.announced < job.revision or _owes_result(job):
            return
        if self._may_need_last_words(owed):
            owed.due = job.origin.token_expires_at - LAST_WORDS
        else:
            del self._owed[job.id]

    async def _write(self, owed: _Owed) -> None:
        job = owed.job
        if _owes_result(job):
            await self._deliver_result(owed)
        elif job.state is JobState.DELIVERED and job.announced < job.revision and job.result_id is not None:
            await self._update_result(owed)
            if not owed.recovered:
                await self._announced(owed, job)
                return
        if owed.job.announced < owed.job.revision or self._last_words_due(owed):
            await self._show_reply(owed)

    # The reply.

    def _may_need_last_words(self, owed: _Owed) -> bool:
        origin = owed.job.origin
        watched = owed.job.in_flight and not owed.job.hidden
        return watched and not origin.reaches_channel and not owed.said_last_words and origin.token_expires_at > 0

    def _last_words_due(self, owed: _Owed) -> bool:
        return self._may_need_last_words(owed) and self._clock.now() >= owed.job.origin.token_expires_at - LAST_WORDS

    async def _show_reply(self, owed: _Owed) -> None:
        job = owed.job
        if job.result_id is not None and job.result_id == job.origin.reply_id:
            await self._announced(owed, job)
            return
        last_words = self._last_words_due(owed)
        try:
            async with slot_of(self._edits, self._clock):
                await self._announcer.show_reply(job, replace(self._standing(job), last_words=last_words))
        except ReplyGone:
            log.info("job %s: its reply was deleted", job.id)
        except (CannotPost, TokenExpired, RefusedByDiscord) as error:
            await self._reply_unreachable(owed, error)
            return
        owed.said_last_words = owed.said_last_words or last_words
        if job.failure is Failure.CONTENT and not job.hidden and not job.undeliverable:
            await self._explain(owed, job)
        await self._announced(owed, job)

    async def _explain(self, owed: _Owed, job: Job) -> None:
        """Explain a refusal to its person alone; what could not be said waits under /jobs."""
        try:
            await self._announcer.explain_privately(job)
        except DiscordError as error:
            log.info("job %s: the refusal could not be explained privately (%s); /jobs has it", job.id, error)
            await self._change(owed, lambda current: None if current.hidden else amend(current, undeliverable=True))

    async def _reply_unreachable(self, owed: _Owed, error: DiscordError) -> None:
        """Note that the reply cannot be edited: an end that nobody was told of waits under /jobs."""
        job = owed.job
        log.info("job %s: its reply cannot be reached (%s: %s)", job.id, type(error).__name__, error)
        owed.said_last_words = True
        if job.state in (JobState.FAILED, JobState.UNKNOWN, JobState.STALLED) and not job.undeliverable and not job.hidden:
            await self._change(owed, lambda current: amend(current, undeliverable=True))
        await self._announced(owed, owed.job)

    async def _announced(self, owed: _Owed, shown: Job) -> None:
        await self._jobs.announce(shown.id, shown.revision)
        owed.job = replace(owed.job, announced=max(owed.job.announced, shown.revision))

    # The result.

    async def _deliver_result(self, owed: _Owed) -> None:
        job = owed.job
        if job.hidden:
            await self._change(owed, lambda current: self._delivered(current, None))
            return
        delivered = await self._results.deliver(job, await self._clips_of(job))
        if delivered is None:
            await self._change(owed, lambda current: amend(current, undeliverable=True))
            log.warning("job %s: its result could not reach anyone; it waits under /jobs", job.id)
            return
        await self._change(owed, lambda current: self._delivered(current, delivered))
        if delivered.way is Way.IN_REPLY:
            await self._ping(job)
        if owed.job.revision > job.revision + 1:
            await self._update_result(owed)

    def _delivered(self, job: Job, delivered: Delivered | None) -> Job | None:
        if job.state is not JobState.READY:
            return None
        now = self._clock.now()
        if delivered is None:
            return transition(job, JobState.DELIVERED, now)
        origin = replace(job.origin, reply_id=delivered.message_id) if delivered.way is Way.IN_REPLY else job.origin
        direct = delivered.way is Way.DIRECT
        return transition(job, JobState.DELIVERED, now, result_id=delivered.message_id, result_direct=direct, origin=origin)

    async def _ping(self, job: Job) -> None:
        """Mention the person once: the edit itself notifies nobody. A ping that is lost is not sent again."""
        try:
            await self._announcer.ping(job)
        except DiscordError as error:
            log.info("job %s: the ping did not go out (%s)", job.id, error)

    async def _update_result(self, owed: _Owed) -> None:
        """Edit the result: a sibling has arrived late, or will not come any more."""
        try:
            async with slot_of(self._edits, self._clock):
                await self._announcer.update_result(owed.job, await self._clips_of(owed.job))
        except (CannotPost, ReplyGone, TokenExpired, RefusedByDiscord) as error:
            log.info("job %s: its result cannot be edited (%s)", owed.job.id, error)

    async def _clips_of(self, job: Job) -> list[Clip]:
        return await self._clips.of_task(job.task_id or "")

    async def _change(self, owed: _Owed, step: Callable[[Job], Job | None]) -> None:
        changed = await change_surely(self._jobs, owed.job, step)
        current = changed or await self._jobs.get(owed.job.id) or owed.job
        if current.revision >= owed.job.revision:
            owed.job = replace(current, announced=max(current.announced, owed.job.announced))


def _owes_result(job: Job) -> bool:
    return job.state is JobState.READY and not job.undeliverable
