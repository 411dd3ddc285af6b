"""Outages as people and the operator meet them: a lane with its outbox, for minutes, in a provider's weather."""

import logging
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import pairwise
from pathlib import Path

import pytest

from bot.domain.actors import Actor
from bot.domain.jobs import Job, JobState
from bot.domain.reports import Stage, TaskReport
from bot.domain.requests import MusicRequest
from bot.domain.standing import LaneCondition
from bot.errors import Ambiguous, KeyRefused, LanePaused, NotConnected, OutOfCredits, ProviderError, TooOften, Unreadable
from bot.services.allowances import OperatorLimits
from bot.services.health import CALM, LONGEST_HOLD, LONGEST_PROBE, NOTICE_AFTER
from bot.services.notices import SOON
from tests.contract.builders import USER
from tests.fakes import FakeClock, ScriptedMusic
from tests.unit.rig import INTERVAL, Rig

STEP = 0.5
ANSWER = 0.3
"""Seconds that the provider takes to answer, or that it takes to notice that it does not."""
MAKING = 60.0
IN_LINE = 20
BEING_MADE = 10

Weather = Callable[[float], ProviderError | None]
"""What a request meets at this time (s)."""


def fair(_now: float) -> None:
    """Let everything through."""


class WeatheredMusic(ScriptedMusic):
    """A provider that is not always well; each task is done a minute after it was accepted."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.submits_meet: Weather = fair
        self.queries_meet: Weather = fair
        self.tries: list[float] = []
        """When a submit arrived, accepted or not."""
        self.asked: list[float] = []
        self.accepted: dict[str, float] = {}

    async def submit(self, request: MusicRequest) -> str:
        self.tries.append(self.clock.elapsed)
        error = self.submits_meet(self.clock.elapsed)
        self.clock.advance(ANSWER)
        if error is not None:
            raise error
        task_id = await super().submit(request)
        self.accepted[task_id] = self.clock.elapsed
        return task_id

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        done = self.clock.elapsed >= self.accepted[task_id] + MAKING
        self.made(task_id, *((Stage.DONE, Stage.DONE) if done else (Stage.GENERATING, Stage.WAITING)))
        error = self.queries_meet(self.clock.elapsed)
        if error is not None:
            self.reports[task_id] = error
        self.asked.append(self.clock.elapsed)
        return await super().task(task_id, slot=slot)


class Town(Rig):
    """A rig in which minutes can pass."""

    def __init__(self, url: str) -> None:
        super().__init__(url, limits=OperatorLimits(in_flight=100))
        self.music: WeatheredMusic = WeatheredMusic(self.clock)

    async def lives(self, seconds: float) -> None:
        end = self.clock.elapsed + seconds
        while self.clock.elapsed < end:
            self.clock.advance(STEP)
            await self.lane.submit_one()
            while await self.lane.query_one():
                pass
            await self.delivery.step()

    async def peopled(self) -> tuple[list[Job], list[Job]]:
        """Let ten requests be under way at the provider and twenty in line, all of them shown; then forget what was sent so far."""
        begun = [await self.ask(user_id=USER + number) for number in range(BEING_MADE)]
        await self.lives((BEING_MADE + 1) * (INTERVAL + ANSWER))
        waiting = [await self.ask(user_id=USER + number) for number in range(IN_LINE)]
        # The line does not move while its replies appear.
        for _ in range(IN_LINE):
            self.clock.advance(0.2)
            await self.delivery.step()
        self.announcer.sent.clear()
        self.music.tries.clear()
        return begun, waiting

    def meet(self, *, submits: Weather = fair, queries: Weather = fair) -> None:
        self.music.submits_meet, self.music.queries_meet = submits, queries

    def told(self) -> Counter[tuple[str, LaneCondition]]:
        """Count the edits of each waiting reply by what they say of the lane."""
        queued = [sent for sent in self.announcer.of("show_reply") if sent.job.state is JobState.QUEUED]
        return Counter((sent.job.id, sent.standing.lane) for sent in queued if sent.standing)

    def edits_while(self, *states: JobState) -> Counter[str]:
        return Counter(sent.job.id for sent in self.announcer.of("show_reply") if sent.job.state in states)

    async def states(self, jobs: list[Job]) -> Counter[JobState]:
        return Counter([await self.state(job) for job in jobs])


@pytest.fixture
async def town(migrated: Path, tmp_path: Path, no_backoff: None, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Town]:
    caplog.set_level(logging.INFO, "bot.services.health")
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with Town(f"sqlite+aiosqlite:///{file}") as town:
        yield town


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [f"{record.levelname} {record.getMessage()}" for record in caplog.records if record.name == "bot.services.health"]


def until(end: float, error: Callable[[], ProviderError]) -> Weather:
    return lambda now: error() if now < end else None


MINUTES = 300.0
DONE = Counter({JobState.DELIVERED: IN_LINE})


async def test_a_provider_that_is_down_for_five_minutes(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    begun, waiting = await town.peopled()
    end = town.clock.elapsed + MINUTES
    town.meet(submits=until(end, lambda: NotConnected("refused")), queries=until(end, lambda: NotConnected("refused")))
    await town.lives(NOTICE_AFTER - 2)
    assert town.told() == {}, "a blip is nobody's business"
    await town.lives(MINUTES - NOTICE_AFTER)
    assert town.told() == {(job.id, LaneCondition.UNREACHABLE): 1 for job in waiting}
    assert await town.states(waiting) == {JobState.QUEUED: IN_LINE}
    assert logged(caplog) == ["WARNING the lane is unreachable: refused"]
    assert len(town.music.tries) <= 10
    await town.lives(2 + 8 + INTERVAL)
    assert town.music.tries[-1] <= end + 10.0, "a query that is answered brings the line back at once"
    await town.lives(IN_LINE * 5.0 + MAKING + CALM)
    assert await town.states(waiting) == DONE
    assert await town.states(begun) == {JobState.DELIVERED: BEING_MADE}
    (_, over) = logged(caplog)
    assert over.startswith("INFO the lane works again after 5 min")
    assert over.endswith("(it was unreachable); jobs that waited, at most: 20")
    for job in waiting:
        assert town.told()[job.id, LaneCondition.WORKING] <= 1
    near = [job for job in waiting[: int((CALM + SOON) / (INTERVAL + 1)) - 1] if town.told()[job.id, LaneCondition.WORKING]]
    assert near == [], "whose turn is near hears of it by their next state"
    assert town.told()[waiting[-1].id, LaneCondition.WORKING] == 1
    assert max(town.edits_while(JobState.QUEUED, JobState.SUBMITTING).values()) <= 2


async def test_a_provider_that_answers_with_errors_costs_few_requests_their_certainty(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """A 503 may come after the acceptance: such a request is never sent again, so the others are kept back."""
    begun, waiting = await town.peopled()
    end = town.clock.elapsed + MINUTES
    town.meet(submits=until(end, lambda: Ambiguous("503")), queries=until(end, lambda: Unreadable("503")))
    await town.lives(MINUTES)
    states = await town.states(waiting)
    assert states[JobState.UNKNOWN] <= 3
    assert states[JobState.QUEUED] == IN_LINE - states[JobState.UNKNOWN]
    await town.lives(IN_LINE * 5.0 + MAKING + CALM + LONGEST_HOLD)
    assert await town.states(waiting) == {JobState.UNKNOWN: states[JobState.UNKNOWN], JobState.DELIVERED: states[JobState.QUEUED]}
    assert await town.states(begun) == {JobState.DELIVERED: BEING_MADE}
    assert len(logged(caplog)) == 2


async def test_a_provider_whose_submits_alone_fail_is_tried_ever_more_rarely(town: Town) -> None:
    _, waiting = await town.peopled()
    end = town.clock.elapsed + MINUTES
    town.meet(submits=until(end, lambda: Ambiguous("500")))
    await town.lives(MINUTES)
    assert (await town.states(waiting))[JobState.UNKNOWN] <= 9
    await town.lives(IN_LINE * 5.0 + MAKING + LONGEST_HOLD)
    assert (await town.states(waiting))[JobState.QUEUED] == 0


async def test_a_provider_that_comes_and_goes_is_one_outage_and_nobodys_news(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    _, waiting = await town.peopled()
    end = town.clock.elapsed + MINUTES

    def flapping(now: float) -> ProviderError | None:
        return NotConnected("reset") if now < end and now % 14.0 < 7.0 else None

    town.meet(submits=flapping, queries=flapping)
    await town.lives(MINUTES + CALM + MAKING)
    assert await town.states(waiting) == DONE
    assert [line.split(":")[0] for line in logged(caplog)] == [
        "WARNING the lane is unreachable",
        logged(caplog)[1].split(":")[0],
    ]
    assert "works again" in logged(caplog)[1]
    assert town.told() == {}


PAUSES = [(KeyRefused, LaneCondition.KEY_REFUSED), (OutOfCredits, LaneCondition.NO_CREDITS)]


@pytest.mark.parametrize(("error", "condition"), PAUSES)
async def test_a_pause_until_somebody_has_acted(
    town: Town, caplog: pytest.LogCaptureFixture, error: type[ProviderError], condition: LaneCondition
) -> None:
    begun, waiting = await town.peopled()
    end = town.clock.elapsed + 3600.0
    town.meet(submits=until(end, lambda: error("no")), queries=until(end, lambda: error("no")) if error is KeyRefused else fair)
    await town.lives(3 * INTERVAL + IN_LINE)
    assert town.told() == {(job.id, condition): 1 for job in waiting}, "at once, and once"
    with pytest.raises(LanePaused):
        await town.ask(user_id=USER + 500)
    await town.lives(3600.0 - 3 * INTERVAL - IN_LINE)
    assert town.told() == {(job.id, condition): 1 for job in waiting}, "an hour and ten probes later, too"
    assert len(town.music.tries) <= 11
    assert logged(caplog) == [f"ERROR the lane is {condition.value}: no"]
    await town.lives(LONGEST_PROBE + INTERVAL)
    assert town.lane.condition is LaneCondition.WORKING, "it goes on by itself, at the latest with the next probe"
    await town.lives(IN_LINE * 5.0 + MAKING + CALM)
    assert await town.states(waiting) == DONE
    if error is OutOfCredits:
        assert await town.states(begun) == {JobState.DELIVERED: BEING_MADE}
    assert len(logged(caplog)) == 2
    assert "works again after" in logged(caplog)[1]
    assert all(town.told()[job.id, LaneCondition.WORKING] <= 1 for job in waiting)


async def test_a_storm_of_refusals_with_a_wish_is_waited_out(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    begun, waiting = await town.peopled()
    end = town.clock.elapsed + 180.0
    storm = until(end, lambda: TooOften("429", retry_after=20.0))
    town.meet(submits=storm, queries=storm)
    await town.lives(180.0)
    gaps = [after - before for before, after in pairwise(town.music.tries)]
    assert min(gaps) >= 20.0
    assert len(town.music.tries) >= 6, "and tried again when the provider would have it"
    queries = [at for at in town.music.asked if end - 180.0 < at < end]
    assert all(after - before >= 20.0 for before, after in pairwise(queries))
    assert await town.states(waiting) == {JobState.QUEUED: IN_LINE}
    await town.lives(20.0 + IN_LINE * 5.0 + MAKING + CALM)
    assert await town.states(waiting) == DONE
    assert await town.states(begun) == {JobState.DELIVERED: BEING_MADE}
    assert [line.split(" ")[0] for line in logged(caplog)] == ["WARNING", "INFO"]
    assert max(town.edits_while(JobState.QUEUED, JobState.SUBMITTING).values()) <= 2


async def test_whoever_comes_during_an_outage_is_told_by_the_first_reply_and_once_when_it_is_over(town: Town) -> None:
    _, waiting = await town.peopled()
    end = town.clock.elapsed + 120.0
    town.meet(submits=until(end, lambda: NotConnected("refused")), queries=until(end, lambda: NotConnected("refused")))
    await town.lives(60.0)
    late = await town.ask(user_id=USER + 500)
    await town.lives(40.0)
    assert town.told()[late.id, LaneCondition.UNREACHABLE] == 1
    await town.lives(20.0 + 8.0 + CALM + 10.0)
    assert town.told()[late.id, LaneCondition.WORKING] == 1
    assert town.edits_while(JobState.QUEUED)[late.id] == 2
    standing = [sent.standing for sent in town.announcer.of("show_reply") if sent.job.id == late.id][-1]
    assert standing is not None
    assert standing.place is not None
    assert standing.place > 5, "with its place as it is by then"
    assert waiting


async def test_whoever_cancels_during_an_outage_hears_no_more_of_it(town: Town) -> None:
    _, waiting = await town.peopled()
    end = town.clock.elapsed + 60.0
    town.meet(submits=until(end, lambda: NotConnected("refused")), queries=until(end, lambda: NotConnected("refused")))
    await town.lives(40.0)
    gone = waiting[-1]
    await town.handling.cancel(gone.id, Actor(user_id=gone.origin.user_id, guild_id=None, moderator=False))
    await town.lives(20.0 + CALM + 30.0)
    shown = [sent.job.state for sent in town.announcer.of("show_reply") if sent.job.id == gone.id]
    assert shown == [JobState.QUEUED, JobState.CANCELLED]


async def test_the_wait_that_is_told_is_the_wait_that_comes(town: Town) -> None:
    _, waiting = await town.peopled()
    told = {job.id: (town.lane.standing(job).wait, town.clock.elapsed) for job in waiting}
    await town.lives(IN_LINE * (INTERVAL + 1.0) + 10.0)
    for job in waiting:
        submitted_at = (await town.row(job)).submitted_at
        wait, asked_at = told[job.id]
        assert wait is not None
        assert submitted_at is not None
        real = submitted_at - ANSWER - (town.clock.now() - town.clock.elapsed) - asked_at
        assert wait == pytest.approx(real, abs=2.0, rel=0.15)


async def test_a_pause_is_in_the_estimate_of_a_slowed_line(town: Town) -> None:
    _, waiting = await town.peopled()
    town.meet(submits=until(town.clock.elapsed + 30.0, lambda: TooOften("429", retry_after=50.0)))
    await town.lives(2 * INTERVAL)
    assert town.lane.condition is LaneCondition.SLOWED
    wait = town.lane.standing(waiting[0]).wait
    assert wait is not None
    assert 40.0 < wait < 55.0
