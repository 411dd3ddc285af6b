"""What the lane tells its querying policy, and how it spends the quota by it."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.domain.polling import ExpectedWaiting
from bot.domain.reports import Stage, TaskReport
from bot.domain.settling import SIBLING_WAIT
from bot.domain.watch import Policy, Watch
from bot.errors import NotAudio, Unreadable
from bot.services.finishing import LATE_WATCH, NO_ANSWER_GRACE
from tests.contract.builders import USER
from tests.fakes import ScriptedMusic, SteadyPolicy
from tests.unit.rig import DEADLINE, Rig, eventually

W, G, D, F = Stage.WAITING, Stage.GENERATING, Stage.DONE, Stage.FAILED
TASK = "task-000001"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a policy was told of a job: ages in seconds."""

    at: float
    ended: bool
    seen: float | None
    queries: int
    age_known: bool


@dataclass(slots=True)
class Notes:
    """What the policies of a rig, one after each restart, were told."""

    lessons: list[Lesson] = field(default_factory=list[Lesson])
    watches: list[Watch] = field(default_factory=list[Watch])
    left: list[str] = field(default_factory=list[str])


class NotingPolicy(SteadyPolicy):
    """Notes what it is told."""

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self._notes = notes

    def follow(self, watch: Watch) -> None:
        super().follow(watch)
        self._notes.watches.append(watch)

    def leave(self, job_id: str) -> None:
        super().leave(job_id)
        self._notes.left.append(job_id)

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        super().settled(watch, at, ended=ended)
        begun = watch.submitted_at
        seen = None if watch.last_seen is None else watch.last_seen - begun
        self._notes.lessons.append(Lesson(at - begun, ended, seen, watch.queries, watch.age_known))


@asynccontextmanager
async def rig_with(policy: Callable[[], Policy], migrated: Path, tmp_path: Path) -> AsyncGenerator[Rig]:
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with Rig(f"sqlite+aiosqlite:///{file}", policy=policy) as rig:
        yield rig


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
async def rig(migrated: Path, tmp_path: Path, no_backoff: None, notes: Notes) -> AsyncGenerator[Rig]:
    async with rig_with(lambda: NotingPolicy(notes), migrated, tmp_path) as rig:
        yield rig


@pytest.fixture
async def real(migrated: Path, tmp_path: Path, no_backoff: None) -> AsyncGenerator[Rig]:
    """The lane as it is in production."""
    async with rig_with(ExpectedWaiting, migrated, tmp_path) as rig:
        yield rig


# What it is told.


async def test_an_end_teaches_between_which_ages_it_came(rig: Rig, notes: Notes) -> None:
    await rig.generating()
    rig.music.made(TASK, W, W)
    await rig.query()
    rig.music.made(TASK, G, G)
    await rig.query()
    (_, waiting, generating) = notes.watches
    assert (waiting.last_waiting, waiting.stage, generating.stage) == (waiting.last_query, W, G)
    assert generating.last_waiting == waiting.last_waiting
    rig.music.made(TASK, D, D)
    await rig.query()
    assert notes.lessons == [Lesson(15.0, ended=True, seen=10.0, queries=2, age_known=True)]
    assert notes.left == [notes.watches[0].job_id]


async def test_a_failure_is_an_end(rig: Rig, notes: Notes) -> None:
    await rig.generating()
    rig.music.made(TASK, F, F)
    await rig.query()
    assert notes.lessons == [Lesson(5.0, ended=True, seen=None, queries=0, age_known=True)]


async def test_done_without_audio_is_no_end(rig: Rig, notes: Notes) -> None:
    await rig.generating()
    rig.archive.spoilt = dict.fromkeys((f"{TASK}-clip-0", f"{TASK}-clip-1"), NotAudio("html"))
    rig.music.made(TASK, D, D)
    await rig.query()
    assert notes.lessons == []
    rig.archive.spoilt.clear()
    await rig.query()
    assert notes.lessons == [Lesson(10.0, ended=True, seen=5.0, queries=1, age_known=True)]


async def test_without_an_end_the_deadline_teaches_once_also_over_a_restart(rig: Rig, notes: Notes) -> None:
    job = await rig.generating()
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE - 1.0)
    await rig.query()
    outlived = Lesson(DEADLINE + 4.0, ended=False, seen=DEADLINE - 1.0, queries=1, age_known=True)
    assert notes.lessons == [outlived]
    assert notes.watches[-1].late
    await rig.query(after=1000.0)
    await rig.restart()
    assert notes.watches[-1].late
    rig.music.made(TASK, D, D)
    assert await rig.query(after=1000.0)
    assert await rig.state(job) is JobState.READY
    assert notes.lessons == [outlived], "a late end teaches nothing more"


async def test_a_provider_that_does_not_answer_teaches_only_what_was_seen_before(rig: Rig, notes: Notes) -> None:
    job = await rig.generating()
    rig.music.made(TASK, G, G)
    await rig.query(after=50.0)
    rig.music.reports[TASK] = Unreadable("html")
    await rig.query()
    await rig.query(after=DEADLINE)
    assert notes.lessons == []
    assert not notes.watches[-1].late, "nobody has seen it past its deadline"
    await rig.query(after=NO_ANSWER_GRACE)
    assert await rig.state(job) is JobState.STALLED
    assert notes.lessons == [Lesson(50.0, ended=False, seen=50.0, queries=3, age_known=True)]


async def test_a_good_clip_is_asked_about_when_it_has_waited_for_its_sibling_which_is_watched_on(rig: Rig, notes: Notes) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    assert notes.watches[-1].deadline == rig.clock.now() + SIBLING_WAIT
    await rig.query(after=SIBLING_WAIT)
    assert await rig.state(job) is JobState.READY
    assert notes.lessons == []
    deadline = (job.submitted_at or 0.0) + DEADLINE
    assert (notes.watches[-1].deadline, notes.watches[-1].late) == (deadline, False)
    await rig.query(after=DEADLINE)
    assert [lesson.ended for lesson in notes.lessons] == [False]
    assert notes.watches[-1].late
    await rig.query(after=LATE_WATCH)
    assert (len(notes.lessons), notes.left) == (1, [job.id])


async def test_with_its_sibling_the_job_is_over(rig: Rig, notes: Notes) -> None:
    await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    rig.music.made(TASK, D, D)
    await rig.query()
    assert notes.lessons == [Lesson(SIBLING_WAIT + 10.0, ended=True, seen=SIBLING_WAIT + 5.0, queries=2, age_known=True)]


@pytest.mark.parametrize("known", [True, False])
async def test_of_a_task_made_elsewhere_the_age_is_not_known(rig: Rig, notes: Notes, known: bool) -> None:
    await rig.track("task-elsewhere-1")
    if known:
        rig.music.made("task-elsewhere-1", D, D)
    await rig.query()
    assert [(lesson.ended, lesson.age_known) for lesson in notes.lessons] == [(True, False)]


async def test_every_attempt_counts_and_the_last_one_tells(rig: Rig, notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client repeats a query that was lost, in slots of their own."""

    async def thrice(_self: ScriptedMusic, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        for _ in range(2):
            async with slot():
                rig.clock.advance(2.0)
        async with slot():
            return TaskReport(task_id=task_id, stage=G)

    monkeypatch.setattr(ScriptedMusic, "task", thrice)
    job = await rig.generating()
    await rig.query()
    watch = notes.watches[-1]
    submitted = job.submitted_at or 0.0
    assert (watch.queries, watch.last_seen) == (3, submitted + 5.0 + 4.0)


async def test_a_query_that_breaks_off_is_a_query_that_told_nothing(rig: Rig, notes: Notes) -> None:
    await rig.generating()
    rig.music.reports[TASK] = RuntimeError("a bug of ours")
    with pytest.raises(RuntimeError):
        await rig.query()
    watch = notes.watches[-1]
    assert (watch.queries, watch.last_query, watch.last_seen) == (1, rig.clock.now(), None)


# How it asks.


async def test_the_choice_is_made_when_a_slot_is_open(real: Rig) -> None:
    """Both slots are closed for a second. What is asked about then is what is likeliest to be over then."""
    for number, generating in enumerate((G, G, D), start=1):
        await real.generating()
        real.music.made(f"task-{number:06}", generating, generating)
        assert not await real.lane.query_one()
    real.clock.advance(60.0)
    assert [await real.lane.query_one() for _ in range(3)] == [True, True, False]
    assert real.music.queries == [TASK, "task-000002"], "the older, the likelier"
    assert not await real.query(after=0.9), "no slot is open"
    real.clock.advance(600.0)
    newest = await real.generating(user_id=USER + 1)
    real.clock.advance(80.0)
    assert await real.lane.query_one()
    assert real.music.queries[2:] == ["task-000003"], "never asked about, and old: it goes first"
    assert await real.state(newest) is JobState.GENERATING


async def test_it_asks_by_expectation_and_delivers_a_lonely_clip_in_time(real: Rig) -> None:
    job = await real.generating()
    submitted = job.submitted_at or 0.0
    real.music.made(TASK, G, G)
    ages: list[float] = []
    while real.clock.now() < submitted + 100.0:
        if await real.query(after=0.25):
            ages.append(real.clock.now() - submitted)
    assert ages[0] > 15.0, "before that it can hardly be done"
    assert len(ages) <= 20
    real.music.made(TASK, D, G)
    while not await real.query(after=0.25):
        pass
    first_good = real.clock.now()
    while await real.state(job) is JobState.GENERATING:
        await real.query(after=0.25)
    assert real.clock.now() - first_good == pytest.approx(SIBLING_WAIT, abs=1.5)


async def test_with_several_loops_nothing_is_asked_twice_at_once_and_the_quota_holds(real: Rig) -> None:
    for number in range(1, 7):
        await real.generating(user_id=USER + number)
        real.music.made(f"task-{number:06}", D, D)
        if number == 1:
            assert not await real.lane.query_one()
    real.clock.advance(120.0)
    running = asyncio.create_task(real.lane.run())

    async def asked(count: int) -> bool:
        return len(real.music.queries) >= count

    async with AsyncExitStack() as stack:
        stack.callback(running.cancel)
        for count in (2, 4, 6):
            await eventually(lambda count=count: asked(count))
            assert len(real.music.queries) == count, "two slots a second"
            real.clock.advance(1.0)
        real.lane.stop()
        async with asyncio.timeout(30):
            await running
    assert sorted(real.music.queries) == [f"task-{number:06}" for number in range(1, 7)]


async def test_what_is_usual_is_told_from_the_submit_on(real: Rig) -> None:
    job = await real.ask()
    before = real.lane.standing(job).usual
    await real.submit()
    real.music.made(TASK, G, G)
    real.clock.advance(120.0)
    after = real.lane.standing(await real.row(job)).usual
    assert before is not None
    assert after is not None
    assert 60.0 < before[0] < 95.0 < before[1] < 150.0
    assert 120.0 < after[0] < after[1]
