import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.times import about, between, when


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "about 5 s"),
        (8, "about 10 s"),
        (41, "about 40 s"),
        (72, "about 70 s"),
        (89, "about 90 s"),
        (90, "about 1½ min"),
        (124, "about 2 min"),
        (299, "about 5 min"),
        (340, "about 6 min"),
        (600, "about 10 min"),
        (25 * 60, "about 25 min"),
        (57 * 60, "about 55 min"),
        (90 * 60, "about 1½ h"),
        (11 * 3600, "about 11 h"),
    ],
)
def test_a_wait_is_told_as_people_say_it(seconds: float, text: str) -> None:
    assert about(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (85, 172, "1½–3 min"),
        (20, 50, "20–50 s"),
        (50, 80, "50–80 s"),
        (40, 118, "40 s–2 min"),
        (70, 130, "1–2 min"),
        (118, 124, "about 2 min"),
        (100, 290, "1½–5 min"),
        (240, 900, "4–15 min"),
        (80 * 60, 100 * 60, "80 min–1½ h"),
    ],
)
def test_a_span_is_told_as_people_say_it(low: float, high: float, text: str) -> None:
    assert between(low, high) == text


UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}


def read(text: str) -> float:
    number, unit = re.fullmatch(r"about (\d*½?) (s|min|h)", text).groups()  # type: ignore[union-attr] - it matches, or the test fails
    return (float(number.removesuffix("½") or 0) + 0.5 * number.endswith("½")) * UNITS[unit]


@given(st.floats(10.0, 24 * 3600.0))
def test_a_wait_is_never_told_far_from_what_it_is(seconds: float) -> None:
    assert read(about(seconds)) == pytest.approx(seconds, rel=0.26)


@given(st.lists(st.floats(0.0, 24 * 3600.0), min_size=2, max_size=2).map(sorted))
def test_a_longer_wait_is_never_told_as_a_shorter_one(waits: list[float]) -> None:
    assert read(about(waits[0])) <= read(about(waits[1]))


def test_a_moment_is_kept_current_by_discord() -> None:
    assert when(1_790_000_000.7) == "<t:1790000000:R>"
