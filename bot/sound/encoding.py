"""From blocks of samples to an mp3 with its labels."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import av
import av.error
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from bot.errors import CannotStore
from bot.sound.bounds import FULL
from bot.sound.decoding import RATE, Samples, in_blocks_of
from bot.sound.orders import Labels

BIT_RATES: Final = (256_000, 224_000, 192_000, 160_000, 128_000, 112_000, 96_000, 80_000, 64_000)
"""Of mp3, in bits a second; below the last one, music is no joy."""
AROUND: Final = 16 * 1024
"""Bytes of a file for what is neither sound nor cover."""
CHUNK: Final = 1152 * 100
"""Samples that are handed to the encoder at once: a hundred frames of mp3."""


def best_bit_rate(seconds: float, max_bytes: int, *, cover: int = 0) -> int | None:
    """Choose the best bit rate at which so much sound, with a cover of so many bytes, fits; None if it does not at any."""
    room = max_bytes - AROUND - cover
    return next((rate for rate in BIT_RATES if seconds * rate / 8 <= room), None)


def encode(target: Path, pieces: Iterable[Samples], *, bit_rate: int, labels: Labels) -> float:
    """Write an mp3 and return its length in seconds. Raises CannotStore, and whatever comes with the pieces."""
    try:
        with target.open("wb") as file, av.open(file, "w", format="mp3", options={"id3v2_version": "3"}) as container:
            samples = _write(container, pieces, bit_rate, labels)
    except (av.error.FFmpegError, OSError) as error:
        if error.errno in FULL:
            raise CannotStore("the disk is full") from error
        raise CannotStore(f"the file cannot be written: {error.strerror}") from error
    return samples / RATE


def _write(container: OutputContainer, pieces: Iterable[Samples], bit_rate: int, labels: Labels) -> int:
    # Level 7 is lame's quickest; the default takes half as long again for what nobody hears at these bit rates.
    stream = container.add_stream("libmp3lame", rate=RATE, options={"compression_level": "7"})  # pyright: ignore[reportUnknownMemberType] - PyAV's **kwargs are untyped
    stream.layout, stream.format, stream.bit_rate = "stereo", "fltp", bit_rate
    container.metadata.update(_written(labels))
    if labels.cover:
        _embed(container, labels.cover)
    at = 0
    for block in in_blocks_of(CHUNK, pieces):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, at
        _mux(container, stream, frame)
        at += block.shape[1]
    _mux(container, stream, None)
    return at


def _written(labels: Labels) -> dict[str, str]:
    said = {
        "title": labels.title,
        "artist": ", ".join(labels.artists),
        "genre": labels.genre,
        "comment": labels.comment,
    }
    # A zero ends a text in ID3.
    return {name: text.replace("\0", " ") for name, text in said.items() if text}


def _embed(container: OutputContainer, cover: bytes) -> None:
    stream: VideoStream = container.add_stream("mjpeg", rate=1)  # pyright: ignore[reportUnknownMemberType] - as above
    # The picture's own size stands in its bytes; the stream wants one that is legal.
    stream.width, stream.height, stream.pix_fmt = 16, 16, "yuvj420p"
    stream.disposition = Disposition.attached_pic
    packet = av.Packet(cover)
    packet.stream, packet.pts, packet.dts = stream, 0, 0
    container.mux(packet)  # pyright: ignore[reportUnknownMemberType] - as in `_mux`


def _mux(container: OutputContainer, stream: AudioStream, frame: av.AudioFrame | None) -> None:
    """Encode a frame, or with None flush what the encoder still holds."""
    container.mux(stream.encode(frame))  # pyright: ignore[reportUnknownMemberType] - PyAV's Packet is generic over an untyped stream
