"""Sounds that cost nothing to make, and files of them."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.sound.decoding import RATE, blocks
from bot.sound.encoding import encode
from bot.sound.orders import Labels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bot.sound.decoding import Samples


def between(places: NDArray[np.float64], values: NDArray[Any]) -> NDArray[np.float64]:
    """Read values at places between them."""
    return np.interp(places, np.arange(values.size), values)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - numpy's own stubs


def noise(seconds: float, seed: int, *, level: float = 0.1) -> Samples:
    """Something that is like nothing else: noise whose loudness wanders, of which an mp3 keeps the waveform."""
    dice = np.random.default_rng(seed)
    coarse = dice.standard_normal((2, round(seconds * RATE) // 24 + 2))
    places = np.arange(round(seconds * RATE)) / 24
    smooth = np.stack([between(places, side) for side in coarse])
    return (smooth * level).astype(np.float32)


def tone(seconds: float, *, hertz: float = 220.0, level: float = 0.1) -> Samples:
    """A constant tone, the same on both sides."""
    side = np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE) * level
    return np.stack([side, side]).astype(np.float32)


def mp3(path: Path, sound: Samples, *, bit_rate: int = 192_000) -> Path:
    """Write an mp3, and return its path."""
    encode(path, [sound], bit_rate=bit_rate, labels=Labels())
    return path


def wav(path: Path, sound: Samples) -> Path:
    """Write a WAV, which costs next to nothing, and return its path: for where it does not matter that an mp3 is read."""
    return _written(path, sound, RATE)


def mono(path: Path, sound: Samples, *, rate: int = 22_050) -> Path:
    """Write the left side as a mono WAV of a lower rate, without any filter: for tones far below half of it."""
    places = np.arange(0, sound.shape[1], RATE / rate)
    left = between(places, sound[0]) if places.size else places
    return _written(path, left[np.newaxis], rate)


def _written(path: Path, sides: NDArray[Any], rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sides.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sides.T * 32767).astype("<i2").tobytes())
    return path


def heard(path: Path) -> Samples:
    """Decode a whole file."""
    return np.concatenate(list(blocks(path)), axis=1)


def found_at(stretch: Samples, within: Samples) -> tuple[float, float]:
    """Find a stretch in a sound by correlation; return the second at which it begins, and how alike the two are there."""
    probe, sound = stretch.mean(axis=0, dtype=np.float64), within.mean(axis=0, dtype=np.float64)
    size = 1 << (sound.size + probe.size).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(probe, size)), size)[: sound.size - probe.size + 1]
    squares = np.concatenate(([0.0], np.cumsum(sound**2)))
    energies = np.maximum(squares[probe.size :] - squares[: -probe.size], 1e-9)
    alike = products / np.sqrt(energies * float(probe @ probe))
    best = int(alike.argmax())
    return best / RATE, float(alike[best])
