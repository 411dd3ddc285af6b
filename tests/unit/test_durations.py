import json
import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.durations import EDGES, LONGEST, PRIOR_MEDIAN, PRIOR_NEVER, Curve, Durations
from bot.domain.experience import Evidence, Experience

AGES = st.floats(0.0, 2 * LONGEST)
SOON = st.floats(0.0, 1000.0)


def learned(ends: list[tuple[float, float]]) -> Durations:
    durations = Durations()
    for after, by in ends:
        durations.ended(after, by)
    return durations


def quantile(curve: Curve, share: float) -> float:
    return next(edge for edge in EDGES if curve.at(edge)[0] >= share)


PRIOR = Durations().curve()
CURVES = st.lists(st.tuples(SOON, st.floats(0.1, 100.0)), max_size=8).map(
    lambda ends: learned([(after, after + width) for after, width in ends]).curve()
)


def test_before_anything_is_learned_the_prior_holds() -> None:
    assert quantile(PRIOR, 0.5 * (1 - PRIOR_NEVER)) == pytest.approx(PRIOR_MEDIAN, rel=0.03)
    assert 1 - PRIOR.at(LONGEST)[0] == pytest.approx(PRIOR_NEVER, abs=0.001)


@given(CURVES, AGES, AGES)
def test_the_share_that_is_over_rises_with_age_and_stays_a_share(curve: Curve, one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert 0.0 <= curve.at(early)[0] <= curve.at(late)[0] <= 1.0 + 1e-9
    assert curve.at(early)[1] <= curve.at(late)[1]


@given(CURVES, SOON, SOON, SOON)
def test_expected_waiting_rises_with_age_and_never_exceeds_the_gap(curve: Curve, seen: float, one: float, other: float) -> None:
    early, late = sorted((seen + one, seen + other))
    sighting = curve.seen(seen)
    assert -1e-6 <= sighting.waiting(early) <= sighting.waiting(late) + 1e-6
    assert sighting.waiting(late) <= late - seen + 1e-6


def test_expected_waiting_is_the_integral_of_the_chance_to_be_over() -> None:
    seen, age, steps = 80.0, 120.0, 4000
    width = (age - seen) / steps
    over = [PRIOR.at(seen + (step + 0.5) * width)[0] for step in range(steps)]
    integral = sum((share - PRIOR.at(seen)[0]) / (1 - PRIOR.at(seen)[0]) * width for share in over)
    assert PRIOR.seen(seen).waiting(age) == pytest.approx(integral, rel=1e-4)


@given(CURVES, SOON, st.floats(1e-3, 30.0))
def test_due_is_where_expected_waiting_reaches_the_price(curve: Curve, seen: float, price: float) -> None:
    due = curve.seen(seen).due(price)
    assert due >= seen
    assume(due < LONGEST)
    assert curve.seen(seen).waiting(due) == pytest.approx(price, rel=1e-3, abs=1e-5)


def test_nothing_is_due_where_nothing_can_end() -> None:
    assert PRIOR.seen(LONGEST * 2).due(0.1) == math.inf
    assert PRIOR.seen(LONGEST * 2).waiting(LONGEST * 3) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("gap", [3.0, 15.0])
def test_it_learns_a_distribution_from_intervals(gap: float) -> None:
    rng = random.Random(4)
    durations = Durations()
    for _ in range(400):
        end = rng.choice((40.0, 200.0)) * math.exp(rng.gauss(0.0, 0.08))
        after = end - rng.uniform(0.0, gap)
        durations.ended(after, after + gap)
    curve = durations.curve()
    assert curve.at(100.0)[0] == pytest.approx(0.5, abs=0.1)
    assert curve.at(160.0)[0] - curve.at(60.0)[0] < 0.1
    assert curve.at(300.0)[0] > 0.93


def test_it_learns_how_many_never_end() -> None:
    rng = random.Random(5)
    durations = Durations()
    for _ in range(300):
        if rng.random() < 0.3:
            durations.outlived(900.0)
        else:
            durations.ended(90.0, 95.0)
    assert 1 - durations.curve().at(900.0)[0] == pytest.approx(0.3, abs=0.1)


def test_it_follows_a_sudden_change() -> None:
    changed = learned([(58.0, 62.0)] * 300 + [(178.0, 182.0)] * 60)
    assert quantile(changed.curve(), 0.5) > 150.0


def test_equal_durations_become_sharp_and_no_duration_becomes_impossible() -> None:
    curve = learned([(99.0, 102.0)] * 200).curve()
    assert curve.at(115.0)[0] - curve.at(88.0)[0] > 0.9
    assert curve.at(60.0)[0] > 0.0
    assert curve.at(900.0)[0] - curve.at(300.0)[0] > 0.0


def test_a_wide_interval_teaches_little() -> None:
    assert quantile(learned([(0.0, 3600.0)] * 3).curve(), 0.4) == pytest.approx(quantile(PRIOR, 0.4), rel=0.35)


@pytest.mark.parametrize("end", [(5.0, 5.0), (9.0, 5.0), (-3.0, 5.0), (math.nan, 5.0), (5.0, math.nan), (5.0, math.inf)])
def test_what_makes_no_sense_teaches_nothing(end: tuple[float, float]) -> None:
    assert learned([end]).curve() == PRIOR


def test_the_same_holds_of_what_was_outlived() -> None:
    durations = Durations()
    for age in (-1.0, math.nan, math.inf):
        durations.outlived(age)
    assert durations.curve() == PRIOR
    durations.outlived(LONGEST)
    assert durations.curve().at(LONGEST)[0] < PRIOR.at(LONGEST)[0]


def test_it_stays_sound_over_very_many_jobs() -> None:
    durations = learned([(90.0, 95.0)] * 4000)
    assert durations.curve().at(LONGEST)[0] == pytest.approx(1.0, abs=0.01)


def test_what_remains_of_a_job_come_upon_midway_is_mostly_short() -> None:
    curve = learned([(99.0, 101.0)] * 300).curve()
    assert curve.remaining().at(50.0)[0] == pytest.approx(0.5, abs=0.12)
    assert curve.remaining().at(LONGEST)[0] == pytest.approx(curve.at(LONGEST)[0])


def test_evidence_survives_as_json() -> None:
    for evidence in (Evidence(61.5, 66.0, 20.0), Evidence(61.5, 66.0), Evidence(900.5, None)):
        assert Evidence.from_state(json.loads(json.dumps(evidence.to_state()))) == evidence


@pytest.mark.parametrize("row", [[], [1.0], [None, 5.0, None], ["x", 5.0, None], [1.0, 2.0, 3.0, 4.0]])
def test_other_rows_are_refused(row: list[float | None]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of its kinds does not matter
        Evidence.from_state(row)


def test_the_waiting_share_sinks_slowly_and_rises_at_once() -> None:
    experience = Experience()
    shares = [experience.waiting_share]
    for _ in range(30):
        experience.learn(Evidence(98.0, 102.0, waiting=30.0))
        shares.append(experience.waiting_share)
    assert shares == sorted(shares, reverse=True)
    assert 0.5 < shares[-1] < 0.7
    experience.learn(Evidence(98.0, 102.0, waiting=95.0))
    assert experience.waiting_share == pytest.approx(0.95)


def test_a_stage_that_is_never_shown_or_never_changes_tells_nothing() -> None:
    experience = Experience()
    for _ in range(50):
        experience.learn(Evidence(98.0, 102.0))
    assert experience.waiting_share == 1.0
    for _ in range(50):
        experience.learn(Evidence(98.0, 102.0, waiting=98.0))
    assert experience.waiting_share > 0.97
