"""Submitting in turn: one request goes out, once, and what came of it is written down."""

import asyncio
import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.domain.jobs import Failure, Job, JobKind, JobState, amend, transition
from bot.domain.line import Line
from bot.domain.pace import Pace
from bot.domain.quota import Quota
from bot.domain.requests import CreateRequest, ExtendRequest, MusicRequest
from bot.errors import Ambiguous, ContentRefused, NotAccepted, Refused, StoreUnavailable
from bot.services.changing import change, change_surely, surely
from bot.services.finishing import Finishing
from bot.services.health import LaneHealth
from bot.services.ports.outside import Clock, Music
from bot.services.ports.stores import Jobs

log = logging.getLogger(__name__)

IDLE = 60.0
"""Seconds that a loop sleeps at most; every change wakes it earlier."""
AT_ONCE = 0.05
"""Seconds for which an acknowledgement waits to be written along with the claim of its job; longer it must not be in memory alone."""


class Submitting:
    """The line of a lane, and the quota of its submits."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        music: Music,
        finishing: Finishing,
        health: LaneHealth,
        clock: Clock,
        interval: float,
        on_change: Callable[[Job], None],
        on_accepted: Callable[[Job], None],
    ) -> None:
        """`interval` is in seconds; `on_change` hears of every job that was saved, `on_accepted` of those that the provider has."""
        self._jobs = jobs
        self._music = music
        self._finishing = finishing
        self._health = health
        self._clock = clock
        self._on_change = on_change
        self._on_accepted = on_accepted
        self._quota = Quota(slots=1, window=interval, started=clock.monotonic())
        self._pace = Pace(interval)
        self._line = Line()
        self._waiting: dict[str, Job] = {}
        self._held: set[str] = set()
        self._unwritten: dict[str, asyncio.Future[bool]] = {}
        """Of jobs in line whose acknowledgement the claim is to write: whether it has."""
        self._store_away = False

    def hold(self, job: Job) -> None:
        """Give a job its place in line before it is acknowledged: it counts for those behind it, and is passed over until it enters."""
        self._held.add(job.id)
        self._line.add(job.turn, job.id)

    def goes_at_once(self, job: Job) -> bool:
        """Tell whether a job in line would be submitted now."""
        now = self._clock.monotonic()
        opens = self._quota.opens_at()
        return self._line.peek() == job.id and opens is not None and max(opens, self._health.retry_at) <= now

    def enter(self, job: Job) -> None:
        """Put a QUEUED job into the line, or let one in that was held there."""
        self._waiting[job.id] = job
        if job.id in self._held:
            self._held.remove(job.id)
        else:
            self._line.add(job.turn, job.id)

    async def enter_at_once(self, job: Job) -> bool:
        """Let a held job in whose acknowledgement only the `job` given here has, so that its claim writes that too.

        False if no claim has: the job is held still, and its acknowledgement has to be written by itself.
        """
        if not self.goes_at_once(job):
            return False
        claim = self._unwritten[job.id] = asyncio.get_running_loop().create_future()
        self.enter(job)
        done, _ = await asyncio.wait({claim}, timeout=AT_ONCE)
        if not done and job.id in self._unwritten:
            self._not_claimed(job)
        return await claim

    def _not_claimed(self, job: Job) -> None:
        del self._waiting[job.id]
        self._held.add(job.id)
        self._unwritten.pop(job.id).set_result(False)

    def leave(self, job: Job) -> None:
        """Take a job out of the line: it was cancelled, or never acknowledged."""
        self._line.remove(job.turn, job.id)
        self._waiting.pop(job.id, None)
        self._held.discard(job.id)

    def place_of(self, job: Job) -> tuple[int | None, float | None]:
        """Tell a job's place in line (1 is next) and the seconds until its turn; None and None if it is not in line."""
        place = self._line.place_of(job.turn, job.id)
        if place is None:
            return None, None
        now = self._clock.monotonic()
        wait = self._pace.wait(place, now, opens_at=self._quota.opens_at(), not_before=self._health.retry_at)
        return place, wait if math.isfinite(wait) else None

    def in_line(self) -> Iterator[Job]:
        """Go through the jobs in line, as they entered it."""
        return iter(self._waiting.values())

    @property
    def busy(self) -> bool:
        """Tell whether a job is in line, or being sent."""
        return len(self._line) > 0 or self._quota.opens_at() is None

    def until_next(self) -> float:
        """Tell how many seconds it is until a submit may be possible, unless something changes before."""
        opens = self._quota.opens_at()
        if opens is None or self._line.peek(self._held) is None:
            return IDLE
        return min(IDLE, max(opens, self._health.retry_at) - self._clock.monotonic())

    async def submit_one(self) -> bool:
        """Submit the next job in line, if the quota and the lane's condition allow; False if nothing was sent."""
        now = self._clock.monotonic()
        self._health.tick(now, waiting=len(self._line))
        if self._health.retry_at > now:
            return False
        opens = self._quota.opens_at()
        if opens is None or opens > now:
            return False
        job_id = self._line.take(self._held)
        if job_id is None:
            return False
        job = self._waiting.pop(job_id)
        try:
            claimed = await self._claim(job)
        except StoreUnavailable as error:
            if not self._store_away:
                log.warning("no job is taken from the line: the database is away (%s)", error)
            self._store_away = True
            self._health.wait(self._clock.monotonic())
            return False
        if self._store_away:
            self._store_away = False
            log.info("jobs are taken from the line again: the database is back")
        if claimed is None:
            await self._tell_how_it_is(job_id)
            return True
        self._on_change(claimed)
        await self._submit(claimed)
        return True

    async def _claim(self, job: Job) -> Job | None:
        """Write that a job is about to be sent, and its acknowledgement, if nobody has; one that cannot be claimed keeps its turn."""
        unwritten = self._unwritten.pop(job.id, None)
        try:
            claimed = await change(self._jobs, job, lambda current: self._claimed(current, job))
        except BaseException:
            self._line.put_back(job.turn, job.id)
            self._waiting[job.id] = job
            if unwritten is not None:
                self._unwritten[job.id] = unwritten
                self._not_claimed(job)
            raise
        if unwritten is not None:
            unwritten.set_result(True)
        return claimed

    def _claimed(self, current: Job, job: Job) -> Job | None:
        """Take a job for sending. One in line that reads SUBMITTING was taken before, by a save whose answer was lost: it was not sent."""
        if current.state is JobState.SUBMITTING:
            return amend(current)
        if current.state is not JobState.QUEUED:
            return None
        reply = replace(current.origin, reply_id=job.origin.reply_id, reply_ephemeral=job.origin.reply_ephemeral)
        now = self._clock.now()
        return transition(current, JobState.SUBMITTING, now, attempts=current.attempts + 1, acknowledged=True, origin=reply)

    async def _tell_how_it_is(self, job_id: str) -> None:
        """Pass on what has become of a job in line: whoever cancelled it may not have learned that they did."""
        current = await surely(lambda: self._jobs.get(job_id))
        if current is not None:
            self._on_change(current)

    async def _submit(self, job: Job) -> None:
        """Send the job's request, once, and write down what came of it: DESIGN's outcome table."""
        hold = 0.0
        now = self._clock.monotonic()
        self._quota.take(now)
        self._pace.left(now)
        try:
            task_id = await self._music.submit(_request(job))
        except NotAccepted as error:
            hold = self._health.trouble(error, self._clock.monotonic())
            await self._back_in_line(job)
        except Refused as error:
            self._health.fine(self._clock.monotonic())
            failure = Failure.CONTENT if isinstance(error, ContentRefused) else Failure.REFUSED
            await self._end(job, JobState.FAILED, failure=failure, words=error.words)
        except Ambiguous as error:
            log.warning("job %s: the submit's outcome is unknown (%s); it is not sent again", job.id, error)
            self._health.doubt(error, self._clock.monotonic())
            await self._end(job, JobState.UNKNOWN, words=error.words)
        except Exception:
            log.exception("job %s: the submit broke off; it is not sent again", job.id)
            await self._end(job, JobState.UNKNOWN)
        else:
            self._health.fine(self._clock.monotonic())
            await self._accepted(job, task_id)
        finally:
            now = self._clock.monotonic()
            self._pace.answered(now)
            self._quota.give_back(now, hold=hold)

    async def _accepted(self, job: Job, task_id: str) -> None:
        now = self._clock.now()
        log.info("job %s was accepted as task %s", job.id, task_id)

        def step(current: Job) -> Job | None:
            if current.state not in (JobState.SUBMITTING, JobState.UNKNOWN):
                return None
            until = self._finishing.deadline_of(replace(current, submitted_at=now))
            return transition(current, JobState.GENERATING, now, task_id=task_id, submitted_at=now, watch_until=until)

        changed = await change_surely(self._jobs, job, step)
        if changed is not None:
            self._on_accepted(changed)
            self._on_change(changed)

    async def _back_in_line(self, job: Job) -> None:
        changed = await change_surely(
            self._jobs,
            job,
            lambda current: transition(current, JobState.QUEUED, self._clock.now()) if current.state is JobState.SUBMITTING else None,
        )
        if changed is not None:
            self._waiting[changed.id] = changed
            self._line.put_back(changed.turn, changed.id)
            self._on_change(changed)

    async def _end(self, job: Job, state: JobState, *, failure: Failure | None = None, words: str = "") -> None:
        def step(current: Job) -> Job | None:
            if current.state is not JobState.SUBMITTING:
                return None
            ended = transition(current, state, self._clock.now(), provider_words=words)
            return replace(ended, failure=failure)

        changed = await change_surely(self._jobs, job, step)
        if changed is not None:
            self._on_change(changed)


def _request(job: Job) -> MusicRequest:
    if job.kind is JobKind.CREATE:
        return CreateRequest(tags=job.tags, title=job.title, model=job.model)
    if job.source_id is None or job.continue_at is None:
        msg = f"job {job.id} has nothing to submit"
        raise ValueError(msg)
    return ExtendRequest(tags=job.tags, title=job.title, model=job.model, continue_clip_id=job.source_id, continue_at=job.continue_at)
