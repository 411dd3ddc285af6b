"""The choices that make one piece of music: tempo, key, harmony, parts; pure functions of tags and seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.sandbox.style_table import STYLES
from bot.sandbox.styles import interpret, split_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.styles import Style

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
}
DEGREES = 7
OCTAVE = 12


class Section(StrEnum):
    """A stretch of the form; it decides which instruments play."""

    INTRO = "intro"
    BUILD = "build"
    MAIN = "main"
    BREAK = "break"
    OUTRO = "outro"
    ENDING = "ending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A style made definite. `feel` is how often a drum bar fits the tempo's bar: 0.5 (half time), 1 or 2 (double time)."""

    name: tuple[str, ...]
    style: Style
    bpm: float
    root: int
    scale: tuple[int, ...]
    progression: tuple[int, ...]
    chord_bars: int
    feel: float = 1.0

    @property
    def bar_seconds(self) -> float:
        """Give the length of a bar of four beats."""
        return 240.0 / self.bpm

    def degree_at(self, bar: int) -> int:
        """Give the scale degree that the chord of a bar is built on."""
        return self.progression[(bar // self.chord_bars) % len(self.progression)]

    def harmonised(self, leader: Song) -> Song:
        """Give this song over the chords of another."""
        return replace(self, progression=leader.progression, chord_bars=leader.chord_bars)

    def pitch(self, degree: int, low: int) -> int:
        """Give the MIDI note of a scale degree, counted from the first root at or above `low`."""
        octave, step = divmod(degree, DEGREES)
        return low + (self.root - low) % OCTAVE + self.scale[step] + OCTAVE * octave

    def chord(self, bar: int, low: int) -> tuple[int, ...]:
        """Voice the chord of a bar closely, upwards from `low`: folding keeps common tones in place, so voices lead smoothly."""
        degree = self.degree_at(bar)
        tones = [self.pitch(degree + 2 * third, 0) for third in range(self.style.chord)]
        return tuple(sorted({low + (tone - low) % OCTAVE for tone in tones}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What a performance of a song chooses: the style's patterns, how high its chords lie (semitones), two melodic ideas' seeds."""

    groove: int
    bass_line: int
    keys_line: int
    voicing: int
    motif: str
    answer: str


def dice(*parts: object) -> random.Random:
    """Give a generator that the parts alone decide, the same in every process."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - music, not secrets


def compose(tags: str, seed: int) -> Song:
    """Choose tempo, key and harmony for `tags`; the same tags and seed always give the same song."""
    name = split_tags(tags)
    style = interpret(tags, STYLES)
    roll = dice("song", *name, seed)
    return Song(
        name=name,
        style=style,
        bpm=float(roll.randint(*style.bpm)),
        root=roll.randrange(OCTAVE),
        scale=SCALES[roll.choice(style.scales)],
        progression=roll.choice(style.progressions),
        chord_bars=style.bars_per_chord,
    )


def restyle(song: Song, tags: str, seed: int) -> Song:
    """Carry a song into the style of `tags`: the key and the tempo's grid stay; the same tags give the same song back."""
    name = split_tags(tags)
    if name == song.name:
        return song
    fresh = compose(tags, seed)
    middle = sum(fresh.style.bpm) / 2
    feel = min((0.5, 1.0, 2.0), key=lambda factor: abs(song.bpm * factor - middle))
    return replace(fresh, bpm=song.bpm, root=song.root, scale=song.scale, feel=feel)


def arrange(song: Song, seed: int, variant: int) -> Arrangement:
    """Choose the parts of a first performance; neighbouring variants never share groove, bass line or melody."""
    roll = dice("arrangement", *song.name, seed)
    style = song.style
    return Arrangement(
        groove=(roll.randrange(len(style.grooves)) + variant) % len(style.grooves),
        bass_line=(roll.randrange(len(style.bass_lines)) + variant) % len(style.bass_lines),
        keys_line=(roll.randrange(len(style.keys_lines)) + variant) % len(style.keys_lines),
        voicing=(0, 5, -4)[(roll.randrange(3) + variant) % 3],
        motif=f"{seed}/{variant}/motif",
        answer=f"{seed}/{variant}/answer",
    )


def form(bars: int, shape_number: int, carried: Section | None = None) -> tuple[Section, ...]:
    """Lay `bars` bars out in sections, one entry a bar; `carried` is what sounded where an extension takes over."""
    unit = 4 if bars >= 28 else 2 if bars >= 14 else 1  # noqa: PLR2004 - shorter pieces get shorter sections
    if carried is None:
        shapes: Sequence[tuple[Section, ...]] = (
            (Section.INTRO, Section.BUILD, Section.MAIN, Section.BREAK, Section.MAIN, Section.OUTRO),
            (Section.INTRO, Section.MAIN, Section.BREAK, Section.BUILD, Section.MAIN, Section.OUTRO),
        )
    else:
        start = {Section.INTRO: Section.BUILD, Section.OUTRO: Section.BREAK, Section.ENDING: Section.BREAK}.get(carried, carried)
        shapes = (
            (start, Section.BREAK, Section.BUILD, Section.MAIN, Section.OUTRO),
            (start, Section.MAIN, Section.BREAK, Section.MAIN, Section.OUTRO),
        )
    shape = shapes[shape_number % len(shapes)]
    mains = shape.count(Section.MAIN)
    spare = max(0, bars - 1 - unit * len(shape)) // (unit * mains)
    laid = [section for section in shape for _ in range(unit * (1 + spare) if section is Section.MAIN else unit)]
    last_main = len(laid) - unit
    laid[last_main:last_main] = [Section.MAIN] * max(0, bars - 1 - len(laid))
    return (*laid[: bars - 1], Section.ENDING)
