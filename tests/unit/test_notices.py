"""Who is told of a standstill, and when; how it looks to people over minutes is in test_outages.py."""

from collections.abc import Callable

import pytest

from bot.domain.jobs import Job
from bot.domain.standing import Standing
from bot.errors import KeyRefused, NotConnected, TooOften
from bot.services.health import CALM, NOTICE_AFTER, LaneHealth
from bot.services.notices import NOTICES_PER_SECOND, SOON, Notices
from tests.contract.builders import make_job


class Line:
    """Some jobs in line, and who of them was told."""

    def __init__(self, count: int) -> None:
        self.jobs = {f"job{number}": make_job(number) for number in range(count)}
        self.waits: dict[str, float] = {}
        self.told: list[str] = []
        self.health = LaneHealth(base=4.0)
        self.notices = Notices(
            health=self.health, in_line=self.jobs.values, standing=self._standing, tell=lambda job: self.told.append(job.id)
        )

    def _standing(self, job: Job) -> Standing:
        return Standing(place=7, wait=self.waits.get(job.id, SOON + 1)) if job.id in self.jobs else Standing()

    def passes(self, start: float, seconds: float) -> None:
        for tenth in range(round(seconds * 10)):
            self.health.tick(start + tenth / 10, waiting=len(self.jobs))
            self.notices.step(start + tenth / 10)


@pytest.fixture
def line() -> Line:
    return Line(30)


def away(line: Line) -> None:
    line.health.trouble(NotConnected(), 100.0)


def paused(line: Line) -> None:
    line.health.trouble(KeyRefused(), 100.0)


@pytest.mark.parametrize(("begins", "after"), [(away, NOTICE_AFTER), (paused, 0.0)])
def test_everybody_is_told_once_and_not_all_at_once(line: Line, begins: Callable[[Line], None], after: float) -> None:
    begins(line)
    line.passes(100.0, after)
    assert line.told == []
    line.passes(100.0 + after, 2.0)
    assert NOTICES_PER_SECOND <= len(line.told) <= 2 * NOTICES_PER_SECOND
    line.passes(102.0 + after, 60.0)
    assert line.told == list(line.jobs)


def test_a_slower_pace_is_nobodys_news(line: Line) -> None:
    line.health.trouble(TooOften(retry_after=600.0), 100.0)
    line.passes(100.0, 100.0)
    assert line.told == []
    assert line.notices.until_next(200.0) is None


def test_what_is_graver_is_told_too_and_what_is_less_grave_is_not(line: Line) -> None:
    away(line)
    line.passes(100.0, 60.0)
    line.told.clear()
    line.health.trouble(KeyRefused(), 160.0)
    line.passes(160.0, 60.0)
    assert line.told == list(line.jobs)
    line.health.trouble(NotConnected(), 220.0)
    line.passes(220.0, 60.0)
    assert line.told == list(line.jobs)


def test_the_end_is_told_once_it_is_one_to_those_who_know_of_it_and_have_still_to_wait(line: Line) -> None:
    away(line)
    line.passes(100.0, 18.0)
    knowing = list(line.told)
    assert 10 < len(knowing) < 20
    line.told.clear()
    line.health.fine(118.0)
    line.passes(118.0, CALM)
    assert line.told == []
    line.waits[knowing[0]] = SOON
    del line.jobs[knowing[1]]
    line.passes(118.0 + CALM, 20.0)
    assert line.told == knowing[2:]
    assert line.notices.until_next(200.0) is None


def test_whoever_comes_in_between_knows_already_and_is_told_of_the_end(line: Line) -> None:
    away(line)
    line.passes(100.0, 40.0)
    line.told.clear()
    late = line.jobs["late"] = make_job(77, id="late")
    line.notices.entered(late, 140.0)
    line.passes(140.0, 10.0)
    assert line.told == []
    line.health.fine(150.0)
    line.passes(150.0, CALM + 20.0)
    assert line.told.count("late") == 1


def test_there_is_something_to_do_while_somebody_is_to_be_told(line: Line) -> None:
    assert line.notices.until_next(0.0) is None
    paused(line)
    line.notices.step(100.0)
    assert line.notices.until_next(100.0) == pytest.approx(1 / NOTICES_PER_SECOND)
    assert line.notices.until_next(130.0) == 0.0


def test_after_a_moment_of_calm_those_who_do_not_know_yet_are_told(line: Line) -> None:
    paused(line)
    line.passes(100.0, 2.0)
    knowing = list(line.told)
    line.health.fine(102.0)
    line.passes(102.0, 5.0)
    assert line.told == knowing
    assert line.notices.until_next(107.0) is None, "nothing is to be done meanwhile"
    line.health.trouble(KeyRefused(), 107.0)
    line.passes(107.0, 20.0)
    assert line.told == list(line.jobs), "and nobody twice"
