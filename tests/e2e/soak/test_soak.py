"""A soak as short as CI allows; `make soak` goes on for as long as wanted."""

from itertools import islice
from pathlib import Path

import pytest

from tests.e2e.play import Recorder
from tests.e2e.soak.driver import DRAIN_WITHIN, soak
from tests.e2e.soak.plan import Life, Strike, lives, strikes
from tests.e2e.soak.verdict import too_close, unexpected

SEED = 4
SECONDS = {"sqlite": 28.0, "postgresql": 18.0}
STARTING = 30.0
KINDS = [f"kind {number}" for number in range(30)]


def test_the_same_seed_gives_the_same_plan() -> None:
    def plan(seed: int) -> tuple[list[Strike], list[Life]]:
        return list(islice(strikes(seed, KINDS), 200)), list(islice(lives(seed), 50))

    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_every_kind_of_fault_comes_before_any_comes_again() -> None:
    planned = [strike.kind for strike in islice(strikes(1, KINDS), 3 * len(KINDS))]
    assert [sorted(planned[first : first + len(KINDS)]) for first in range(0, len(planned), len(KINDS))] == [sorted(KINDS)] * 3


def test_a_window_that_holds_too_much_is_seen_wherever_it_begins() -> None:
    assert list(too_close([0.0, 0.5, 1.0, 1.6], 2, 1.0)) == []
    assert list(too_close([0.0, 0.75, 1.25, 1.5], 2, 1.0)) == [0.75]


def test_a_traceback_of_ours_is_seen_and_a_reconnect_of_discords_is_not() -> None:
    lines = [
        "2026-01-31T12:00:00.123Z ERROR    discord.shard: Attempting a reconnect",
        "Traceback (most recent call last):",
        "OSError: reset",
        "2026-01-31T12:00:00.124Z ERROR    bot.services.lane: a step of the lane broke off",
        "Traceback (most recent call last):",
        "KeyError: 'x'",
        "2026-01-31T12:00:00.125Z INFO     bot.app: up",
        "Traceback (most recent call last):",
        "ValueError: y",
    ]
    assert unexpected("\n".join(lines)) == [
        "bot.services.lane: a step of the lane broke off: KeyError: 'x'",
        "the process ended: ValueError: y",
    ]


@pytest.mark.timeout(SECONDS["sqlite"] + STARTING + DRAIN_WITHIN)
async def test_on_sqlite_nothing_is_lost_or_doubled(tmp_path: Path, recorder: Recorder) -> None:
    await _soaked(tmp_path, recorder, seconds=SECONDS["sqlite"])


@pytest.mark.timeout(SECONDS["postgresql"] + STARTING + DRAIN_WITHIN)
async def test_nor_on_postgresql(tmp_path: Path, recorder: Recorder, postgres_url: str) -> None:
    await _soaked(tmp_path, recorder, seconds=SECONDS["postgresql"], postgres_url=postgres_url)


async def _soaked(folder: Path, recorder: Recorder, *, seconds: float, postgres_url: str | None = None) -> None:
    report = await soak(folder, recorder, seed=SEED, seconds=seconds, postgres_url=postgres_url)
    print(report)  # noqa: T201 - shown by -rP, and wherever it fails
    assert report.verdict.problems == [], str(report)
    assert report.verdict.ends["delivered"]
    assert report.struck
