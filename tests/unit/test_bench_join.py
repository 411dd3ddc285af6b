"""The benchmark of joins, at a tiny size."""

import asyncio
import time
from pathlib import Path

import pytest

from bench.join import JOIN, LISTEN, NAIVE, Cost, beside_a_loop, compare, family, one, stood_still


@pytest.mark.parametrize(("way", "seconds"), [(NAIVE, 5.0), (JOIN, 5.0), (LISTEN, 2.0)])
async def test_each_way_has_its_figures(tmp_path: Path, way: str, seconds: float) -> None:
    family(tmp_path, 3, 2.0)
    cost = await one(way, tmp_path, 3, 2.0)
    assert cost.seconds == pytest.approx(seconds, abs=0.1)
    assert cost.cpu > 0
    assert cost.peak > 10e6


def test_the_verdict_comes_last() -> None:
    said = compare(3, 2.0, 1)
    assert "naive" in said
    assert said.index("our join: ") < said.index("a loop alone meanwhile") < said.index("beyond that") < said.index("(goal ≤ 50 ms: ")


@pytest.mark.parametrize(("pauses", "said"), [([(90, 20), (200, 190)], "90 ms"), ([(10, 40)], "10 ms")])
def test_what_counts_is_the_pause_beyond_that_of_a_loop_alone(pauses: list[tuple[int, int]], said: str) -> None:
    runs = [Cost(seconds=1.0, took=1.0, cpu=1.0, pause=pause / 1000, peak=1.0, alone=alone / 1000) for pause, alone in pauses]
    beyond = max(pauses[0][0] - pauses[0][1], 0)
    verdict = "missed" if beyond > 50 else "met"
    words = f"ours: {said}, a loop alone meanwhile {pauses[0][1]} ms, beyond that {beyond:.2f} ms (goal ≤ 50 ms: {verdict})"
    assert stood_still("ours", runs) == words


async def test_a_loop_that_stands_still_is_noticed() -> None:
    async def cost_of(held: float) -> float:
        loop = asyncio.get_running_loop()

        def work() -> float:
            # A lock on the loop, for so long: what a thread does that never lets go.
            loop.call_soon_threadsafe(time.sleep, held)
            time.sleep(held + 0.05)
            return 1.0

        return (await beside_a_loop(asyncio.to_thread(work))).pause

    assert await cost_of(0.2) > 0.1
