"""A track's waveform, and the quiet points at which a musician would cut it; one decode for both."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.waveforms import Waveform
from bot.errors import NotAudio
from bot.sound.decoding import RATE, blocks, in_blocks_of

STEP: Final = RATE // 20
"""Samples of a twentieth of a second, of which each is looked at as one."""
PEAKS: Final = 520
"""Stretches of a waveform: more than two pixels each, on the picture that is drawn of it."""
POINTS: Final = 8
"""Quiet points at most."""
HEAD, FOOT = 5.0, 2.0
"""Seconds at the beginning and at the end that nobody continues from."""
APART: Final = 5.0
"""Seconds between two quiet points at least."""
BREATH: Final = 5
"""Steps over which loudness is averaged: a drum's pause is no breath."""
AROUND: Final = 80
"""Steps, to both sides, with which a quiet point is compared."""
DIP: Final = 3.0
"""Decibels by which a quiet point lies below the median around it at least."""
FLOOR: Final = 1e-5
"""A root mean square that counts as silence: a hundred decibels down."""

_Values = NDArray[np.float64]


def read(path: Path) -> Waveform:
    """Read a file's waveform. Raises NotAudio."""
    peaks: list[float] = []
    powers: list[float] = []
    samples = 0
    for block in in_blocks_of(STEP, blocks(path)):
        peaks.append(float(np.abs(block).max()))
        powers.append(float(np.square(block, dtype=np.float64).mean()))
        samples += block.shape[1]
    if not samples:
        raise NotAudio(f"{path.name} holds no sound")
    seconds = samples / RATE
    return Waveform(seconds=seconds, peaks=_stretched(peaks), quiet=_quiet(np.array(powers), seconds))


def _stretched(peaks: list[float]) -> tuple[float, ...]:
    """Take the largest of equal stretches; of less than there are stretches, each stands for several."""
    edges = np.linspace(0, len(peaks), PEAKS + 1)
    return tuple(min(1.0, max(peaks[int(start) : max(int(start) + 1, int(end))])) for start, end in pairwise(edges))


def _quiet(powers: _Values, seconds: float) -> tuple[float, ...]:
    smooth = np.convolve(powers, np.full(BREATH, 1 / BREATH), "same")
    loudness = 10 * np.log10(np.maximum(smooth, FLOOR**2))
    dips = [(_depth(loudness, place), (place + 0.5) * STEP / RATE) for place in _minima(loudness)]
    deep = [(depth, at) for depth, at in dips if depth >= DIP and HEAD <= at <= seconds - FOOT]
    return _spread(deep, seconds)


def _minima(loudness: _Values) -> list[int]:
    """List the places that are as quiet as any within half a second."""
    reach = 10
    padded = np.pad(loudness, reach, constant_values=np.inf)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    # Of a stretch that is equally quiet, its first place counts.
    first = np.concatenate(([True], loudness[1:] != loudness[:-1]))
    return [int(place) for place in np.flatnonzero((loudness <= lowest) & first)]


def _depth(loudness: _Values, place: int) -> float:
    around = loudness[max(0, place - AROUND) : place + AROUND + 1]
    return float(np.median(around) - loudness[place])


def _spread(dips: list[tuple[float, float]], seconds: float) -> tuple[float, ...]:
    """Choose the deepest dip of each of equal parts of the track, the deepest first, none close to another; in order of time."""
    part = max(APART, (seconds - HEAD - FOOT) / POINTS)
    chosen: dict[int, float] = {}
    for _, at in sorted(dips, key=lambda dip: -dip[0]):
        number = int((at - HEAD) / part)
        if number < POINTS and number not in chosen and all(abs(at - other) >= APART for other in chosen.values()):
            chosen[number] = at
    return tuple(round(at, 1) for at in sorted(chosen.values()))
