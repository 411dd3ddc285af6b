"""From a file to blocks of samples, whatever its rate and channels were."""

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final, cast

import av
import av.error
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from bot.errors import NotAudio
from bot.sound.bounds import FORMATS, MAX_BROKEN, MAX_SECONDS

Samples = NDArray[np.float32]
"""Stereo, of the shape (2, n), within ±1 but for what a codec overshoots."""

RATE: Final = 44_100
"""Samples a second of all that is decoded here."""
BLOCK: Final = 1152 * 20
"""Samples that are handled as one: half a second, so that what is done with them, and not the handing over, takes the time."""


def blocks(path: Path, *, until: float = MAX_SECONDS) -> Generator[Samples]:
    """Decode a file up to a second. Raises NotAudio, also for a file that was spoilt, once that shows."""
    left = round(until * RATE)
    try:
        with av.open(path, mode="r", options={"format_whitelist": FORMATS}) as container:
            if not container.streams.audio:
                raise NotAudio(f"{path.name} holds no audio")
            for block in _resampled(container, path.name):
                if block.shape[1] >= left:
                    yield block[:, :left]
                    return
                left -= block.shape[1]
                yield block
    except (av.error.FFmpegError, ValueError) as error:
        raise NotAudio(f"{path.name} does not decode as audio") from error
    except OSError as error:
        raise NotAudio(f"{path.name} cannot be read: {error.strerror}") from error


def _resampled(container: InputContainer, name: str) -> Iterator[Samples]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE, frame_size=BLOCK)
    for frame in _frames(container, name):
        # Its place is counted by its samples: what the file says of it may jump, which the resampler would fill with silence.
        frame.pts = None
        yield from _arrays(resampler.resample(frame))
    yield from _arrays(resampler.resample(None))


def _frames(container: InputContainer, name: str) -> Iterator[av.AudioFrame]:
    packets, broken = 0, 0
    for packet in container.demux(container.streams.audio[0]):
        packets += 1
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            broken += 1
    if broken > packets * MAX_BROKEN:
        raise NotAudio(f"{broken} of the {packets} packets of {name} are broken")


def _arrays(frames: Iterable[av.AudioFrame]) -> Iterator[Samples]:
    for frame in frames:
        if frame.samples:
            yield cast("Samples", frame.to_ndarray())


def in_blocks_of(size: int, pieces: Iterable[Samples]) -> Iterator[Samples]:
    """Cut a stream of samples anew, into blocks of `size` samples; the last one may be shorter."""
    waiting: list[Samples] = []
    held = 0
    for piece in pieces:
        waiting.append(piece)
        held += piece.shape[1]
        if held >= size:
            whole = np.concatenate(waiting, axis=1)
            end = held // size * size
            for start in range(0, end, size):
                yield whole[:, start : start + size]
            waiting, held = [whole[:, end:]], held - end
    if held:
        yield np.concatenate(waiting, axis=1)
