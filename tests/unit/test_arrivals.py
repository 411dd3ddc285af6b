"""What arrives at the provider from the whole lane: never more than its quotas allow in any window, whatever happens meanwhile."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState, transition
from bot.domain.polling import ExpectedWaiting
from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.requests import MusicRequest
from bot.errors import Ambiguous, KeyRefused, NotConnected, Refused, TooOften, Unreadable
from bot.services.finishing import Finishing
from bot.services.lane import Lane
from bot.services.ports.stores import Clips, Jobs
from tests.contract.builders import USER, make_job
from tests.fakes import EPOCH, FakeArchive
from tests.virtual_time import in_virtual_time

INTERVAL = 4.0
QUERIES = 2
WINDOW = 1.0
LASTS = 150.0
ROUNDING = 1e-6


@dataclass(slots=True)
class JumpingClock:
    """A wall clock that is set to and fro, beside one that is not."""

    ahead: float = 0.0

    def now(self) -> float:
        return EPOCH + self.monotonic() + self.ahead

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass(slots=True)
class MemoryJobs:
    """As much of the jobs' store as a lane uses."""

    rows: dict[str, Job] = field(default_factory=dict[str, Job])

    async def get(self, job_id: str) -> Job | None:
        return self.rows.get(job_id)

    async def save(self, job: Job, *, clips: Sequence[Clip] = ()) -> bool:
        if self.rows[job.id].revision != job.revision - 1:
            return False
        self.rows[job.id] = job
        return True


class NoClips:
    """A library in which nothing is known."""

    async def of_task(self, task_id: str) -> list[Clip]:
        return []


class Provider:
    """Takes a while to answer, never the same, and does not always answer well. It notes when requests arrive."""

    def __init__(self, chance: random.Random, latency: float, faults: float) -> None:
        self.chance, self.latency, self.faults = chance, latency, faults
        self.submits: list[float] = []
        self.queries: list[float] = []
        self._numbers = itertools.count()

    async def submit(self, request: MusicRequest) -> str:
        errors = [TooOften(), TooOften(retry_after=self.chance.choice([0.0, 6.0])), Ambiguous(), Refused(), KeyRefused()]
        await self._travels(self.submits, errors)
        return f"task-{next(self._numbers)}"

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        async with slot():
            await self._travels(self.queries, [TooOften(), Unreadable(), Unreadable(retry_after=3.0)])
        stage = self.chance.choice([Stage.WAITING, Stage.GENERATING, Stage.GENERATING, Stage.DONE])
        clips = tuple(ClipReport(clip_id=f"{task_id}-{place}", stage=stage, audio_url="https://cdn.example/a.mp3") for place in range(2))
        return TaskReport(task_id=task_id, stage=stage, clips=clips)

    async def _travels(self, arrivals: list[float], errors: Sequence[Exception]) -> None:
        """Let a request arrive some time before its answer; one whose sender ends before that arrives at that moment."""
        fails = self.chance.random() < self.faults
        if fails and self.chance.random() < 0.3:
            await asyncio.sleep(self.chance.uniform(0, self.latency))
            raise NotConnected
        there, back = (self.chance.uniform(0, self.latency) for _ in range(2))
        try:
            await asyncio.sleep(there)
        finally:
            arrivals.append(asyncio.get_running_loop().time())
        await asyncio.sleep(back)
        if fails:
            raise self.chance.choice(errors)


def most_within(window: float, arrivals: list[float]) -> int:
    """Count the arrivals of the fullest window, its end not included."""
    return max((sum(start <= other < start + window - ROUNDING for other in arrivals) for start in arrivals), default=0)


async def life(provider: Provider, lives: Sequence[float], jumps: Sequence[tuple[float, float]]) -> None:
    """Let processes run after each other, each for its time (s) and then killed, with twenty requests that never run dry."""
    clock = JumpingClock()
    jobs = MemoryJobs({f"job{number}": _waiting(number) for number in range(20)})
    loop = asyncio.get_running_loop()
    for after, ahead in jumps:
        loop.call_later(after, setattr, clock, "ahead", ahead)
    for seconds in lives:
        lane = _lane(jobs, provider, clock)
        for job in list(jobs.rows.values()):
            if job.state is JobState.SUBMITTING:
                jobs.rows[job.id] = transition(job, JobState.UNKNOWN, clock.now())
            else:
                lane.enter(job)
        running = asyncio.create_task(lane.run())
        await asyncio.sleep(seconds)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _waiting(number: int) -> Job:
    return make_job(number, user_id=USER + number % 7, source_id="0f" * 16, continue_at=100.0, title="t", model="v3.5", acknowledged=True)


def _lane(jobs: MemoryJobs, provider: Provider, clock: JumpingClock) -> Lane:
    store = cast("Jobs", jobs)

    def nothing(_job: Job, _clips: Sequence[Clip] | None = None) -> None:
        pass

    finishing = Finishing(jobs=store, clips=cast("Clips", NoClips()), archive=FakeArchive(), clock=clock, deadline=900.0, on_change=nothing)
    return Lane(
        jobs=store,
        music=provider,
        finishing=finishing,
        clock=clock,
        policy=ExpectedWaiting(queries_per_second=QUERIES),
        submit_interval=INTERVAL,
        queries_per_second=QUERIES,
        on_change=nothing,
        on_standstill=nothing,
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    latency=st.sampled_from([0.0, 0.3, 3.0, 12.0]),
    faults=st.sampled_from([0.0, 0.2, 0.6]),
    lives=st.lists(st.floats(0.5, 90.0), max_size=3),
    jumps=st.lists(st.tuples(st.floats(0, LASTS), st.sampled_from([-86_400.0, -30.0, 0.0, 45.0, 86_400.0])), max_size=4),
)
def test_arrivals_never_exceed_a_sliding_window(
    seed: int, latency: float, faults: float, lives: list[float], jumps: list[tuple[float, float]]
) -> None:
    provider = Provider(random.Random(seed), latency, faults)
    in_virtual_time(life(provider, [*lives, LASTS], jumps))
    assert most_within(INTERVAL, provider.submits) <= 1
    assert most_within(WINDOW, provider.queries) <= QUERIES
    assert provider.submits


def test_a_lane_that_nothing_hinders_uses_its_quota() -> None:
    provider = Provider(random.Random(1), 0.0, 0.0)
    in_virtual_time(life(provider, [81.0], []))
    assert len(provider.submits) == 20
    assert provider.queries


def test_the_count_would_notice() -> None:
    assert most_within(INTERVAL, [0.0, 3.9, 8.0]) == 2
    assert most_within(WINDOW, [0.0, 1.0, 2.0]) == 1
