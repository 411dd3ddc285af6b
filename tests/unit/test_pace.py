import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import FIRST_TRIP, Pace
from bot.domain.quota import Quota


@pytest.mark.parametrize(
    ("place", "opens_at", "not_before", "wait"),
    [
        (1, 90.0, 0.0, 0.0),
        (1, 103.0, 0.0, 3.0),
        (1, 103.0, 160.0, 60.0),
        (3, 103.0, 0.0, 3.0 + 2 * (4.0 + FIRST_TRIP)),
        (3, 90.0, 160.0, 60.0 + 2 * (4.0 + FIRST_TRIP)),
        (1, None, 0.0, 4.0),
    ],
)
def test_a_turn_comes_when_quota_and_provider_allow(place: int, opens_at: float | None, not_before: float, wait: float) -> None:
    assert Pace(4.0).wait(place, 100.0, opens_at=opens_at, not_before=not_before) == pytest.approx(wait)


def test_a_request_under_way_is_expected_to_take_as_long_as_usual_and_no_less_than_it_has() -> None:
    pace = Pace(4.0, trip=2.0)
    pace.left(100.0)
    assert pace.wait(1, 100.5, opens_at=None, not_before=0.0) == 1.5 + 4.0
    assert pace.wait(1, 109.0, opens_at=None, not_before=0.0) == 4.0


def test_round_trips_are_learned() -> None:
    pace = Pace(4.0)
    for begun in range(0, 500, 10):
        pace.left(begun)
        pace.answered(begun + 3.0)
    assert pace.trip == pytest.approx(3.0, abs=0.01)
    pace.answered(1000.0)
    assert pace.trip == pytest.approx(3.0, abs=0.01), "nothing was under way"


@given(trips=st.lists(st.floats(0.1, 3.0), min_size=30, max_size=30), place=st.integers(1, 30))
def test_the_wait_told_is_the_time_that_a_quota_takes(trips: list[float], place: int) -> None:
    quota, pace = Quota(slots=1, window=4.0, started=0.0), Pace(4.0, trip=1.5)
    told = pace.wait(place, 0.0, opens_at=quota.opens_at(), not_before=0.0)
    now = 0.0
    for trip in trips[: place - 1]:
        now = quota.opens_at() or now
        assert quota.take(now)
        now += trip
        quota.give_back(now)
    assert told == pytest.approx(quota.opens_at(), abs=1.5 * place)
