"""The benchmark at a size that proves nothing but that it runs."""

import pytest

from bench import pending
from bench.pending import Cost, compare, row, summed_up


async def test_it_measures_waits_and_comes_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(pending, "SETTLE", 0.0)
    figures = await compare(jobs=6, seconds=0.1, runs=1)
    assert figures.startswith("memory with 6 jobs waiting, of that with none: ")
    assert "kill -9 to all resumed" in figures
    assert "jobs waiting" in capsys.readouterr().out


def test_what_did_not_happen_has_no_figure() -> None:
    none = Cost(memory=1e6, idle=0.01, first_query=None, resumed=None, ready=0.5)
    assert row(0, summed_up([none, none])) == ["0", "1.0 MB", "1.0%", "–", "0.50 s", "–"]
