"""How long the bot takes from the process's start to READY, and the memory it then holds, against a bare discord.py bot.

    python -m bench.startup [--runs N]

READY is the gateway's. Both have started before: the bot's database is there, and its commands are synced; its very first start,
which makes the database and syncs the commands, is shown beside.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import median, show, table
from bench.stage import BARE, ENCORE, open_stage

SETTLE = 2.0
"""Seconds of rest before the memory is read: what is still being set up at READY is there by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds to READY at the first start and at a later one; memory in bytes; processor time up to that, in seconds."""

    first: float
    later: float
    memory: float
    cpu: float


async def measure(module: str) -> Start:
    """Start a bot twice."""
    async with open_stage(module) as stage:
        first = await stage.start()
        await asyncio.sleep(SETTLE)
        await stage.process.stop()
        later = await stage.start()
        await asyncio.sleep(SETTLE)
        return Start(first=first, later=later, memory=stage.memory, cpu=stage.cpu)


def summed_up(starts: Sequence[Start]) -> Start:
    """Take the median of each figure."""
    return Start(
        first=median([start.first for start in starts]),
        later=median([start.later for start in starts]),
        memory=median([start.memory for start in starts]),
        cpu=median([start.cpu for start in starts]),
    )


def row(name: str, start: Start) -> list[str]:
    """Write one bot's figures."""
    return [name, f"{start.first:.2f} s", f"{start.later:.2f} s", f"{start.cpu:.2f} s", f"{start.memory / 1e6:.1f} MB"]


async def compare(runs: int) -> str:
    """Measure both in turn, show them, and return the figures that count."""
    found: dict[str, list[Start]] = {BARE: [], ENCORE: []}
    for _ in range(runs):
        for module, starts in found.items():
            starts.append(await measure(module))
    bare, ours = summed_up(found[BARE]), summed_up(found[ENCORE])
    show(
        table(
            ("", "first start to READY", "later start to READY", "CPU of it", "memory"), [row("bare discord.py", bare), row("Encore", ours)]
        )
    )
    show()
    return (
        f"to READY {ours.later:.2f} s, bare {bare.later:.2f} s ({ours.later / bare.later:.1f} ×); "
        f"memory {ours.memory / 1e6:.0f} MB, bare {bare.memory / 1e6:.0f} MB ({ours.memory / bare.memory:.1f} ×)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description="Time to READY, and memory.")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each bot, in turn")
    show(asyncio.run(compare(parser.parse_args().runs)))


if __name__ == "__main__":
    main()
