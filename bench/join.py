"""What joining a family into one whole track costs, and how long the event loop stands still meanwhile, against decoding it all at once.

    python -m bench.join [--tracks N] [--seconds S] [--runs N]

Each way runs beside an event loop that does nothing but look at the clock, in a process of its own. A second process does only that,
meanwhile: its pauses are the machine's, not ours, and what counts is how much longer ours are, in the worst run. The naive way, in a
thread, decodes every file as a whole, puts the samples behind each other, and encodes them: no crossfade, no loudness, nothing recognised.
Beside it stands what listening to one track for its waveform costs.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.figures import median, show, table, versus
from bot.sound import apart
from bot.sound.decoding import RATE, Samples, blocks
from bot.sound.encoding import BIT_RATES, encode
from bot.sound.orders import Labels, Piece

TICK = 0.005
"""Seconds between two looks at the clock."""
LOOK_EVERY = 20
"""Looks at the clock for one at the memory, of which the peak is kept."""
GOAL = 50.0
"""Milliseconds that the event loop may stand still for longer than one beside which nothing happens."""
MAX_BYTES = 24 * 1024 * 1024
SHARE = 0.75
"""Of a track that is played, before its child begins."""
NAIVE, JOIN, LISTEN = "naive join", "our join", "listening"
WAYS = (NAIVE, JOIN, LISTEN)
ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One run: the sound's length, processor time and the event loop's longest pause in seconds, and the peak of memory in bytes.

    What the worker takes is in them. `alone` is the longest pause of an event loop in a process where nothing else goes on.
    """

    seconds: float
    took: float
    cpu: float
    pause: float
    peak: float
    alone: float = 0.0

    @property
    def beyond(self) -> float:
        """For how much longer than that one the event loop stood still."""
        return max(self.pause - self.alone, 0.0)


def sound(seconds: float, seed: int) -> Samples:
    """Make something that is as hard to encode as music: noise that fades towards the treble, in waves of loudness."""
    dice = np.random.default_rng(seed)
    noise = dice.standard_normal((2, round(seconds * RATE)), np.float32)
    noise[:, 1:] += noise[:, :-1] * np.float32(0.9)
    waves = np.float32(0.06) + np.float32(0.04) * np.sin(np.arange(noise.shape[1], dtype=np.float32) * np.float32(2 * np.pi / RATE / 2))
    return (noise * waves).astype(np.float32)


def family(folder: Path, tracks: int, seconds: float) -> list[Piece]:
    """Write two tracks, and let a family be made of them in turn: no track is next to itself."""
    paths = [folder / f"{number}.mp3" for number in range(2)]
    for number, path in enumerate(paths):
        if not path.exists():
            encode(path, [sound(seconds, number)], bit_rate=BIT_RATES[-4], labels=Labels())
    pieces = [Piece(paths[number % 2], 0.0, seconds * SHARE) for number in range(tracks)]
    return [*pieces[:-1], Piece(pieces[-1].path)]


def naively(pieces: Sequence[Piece], target: Path) -> float:
    """Join as one does at first: all of it in memory."""
    whole = [np.concatenate(list(blocks(piece.path)), axis=1) for piece in pieces]
    cut = [part[:, : None if piece.until is None else round(piece.until * RATE)] for part, piece in zip(whole, pieces, strict=True)]
    return encode(target, [np.concatenate(cut, axis=1)], bit_rate=_rate(pieces), labels=Labels())


def _rate(pieces: Sequence[Piece]) -> int:
    seconds = sum(piece.until or 0.0 for piece in pieces)
    return next((rate for rate in BIT_RATES if seconds * rate / 8 < MAX_BYTES), BIT_RATES[-1])


async def ours(pieces: Sequence[Piece], target: Path) -> float:
    """Join as the bot does."""
    return (await apart.join(pieces, target, max_bytes=MAX_BYTES, labels=Labels())).seconds


async def listen(piece: Piece) -> float:
    """Listen to a track as the bot does."""
    return (await apart.read(piece.path)).seconds


async def beside_a_loop(work: Awaitable[float]) -> Cost:
    """Watch the event loop while work goes on."""
    pause, worker, looks, begun, cpu = 0.0, 0.0, 0, time.perf_counter(), _cpu()
    working = asyncio.ensure_future(work)
    while not working.done():
        asked = time.perf_counter()
        await asyncio.sleep(TICK)
        pause = max(pause, time.perf_counter() - asked - TICK)
        looks += 1
        if looks % LOOK_EVERY == 0:
            worker = max(worker, sum(map(_peak, _children())))
    seconds = await working
    return Cost(seconds=seconds, took=time.perf_counter() - begun, cpu=_cpu() - cpu, pause=pause, peak=_peak() + worker)


async def alone() -> float:
    """Watch an event loop beside which nothing happens, until standard input ends; return its longest pause."""
    waiting = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    pause = 0.0
    while not waiting.done():
        asked = time.perf_counter()
        await asyncio.sleep(TICK)
        pause = max(pause, time.perf_counter() - asked - TICK)
    return pause


def _cpu() -> float:
    """Return the processor time of this process, and of those that it has seen end."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak(process: str = "self") -> float:
    """Return the most memory that a process has held; of one that has just ended, none."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((float(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


def _children() -> list[str]:
    return [child for thread in Path("/proc/self/task").iterdir() for child in (thread / "children").read_text("ascii").split()]


def measured(way: str, folder: Path, tracks: int, seconds: float) -> Cost:
    """Measure one way in a process of its own."""
    module = [sys.executable, "-m", "bench.join", "--folder", str(folder), "--tracks", str(tracks), "--seconds", str(seconds), "--way"]
    with subprocess.Popen([*module, ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603 - ourselves
        done = subprocess.run([*module, way], check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
        pause, _ = other.communicate()
    return Cost(**{**json.loads(done.stdout), "alone": float(pause)})


def summed_up(runs: Sequence[Cost]) -> Cost:
    """Take the median of each figure."""
    found = [asdict(run) for run in runs]
    return Cost(**{name: median([run[name] for run in found]) for name in found[0]})


def row(way: str, runs: Sequence[Cost]) -> list[str]:
    """Write one way's figures."""
    cost, worst, machine = summed_up(runs), max(run.pause for run in runs), max(run.alone for run in runs)
    return [
        way,
        f"{cost.seconds:.0f} s",
        f"{cost.took:.1f} s",
        f"{cost.cpu:.1f} s",
        f"{cost.peak / 1e6:.0f} MB",
        f"{cost.pause * 1000:.0f} ms",
        f"{worst * 1000:.0f} ms",
        f"{cost.alone * 1000:.0f} ms",
        f"{machine * 1000:.0f} ms",
    ]


def compare(tracks: int, seconds: float, runs: int) -> str:
    """Measure all in turn, show them, and return the figures that count."""
    found: dict[str, list[Cost]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        family(folder, tracks, seconds)
        for _ in range(runs):
            for way, costs in found.items():
                costs.append(measured(way, folder, tracks, seconds))
    middle = {way: summed_up(costs) for way, costs in found.items()}
    rows = [row(way, costs) for way, costs in found.items()]
    show(table(("", "of sound", "took", "CPU", "peak memory", "longest pause", "at worst", "of a loop alone", "at worst"), rows))
    show()
    mine, naive = middle[JOIN], middle[NAIVE]
    pauses = [stood_still(way, found[way]) for way in (JOIN, LISTEN)]
    return (
        f"CPU {mine.cpu:.1f} s, naive {naive.cpu:.1f} s ({mine.cpu / naive.cpu:.2f} ×); "
        f"peak {mine.peak / 1e6:.0f} MB, naive {naive.peak / 1e6:.0f} MB ({mine.peak / naive.peak:.2f} ×); "
        f"the event loop's longest pause at worst, {', '.join(pauses)}"
    )


def stood_still(way: str, runs: Sequence[Cost]) -> str:
    """Say of the run in which the event loop stood still most beyond one alone, how long each did: a busy machine holds up either."""
    worst = max(runs, key=lambda run: run.beyond)
    name = f"{way}: {worst.pause * 1000:.0f} ms, a loop alone meanwhile {worst.alone * 1000:.0f} ms, beyond that"
    return versus(name, worst.beyond * 1000, GOAL, " ms")


def work_of(way: str, folder: Path, tracks: int, seconds: float) -> Awaitable[float]:
    """Begin one way's work."""
    pieces, target = family(folder, tracks, seconds), folder / "whole.mp3"
    if way == NAIVE:
        return asyncio.to_thread(naively, pieces, target)
    return ours(pieces, target) if way == JOIN else listen(pieces[0])


async def one(way: str, folder: Path, tracks: int, seconds: float) -> Cost:
    """Measure one way in this process."""
    return await beside_a_loop(work_of(way, folder, tracks, seconds))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.join", description="A family joined into one track.")
    parser.add_argument("--tracks", type=int, default=8, metavar="N", help="tracks of the family")
    parser.add_argument("--seconds", type=float, default=120.0, metavar="S", help="length of each")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each way, in turn")
    parser.add_argument("--way", choices=(*WAYS, ALONE), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way is None:
        show(compare(given.tracks, given.seconds, given.runs))
    elif given.way == ALONE:
        show(str(asyncio.run(alone())))
    else:
        show(json.dumps(asdict(asyncio.run(one(given.way, given.folder, given.tracks, given.seconds)))))


if __name__ == "__main__":
    main()
