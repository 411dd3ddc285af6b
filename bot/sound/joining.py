"""Files joined into one: each up to a second, then the next, without a click between them and all equally loud."""

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from bot.domain.whole_track import OnProgress, nobody
from bot.errors import NotAudio, TooLongToSend
from bot.sound.bounds import MAX_SECONDS
from bot.sound.containing import contains
from bot.sound.decoding import RATE, Samples, blocks
from bot.sound.encoding import best_bit_rate, encode
from bot.sound.loudness import SILENCE, Level, level
from bot.sound.orders import Joined, Labels, Piece

FADE: Final = round(0.04 * RATE)
"""Samples of a crossfade: long enough to hide a step in the waveform, short enough to keep a beat."""
MOST_CHANGE: Final = 6.0
"""Decibels by which a piece is made louder or quieter at most: what differs more was meant to."""
CEILING: Final = 0.97
"""The largest sample that comes out; the rest of the way to 1 is for what encoding overshoots."""
MEASURING: Final = 0.4
"""The share of the work that measuring is, ahead of joining."""


def join(pieces: Sequence[Piece], target: Path, *, max_bytes: int, labels: Labels, on_progress: OnProgress = nobody) -> Joined:
    """Join pieces into an mp3 of the best bit rate that fits. Raises NotAudio, TooLongToSend, CannotStore; then remove the target.

    The pieces follow each other in a lineage: one whose sound is in the next one's file already is left out.
    """
    pieces = _not_doubled(pieces)
    levels: list[Level] = []
    for number, piece in enumerate(pieces):
        levels.append(level(_played(piece, 0)))
        on_progress(MEASURING * (number + 1) / len(pieces))
    joiner = _Joiner(pieces, _gains(levels))
    in_all = sum(each.samples for each in levels)
    if not in_all:
        raise NotAudio("there is nothing to be heard in these files")
    bit_rate = best_bit_rate(in_all / RATE, max_bytes, cover=len(labels.cover or b""))
    if bit_rate is None:
        raise TooLongToSend(in_all / RATE, max_bytes)
    seconds = encode(target, _told(joiner.samples(), in_all, on_progress), bit_rate=bit_rate, labels=labels)
    return Joined(seconds, bit_rate, tuple(joiner.joints))


def _not_doubled(pieces: Sequence[Piece]) -> list[Piece]:
    kept = [piece for piece, after in pairwise(pieces) if not _is_in(piece, after)]
    return [*kept, pieces[-1]]


def _is_in(piece: Piece, after: Piece) -> bool:
    return piece.until is not None and contains(after.path, piece.path, until=piece.until)


def _played(piece: Piece, more: int) -> Generator[Samples]:
    """Decode what a piece plays, and `more` samples that it would have played on."""
    skip = round(piece.start * RATE)
    until = MAX_SECONDS if piece.until is None else piece.until + more / RATE
    for block in blocks(piece.path, until=until):
        if skip < block.shape[1]:
            yield block[:, skip:]
        skip = max(0, skip - block.shape[1])


def _told(samples: Iterator[Samples], in_all: int, on_progress: OnProgress) -> Iterator[Samples]:
    done = 0
    for block in samples:
        yield block
        done += block.shape[1]
        on_progress(MEASURING + (1 - MEASURING) * min(1.0, done / in_all))


def _gains(levels: Sequence[Level]) -> list[float]:
    """Bring the pieces to the same loudness, that of the middle one, as far as that may be and without clipping."""
    heard = [each.loudness for each in levels if each.loudness != SILENCE]
    wanted = median(heard) if heard else 0.0
    return [_gain(each, wanted) for each in levels]


def _gain(found: Level, wanted: float) -> float:
    change = 0.0 if found.loudness == SILENCE else max(-MOST_CHANGE, min(MOST_CHANGE, wanted - found.loudness))
    gain = math.pow(10, change / 20)
    return min(gain, CEILING / found.peak) if found.peak else gain


_NOTHING: Samples = np.zeros((2, 0), np.float32)


class _Joiner:
    """Streams the pieces one behind the other, and notes where each begins."""

    def __init__(self, pieces: Sequence[Piece], gains: Sequence[float]) -> None:
        self._pieces = pieces
        self._gains = [np.float32(gain) for gain in gains]
        self.joints: list[float] = []

    def samples(self) -> Iterator[Samples]:
        """Yield all of it."""
        at = 0
        tail: Samples | None = None
        for number, piece in enumerate(self._pieces):
            last = number == len(self._pieces) - 1
            body = _Body(_played(piece, 0 if last else FADE), self._gains[number], None if last else self._length(piece))
            for block in _faded_in(body.samples(), tail):
                yield block
                at += block.shape[1]
            tail = body.tail()
            if not last:
                self.joints.append(at / RATE)

    @staticmethod
    def _length(piece: Piece) -> int:
        return round(((piece.until or 0.0) - piece.start) * RATE)


class _Body:
    """Streams a piece up to its length, and keeps what it would have played on."""

    def __init__(self, played: Iterator[Samples], gain: np.float32, length: int | None) -> None:
        self._played = played
        self._gain = gain
        self._length = length
        self._last = _NOTHING
        self._beyond: list[Samples] = []

    def samples(self) -> Iterator[Samples]:
        left = self._length
        for block in self._played:
            loud = np.clip(block * self._gain, -CEILING, CEILING)
            if left is not None:
                self._beyond.append(loud[:, left:])
                loud = loud[:, :left]
                left -= loud.shape[1]
            if loud.shape[1]:
                self._last = np.concatenate((self._last, loud), axis=1)[:, -FADE - 1 :]
                yield loud

    def tail(self) -> Samples:
        """Tell what it would have played on, for as long as a crossfade takes."""
        beyond = np.concatenate([_NOTHING, *self._beyond], axis=1)[:, :FADE]
        return np.concatenate((beyond, _carried_on(np.concatenate((self._last, beyond), axis=1))), axis=1)[:, :FADE]


def _carried_on(sound: Samples) -> Samples:
    """Carry a sound on where its file ends: its last moment turned round its last sample, which bends nothing."""
    end = sound[:, -1:]
    return np.clip(2 * end - sound[:, -2::-1], -CEILING, CEILING)


def _faded_in(samples: Iterator[Samples], tail: Samples | None) -> Iterator[Samples]:
    """Cross over from the tail of the piece before."""
    if tail is None or tail.shape[1] == 0:
        yield from samples
        return
    head = _NOTHING
    for block in samples:
        if head.shape[1] >= tail.shape[1]:
            yield block
            continue
        head = np.concatenate((head, block), axis=1)
        if head.shape[1] >= tail.shape[1]:
            size = tail.shape[1]
            yield np.concatenate((crossed(tail, head[:, :size]), head[:, size:]), axis=1)
    if 0 < head.shape[1] < tail.shape[1]:
        yield crossed(tail[:, : head.shape[1]], head)


def crossed(old: Samples, new: Samples) -> Samples:
    """Fade from one stretch to another of the same length, at an even power; where that would clip, at an even amplitude.

    Two sounds that have nothing in common add up by their power; the more they are alike, the more by their amplitude.
    """
    size = old.shape[1]
    turn = (np.arange(size, dtype=np.float32) + 0.5) / size * (np.pi / 2)
    falling, rising = np.cos(turn), np.sin(turn)
    alike = max(0.0, _likeness(old, new))
    mixed = (old * falling + new * rising) / np.sqrt(1 + alike * np.sin(2 * turn))
    if float(np.abs(mixed).max()) > CEILING:
        mixed = (old * falling + new * rising) / (falling + rising)
    return mixed.astype(np.float32)


def _likeness(old: Samples, new: Samples) -> float:
    both = float(np.vdot(old, old)) * float(np.vdot(new, new))
    return float(np.vdot(old, new)) / math.sqrt(both) if both else 0.0


def excerpt(before: Piece, after: Piece, target: Path, *, max_bytes: int, labels: Labels) -> Joined:
    """Join the two sides of a joint, so that it can be heard; a source within its extension is heard there. Raises as `join` does."""
    if before.until is not None and contains(after.path, before.path, until=before.until):
        inside = replace(after, start=before.start, until=before.until + (after.until or 0.0))
        joined = join([inside], target, max_bytes=max_bytes, labels=labels)
        return replace(joined, joints=(before.until - before.start,))
    return join([before, after], target, max_bytes=max_bytes, labels=labels)
