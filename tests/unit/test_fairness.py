"""Nobody is kept waiting by how much another one asks for: the line by itself, and the lane with it."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.domain.jobs import Job, JobState
from bot.domain.line import Line
from bot.errors import NotConnected, Refused, TooManyInFlight, TooOften
from bot.services.allowances import OperatorLimits
from tests.contract.builders import USER
from tests.unit.rig import INTERVAL, REQUESTER, Rig

FLOOD = 50
OTHERS = 49


def person_of(job_id: str) -> int:
    return int(job_id.partition("-")[0])


def flooded() -> Line:
    """One person with fifty requests, and forty-nine who come later with one each."""
    line = Line()
    for number in range(FLOOD):
        line.add(0, f"0-{number}")
    for person in range(1, OTHERS + 1):
        line.add(person, f"{person}-0")
    return line


def test_of_a_flood_only_the_first_request_is_before_anybody_elses() -> None:
    line = flooded()
    assert [line.place_of(person, f"{person}-0") for person in range(1, OTHERS + 1)] == list(range(2, OTHERS + 2))
    assert line.place_of(0, "0-0") == 1
    assert [line.place_of(0, f"0-{number}") for number in range(1, FLOOD)] == list(range(OTHERS + 2, OTHERS + FLOOD + 1))


def test_whoever_comes_into_a_flood_stands_behind_as_many_as_there_are_people() -> None:
    line = flooded()
    for already in range(30):
        newcomer = 100 + already
        line.add(newcomer, f"{newcomer}-0")
        assert line.place_of(newcomer, f"{newcomer}-0") == 1 + OTHERS + already + 1


class Turns(RuleBasedStateMachine):
    """Any order of asking, trying (accepted or not) and cancelling, by any number of people."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.waiting: dict[int, list[str]] = {}
        self.count = 0
        self.under_way: str | None = None
        self.passed_over: dict[int, set[int]] = {}
        """Who has waited all the time since a person's last submit that was accepted, without one of their own."""
        self.others: set[int] = set()
        """Who waited when the one under way was taken."""
        self.ahead: dict[int, int] = {}
        """How many accepted submits there may be before a person has one: as many as people were there before."""

    @rule(person=st.integers(0, 6), requests=st.integers(1, 4))
    def ask(self, person: int, requests: int) -> None:
        if person not in self.waiting and (self.under_way is None or person_of(self.under_way) != person):
            self.ahead[person] = len(self.waiting) + (self.under_way is not None)
        for _ in range(requests):
            job = f"{person}-{self.count}"
            self.count += 1
            self.line.add(person, job)
            self.waiting.setdefault(person, []).append(job)

    @precondition(lambda self: self.under_way is None)
    @rule()
    def try_the_next(self) -> None:
        following = self.line.peek()
        job = self.line.take()
        assert job == following
        if job is not None:
            self.under_way = job
            self._gone(job)
            self.others = {other for other in self.waiting if other != person_of(job)}

    @precondition(lambda self: self.under_way is not None)
    @rule()
    def accepted(self) -> None:
        assert self.under_way is not None
        person = person_of(self.under_way)
        self.under_way = None
        assert not self.passed_over.get(person), "between two submits of one person everybody else who waited had one"
        assert self.ahead.pop(person, 0) >= 0, "whoever has come later is not before whoever was there"
        for passed_over in self.passed_over.values():
            passed_over.discard(person)
        self.passed_over[person] = self.others & self.waiting.keys()
        self.ahead = {other: left - 1 for other, left in self.ahead.items()}
        if person in self.waiting:
            self.ahead[person] = len(self.waiting) - 1

    @precondition(lambda self: self.under_way is not None)
    @rule()
    def not_accepted(self) -> None:
        assert self.under_way is not None
        job, self.under_way = self.under_way, None
        person = person_of(job)
        self.line.put_back(person, job)
        self.waiting.setdefault(person, []).insert(0, job)
        assert self.line.place_of(person, job) == 1, "it keeps its turn"

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        jobs = [job for mine in self.waiting.values() for job in mine]
        if jobs:
            job = data.draw(st.sampled_from(jobs))
            assert self.line.remove(person_of(job), job)
            self._gone(job)
            if person_of(job) not in self.waiting:
                self.ahead.pop(person_of(job), None)
                self.others.discard(person_of(job))
                for passed_over in self.passed_over.values():
                    passed_over.discard(person_of(job))

    def _gone(self, job: str) -> None:
        person = person_of(job)
        self.waiting[person].remove(job)
        if not self.waiting[person]:
            del self.waiting[person]


TestTurns = Turns.TestCase


# The lane.


@pytest.fixture
async def crowd(migrated: Path, tmp_path: Path, no_backoff: None) -> AsyncGenerator[Rig]:
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with Rig(f"sqlite+aiosqlite:///{file}", limits=OperatorLimits(in_flight=FLOOD)) as rig:
        yield rig


async def flood(rig: Rig) -> tuple[list[Job], list[Job]]:
    many = [await rig.ask(title=f"0-{number}") for number in range(FLOOD)]
    few = [await rig.ask(title=f"{person}-0", user_id=USER + person) for person in range(1, OTHERS + 1)]
    return many, few


def order(rig: Rig) -> list[str]:
    return [sent.title for sent in rig.music.submits]


async def test_one_with_fifty_against_forty_nine_with_one(crowd: Rig) -> None:
    many, few = await flood(crowd)
    told = [crowd.lane.standing(job) for job in few]
    assert [standing.place for standing in told] == list(range(2, OTHERS + 2))
    for _ in range(OTHERS + 3):
        assert await crowd.submit()
    assert order(crowd) == ["0-0", *(f"{person}-0" for person in range(1, OTHERS + 1)), "0-1", "0-2"]
    for standing in told:
        assert standing.wait is not None
        assert standing.wait <= (OTHERS + 1) * (INTERVAL + 1.0), "and nobody was told of the fifty"
    assert crowd.lane.standing(many[3]).place == 1


async def test_a_service_that_takes_nothing_for_a_while_changes_nobodys_turn(crowd: Rig) -> None:
    """A job that is not accepted keeps its turn; what the service refuses so is the lane's trouble, not the job's."""
    first = await crowd.ask(title="0-0")
    await crowd.ask(title="0-1")
    others = [await crowd.ask(title=f"{person}-0", user_id=USER + person) for person in range(1, 6)]
    crowd.music.answers.extend([TooOften("429"), TooOften("429", retry_after=40.0), NotConnected(), TooOften("430")])
    for _ in range(4):
        crowd.clock.advance(120.0)
        assert await crowd.lane.submit_one()
        assert (await crowd.state(first), crowd.lane.standing(first).place) == (JobState.QUEUED, 1)
        assert [crowd.lane.standing(job).place for job in others] == [2, 3, 4, 5, 6]
    crowd.clock.advance(120.0)
    for _ in range(7):
        assert await crowd.submit()
    assert order(crowd)[4:] == ["0-0", "1-0", "2-0", "3-0", "4-0", "5-0", "0-1"]


async def test_a_request_that_the_service_refuses_for_good_lets_the_next_one_through(crowd: Rig) -> None:
    bad = await crowd.ask(title="bad")
    good = await crowd.ask(title="good", user_id=USER + 1)
    crowd.music.answers.append(Refused("no"))
    await crowd.submit()
    assert await crowd.state(bad) is JobState.FAILED
    await crowd.submit()
    assert await crowd.state(good) is JobState.GENERATING


async def test_cancelling_and_asking_again_gains_nothing(crowd: Rig) -> None:
    mine = await crowd.ask(title="mine")
    others = [await crowd.ask(title=f"{person}-0", user_id=USER + person) for person in range(1, 4)]
    await crowd.handling.cancel(mine.id, REQUESTER)
    again = await crowd.ask(title="again")
    assert [crowd.lane.standing(job).place for job in (*others, again)] == [1, 2, 3, 4]


async def test_the_cap_counts_what_is_in_flight_and_nothing_else(rig: Rig) -> None:
    jobs = [await rig.ask(title=f"mine {number}") for number in range(3)]
    assert await rig.submit()
    with pytest.raises(TooManyInFlight) as refused:
        await rig.ask()
    assert refused.value.limit == 3
    await rig.ask(user_id=USER + 1)
    await rig.handling.cancel(jobs[1].id, REQUESTER)
    await rig.ask(title="mine 3")
    listed = await rig.handling.of_user(USER, limit=9)
    assert [job.title for job in listed if job.in_flight] == ["mine 3", "mine 2", "mine 0"]
