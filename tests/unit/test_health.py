import logging

import pytest

from bot.domain.standing import LaneCondition
from bot.errors import (
    Ambiguous,
    KeyRefused,
    Maintenance,
    NotAccepted,
    NotConnected,
    OutOfCredits,
    ProviderError,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.services.health import (
    CALM,
    FIRST_PROBE,
    FIRST_REST,
    LONGEST_HOLD,
    LONGEST_PROBE,
    LONGEST_WITHOUT_TRY,
    NOTICE_AFTER,
    QUERY_HOLD,
    SIGNS,
    LaneHealth,
)

BASE = 4.0
WORKING, UNREACHABLE = LaneCondition.WORKING, LaneCondition.UNREACHABLE


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
    assert (health.condition, health.since) == (condition, 100.0)
    assert health.retry_at == 100.0 + retry
    assert condition.paused is isinstance(error, (KeyRefused, OutOfCredits))
    assert condition.stopped is not isinstance(error, TooOften)


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


# One outage, one line.


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.services.health")


def test_an_outage_is_one_line_when_it_begins_and_one_when_it_is_over(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(5):
        health.tick(100.0 + 60 * number, waiting=20 + number)
        health.trouble(OutOfCredits("credits 0"), 100.0 + 60 * number)
    health.fine(403.0)
    health.fine(407.0)
    assert health.retry_at == 0.0
    health.tick(403.0 + CALM - 1, waiting=0)
    assert lines(caplog) == [("ERROR", "the lane is no_credits: credits 0")]
    assert health.in_outage
    assert health.until_next(403.0) == CALM
    health.tick(403.0 + CALM, waiting=0)
    assert lines(caplog)[1:] == [("INFO", "the lane works again after 5 min 3 s (it was no_credits); jobs that waited, at most: 24")]
    assert not health.in_outage
    assert waits(health, NotConnected(), 1) == [BASE], "the wait begins anew as well"


def test_a_provider_that_comes_and_goes_is_one_outage(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    for _ in range(100):
        health.tick(now, waiting=3)
        health.trouble(NotConnected("refused"), now)
        health.tick(now + 10.0, waiting=3)
        health.fine(now + 10.0)
        now += 20.0
    health.tick(now + CALM, waiting=0)
    assert lines(caplog) == [
        ("WARNING", "the lane is unreachable: refused"),
        ("INFO", "the lane works again after 33 min 10 s (it was unreachable); jobs that waited, at most: 3"),
    ]


def test_a_graver_trouble_within_an_outage_is_told_too_but_each_only_once(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        health.trouble(NotConnected("refused"), 0.0)
        health.trouble(KeyRefused("401"), 1.0)
        health.trouble(TooOften("429"), 2.0)
    health.fine(30.0)
    health.tick(30.0 + CALM, waiting=0)
    assert lines(caplog) == [
        ("WARNING", "the lane is unreachable: refused"),
        ("ERROR", "the lane is key_refused: 401"),
        ("WARNING", "the lane is slowed: 429"),
        ("INFO", "the lane works again after 30 s (it was unreachable, key_refused, slowed); jobs that waited, at most: 0"),
    ]
    assert health.since is None


def test_people_hear_of_a_pause_at_once_and_of_a_provider_that_is_away_once_it_is_no_blip(health: LaneHealth) -> None:
    health.trouble(NotConnected(), 100.0)
    assert health.until_next(100.0) == NOTICE_AFTER
    assert health.shown(100.0 + NOTICE_AFTER - 0.1) is WORKING
    health.trouble(NotConnected(), 104.0)
    assert health.shown(100.0 + NOTICE_AFTER) is UNREACHABLE
    assert health.until_next(100.0 + NOTICE_AFTER) is None
    health.trouble(KeyRefused(), 200.0)
    assert health.shown(200.0) is LaneCondition.KEY_REFUSED
    assert health.since == 100.0


# Submits with an unknown outcome: each may cost.


def test_one_unknown_outcome_is_chance_and_two_in_a_row_are_a_sign(health: LaneHealth) -> None:
    health.doubt(Ambiguous("timeout"), 0.0)
    assert (health.condition, health.retry_at) == (WORKING, 0.0)
    health.fine(4.0)
    health.doubt(Ambiguous("timeout"), 8.0)
    assert health.condition is WORKING
    health.doubt(Ambiguous("timeout"), 12.0)
    assert (health.condition, health.retry_at) == (UNREACHABLE, 16.0)
    health.doubt(Ambiguous("timeout"), 16.0)
    assert health.retry_at == 24.0, "and fewer and fewer go out"
    health.fine(24.0)
    assert health.condition is WORKING


def test_the_first_counts_while_queries_fail_as_well(health: LaneHealth) -> None:
    health.query_failed(Unreadable("503"), 0.0)
    health.doubt(Ambiguous("503"), 1.0)
    assert health.condition is UNREACHABLE


def test_an_answered_query_does_not_vouch_for_submits_whose_outcome_is_unknown(health: LaneHealth) -> None:
    for _ in range(2):
        health.doubt(Ambiguous("500"), 0.0)
    health.query_answered(1.0)
    assert (health.condition, health.retry_at) == (UNREACHABLE, 4.0)


# What queries tell.


@pytest.mark.parametrize("error", [NotConnected(), Maintenance(), KeyRefused(), OutOfCredits()])
def test_a_query_may_begin_an_outage_and_an_answered_one_ends_it(health: LaneHealth, error: ProviderError) -> None:
    health.query_failed(error, 10.0)
    assert health.condition is not WORKING
    assert health.retry_at > 10.0
    health.query_answered(20.0)
    assert (health.condition, health.retry_at) == (WORKING, 0.0)


def test_queries_without_a_usable_answer_are_a_sign_when_they_follow_each_other(health: LaneHealth) -> None:
    for number in range(SIGNS - 1):
        health.query_failed(Unreadable("502"), number)
    health.query_answered(5.0)
    for number in range(SIGNS - 1):
        health.query_failed(Unreadable("502"), 10.0 + number)
    assert health.condition is WORKING
    health.query_failed(Unreadable("502"), 20.0)
    assert (health.condition, health.retry_at) == (UNREACHABLE, 20.0 + BASE)


def test_while_they_go_on_failing_no_submit_is_tried_for_a_while(health: LaneHealth) -> None:
    for now in range(100, 700, 5):
        health.query_failed(Unreadable("502"), now)
        assert health.retry_at <= max(now + QUERY_HOLD, 110.0 + BASE)
    assert health.retry_at == 110.0 + LONGEST_WITHOUT_TRY, "but for so long that one is tried all the same"


@pytest.mark.parametrize("error", [TaskUnknown(), Unreadable(), TooOften()])
def test_other_failures_of_a_query_say_nothing_of_submits(health: LaneHealth, error: ProviderError) -> None:
    health.query_failed(error, 10.0)
    assert health.condition is WORKING


def test_a_task_that_is_not_known_is_an_answer(health: LaneHealth) -> None:
    health.query_failed(NotConnected(), 0.0)
    health.query_failed(TaskUnknown(), 5.0)
    assert health.condition is WORKING


def test_an_answered_query_shows_that_a_provider_that_was_away_is_back(health: LaneHealth) -> None:
    waits(health, NotConnected(), 5)
    health.query_answered(3.0)
    assert (health.condition, health.retry_at) == (WORKING, 0.0)


@pytest.mark.parametrize("error", [OutOfCredits(), KeyRefused(), TooOften(retry_after=30.0)])
def test_but_does_not_end_what_else_a_submit_has_met(health: LaneHealth, error: NotAccepted) -> None:
    health.query_failed(KeyRefused(), 0.0)
    health.trouble(error, 5.0)
    before = (health.condition, health.retry_at)
    health.query_answered(6.0)
    assert (health.condition, health.retry_at) == before


def test_a_query_does_not_gloss_over_what_a_submit_has_met(health: LaneHealth) -> None:
    health.trouble(OutOfCredits(), 0.0)
    health.query_failed(NotConnected(), 1.0)
    health.query_failed(KeyRefused(), 1.0)
    assert health.condition is LaneCondition.NO_CREDITS


def test_queries_that_are_too_frequent_rest_for_longer_each_time(health: LaneHealth) -> None:
    assert [health.query_too_often(TooOften()) for _ in range(8)] == [FIRST_REST, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_HOLD, LONGEST_HOLD]
    assert health.query_too_often(TooOften(retry_after=7.0)) == 7.0
    assert health.query_too_often(Unreadable(retry_after=-7.0)) == 0.0
    health.query_answered(0.0)
    assert health.query_too_often(TooOften()) == FIRST_REST


# Nobody in line to be the next try.


def test_a_trouble_with_nobody_in_line_is_let_go_when_a_try_is_due(health: LaneHealth) -> None:
    health.trouble(KeyRefused(), 0.0)
    health.tick(FIRST_PROBE - 1, waiting=0)
    assert health.condition is LaneCondition.KEY_REFUSED
    health.tick(FIRST_PROBE, waiting=1)
    assert health.condition is LaneCondition.KEY_REFUSED, "the job in line is the probe"
    health.tick(FIRST_PROBE, waiting=0)
    assert health.condition is WORKING


def test_what_was_let_go_is_not_over_until_the_provider_has_answered(health: LaneHealth, caplog: pytest.LogCaptureFixture) -> None:
    health.trouble(NotConnected("refused"), 0.0)
    health.tick(1000.0, waiting=0)
    assert health.condition is WORKING
    health.tick(2000.0, waiting=1)
    health.trouble(NotConnected("refused"), 2000.0)
    assert len(lines(caplog)) == 1
    health.fine(2010.0)
    health.tick(2010.0 + CALM, waiting=0)
    assert lines(caplog)[1:] == [("INFO", "the lane works again after 33 min 30 s (it was unreachable); jobs that waited, at most: 1")]


def test_what_queries_see_they_go_on_seeing(health: LaneHealth) -> None:
    health.query_failed(NotConnected(), 0.0)
    health.tick(10_000.0, waiting=0)
    assert health.condition is UNREACHABLE


def test_something_of_ours_being_away_is_no_verdict_on_the_provider(health: LaneHealth) -> None:
    health.wait(50.0)
    assert (health.condition, health.retry_at) == (WORKING, 54.0)
    health.trouble(TooOften(retry_after=30.0), 50.0)
    health.wait(50.0)
    assert health.retry_at == 80.0, "nor on its wish"


def test_a_base_of_nothing_still_waits() -> None:
    health = LaneHealth(base=0.0)
    assert waits(health, NotConnected(), 1) == [0.1]
