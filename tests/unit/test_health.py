import logging

import pytest

from bot.domain.standing import LaneCondition
from bot.errors import KeyRefused, Maintenance, NotAccepted, NotConnected, OutOfCredits, TaskUnknown, TooOften, Unreadable
from bot.services.health import FIRST_PROBE, LONGEST_HOLD, LONGEST_PROBE, LaneHealth

BASE = 4.0


@pytest.fixture
def health() -> LaneHealth:
    return LaneHealth(base=BASE)


@pytest.mark.parametrize(
    ("error", "condition", "retry", "hold"),
    [
        (TooOften(), LaneCondition.SLOWED, BASE, BASE),
        (TooOften(retry_after=17.0), LaneCondition.SLOWED, 17.0, 17.0),
        (TooOften(retry_after=0.0), LaneCondition.SLOWED, 0.0, 0.0),
        (TooOften(retry_after=-3.0), LaneCondition.SLOWED, 0.0, 0.0),
        (NotConnected(), LaneCondition.UNREACHABLE, BASE, 0.0),
        (Maintenance(), LaneCondition.UNREACHABLE, BASE, 0.0),
        (KeyRefused(), LaneCondition.KEY_REFUSED, FIRST_PROBE, 0.0),
        (OutOfCredits(), LaneCondition.NO_CREDITS, FIRST_PROBE, 0.0),
    ],
)
def test_each_trouble_has_its_condition_and_its_wait(
    health: LaneHealth, error: NotAccepted, condition: LaneCondition, retry: float, hold: float
) -> None:
    assert health.trouble(error, 100.0) == hold
    assert health.condition is condition
    assert health.retry_at == 100.0 + retry
    assert condition.paused is isinstance(error, (KeyRefused, OutOfCredits))


def waits(health: LaneHealth, error: NotAccepted, times: int) -> list[float]:
    found: list[float] = []
    for _ in range(times):
        health.trouble(error, 0.0)
        found.append(health.retry_at)
    return found


def test_waits_double_up_to_a_minute(health: LaneHealth) -> None:
    assert waits(health, NotConnected(), 6) == [4.0, 8.0, 16.0, 32.0, LONGEST_HOLD, LONGEST_HOLD]


def test_probes_become_rarer_up_to_ten_minutes(health: LaneHealth) -> None:
    assert waits(health, KeyRefused(), 6) == [60.0, 120.0, 240.0, 480.0, LONGEST_PROBE, LONGEST_PROBE]


def test_another_trouble_begins_anew(health: LaneHealth) -> None:
    waits(health, NotConnected(), 4)
    assert waits(health, TooOften(), 1) == [BASE]


def test_an_outage_is_one_line_when_it_begins_and_one_when_it_ends(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    waits(health, OutOfCredits("credits 0"), 5)
    health.fine()
    health.fine()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "the lane is no_credits: credits 0"),
        ("INFO", "the lane works again (it was no_credits)"),
    ]
    assert health.retry_at == 0.0
    assert waits(health, NotConnected(), 1) == [BASE], "the wait begins anew as well"


def test_a_slower_pace_is_a_warning(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    health.trouble(TooOften(), 0.0)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_query_may_begin_an_outage_and_an_answered_one_ends_it(health: LaneHealth) -> None:
    health.query_failed(NotConnected(), 10.0)
    assert (health.condition, health.retry_at) == (LaneCondition.UNREACHABLE, 14.0)
    health.query_answered()
    assert (health.condition, health.retry_at) == (LaneCondition.WORKING, 0.0)


@pytest.mark.parametrize("error", [TaskUnknown(), Unreadable(), TooOften(), Maintenance()])
def test_other_failures_of_a_query_say_nothing_of_submits(health: LaneHealth, error: Exception) -> None:
    health.query_failed(error, 10.0)  # type: ignore[arg-type] - each is a ProviderError
    assert health.condition is LaneCondition.WORKING


def test_an_answered_query_does_not_end_what_a_submit_has_met(health: LaneHealth) -> None:
    health.trouble(OutOfCredits(), 0.0)
    health.query_answered()
    assert health.condition is LaneCondition.NO_CREDITS


def test_nor_what_a_submit_has_met_after_a_query(health: LaneHealth) -> None:
    health.query_failed(KeyRefused(), 0.0)
    health.trouble(OutOfCredits(), 5.0)
    health.query_answered()
    assert health.condition is LaneCondition.NO_CREDITS


def test_a_pause_with_nobody_in_line_is_let_go_at_its_probe(health: LaneHealth) -> None:
    health.trouble(KeyRefused(), 0.0)
    health.lift_if_due(FIRST_PROBE - 1, waiting=0)
    assert health.condition is LaneCondition.KEY_REFUSED
    health.lift_if_due(FIRST_PROBE, waiting=1)
    assert health.condition is LaneCondition.KEY_REFUSED, "the job in line is the probe"
    health.lift_if_due(FIRST_PROBE, waiting=0)
    assert health.condition is LaneCondition.WORKING


def test_only_a_pause_is_let_go(health: LaneHealth) -> None:
    health.trouble(NotConnected(), 0.0)
    health.lift_if_due(10_000.0, waiting=0)
    assert health.condition is LaneCondition.UNREACHABLE


def test_something_of_ours_being_away_is_no_verdict_on_the_provider(health: LaneHealth) -> None:
    health.wait(50.0)
    assert (health.condition, health.retry_at) == (LaneCondition.WORKING, 54.0)


def test_a_base_of_nothing_still_waits() -> None:
    health = LaneHealth(base=0.0)
    assert waits(health, NotConnected(), 1) == [0.1]
