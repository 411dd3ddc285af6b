"""Listening to what was joined: whether it is as long as its parts, and whether each of them is heard where it should be."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RATE = 11_025
"""Samples a second that are compared: what is above 5 kHz tells nothing more."""
PROBE = 3.0
"""Seconds of a part that are looked for, before and behind each joint."""
CROSSING = 0.1
"""Seconds about a joint that are not looked at: there both parts are heard."""
SAME_LENGTH = 0.1
"""Seconds by which the whole may differ from the sum of its parts."""
SAME_PLACE = 0.05
"""Seconds by which a stretch may be shifted: encoders put some silence before what they are given."""
ALIKE = 0.8
"""The correlation from which on it is the same sound, encoded anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is heard of a file, in seconds of it; `until` None: to its end."""

    data: bytes
    start: float = 0.0
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found: the length in seconds, and the lowest correlation of a stretch beside a joint."""

    seconds: float
    alike: float


def listen(whole: bytes, parts: Sequence[Part]) -> Heard:
    """Compare a joined file with its parts. Raises ValueError, with words, where it is not what they make."""
    joined, sounds = decoded(whole), [decoded(part.data) for part in parts]
    ends = [sound.size / RATE if part.until is None else part.until for sound, part in zip(sounds, parts, strict=True)]
    lengths = [end - part.start for end, part in zip(ends, parts, strict=True)]
    seconds, expected = joined.size / RATE, sum(lengths)
    if abs(seconds - expected) > SAME_LENGTH:
        msg = f"what was joined is {seconds:.2f} s long, and its parts {expected:.2f} s"
        raise ValueError(msg)
    found: list[float] = []
    at = 0.0
    for number, length in enumerate(lengths[:-1]):
        at += length
        before = _stretch(sounds[number], ends[number] - CROSSING - PROBE, ends[number] - CROSSING)
        after = _stretch(sounds[number + 1], parts[number + 1].start + CROSSING, parts[number + 1].start + CROSSING + PROBE)
        found.append(_heard_at(joined, before, at - CROSSING - before.size / RATE, f"the end of part {number + 1}"))
        found.append(_heard_at(joined, after, at + CROSSING, f"the beginning of part {number + 2}"))
    return Heard(seconds, min(found, default=1.0))


def _stretch(sound: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    return sound[max(0, round(start * RATE)) : round(end * RATE)]


def _heard_at(joined: NDArray[np.float32], stretch: NDArray[np.float32], expected: float, name: str) -> float:
    at, alike = found_at(joined, stretch)
    if alike < ALIKE or abs(at - expected) > SAME_PLACE:
        msg = f"{name} should be heard at {expected:.2f} s, and was found at {at:.2f} s (correlation {alike:.2f})"
        raise ValueError(msg)
    return alike


def found_at(sound: NDArray[np.float32], stretch: NDArray[np.float32]) -> tuple[float, float]:
    """Find a stretch in the whole of a sound; return the second at which it is most alike, and the correlation there."""
    if stretch.size == 0 or stretch.size > sound.size:
        return 0.0, 0.0
    size = 1 << (sound.size + stretch.size).bit_length()
    wide, probe = sound.astype(np.float64), stretch.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(wide, size) * np.conj(np.fft.rfft(probe, size)), size)[: wide.size - probe.size + 1]
    squares = np.concatenate(([0.0], np.cumsum(wide**2)))
    energies = (squares[probe.size :] - squares[: -probe.size]) * float(probe @ probe)
    alike = products / np.sqrt(np.maximum(energies, 1e-9))
    best = int(alike.argmax())
    return best / RATE, float(alike[best])


def decoded(data: bytes) -> NDArray[np.float32]:
    """Decode audio to its end, to one channel of RATE samples a second."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(io.BytesIO(data), mode="r") as container:
        frames = [*container.decode(container.streams.audio[0]), None]
        blocks = [made.to_ndarray()[0] for frame in frames for made in resampler.resample(frame)]
    return np.concatenate([np.zeros(0, np.float32), *blocks]).astype(np.float32)
