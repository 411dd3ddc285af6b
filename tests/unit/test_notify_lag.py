import json
import math
import random
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bench.baselines import FixedInterval
from bench.duration_families import bound, draw, either, lognormal, true_curve, with_never
from bench.notify_lag import Simulation, Task, arrivals, compare, main, measure, oracle, read_durations, reference
from bot.domain.polling import LATE_INTERVAL, ExpectedWaiting
from bot.domain.watch import Pick, Watch


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    monkeypatch.setattr(sys, "argv", ["notify_lag", *arguments])
    main()
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("rate", "most"), [(0.02, 0.68), (0.1, 0.68), (0.25, 0.6)])
def test_on_the_reference_it_waits_far_less_for_fewer_queries(rate: float, most: float) -> None:
    figures = measure([reference(1)[:400]], rate)
    fixed, ours, knowing = figures["fixed"], figures["ours"], figures["oracle"]
    assert ours.mean <= most * fixed.mean
    assert ours.queries <= fixed.queries
    assert knowing.mean < ours.mean
    assert knowing.queries == knowing.jobs
    assert ours.quantile(0.95) < fixed.quantile(0.95)


@pytest.mark.parametrize(
    "durations",
    [
        pytest.param(draw(either(lognormal(40, 0.15), lognormal(200, 0.15)), 300, 1), id="bimodal"),
        pytest.param(draw(with_never(0.05, lambda rng, _: 40 * rng.paretovariate(1.5)), 300, 2), id="heavy-tailed"),
        pytest.param(draw(lambda rng, progress: lognormal(60 + 120 * progress, 0.3)(rng, progress), 300, 3), id="drifting"),
        pytest.param(draw(with_never(0.3, lognormal(95, 0.38)), 300, 4), id="many never end"),
        pytest.param([100.0] * 200, id="constant"),
        pytest.param([10.0] * 200, id="short"),
        pytest.param([600.0] * 100, id="long"),
    ],
)
@pytest.mark.parametrize("rate", [0.02, 0.25])
def test_on_durations_that_nobody_expected_it_still_waits_less(durations: list[float], rate: float) -> None:
    figures = compare(durations, rate, seed=7)
    assert figures["ours"].mean <= 0.82 * figures["fixed"].mean
    assert figures["ours"].queries <= figures["fixed"].queries


def test_where_ages_tell_nothing_it_is_no_worse_than_a_fixed_interval_by_much() -> None:
    figures = compare(draw(lambda rng, _: rng.expovariate(1 / 95), 500, 5), 0.1, seed=5)
    assert figures["ours"].mean <= 1.12 * figures["fixed"].mean
    assert figures["ours"].queries <= figures["fixed"].queries


def test_a_fixed_interval_asks_at_once_then_every_interval_and_rarely_past_the_deadline() -> None:
    fixed, fresh = FixedInterval(5.0), Watch(job_id="j", model="v3.5", submitted_at=10.0, deadline=910.0)
    assert fixed.pick(0.0) is None
    fixed.follow(fresh)
    assert fixed.pick(12.0) == Pick("j", 10.0)
    fixed.asked("j")
    assert fixed.pick(12.0) is None
    fixed.follow(replace(fresh, last_query=12.0))
    assert fixed.pick(13.0) == Pick("j", 17.0)
    fixed.follow(replace(fresh, last_query=912.0, late=True))
    assert fixed.pick(913.0) == Pick("j", 912.0 + LATE_INTERVAL)


def test_a_job_is_submitted_every_four_seconds_at_most() -> None:
    tasks = arrivals([1.0] * 200, 5.0, random.Random(1))
    gaps = [late.submitted_at - early.submitted_at for early, late in pairwise(tasks)]
    assert min(gaps) >= 4.0


def test_a_lone_job_is_noticed_by_the_tick_after_its_end() -> None:
    task = Task(submitted_at=10.0, duration=52.0, phase=1.0)
    fixed = Simulation(FixedInterval(), [task], random.Random(1), ticking=True).run()
    assert fixed.queries == 11
    assert fixed.lags == [pytest.approx(2.0, abs=0.31)]


def test_a_job_without_an_end_costs_queries_until_its_deadline_and_no_lag() -> None:
    task = Task(submitted_at=10.0, duration=math.inf, phase=0.0)
    fixed = Simulation(FixedInterval(), [task], random.Random(1), ticking=True).run()
    ours = Simulation(ExpectedWaiting(), [task], random.Random(1)).run()
    knowing = Simulation(oracle([task]), [task], random.Random(1)).run()
    assert (fixed.queries, knowing.queries) == (180, 1)
    assert ours.queries < 0.6 * fixed.queries
    assert fixed.lags == ours.lags == knowing.lags == []


def test_the_bound_lies_below_what_is_achieved() -> None:
    family = with_never(0.05, lognormal(95, 0.38))
    figures = compare(draw(family, 300, 1), 0.02, seed=1)
    best = bound(true_curve(draw(family, 5000, 2)), figures["fixed"].queries / figures["fixed"].jobs)
    assert 0.2 < best < figures["ours"].mean


def test_with_json_the_last_line_is_the_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "durations"
    file.write_text("80\n100.5\ninf\n\n120\n" * 10)
    found = json.loads(run(monkeypatch, capsys, "--durations", str(file), "--rate", "0.1", "--json")[-1])
    assert found["rate"] == 0.1
    assert all(set(found[name]) == {"mean", "p50", "p95", "queries"} for name in ("fixed", "ours", "oracle"))
    assert found["ratio"] == pytest.approx(found["ours"]["mean"] / found["fixed"]["mean"], abs=0.001)


def test_where_nothing_ends_there_is_no_ratio(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "durations"
    file.write_text("inf\n")
    assert json.loads(run(monkeypatch, capsys, "--durations", str(file), "--rate", "0.1", "--json")[-1])["ratio"] is None
    assert "nothing ended at 0.1" in run(monkeypatch, capsys, "--durations", str(file), "--rate", "0.1")[-1]


@pytest.mark.parametrize("text", ["", "12\nsoon\n", "-1\n", "nan\n"])
def test_a_file_of_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "durations"
    file.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011 - float's own words, or ours
        read_durations(file)


@pytest.mark.parametrize("arguments", [("--durations", "not there"), ("--rate", "0"), ("--rate", "nan")])
def test_wrong_arguments_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, capsys, *arguments)
    assert arguments[0] in capsys.readouterr().err
