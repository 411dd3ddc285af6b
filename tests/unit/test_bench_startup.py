"""The benchmark at a size that proves nothing but that it runs."""

import pytest

from bench import startup
from bench.startup import Start, compare, summed_up


async def test_both_bots_start_twice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(startup, "SETTLE", 0.0)
    assert (await compare(1)).startswith("to READY ")
    assert {"bare discord.py", "Encore"} <= {line.split("  ")[0] for line in capsys.readouterr().out.splitlines()}


def test_costs_are_medians() -> None:
    starts = [Start(first=1.0, later=value, memory=10 * value, cpu=0.1) for value in (3.0, 1.0, 2.0)]
    assert summed_up(starts) == Start(first=1.0, later=2.0, memory=20.0, cpu=0.1)
