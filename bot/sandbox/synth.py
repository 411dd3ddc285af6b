"""Pitched instruments: band-limited wavetables with moving brightness, and frequency modulation, in stereo at 44.1 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bot.sandbox.patches import PATCHES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.sandbox.patches import Patch

    Samples = NDArray[np.float32]

RATE = 44_100
TABLE_BITS = 12
TABLE = 1 << TABLE_BITS
TOP = 15_000.0  # Hz: what the mp3 encoder keeps at these bit rates
FORMANTS = ((650.0, 1.0), (1_080.0, 0.6), (2_650.0, 0.25))


@dataclass(frozen=True, slots=True)
class Sound:
    """A rendered sound: `dry` has the shape (2, n); `send` is its mono sum at half the rate, for the reverb."""

    dry: Samples
    send: Samples

    @classmethod
    def of(cls, dry: Samples) -> Sound:
        """Make the half-rate sum that goes with `dry`."""
        even = dry[:, : dry.shape[1] & ~1]
        return cls(dry, (even[0, ::2] + even[1, ::2] + even[0, 1::2] + even[1, 1::2]) * np.float32(0.25))


def play(name: str, pitch: int, seconds: float) -> Sound | None:
    """Play one note of a named patch: held for `seconds`, then released; None for the patch `none`."""
    if name == "none":
        return None
    patch = PATCHES[name]
    hertz = 440.0 * 2.0 ** ((pitch - 69) / 12)
    total = max(64, round((seconds + patch.release * 3.0) * RATE))
    time = np.arange(total, dtype=np.float32) / np.float32(RATE)
    body = _modulated(patch, hertz, time) if patch.ratio else _unison(patch, hertz, time)
    if patch.drive:
        body = np.tanh(body * np.float32(patch.drive)) * np.float32(0.45)
    if patch.breath:
        hiss = np.random.default_rng(pitch).standard_normal(total).astype(np.float32)
        body = body + hiss * np.float32(patch.breath) * np.exp(-time / np.float32(patch.breath_decay))
    return Sound.of(np.asarray(body * (_envelope(patch, time, seconds) * np.float32(patch.level)), dtype=np.float32))


def _envelope(patch: Patch, time: Samples, seconds: float) -> Samples:
    rise = np.minimum(time / np.float32(max(patch.attack, 0.002)), 1)
    fall = np.float32(patch.sustain) + np.float32(1 - patch.sustain) * np.exp(-time / np.float32(patch.decay))
    release = np.exp(-np.maximum(time - np.float32(seconds), 0) / np.float32(patch.release))
    tail = np.minimum((time[-1] - time) * np.float32(200), 1)  # the last 5 ms: no click where the sound is cut
    return rise * fall * release * tail


def _unison(patch: Patch, hertz: float, time: Samples) -> Samples:
    """Sum detuned voices, each reading a dark and a bright table that the brightness envelope mixes; shape (2, n)."""
    harmonics = max(1, min(512, int(TOP / hertz)))
    dark = _table(patch.wave, _stepped(harmonics), _quantised(patch.dark / hertz), _quantised(hertz) if patch.wave == "choir" else 0.0)
    bright = _table(patch.wave, _stepped(harmonics), _quantised(patch.bright / hertz), 0.0) if patch.bright else None
    sweep = np.exp(-time / np.float32(patch.sweep)) if bright is not None else None
    out = np.zeros((2, time.size), dtype=np.float32)
    ramp = np.arange(time.size, dtype=np.uint32)
    for voice in range(patch.voices):
        place = 2 * voice / (patch.voices - 1) - 1 if patch.voices > 1 else 0.0
        step = hertz * 2 ** (place * patch.detune / 1200) / RATE * 2**32
        phase = ramp * np.uint32(step) + np.uint32(voice * 0x61C88647 % 2**32)
        if patch.vibrato:
            phase = phase + _vibrato(patch, hertz, time)
        index = phase >> np.uint32(32 - TABLE_BITS)
        wave = dark.take(index)
        if bright is not None and sweep is not None:
            wave += (bright.take(index) - wave) * sweep
        if patch.sub:
            wave += np.float32(patch.sub) * _table("sine", 1, 1.0, 0.0).take((phase >> np.uint32(1)) >> np.uint32(32 - TABLE_BITS))
        pan = place * patch.spread
        out[0] += wave * np.float32(np.sqrt((1 - pan) / 2))
        out[1] += wave * np.float32(np.sqrt((1 + pan) / 2))
    return out * np.float32(1 / np.sqrt(patch.voices))


def _vibrato(patch: Patch, hertz: float, time: Samples) -> NDArray[np.uint32]:
    """Give the phase that a slow 5.3 Hz sway adds, as a fraction of 2³²; it sets in after the attack."""
    rate = 5.3
    depth = hertz * (2 ** (patch.vibrato / 1200) - 1) / (2 * np.pi * rate)
    sway = depth * np.minimum(time / 0.4, 1) * (1 - np.cos(2 * np.pi * rate * time))
    return ((sway % 1.0).astype(np.float64) * 2**32).astype(np.uint32)


def _modulated(patch: Patch, hertz: float, time: Samples) -> Samples:
    """Two-operator frequency modulation whose index decays; two copies slightly apart give the width; shape (2, n)."""
    index = np.float32(patch.index) * np.exp(-time / np.float32(patch.sweep))
    ramp = np.arange(time.size, dtype=np.float64)
    sides: list[Samples] = []
    for cents in (-patch.detune, patch.detune):
        turns = ramp * (hertz * 2 ** (cents / 1200) / RATE)
        carrier = (turns % 1.0).astype(np.float32) * np.float32(2 * np.pi)
        modulator = ((turns * patch.ratio) % 1.0).astype(np.float32) * np.float32(2 * np.pi)
        sides.append(np.sin(carrier + index * np.sin(modulator)) * np.float32(0.3))
    return np.stack(sides)


def _stepped(harmonics: int) -> int:
    """Round down to a step of an eighth octave, so that neighbouring notes share tables."""
    return max(1, int(2 ** (int(np.log2(harmonics) * 8) / 8)))


def _quantised(value: float) -> float:
    return float(2 ** (round(np.log2(max(value, 0.05)) * 6) / 6))


@lru_cache(maxsize=512)
def _table(wave: str, harmonics: int, cutoff: float, hertz: float) -> Samples:
    """Build one period from its spectrum: `harmonics` partials, a 12 dB/octave low-pass at `cutoff` (in partials), RMS 0.3 unfiltered."""
    k = np.arange(1, harmonics + 1, dtype=np.float64)
    odd = k % 2
    match wave:
        case "saw":
            amplitude = 1 / k
        case "square":
            amplitude = odd / k
        case "pulse":
            amplitude = np.sin(np.pi * k * 0.22) / k
        case "triangle":
            amplitude = odd / k**2
        case "string":
            amplitude = 1 / k * (1 + 0.5 * np.sin(k * 1.7))
        case "reed":
            amplitude = (0.25 + 0.75 * odd) / k**0.9
        case "organ":
            amplitude = np.isin(k, (1, 2, 3, 4, 6, 8)) / k**0.6
        case "choir":
            amplitude = sum(gain * np.exp(-(((k * hertz - centre) / (centre * 0.3)) ** 2)) for centre, gain in FORMANTS) + 0.15 / k
        case _:
            amplitude = (k == 1).astype(np.float64)
    scale = 0.3 / np.sqrt(np.sum(amplitude**2) / 2)
    spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
    spectrum[1 : harmonics + 1] = -1j * amplitude / np.sqrt(1 + (k / cutoff) ** 4) * scale * TABLE / 2
    return np.fft.irfft(spectrum, TABLE).astype(np.float32)
