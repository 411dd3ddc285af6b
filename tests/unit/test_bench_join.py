"""The benchmark of joins, at a tiny size."""

import asyncio
import time
from pathlib import Path

import pytest

from bench.join import beside_a_loop, family, naively, ours


def test_both_ways_join_the_whole_family(tmp_path: Path) -> None:
    pieces = family(tmp_path, 3, 2.0)
    assert naively(pieces, tmp_path / "naive.mp3") == pytest.approx(5.0, abs=0.1)
    assert ours(pieces, tmp_path / "ours.mp3") == pytest.approx(5.0, abs=0.1)


async def test_a_loop_that_stands_still_is_noticed() -> None:
    async def cost_of(held: float) -> float:
        loop = asyncio.get_running_loop()

        def work() -> float:
            # A lock on the loop, for so long: what a thread does that never lets go.
            loop.call_soon_threadsafe(time.sleep, held)
            time.sleep(held + 0.05)
            return 1.0

        return (await beside_a_loop(work)).pause

    assert await cost_of(0.2) > 0.1
