"""The clock of a session: when it runs, when it stands still, and that no time is lost by either."""

import pytest

from bot.domain.sessions import clock, deadlines
from bot.domain.sessions.model import Pause, Phase
from bot.domain.sessions.plans import DEFAULT_SECONDS, MOST_BUDGET, SHORTEST_VOTE, SPARE, Mode, Plan, usual_budget
from bot.errors import SessionRefused
from tests.unit.sessions.making import ANNA, BEN, NOW, ROUND, brought, extending, planned, refused, rung, started, with_ideas


def test_a_round_ends_after_its_time() -> None:
    session = started()
    assert (session.due, session.left) == (NOW + ROUND, None)


def test_before_its_time_nothing_rings() -> None:
    session = with_ideas(started(), ANNA)
    assert deadlines.rung(session, NOW + ROUND - 1) is session


def test_a_deadline_rings_once() -> None:
    session = rung(with_ideas(started(), ANNA, BEN))
    assert session.due is not None
    assert deadlines.rung(session, NOW + ROUND) is session, "the vote has a deadline of its own"
    counting = rung(session)
    assert deadlines.rung(counting, NOW + 10 * ROUND) is counting


def test_while_an_extension_is_made_there_is_no_deadline() -> None:
    session = extending(ANNA)
    assert (session.phase, session.due, session.left) == (Phase.EXTENDING, None, None)


def test_a_pause_takes_no_time() -> None:
    paused = clock.pause(started(), Pause.HOST, NOW + 50)
    assert (paused.due, paused.left) == (None, ROUND - 50)
    resumed = clock.resume(paused, NOW + 5000)
    assert (resumed.due, resumed.left) == (NOW + 5000 + ROUND - 50, None)


def test_nothing_rings_while_a_session_is_paused() -> None:
    paused = clock.pause(started(), Pause.HOST, NOW)
    assert deadlines.rung(paused, NOW + 100 * ROUND) is paused


@pytest.mark.parametrize("late", [-3.0, 0.0, 30.0])
def test_nobody_finds_that_the_time_was_over_just_when_it_goes_on(late: float) -> None:
    paused = clock.pause(started(), Pause.HOST, NOW + ROUND + late)
    assert paused.left == clock.LEAST_LEFT


def test_a_paused_session_stays_paused_for_its_first_reason() -> None:
    paused = clock.pause(started(), Pause.HOST, NOW)
    assert clock.pause(paused, Pause.AWAY, NOW).paused is Pause.HOST


def test_that_its_place_is_gone_is_the_reason_that_counts() -> None:
    paused = clock.pause(started(), Pause.HOST, NOW)
    assert clock.pause(paused, Pause.PLACE, NOW).paused is Pause.PLACE


def test_what_is_not_paused_cannot_be_resumed() -> None:
    with refused(SessionRefused.NOT_PAUSED):
        clock.resume(started(), NOW)


def test_the_clock_stands_still_while_the_lane_is_paused() -> None:
    held = clock.hold(started(), NOW + 80, held=True)
    assert (held.due, held.left) == (None, ROUND - 80)
    assert clock.hold(held, NOW + 90, held=True) is held
    assert clock.hold(held, NOW + 1000, held=False).due == NOW + 1000 + ROUND - 80


@pytest.mark.parametrize("resumed_first", [True, False])
def test_the_clock_goes_on_only_when_nothing_holds_it_any_more(*, resumed_first: bool) -> None:
    session = clock.hold(clock.pause(started(), Pause.HOST, NOW + 10), NOW + 20, held=True)
    if resumed_first:
        session = clock.resume(session, NOW + 30)
        assert session.due is None
        session = clock.hold(session, NOW + 40, held=False)
    else:
        session = clock.hold(session, NOW + 30, held=False)
        assert session.due is None
        session = clock.resume(session, NOW + 40)
    assert session.due == NOW + 40 + ROUND - 10


def test_a_step_that_begins_in_a_pause_has_all_its_time_afterwards() -> None:
    session = brought(clock.pause(extending(ANNA), Pause.HOST, NOW))
    assert (session.phase, session.due, session.left) == (Phase.TAKES, None, 60.0)
    assert clock.resume(session, NOW + 500).due == NOW + 560


@pytest.mark.parametrize("away", [0.0, 5.0, clock.LONGEST_ABSENCE])
def test_a_short_absence_puts_the_deadline_off(away: float) -> None:
    session = clock.after_absence(started(), NOW + 20, NOW + 20 + away)
    assert (session.due, session.paused) == (NOW + ROUND + away, None)


def test_a_clock_that_was_put_back_takes_nothing_away() -> None:
    assert clock.after_absence(started(), NOW + 20, NOW).due == NOW + ROUND


def test_after_a_long_absence_the_session_waits_for_its_host_with_the_time_that_was_left() -> None:
    session = clock.after_absence(started(), NOW + 20, NOW + 21 + clock.LONGEST_ABSENCE)
    assert (session.paused, session.due, session.left) == (Pause.AWAY, None, ROUND - 20)


def test_an_absence_from_before_a_session_was_started_is_none_of_its() -> None:
    assert clock.after_absence(started(), NOW - 90_000, NOW + 20).due == NOW + ROUND + 20


def test_an_absence_does_not_move_what_stands_still() -> None:
    held = clock.hold(started(), NOW + 80, held=True)
    assert clock.after_absence(held, NOW + 90, NOW + 190) == held
    paused = clock.pause(started(), Pause.HOST, NOW + 80)
    assert clock.after_absence(paused, NOW + 90, NOW + 9000) == paused


def test_an_absence_pauses_nothing_that_has_not_begun() -> None:
    assert clock.after_absence(planned(), NOW, NOW + 9000) == planned()


def test_more_time_puts_the_deadline_off_also_in_a_pause() -> None:
    assert clock.more_time(started(), 60).due == NOW + ROUND + 60
    assert clock.more_time(clock.pause(started(), Pause.HOST, NOW), 60).left == ROUND + 60


def test_there_is_no_more_time_where_there_is_no_deadline() -> None:
    with refused(SessionRefused.NO_DEADLINE):
        clock.more_time(extending(ANNA), 60)
    with refused(SessionRefused.NO_DEADLINE):
        clock.more_time(rung(rung(with_ideas(started(), ANNA, BEN))), 60)


def test_a_vote_is_half_as_long_as_a_round_but_never_too_short_for_a_phone() -> None:
    assert Plan(name="", round_seconds=600).vote_seconds == 300
    assert Plan(name="", round_seconds=60).vote_seconds == SHORTEST_VOTE


def test_an_open_session_takes_the_time_of_all_its_rounds() -> None:
    assert started(Mode.OPEN, rounds=4).due == NOW + 4 * ROUND


@pytest.mark.parametrize(("rounds", "left", "budget"), [(3, None, 3 + SPARE), (3, 4, 4), (3, 0, 0), (3, -1, 0), (60, None, MOST_BUDGET)])
def test_the_usual_budget_has_something_to_spare_and_never_more_than_the_server_has(rounds: int, left: int | None, budget: int) -> None:
    assert usual_budget(rounds, left) == budget


def test_a_plan_without_anything_set_can_be_started() -> None:
    plan = Plan(name="Friday")
    assert (plan.mode, plan.round_seconds, plan.budget > plan.rounds) == (Mode.IDEAS, DEFAULT_SECONDS, True)
