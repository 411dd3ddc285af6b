"""Is a track's sound in the file of its extension already? Some services answer with the new part alone, some with all of it."""

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.sound.decoding import RATE, Samples, blocks

PROBE: Final = 3.0
"""Seconds of each stretch that is compared."""
SLACK: Final = 0.2
"""Seconds by which encoders may have shifted the sound."""
AGREEMENT: Final = 0.005
"""Seconds by which the shifts found at both ends may differ: the same sound is shifted once."""
ALIKE: Final = 0.8
"""The correlation from which on two stretches are the same sound, encoded anew; other music stays far below."""
COARSE: Final = 4
"""Samples of which one is compared: what is above 5 kHz tells nothing more."""
FAINT: Final = 1e-4
"""A root mean square below which there is nothing to be compared."""

_Mono = NDArray[np.float64]


def contains(longer: Path, source: Path, *, until: float) -> bool:
    """Tell whether a file begins with `source` up to a second, by its beginning and by what comes before that second.

    Raises NotAudio. Silence is never recognised.
    """
    size = min(PROBE, until / 2)
    places = (0.0, until - size)
    probes = _stretches(source, [(at, at + size) for at in places])
    windows = _stretches(longer, [(max(0.0, at - SLACK), at + size + SLACK) for at in places])
    shifts = [_shift(probe, window, at - max(0.0, at - SLACK)) for probe, window, at in zip(probes, windows, places, strict=True)]
    first, second = shifts
    return first is not None and second is not None and abs(first - second) <= AGREEMENT


def _stretches(path: Path, wanted: list[tuple[float, float]]) -> list[_Mono]:
    """Decode stretches of a file, as coarse mono; one behind its end comes out short."""
    found: list[list[Samples]] = [[] for _ in wanted]
    at = 0
    for block in blocks(path, until=max(end for _, end in wanted)):
        for parts, (start, end) in zip(found, wanted, strict=True):
            part = block[:, max(0, round(start * RATE) - at) : max(0, round(end * RATE) - at)]
            if part.shape[1]:
                parts.append(part)
        at += block.shape[1]
    return [_coarse(parts) for parts in found]


def _coarse(parts: list[Samples]) -> _Mono:
    if not parts:
        return np.zeros(0)
    mono = np.concatenate(parts, axis=1).mean(axis=0, dtype=np.float64)
    even = mono[: mono.size // COARSE * COARSE]
    return even.reshape(-1, COARSE).mean(axis=1)


def _shift(probe: _Mono, window: _Mono, usual: float) -> float | None:
    """Find the probe in a window; return by how many seconds it lies elsewhere than at its `usual` second, None if it is not there."""
    if window.size < probe.size or probe.size == 0 or math.sqrt(float(probe @ probe) / probe.size) < FAINT:
        return None
    size = 1 << (window.size + probe.size - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(probe, size)), size)[: window.size - probe.size + 1]
    squares = np.concatenate(([0.0], np.cumsum(window**2)))
    energies = squares[probe.size :] - squares[: -probe.size]
    alike = products / np.sqrt(np.maximum(energies, 1e-9) * float(probe @ probe))
    best = int(alike.argmax())
    return best * COARSE / RATE - usual if alike[best] >= ALIKE else None
