"""How loud a track is to people: weighted by frequency and gated, as in ITU-R BS.1770-4."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.sound.decoding import RATE, Samples, in_blocks_of

STEP: Final = RATE // 10
"""Samples of a tenth of a second: a gating block is four of them, and begins at each."""
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
"""LKFS below which a block is silence, and LU below the others' mean beneath which it does not count."""
OFFSET: Final = -0.691
SILENCE: Final = -math.inf

_DESIGNED_AT = 48_000.0
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Numerators and denominators of the two filters (BS.1770-4, tables 1 and 2), given for 48 kHz."""


@dataclass(frozen=True, slots=True)
class Level:
    """How loud a piece is (LKFS; SILENCE of none), its largest sample, and its length in samples."""

    loudness: float
    peak: float
    samples: int


def level(pieces: Iterable[Samples]) -> Level:
    """Measure a stream of samples."""
    weights = _weights()
    powers: list[float] = []
    peak, samples = 0.0, 0
    for block in in_blocks_of(STEP, pieces):
        peak = max(peak, float(np.abs(block).max()))
        samples += block.shape[1]
        if block.shape[1] == STEP:
            spectrum = np.fft.rfft(block, axis=1)
            powers.append(float((weights * (spectrum.real**2 + spectrum.imag**2)).sum()))
    return Level(_gated(np.array(powers)), peak, samples)


def _weights() -> NDArray[np.float64]:
    """Weigh the power at each frequency of a block's spectrum, so that their sum is the block's mean square (Parseval)."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(STEP, 1 / RATE) / _DESIGNED_AT)
    response = np.ones(turn.size, complex)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], turn) / np.polyval(denominator[::-1], turn)
    doubled = np.full(turn.size, 2.0)
    doubled[0] = doubled[-1] = 1.0
    return np.abs(response) ** 2 * doubled / STEP**2


def _gated(powers: NDArray[np.float64]) -> float:
    if powers.size == 0:
        return SILENCE
    width = min(4, powers.size)
    overlapping = np.convolve(powers, np.full(width, 1 / width), "valid")
    loud = overlapping[overlapping > _power(ABSOLUTE_GATE)]
    if loud.size == 0:
        return SILENCE
    loud = loud[loud > loud.mean() * 10 ** (RELATIVE_GATE / 10)]
    return OFFSET + 10 * math.log10(float(loud.mean()))


def _power(loudness: float) -> float:
    return float(10 ** ((loudness - OFFSET) / 10))
