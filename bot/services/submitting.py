"""Submitting in turn: one request goes out, once, and what came of it is written down."""

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.domain.jobs import Failure, Job, JobState, transition
from bot.domain.line import Line
from bot.domain.quota import Quota
from bot.domain.requests import ExtendRequest
from bot.errors import Ambiguous, ContentRefused, NotAccepted, Refused, StoreUnavailable
from bot.services.changing import change, change_surely
from bot.services.finishing import Finishing
from bot.services.health import LaneHealth
from bot.services.ports import Clock, Jobs, Music

log = logging.getLogger(__name__)

IDLE = 60.0
"""Seconds that a loop sleeps at most; every change wakes it earlier."""


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
        self._interval = interval
        self._on_change = on_change
        self._on_accepted = on_accepted
        self._quota = Quota(slots=1, window=interval, started=clock.monotonic())
        self._line = Line()
        self._waiting: dict[str, Job] = {}

    def enter(self, job: Job) -> None:
        """Put a QUEUED job into the line."""
        self._waiting[job.id] = job
        self._line.add(job.origin.user_id, job.id)

    def leave(self, job: Job) -> None:
        """Take a job out of the line: it was cancelled."""
        self._line.remove(job.origin.user_id, job.id)
        self._waiting.pop(job.id, None)

    def place_of(self, job: Job) -> tuple[int | None, float | None]:
        """Tell a job's place in line (1 is next) and the seconds until its turn; None and None if it is not in line."""
        place = self._line.place_of(job.origin.user_id, job.id)
        return place, None if place is None else (place - 1) * self._interval

    def until_next(self) -> float:
        """Tell how many seconds it is until a submit may be possible, unless something changes before."""
        opens = self._quota.opens_at()
        if not len(self._line) or opens is None:
            return IDLE
        return min(IDLE, max(opens, self._health.retry_at) - self._clock.monotonic())

    async def submit_one(self) -> bool:
        """Submit the next job in line, if the quota and the lane's condition allow; False if nothing was sent."""
        now = self._clock.monotonic()
        self._health.lift_if_due(now, waiting=len(self._line))
        if self._health.retry_at > now:
            return False
        opens = self._quota.opens_at()
        job_id = self._line.peek()
        if job_id is None or opens is None or opens > now:
            return False
        job = self._waiting[job_id]
        try:
            claimed = await change(self._jobs, job, self._claim)
        except StoreUnavailable as error:
            log.warning("job %s was not taken from the line: the database is away (%s)", job_id, error)
            self._health.wait(self._clock.monotonic())
            return False
        if self._line.peek() == job_id:
            self._line.take()
        else:
            self._line.remove(job.origin.user_id, job_id)
        self._waiting.pop(job_id, None)
        if claimed is None:
            return True
        self._on_change(claimed)
        await self._submit(claimed)
        return True

    def _claim(self, job: Job) -> Job | None:
        if job.state is not JobState.QUEUED:
            return None
        return transition(job, JobState.SUBMITTING, self._clock.now(), attempts=job.attempts + 1)

    async def _submit(self, job: Job) -> None:
        """Send the job's request, once, and write down what came of it: DESIGN's outcome table."""
        hold = 0.0
        self._quota.take(self._clock.monotonic())
        try:
            task_id = await self._music.submit(_request(job))
        except NotAccepted as error:
            hold = self._health.trouble(error, self._clock.monotonic())
            await self._back_in_line(job)
        except Refused as error:
            self._health.fine()
            failure = Failure.CONTENT if isinstance(error, ContentRefused) else Failure.REFUSED
            await self._end(job, JobState.FAILED, failure=failure, words=error.words)
        except Ambiguous as error:
            log.warning("job %s: the submit's outcome is unknown (%s); it is not sent again", job.id, error)
            await self._end(job, JobState.UNKNOWN, words=error.words)
        except Exception:
            log.exception("job %s: the submit broke off; it is not sent again", job.id)
            await self._end(job, JobState.UNKNOWN)
        else:
            self._health.fine()
            await self._accepted(job, task_id)
        finally:
            self._quota.give_back(self._clock.monotonic(), hold=hold)

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
            self._line.put_back(changed.origin.user_id, changed.id)
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


def _request(job: Job) -> ExtendRequest:
    if job.source_id is None or job.continue_at is None:
        msg = f"job {job.id} has nothing to submit"
        raise ValueError(msg)
    return ExtendRequest(tags=job.tags, title=job.title, model=job.model, continue_clip_id=job.source_id, continue_at=job.continue_at)
