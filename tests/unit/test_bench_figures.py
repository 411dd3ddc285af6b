import math
import os
import time

import pytest

from bench.figures import median, quantile, table, versus
from bench.processes import cpu_seconds, resident_bytes
from bench.stage import counter, free_port


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)])
def test_a_quantile_is_the_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert quantile([float(value) for value in range(100, 0, -1)], share) == expected


def test_of_few_values_the_highest_quantile_is_the_largest() -> None:
    assert quantile([3.0, 1.0], 0.99) == 3.0


@pytest.mark.parametrize(("values", "expected"), [([3.0], 3.0), ([9.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 100.0], 3.0)])
def test_the_median_is_in_the_middle(values: list[float], expected: float) -> None:
    assert median(values) == expected


def test_of_nothing_there_is_no_figure() -> None:
    assert math.isnan(median([]))
    assert math.isnan(quantile([], 0.5))


def test_columns_line_up() -> None:
    assert table(("", "memory"), [["bare", "46 MB"], ["Encore", "127 MB"]]).splitlines() == [
        "        memory",
        "bare     46 MB",
        "Encore  127 MB",
    ]


def test_a_goal_is_met_up_to_its_number() -> None:
    assert versus("memory", 1.6, 1.6, " ×") == "memory 1.60 × (goal ≤ 1.6 ×: met)"
    assert versus("memory", 1.61, 1.6, " ×") == "memory 1.61 × (goal ≤ 1.6 ×: missed)"
    assert "missed" in versus("memory", math.nan, 1.6)


def test_a_counter_is_the_sum_of_its_samples() -> None:
    exposition = '# HELP x_total Xs.\n# TYPE x_total counter\nx_total{kind="a b"} 2.0\nx_total{kind="c"} 40\nx_total_created 1e9\n'
    assert counter(exposition, "x_total") == 42.0
    assert counter("x_total 7.0\n", "x_total") == 7.0
    assert counter(exposition, "y_total") is None


def test_a_process_that_works_takes_time_and_memory() -> None:
    before, end = cpu_seconds(os.getpid()), time.process_time() + 0.05
    while time.process_time() < end:
        pass
    assert 0.02 <= cpu_seconds(os.getpid()) - before <= 2.0
    assert 10_000_000 < resident_bytes(os.getpid()) < 10_000_000_000


def test_a_port_that_is_free_can_be_listened_on() -> None:
    assert 1024 <= free_port() <= 65535
