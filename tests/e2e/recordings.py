"""Two recordings, made once: fast to make, to send and to verify, and still audio."""

import io
from typing import Any

import av
import numpy as np

from tests.e2e.play import Recorder

RATE = 22_050
SECONDS = (12, 15)
"""Lengths of every A and every B."""
PITCHES = (220.0, 330.0)


def two_recordings() -> Recorder:
    """Make a recorder for which every clip of a variant sounds the same."""
    made = [_mp3(seconds, pitch) for seconds, pitch in zip(SECONDS, PITCHES, strict=True)]
    return lambda take, _title: made[take.variant]


def _mp3(seconds: int, pitch: float) -> bytes:
    wave = np.sin(2 * np.pi * pitch * np.arange(seconds * RATE) / RATE)
    frame = av.AudioFrame.from_ndarray((wave * 8000).astype(np.int16)[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = RATE
    out = io.BytesIO()
    # Any: the stubs of av leave types out.
    file: Any = av.open(out, "w", format="mp3")
    with file:
        stream = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 32_000
        for last in (frame, None):
            file.mux(stream.encode(last))
    return out.getvalue()
