"""What joining a family into one whole track costs, and how long the event loop stands still meanwhile, against decoding it all at once.

    python -m bench.join [--tracks N] [--seconds S]

Each way runs in a process of its own, in a thread beside an event loop that does nothing but look at the clock. A second process does
only that, meanwhile: its pauses are the machine's, not ours. The naive way decodes every file as a whole, puts the samples behind each
other, and encodes them: no crossfade, no loudness, nothing recognised.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.figures import show, table, versus
from bot.sound.decoding import RATE, Samples, blocks
from bot.sound.encoding import BIT_RATES, Labels, encode
from bot.sound.joining import Piece, join

TICK = 0.005
"""Seconds between two looks at the clock."""
GOAL = 50.0
"""Milliseconds that the event loop may stand still."""
MAX_BYTES = 24 * 1024 * 1024
SHARE = 0.75
"""Of a track that is played, before its child begins."""
WAYS = ("naive", "ours")
ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One join: its length, processor time and the event loop's longest pause in seconds, the peak of memory in bytes, for the process.

    `alone` is the longest pause of an event loop in a process where nothing else goes on.
    """

    seconds: float
    took: float
    cpu: float
    pause: float
    peak: float
    alone: float = 0.0


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


def ours(pieces: Sequence[Piece], target: Path) -> float:
    """Join as the bot does."""
    return join(pieces, target, max_bytes=MAX_BYTES, labels=Labels()).seconds


async def beside_a_loop(work: Callable[[], float]) -> Cost:
    """Run work in a thread; watch the event loop meanwhile."""
    pause, begun, cpu = 0.0, time.perf_counter(), time.process_time()
    joining = asyncio.create_task(asyncio.to_thread(work))
    while not joining.done():
        asked = time.perf_counter()
        await asyncio.sleep(TICK)
        pause = max(pause, time.perf_counter() - asked - TICK)
    seconds = await joining
    return Cost(seconds=seconds, took=time.perf_counter() - begun, cpu=time.process_time() - cpu, pause=pause, peak=_peak())


async def alone() -> float:
    """Watch an event loop beside which nothing happens, until standard input ends; return its longest pause."""
    waiting = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    pause = 0.0
    while not waiting.done():
        asked = time.perf_counter()
        await asyncio.sleep(TICK)
        pause = max(pause, time.perf_counter() - asked - TICK)
    return pause


def _peak() -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) * 1024


def measured(way: str, folder: Path, tracks: int, seconds: float) -> Cost:
    """Measure one way in a process of its own."""
    module = [sys.executable, "-m", "bench.join", "--folder", str(folder), "--tracks", str(tracks), "--seconds", str(seconds), "--way"]
    with subprocess.Popen([*module, ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603 - ourselves
        done = subprocess.run([*module, way], check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
        pause, _ = other.communicate()
    return Cost(**{**json.loads(done.stdout), "alone": float(pause)})


def compare(tracks: int, seconds: float) -> str:
    """Measure both, show them, and return the figures that count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        family(folder, tracks, seconds)
        found = {way: measured(way, folder, tracks, seconds) for way in WAYS}
    rows = [
        [
            way,
            f"{each.seconds:.0f} s",
            f"{each.took:.1f} s",
            f"{each.cpu:.1f} s",
            f"{each.peak / 1e6:.0f} MB",
            f"{each.pause * 1000:.0f} ms",
            f"{each.alone * 1000:.0f} ms",
        ]
        for way, each in found.items()
    ]
    show(table(("", "of sound", "took", "CPU", "peak memory", "longest pause", "of a loop alone"), rows))
    show()
    mine, naive = found["ours"], found["naive"]
    return (
        f"{versus('event loop stands still', mine.pause * 1000, GOAL, ' ms')}, one alone {mine.alone * 1000:.0f} ms; "
        f"CPU {mine.cpu:.1f} s, naive {naive.cpu:.1f} s ({mine.cpu / naive.cpu:.2f} ×); "
        f"peak {mine.peak / 1e6:.0f} MB, naive {naive.peak / 1e6:.0f} MB ({mine.peak / naive.peak:.2f} ×)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.join", description="A family joined into one track.")
    parser.add_argument("--tracks", type=int, default=8, metavar="N", help="tracks of the family")
    parser.add_argument("--seconds", type=float, default=120.0, metavar="S", help="length of each")
    parser.add_argument("--way", choices=(*WAYS, ALONE), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way is None:
        show(compare(given.tracks, given.seconds))
        return
    if given.way == ALONE:
        show(str(asyncio.run(alone())))
        return
    pieces, target = family(given.folder, given.tracks, given.seconds), given.folder / f"{given.way}.mp3"
    work = {"naive": naively, "ours": ours}[given.way]
    show(json.dumps(asdict(asyncio.run(beside_a_loop(lambda: work(pieces, target))))))


if __name__ == "__main__":
    main()
