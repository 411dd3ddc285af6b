"""One API key's lane: it submits in turn, queries in turn, and keeps both quotas."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

from bot.domain.jobs import Failure, Job, JobState, transition
from bot.domain.line import Line
from bot.domain.polling import Policy, Watch
from bot.domain.quota import Quota
from bot.domain.requests import ExtendRequest
from bot.domain.standing import LaneCondition, Standing
from bot.errors import Ambiguous, ContentRefused, NotAccepted, ProviderError, Refused, StoreUnavailable, TooOften
from bot.services.changing import change, change_surely
from bot.services.finishing import Finishing
from bot.services.health import LaneHealth
from bot.services.pacing import slot_of
from bot.services.ports import Clock, Jobs, Music

log = logging.getLogger(__name__)

AFTER_A_FALL = 2.0
"""Seconds of rest after a step that broke off."""
IDLE = 60.0
"""Seconds that a loop sleeps at most; every change wakes it earlier."""


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
    ) -> None:
        """`submit_interval` is in seconds; `on_change` hears of every job that was saved here."""
        self._jobs = jobs
        self._music = music
        self._finishing = finishing
        self._clock = clock
        self._policy = policy
        self._on_change = on_change
        self._interval = submit_interval
        started = clock.monotonic()
        self._submits = Quota(slots=1, window=submit_interval, started=started)
        self._queries = Quota.per_second(queries_per_second, started)
        self._workers = self._queries.slots
        self._line = Line()
        self._waiting: dict[str, Job] = {}
        self._watched: dict[str, tuple[Job, Watch]] = {}
        self._in_query: set[str] = set()
        self._health = LaneHealth(base=submit_interval)
        self._moved = asyncio.Event()
        self._stopping = False

    # What others may ask and tell.

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        return self._health.condition

    def standing(self, job: Job) -> Standing:
        """Tell a job's place in line and the lane's condition."""
        place = self._line.place_of(job.origin.user_id, job.id)
        wait = None if place is None else (place - 1) * self._interval
        return Standing(place=place, wait=wait, lane=self.condition)

    def enter(self, job: Job) -> None:
        """Take an acknowledged job in: into the line, or under watch if the provider has it already."""
        if job.state is JobState.QUEUED:
            self._waiting[job.id] = job
            self._line.add(job.origin.user_id, job.id)
        elif job.task_id is not None and job.watch_until is not None:
            self._watch(job)
        self._moved.set()

    def leave(self, job: Job) -> None:
        """Take a job out of the line: it was cancelled."""
        self._line.remove(job.origin.user_id, job.id)
        self._waiting.pop(job.id, None)

    # Running.

    async def run(self) -> None:
        """Submit and query until `stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._submit_loop(), name="lane-submit")
            for number in range(self._workers):
                group.create_task(self._query_loop(), name=f"lane-query-{number}")

    def stop(self) -> None:
        """Start nothing more; what is under way is finished, then `run` returns."""
        self._stopping = True
        self._moved.set()

    async def _submit_loop(self) -> None:
        while not self._stopping:
            if not await self._survived(self.submit_one()):
                await self._sleep(self._until_submit())

    async def _query_loop(self) -> None:
        while not self._stopping:
            if not await self._survived(self.query_one()):
                await self._sleep(self._until_query())

    async def _survived(self, step: Awaitable[bool]) -> bool:
        """Take a step; whatever it raises costs a pause, not the lane."""
        try:
            return await step
        except StoreUnavailable as error:
            log.warning("a step of the lane waits for the database: %s", error)
        except Exception:
            log.exception("a step of the lane broke off")
        await self._sleep(AFTER_A_FALL)
        return True

    async def _sleep(self, seconds: float) -> None:
        self._moved.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.005)):
                await self._moved.wait()

    def _until_submit(self) -> float:
        opens = self._submits.opens_at()
        if not len(self._line) or opens is None:
            return IDLE
        return min(IDLE, max(opens, self._health.retry_at) - self._clock.monotonic())

    def _until_query(self) -> float:
        pick = self._policy.pick(self._free_watches(), self._clock.now())
        return IDLE if pick is None else min(IDLE, pick.at - self._clock.now())

    # Submitting.

    async def submit_one(self) -> bool:
        """Submit the next job in line, if the quota and the lane's condition allow; False if nothing was sent."""
        now = self._clock.monotonic()
        self._health.lift_if_due(now, waiting=len(self._line))
        if self._health.retry_at > now:
            return False
        opens = self._submits.opens_at()
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
        self._submits.take(self._clock.monotonic())
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
            self._submits.give_back(self._clock.monotonic(), hold=hold)
            self._moved.set()

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
            self._watch(changed)
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

    # Querying.

    async def query_one(self) -> bool:
        """Spend one query on the job for which it pays most, if one is due; False if none is."""
        pick = self._policy.pick(self._free_watches(), self._clock.now())
        if pick is None or pick.at > self._clock.now():
            return False
        job, watch = self._watched[pick.job_id]
        self._in_query.add(job.id)
        try:
            await self._query(job, watch)
        finally:
            self._in_query.discard(job.id)
            self._moved.set()
        return True

    async def _query(self, job: Job, watch: Watch) -> None:
        task_id = job.task_id or ""
        try:
            report = await self._music.task(task_id, slot=self._query_slot)
        except ProviderError as error:
            self._health.query_failed(error, self._clock.monotonic())
            self._keep(job, replace(watch, last_query=self._clock.now()))
            self._follow(await self._finishing.no_answer(job, error))
            return
        self._health.query_answered()
        self._keep(job, replace(watch, last_query=self._clock.now(), stage=report.stage))
        self._follow(await self._finishing.take(job, report))

    @contextlib.asynccontextmanager
    async def _query_slot(self) -> AsyncGenerator[None]:
        """Hold one slot of the query quota while a request is under way; keep it closed longer if the provider says so."""
        async with slot_of(self._queries, self._clock) as slot:
            try:
                yield
            except TooOften as error:
                slot.hold = self._queries.window if error.retry_after is None else error.retry_after
                raise

    def _watch(self, job: Job) -> None:
        watch = Watch(
            job_id=job.id,
            model=job.model,
            submitted_at=job.submitted_at or job.created_at,
            deadline=self._finishing.deadline_of(job),
        )
        self._keep(job, watch)

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


def _request(job: Job) -> ExtendRequest:
    if job.source_id is None or job.continue_at is None:
        msg = f"job {job.id} has nothing to submit"
        raise ValueError(msg)
    return ExtendRequest(tags=job.tags, title=job.title, model=job.model, continue_clip_id=job.source_id, continue_at=job.continue_at)
