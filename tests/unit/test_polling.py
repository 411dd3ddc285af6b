import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.durations import Durations
from bot.domain.polling import LATE_INTERVAL, ExpectedWaiting, FixedInterval, Pick, Watch, expected_queries
from bot.domain.query_budget import QueryBudget
from bot.domain.reports import Stage

DEADLINE = 900.0
POLICY = FixedInterval(interval=5.0)


def watch(job_id: str = "j", *, submitted: float = 0.0, last: float | None = None, deadline: float = 900.0) -> Watch:
    return Watch(job_id=job_id, model="v3.5", submitted_at=submitted, deadline=deadline, last_query=last)


def test_with_nothing_to_watch_no_query_pays() -> None:
    assert POLICY.pick([], 0.0) is None


def test_a_new_job_is_asked_about_at_once_then_every_interval() -> None:
    assert POLICY.pick([watch(submitted=10.0)], 12.0) == Pick("j", 10.0)
    assert POLICY.pick([watch(last=12.0)], 13.0) == Pick("j", 17.0)


def test_past_its_deadline_a_job_is_asked_about_once_more_without_delay_then_rarely() -> None:
    assert POLICY.pick([watch(last=899.0)], 900.0) == Pick("j", 904.0)
    assert POLICY.pick([watch(last=904.0)], 905.0) == Pick("j", 904.0 + LATE_INTERVAL)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 800), min_size=1, max_size=20), st.integers(0, 899))
def test_the_longest_unqueried_is_next(last: dict[str, int], now: int) -> None:
    pick = POLICY.pick([watch(job, last=when) for job, when in last.items()], now)
    assert pick is not None
    assert last[pick.job_id] == min(last.values())
    assert pick.at == min(last.values()) + 5.0


def seen(job_id: str = "j", *, submitted: float = 0.0, at: float | None = None, stage: Stage = Stage.GENERATING) -> Watch:
    """A job under watch, found unfinished at an age (s)."""
    fresh = watch(job_id, submitted=submitted, deadline=submitted + DEADLINE)
    return fresh if at is None else fresh.unfinished(submitted + at, stage)


def due(policy: ExpectedWaiting, job: Watch, now: float | None = None) -> float:
    pick = policy.pick([job], now if now is not None else job.last_query or job.submitted_at)
    assert pick is not None
    return pick.at


def trained(ages: list[float], *, waiting: float | None = None) -> ExpectedWaiting:
    """A policy that has learned of jobs with these durations (s; inf: given up at the deadline)."""
    policy = ExpectedWaiting()
    policy.restore({"v3.5": [[age - 4.0, age, waiting] if age < math.inf else [DEADLINE, None, None] for age in ages]})
    return policy


def test_an_answer_and_a_silence_are_noted() -> None:
    asked = watch().unfinished(30.0, Stage.WAITING)
    assert (asked.queries, asked.last_query, asked.last_seen, asked.last_waiting) == (1, 30.0, 30.0, 30.0)
    asked = asked.unfinished(50.0, Stage.GENERATING).unanswered(60.0)
    assert (asked.queries, asked.last_query, asked.last_seen, asked.last_waiting, asked.stage) == (3, 60.0, 50.0, 30.0, Stage.GENERATING)


def test_without_jobs_there_is_no_pick() -> None:
    assert ExpectedWaiting().pick([], 0.0) is None


def test_no_query_is_spent_on_a_job_that_can_hardly_be_done() -> None:
    policy = ExpectedWaiting()
    assert 15.0 < due(policy, seen()) < 60.0
    long = trained([300.0 + place % 40 for place in range(120)])
    assert due(long, seen(at=200.0)) - 200.0 > 5 * (due(long, seen(at=310.0)) - 310.0)


def test_queries_come_closest_where_ends_are_most_likely() -> None:
    policy = ExpectedWaiting()
    gaps = {age: due(policy, seen(at=age)) - age for age in (5.0, 50.0, 90.0, 200.0, 400.0)}
    assert gaps[90.0] < gaps[50.0] < gaps[5.0]
    assert gaps[90.0] < gaps[200.0] < gaps[400.0]


def test_a_job_that_has_outlived_the_others_is_asked_about_ever_more_rarely_until_its_deadline() -> None:
    policy = trained([90.0 + place % 20 for place in range(100)])
    gaps = [due(policy, seen(at=age)) - age for age in (150.0, 200.0, 300.0, 450.0, 700.0)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 5 * gaps[0]
    assert due(policy, seen(at=DEADLINE - 1.0)) == DEADLINE


def test_past_the_deadline_one_query_settles_it_and_the_next_are_rare() -> None:
    policy = ExpectedWaiting()
    assert due(policy, seen(at=DEADLINE - 2.0)) <= DEADLINE
    assert due(policy, seen(at=DEADLINE + 1.0)) == DEADLINE + 1.0 + LATE_INTERVAL


def test_among_those_due_the_largest_expected_waiting_goes_first() -> None:
    policy = ExpectedWaiting()
    likely, late_in_life, young = seen("likely", at=70.0), seen("late", submitted=-400.0, at=470.0), seen("young", submitted=60.0)
    pick = policy.pick([young, late_in_life, likely], 95.0)
    assert pick is not None
    assert (pick.job_id, pick.at <= 95.0) == ("likely", True)


def test_a_silence_is_not_answered_by_the_same_question_at_once() -> None:
    policy = ExpectedWaiting()
    job = seen(at=80.0).unanswered(100.0)
    assert due(policy, job) >= 105.0


def test_a_task_made_elsewhere_is_asked_about_at_once_then_more_and_more_rarely() -> None:
    policy = ExpectedWaiting()
    strange = replace(seen(submitted=50.0), age_known=False)
    assert due(policy, strange, 50.0) == 50.0
    assert policy.pick([strange, seen("young", submitted=45.0)], 50.0) == Pick("j", 50.0)
    gaps = [due(ExpectedWaiting(), strange.unfinished(50.0 + age, Stage.GENERATING)) - 50.0 - age for age in (0.0, 150.0, 300.0, 500.0)]
    assert gaps[0] < 10.0
    assert gaps == sorted(gaps)


def test_a_task_made_elsewhere_teaches_nothing_of_durations() -> None:
    policy = ExpectedWaiting()
    policy.settled(replace(seen(at=1.0), age_known=False), 2.0, ended=True)
    assert policy.to_state() == {"v3.5": []}
    policy.settled(seen(at=1.0), 2.0, ended=True)
    assert policy.to_state() == {"v3.5": [[1.0, 2.0, None]]}


def test_waiting_in_the_providers_line_postpones_the_next_query_once_that_is_known_to_tell() -> None:
    telling = trained([90.0 + place % 20 for place in range(60)], waiting=30.0)
    silent = trained([90.0 + place % 20 for place in range(60)], waiting=88.0)
    in_line, generating = seen(at=80.0, stage=Stage.WAITING), seen(at=80.0)
    assert due(telling, generating) < due(telling, in_line) < 165.0
    assert due(silent, in_line) < due(telling, in_line)


def test_each_model_has_its_own_durations() -> None:
    policy = trained([300.0 + place % 30 for place in range(60)])
    assert due(policy, replace(seen(), model="other")) < due(policy, seen())


def test_what_was_learned_survives_as_json() -> None:
    policy = trained([40.0 + place % 9 for place in range(80)] + [math.inf] * 5)
    again = ExpectedWaiting()
    again.restore(json.loads(json.dumps(policy.to_state())))
    assert again.to_state() == policy.to_state()
    assert due(again, seen()) == pytest.approx(due(policy, seen()), rel=0.2)
    assert due(again, seen()) != pytest.approx(due(ExpectedWaiting(), seen()), rel=0.3)


@pytest.mark.parametrize("state", [[], {"v3.5": 5}, {"v3.5": [[1.0]]}, {"v3.5": [[None, 2.0, None]]}, {"v3.5": ["abc"]}])
def test_a_state_that_is_none_is_refused_and_changes_nothing(state: Any) -> None:  # noqa: ANN401 - that is the point
    policy = trained([40.0] * 20)
    before = policy.to_state()
    with pytest.raises(ValueError, match="cannot be read"):
        policy.restore(state)
    assert policy.to_state() == before


def test_after_a_restart_the_likeliest_to_be_over_are_asked_about_first() -> None:
    policy = ExpectedWaiting()
    jobs = [seen(str(age), submitted=1000.0 - age) for age in range(0, 600, 10)]
    order: list[int] = []
    while (pick := policy.pick(jobs, 1000.0)) is not None and pick.at <= 1000.0:
        order.append(int(pick.job_id))
        jobs = [job for job in jobs if job.job_id != pick.job_id]
    assert order == sorted(order, reverse=True)
    assert {60, 100, 590} <= set(order)
    assert 0 not in order


MOMENTS = st.floats(-1e6, 1e9) | st.floats(0.0, 2000.0)


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    submitted, last = draw(MOMENTS), draw(st.none() | MOMENTS)
    answered = last if draw(st.booleans()) else None
    return Watch(
        job_id="j",
        model="v3.5",
        submitted_at=submitted,
        deadline=submitted + draw(st.floats(1.0, 1e5)),
        age_known=draw(st.booleans()),
        last_query=last,
        last_seen=answered,
        last_waiting=answered if draw(st.booleans()) else None,
    )


@given(watches(), st.lists(MOMENTS, min_size=1, max_size=4))
def test_whatever_the_clocks_do_a_job_is_asked_about_within_its_deadline_or_the_late_interval(job: Watch, moments: list[float]) -> None:
    policy = ExpectedWaiting()
    for now in moments:
        pick = policy.pick([job], now)
        assert pick is not None
        assert not math.isnan(pick.at)
        assert pick.at <= max(now, job.deadline, job.submitted_at) + LATE_INTERVAL


@given(watches(), MOMENTS)
def test_a_query_that_found_nothing_is_never_followed_by_one_at_once(job: Watch, now: float) -> None:
    policy = ExpectedWaiting()
    policy.pick([job], now)
    pick = policy.pick([job.unfinished(now, Stage.GENERATING)], now)
    assert pick is not None
    assert pick.at >= now + 0.49


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(MOMENTS, st.booleans()), max_size=8))
def test_nonsense_teaches_nothing_that_breaks_it(ends: list[tuple[float, bool]]) -> None:
    policy = ExpectedWaiting()
    for place, (at, ended) in enumerate(ends):
        policy.settled(seen(str(place), at=50.0), at, ended=ended)
    assert due(policy, seen(), 1e9) < math.inf


def test_at_no_time_has_more_been_spent_than_a_fixed_interval_would_have() -> None:
    policy, job, now = trained([90.0 + place % 30 for place in range(100)]), seen(), 0.0
    while now < DEADLINE:
        pick = policy.pick([job], now)
        assert pick is not None
        if pick.at <= now:
            job = job.unfinished(now, Stage.GENERATING)
        assert job.queries <= now / 5.0 + 1
        now += 0.25


def test_a_budget_in_debt_opens_again_as_fast_as_a_fixed_interval_spends() -> None:
    budget = QueryBudget(2.0)
    budget.watched(2, 0.0)
    budget.spend(10)
    budget.watched(2, 10.0)
    assert budget.open_from(10.0) == pytest.approx(10.0 + 6.0 * 5.0 / 2)
    budget.watched(2, 26.0)
    assert budget.open_from(26.0) <= 26.0


def test_where_a_fixed_interval_would_use_the_whole_quota_so_may_we() -> None:
    budget = QueryBudget(2.0)
    budget.watched(50, 0.0)
    budget.spend(100)
    budget.watched(50, 50.0)
    assert budget.open_from(50.0) <= 50.0


def test_debts_make_queries_dearer_and_savings_cheaper() -> None:
    thrifty, spender = QueryBudget(2.0), QueryBudget(2.0)
    for budget, queries in ((thrifty, 5), (spender, 40)):
        for job in range(20):
            budget.watched(1, job * 100.0)
            budget.spend(queries)
            budget.watched(1, job * 100.0 + 99.0)
            budget.left()
    assert spender.of_a_job(100.0) < 0.7 * thrifty.of_a_job(100.0)
    assert thrifty.of_a_job(100.0) <= 1.31 * (100.0 / 5 + 1)


def test_plans_of_jobs_that_are_gone_are_forgotten() -> None:
    policy = ExpectedWaiting()
    policy.pick([seen(str(place)) for place in range(1000)], 0.0)
    for place in range(300):
        policy.settled(seen(f"old {place}", at=90.0), 95.0, ended=True)
        policy.pick([seen("j")], 1.0)
    assert len(policy._plans) < 150  # pyright: ignore[reportPrivateUsage] - what is kept shows nowhere else


def test_expected_queries_fall_with_the_price() -> None:
    curve = Durations().curve()
    counts = [expected_queries(curve, price, DEADLINE) for price in (0.01, 0.1, 1.0, 10.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= 1.0
