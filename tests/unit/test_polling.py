import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.durations import Durations
from bot.domain.polling import LATE_INTERVAL, REPLAN, RETRY_AFTER, ExpectedWaiting, expected_queries
from bot.domain.query_budget import FIXED_INTERVAL, QueryBudget, fixed_interval
from bot.domain.reports import Stage
from bot.domain.watch import Pick, Watch

DEADLINE = 900.0


def watch(job_id: str = "j", *, submitted: float = 0.0, last: float | None = None, deadline: float = 900.0) -> Watch:
    return Watch(job_id=job_id, model="v3.5", submitted_at=submitted, deadline=deadline, last_query=last)


def seen(job_id: str = "j", *, submitted: float = 0.0, at: float | None = None, stage: Stage = Stage.GENERATING) -> Watch:
    """A job under watch, found unfinished at an age (s)."""
    fresh = watch(job_id, submitted=submitted, deadline=submitted + DEADLINE)
    return fresh if at is None else fresh.unfinished(submitted + at, stage)


def due(policy: ExpectedWaiting, job: Watch, now: float | None = None) -> float:
    pick = pick_of(policy, [job], now if now is not None else job.last_query or job.submitted_at)
    assert pick is not None
    return pick.at


def pick_of(policy: ExpectedWaiting, jobs: list[Watch], now: float) -> Pick | None:
    """Let the policy know of these jobs, and look what it would ask about."""
    for job in jobs:
        policy.follow(job)
    pick = policy.pick(now)
    for job in jobs:
        policy.leave(job.job_id)
    return pick


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
    assert ExpectedWaiting().pick(0.0) is None


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
    late = replace(seen(at=DEADLINE + 1.0), late=True)
    assert due(policy, late) == DEADLINE + 1.0 + LATE_INTERVAL
    assert due(policy, replace(late, last_query=None), DEADLINE + 5.0) == DEADLINE + LATE_INTERVAL, "after a restart"


def test_a_silence_at_the_deadline_is_followed_by_another_query_soon() -> None:
    assert due(ExpectedWaiting(), seen(at=DEADLINE - 2.0).unanswered(DEADLINE)) == DEADLINE + RETRY_AFTER


def test_among_those_due_the_largest_expected_waiting_goes_first() -> None:
    policy = ExpectedWaiting()
    likely, late_in_life, young = seen("likely", at=70.0), seen("late", submitted=-400.0, at=470.0), seen("young", submitted=60.0)
    pick = pick_of(policy, [young, late_in_life, likely], 95.0)
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
    assert pick_of(policy, [strange, seen("young", submitted=45.0)], 50.0) == Pick("j", 50.0)
    gaps = [due(ExpectedWaiting(), strange.unfinished(50.0 + age, Stage.GENERATING)) - 50.0 - age for age in (0.0, 150.0, 300.0, 500.0)]
    assert gaps[0] < 10.0
    assert gaps == sorted(gaps)


def test_a_task_made_elsewhere_teaches_nothing_of_durations() -> None:
    policy = ExpectedWaiting()
    policy.settled(replace(seen(at=1.0), age_known=False), 2.0, ended=True)
    assert policy.to_state() == {}
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
    for job in jobs:
        policy.follow(job)
    while (pick := policy.pick(1000.0)) is not None and pick.at <= 1000.0:
        order.append(int(pick.job_id))
        policy.asked(pick.job_id)
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
        late=draw(st.booleans()),
        last_query=last,
        last_seen=answered,
        last_waiting=answered if draw(st.booleans()) else None,
    )


@given(watches(), st.lists(MOMENTS, min_size=1, max_size=4))
def test_whatever_the_clocks_do_a_job_is_asked_about_within_its_deadline_or_the_late_interval(job: Watch, moments: list[float]) -> None:
    policy = ExpectedWaiting()
    policy.follow(job)
    for now in moments:
        pick = policy.pick(now)
        assert pick is not None
        assert not math.isnan(pick.at)
        assert pick.at <= max(now, job.deadline, job.submitted_at) + LATE_INTERVAL


@given(watches(), MOMENTS)
def test_a_query_that_found_nothing_is_never_followed_by_one_at_once(job: Watch, now: float) -> None:
    policy = ExpectedWaiting()
    policy.follow(job)
    policy.pick(now)
    policy.asked(job.job_id)
    policy.follow(job.unfinished(now, Stage.GENERATING))
    pick = policy.pick(now)
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
    policy.follow(job)
    while now < DEADLINE:
        pick = policy.pick(now)
        assert pick is not None
        if pick.at <= now:
            policy.asked(job.job_id)
            job = job.unfinished(now, Stage.GENERATING)
            policy.follow(job)
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


def test_the_query_at_the_deadline_is_sent_on_credit() -> None:
    policy, job = ExpectedWaiting(), replace(seen(), deadline=100.0)
    policy.follow(job)
    policy.pick(0.0)
    for at in (90.0, 91.0, 92.0, *[93.0] * 30):
        policy.asked("j")
        job = job.unfinished(at, Stage.GENERATING)
        policy.follow(job)
    pick = policy.pick(93.0)
    assert pick is not None
    assert 93.5 < pick.at <= 100.0
    late = replace(job, late=True)
    policy.follow(late)
    assert policy.pick(100.0 + LATE_INTERVAL) == Pick("j", 93.0 + LATE_INTERVAL)


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


def test_debts_do_not_close_the_quota_where_a_fixed_interval_would_use_all_of_it() -> None:
    """The account stands still there: who waited for it to recover would wait for ever."""
    budget = QueryBudget(2.0)
    budget.watched(10, 0.0)
    budget.spend(5)
    budget.watched(11, 0.0)
    assert budget.open_from(0.0) <= 0.0


@given(st.floats(0.5, 50.0), st.floats(0.05, 5.0), st.integers(1, 30), st.integers(1, 40))
def test_a_budget_opens_when_it_says(quota: float, interval: float, jobs: int, spent: int) -> None:
    budget = QueryBudget(quota, interval)
    budget.watched(jobs, 0.0)
    budget.spend(spent)
    budget.watched(jobs, 0.0)
    opens = max(budget.open_from(0.0), 0.0)
    assume(opens < 150.0)
    budget.watched(jobs, opens + 1e-6)
    assert budget.open_from(opens + 1e-6) <= opens + 1e-6


def test_where_tracks_are_made_faster_queries_may_come_closer() -> None:
    assert fixed_interval(95.0) == fixed_interval(300.0) == FIXED_INTERVAL
    assert fixed_interval(19.0) == 1.0
    slow, fast = ExpectedWaiting(), ExpectedWaiting(usual=10.0)
    assert due(fast, seen(at=9.0)) - 9.0 < 0.5 * (due(slow, seen(at=90.0)) - 90.0)


def test_a_job_that_is_asked_about_or_left_is_not_picked() -> None:
    def next_at(now: float) -> str | None:
        pick = policy.pick(now)
        return pick.job_id if pick else None

    policy, job = ExpectedWaiting(), seen("two", at=70.0)
    policy.follow(seen("one", at=80.0))
    policy.follow(job)
    assert next_at(95.0) == "two"
    policy.asked("two")
    assert next_at(95.0) == "one"
    policy.leave("one")
    assert next_at(95.0) is None
    policy.follow(job.unfinished(95.0, Stage.GENERATING))
    assert next_at(96.0) == "two"
    policy.settled(job.unfinished(95.0, Stage.GENERATING), 97.0, ended=True)
    assert next_at(98.0) is None


def test_what_is_learned_changes_the_plans_of_all() -> None:
    policy = ExpectedWaiting()
    policy.follow(seen("waiting", at=20.0))
    before = policy.pick(20.0)
    for place in range(100):
        policy.settled(seen(str(place), at=200.0), 204.0, ended=True)
    after = policy.pick(21.0)
    assert before is not None
    assert after is not None
    assert after.at > before.at + 30.0


def test_of_many_jobs_the_plans_are_changed_now_and_then() -> None:
    policy, many = ExpectedWaiting(), 2000
    for place in range(many):
        policy.follow(seen(str(place), at=1.0))
    policy.settled(seen("a", at=400.0), 404.0, ended=True)
    planned = policy.pick(2.0)
    for place in range(40):
        policy.settled(seen(f"b{place}", at=400.0), 404.0, ended=True)
    again = 2.0 + REPLAN * many
    assert planned is not None
    assert planned.at > again
    assert policy.pick(again - 0.1) == Pick(planned.job_id, again), "it wakes up for it"
    after = policy.pick(again)
    assert after is not None
    assert after.at != planned.at


def test_what_is_usual_is_the_middle_half_of_those_that_end_in_time() -> None:
    policy = trained(([60.0 + place for place in range(20)] * 3 + [140.0 + place for place in range(20)] * 2 + [math.inf] * 20) * 3)
    assert policy.usual("v3.5") == pytest.approx((68.0, 147.0), abs=8.0)
    assert policy.usual("v3.5", 100.0) == pytest.approx((145.0, 156.0), abs=8.0)
    assert policy.usual("v3.5", 2000.0) == (2000.0, 2000.0)


def test_what_is_usual_of_a_task_made_elsewhere_is_what_remains_of_it() -> None:
    policy = trained([100.0] * 200)
    assert policy.usual("v3.5", age_known=False) == pytest.approx((25.0, 75.0), abs=10.0)
    assert policy.usual("v3.5", 50.0, age_known=False) == pytest.approx((62.0, 88.0), abs=10.0)


def test_before_anything_is_learned_the_usual_duration_is_the_given_one() -> None:
    low, high = ExpectedWaiting(usual=30.0).usual("any")
    assert 15.0 < low < 30.0 < high < 60.0


@given(st.floats(0.0, 2000.0))
def test_what_is_usual_never_lies_behind(age: float) -> None:
    low, high = ExpectedWaiting().usual("any", age)
    assert age <= low <= high <= max(age, DEADLINE) + 1e-6


def test_expected_queries_fall_with_the_price() -> None:
    curve = Durations().curve()
    counts = [expected_queries(curve, price, DEADLINE) for price in (0.01, 0.1, 1.0, 10.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= 1.0
