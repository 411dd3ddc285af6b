"""Is it audio, all of it, and how long is it? Told by decoding, never by what a header or a name says."""

import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

import av
import av.error
from av.container import InputContainer

from bot.errors import NotAudio
from bot.sound.bounds import FORMATS, MAX_BROKEN, MAX_SECONDS

EXTENSIONS: Final = {"mp3": "mp3", "mov,mp4,m4a,3gp,3g2,mj2": "m4a", "wav": "wav", "ogg": "ogg", "flac": "flac"}
"""FFmpeg's names of the containers that are taken, and the files' endings."""

MIN_SECONDS = 1.0
MIN_SHARE = 0.9
"""A file that decodes to less than this share of the length it states was cut off."""
NEARBY = 3.0
"""Seconds by which a provider's length of a file may be less than ours and still be of the same file: some name whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A file that decoded as audio: its ending, without the dot, and its length."""

    extension: str
    seconds: float


def measure(data: bytes) -> Measured:
    """Decode a whole file. Raises NotAudio. It keeps a processor busy (about 0.2 s for four minutes of mp3): call it in a thread."""
    if not data:
        raise NotAudio("the file is empty")
    try:
        # The whitelist also ends FFmpeg's own guessing at other formats.
        with av.open(io.BytesIO(data), mode="r", options={"format_whitelist": FORMATS}) as container:
            extension = EXTENSIONS.get(container.format.name)
            if extension is None or not container.streams.audio:
                raise NotAudio("there is no audio in the file")
            seconds = _decode(container)
            stated = (container.duration or 0) / av.time_base
    except (av.error.FFmpegError, ValueError) as error:
        raise NotAudio("the file does not decode as audio") from error
    if seconds < MIN_SECONDS:
        raise NotAudio(f"the file holds only {seconds:.2f} s of audio")
    if seconds < stated * MIN_SHARE and (extension != "mp3" or _states_its_length(data)):
        raise NotAudio(f"the file ends after {seconds:.0f} of {stated:.0f} s")
    return Measured(extension=extension, seconds=seconds)


def agreed_seconds(measured: float, reported: float | None) -> float:
    """Find the end that we and the provider agree to lie within the track; both lengths are in seconds, `reported` is the provider's.

    An mp3 can decode to a little more than was put in: an encoder's delay and padding, up to a tenth of a second of silence, are cut off
    only where the file states them (Xing/Info tag, LAME extension). A start in that silence would be refused by a provider that knows
    better. A length that is off by more than `NEARBY` is not that of this file.
    """
    if reported is not None and 0 < measured - reported <= NEARBY:
        return reported
    return measured


def _decode(container: InputContainer) -> float:
    stream = container.streams.audio[0]
    # Samples are counted whole, by their rate: a sum of fractions of a second drifts, and ends ten seconds a little behind the tenth.
    samples: Counter[int] = Counter()
    packets, broken = 0, 0
    for packet in container.demux(stream):
        packets += 1
        try:
            for frame in packet.decode():
                samples[frame.sample_rate] += frame.samples
        except av.error.InvalidDataError:
            broken += 1
        if _seconds(samples) > MAX_SECONDS:
            raise NotAudio(f"the file is longer than {MAX_SECONDS:.0f} s")
    if broken > packets * MAX_BROKEN:
        raise NotAudio(f"{broken} of {packets} packets are broken")
    return _seconds(samples)


def _seconds(samples: Counter[int]) -> float:
    return sum(count / rate for rate, count in samples.items())


def _states_its_length(mp3: bytes) -> bool:
    """Tell whether an mp3 names its number of frames (Xing or Info in its first frame); without it FFmpeg's length is a guess."""
    start = 0
    if mp3[:3] == b"ID3":
        # ID3v2: the tag's size is four bytes of seven bits each, after a header of ten bytes.
        start = 10 + sum(byte << shift for byte, shift in zip(mp3[6:10], (21, 14, 7, 0), strict=False))
    head = mp3[start : start + 256]
    return b"Xing" in head or b"Info" in head
