"""The agenda finds what a look at every plan would find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.agenda import STEEPEST, Agenda, Plan
from bot.domain.durations import Durations
from bot.domain.watch import Watch

CURVE = Durations().curve()
SEEN = st.floats(0.0, 300.0)


def plan(job_id: str, due: float, *, seen: float | None = None, sure_from: float = 900.0, growth: float = 1.0) -> Plan:
    watch = Watch(job_id=job_id, model="v3.5", submitted_at=0.0, deadline=900.0)
    return Plan(watch=watch, due=due, sure_from=sure_from, growth=growth, sighting=None if seen is None else CURVE.seen(seen))


PLANS = st.builds(
    plan,
    st.sampled_from("abcdefgh"),
    st.floats(0.0, 500.0),
    seen=st.none() | SEEN,
    sure_from=st.floats(0.0, 500.0),
    growth=st.floats(0.0, 1.0),
)
STEPS = st.lists(st.tuples(st.floats(0.0, 50.0), st.sampled_from(["put", "drop", "look"]), PLANS), max_size=40)


@given(STEPS)
def test_it_gives_the_most_urgent_of_those_due_else_the_first_to_be_due(steps: list[tuple[float, str, Plan]]) -> None:
    agenda, plans, now = Agenda(), dict[str, Plan](), 0.0
    for passed, what, given_plan in steps:
        now += passed
        if what == "put":
            agenda.put(given_plan)
            plans[given_plan.watch.job_id] = given_plan
        elif what == "drop":
            agenda.drop(given_plan.watch.job_id)
            plans.pop(given_plan.watch.job_id, None)
        found = agenda.first(now)
        due = [each for each in plans.values() if each.due <= now]
        if not plans:
            assert found is None
            continue
        assert found is not None
        assert plans[found.watch.job_id] is found
        if due:
            assert found.due <= now
            assert found.urgency(now) == pytest.approx(max(each.urgency(now) for each in due), abs=1e-6)
        else:
            assert found.due == min(each.due for each in plans.values())


@given(PLANS, st.floats(0.0, 1000.0), st.floats(0.0, 100.0))
def test_urgency_rises_no_faster_than_is_reckoned_with(one: Plan, now: float, later: float) -> None:
    assert one.urgency(now + later) <= one.urgency(now) + STEEPEST * later + 1e-6


def test_cleared_it_gives_back_what_it_had_and_begins_anew() -> None:
    agenda = Agenda()
    early, late = plan("early", 1.0), plan("late", 50.0)
    for each in (early, late, plan("gone", 2.0)):
        agenda.put(each)
    agenda.drop("gone")
    assert agenda.first(10.0) is early
    assert agenda.clear() == [early, late]
    assert agenda.first(100.0) is None
    agenda.put(late)
    assert agenda.first(5.0) is late, "time may run backwards over this"
