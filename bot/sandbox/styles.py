"""What a style of music is made of, and how a request's tags name one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Groove:
    """One bar of drums: a line of 16 steps for each piece; `X` accented, `x` plain, `o` soft, `.` silent."""

    kick: str = "................"
    snare: str = "................"
    hat: str = "................"
    perc: str = "................"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One genre: its tempo in beats a minute, harmony, grooves, instruments and room.

    Progressions are degrees of the scale, counted from 0, one a chord; `chord` is how many thirds are stacked. Bass lines have 16 steps:
    `r` root, `f` fifth, `o` octave, `t` third, `-` holds, `.` is silent. Keys lines: `x` plays the chord, `u` and `d` climb or descend
    its tones, `-` holds. `levels` are gains by voice, 1.0 unless named.
    """

    name: str
    words: tuple[str, ...]
    bpm: tuple[int, int]
    scales: tuple[str, ...] = ("minor",)
    progressions: tuple[tuple[int, ...], ...] = ((0, 5, 2, 6), (0, 3, 5, 4))
    chord: int = 3
    bars_per_chord: int = 1
    kit: str = "electronic"
    grooves: tuple[Groove, ...] = (Groove(),)
    bass: str = "round bass"
    bass_lines: tuple[str, ...] = ("r---r---r---r---",)
    pad: str = "warm pad"
    keys: str = "electric piano"
    keys_lines: tuple[str, ...] = ("x---....x---....",)
    lead: str = "soft lead"
    lead_density: float = 0.5
    swing: float = 0.0
    swing_unit: int = 1
    ducking: float = 0.0
    reverb: float = 0.25
    room: float = 1.6
    crackle: float = 0.0
    levels: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """What an adjective does to a style."""

    words: tuple[str, ...]
    scales: tuple[str, ...] = ()
    tempo: float = 1.0
    reverb: float = 1.0
    density: float = 1.0
    pad: str = ""


MOODS = (
    Mood(words=("sad", "melanchol", "lonely", "heartbreak", "nostalg"), scales=("minor",), tempo=0.92, reverb=1.2, density=0.8),
    Mood(words=("happy", "cheerful", "uplift", "sunny", "joy", "bright", "summer", "tropical"), scales=("major",), tempo=1.02),
    Mood(words=("dark", "evil", "sinister", "horror", "ominous"), scales=("phrygian", "harmonic minor"), density=0.8, pad="dark pad"),
    Mood(words=("dream", "ethereal", "float", "wave", "shoegaze"), scales=("lydian", "dorian"), tempo=0.96, reverb=1.5, pad="glass pad"),
    Mood(words=("calm", "relax", "sleep", "peace", "medit", "soft", "gentle"), tempo=0.9, reverb=1.2, density=0.65),
    Mood(words=("epic", "heroic", "triumph"), scales=("minor", "dorian"), reverb=1.25, pad="strings"),
    Mood(words=("energetic", "fast", "upbeat", "aggressive", "intense", "hard"), tempo=1.06, density=1.25),
    Mood(words=("slow",), tempo=0.85),
)

INSTRUMENTS: Mapping[str, tuple[str, str]] = {
    "piano": ("keys", "grand piano"),
    "rhodes": ("keys", "electric piano"),
    "guitar": ("keys", "steel guitar"),
    "ukulele": ("keys", "nylon guitar"),
    "harp": ("keys", "nylon guitar"),
    "organ": ("keys", "organ"),
    "strings": ("pad", "strings"),
    "violin": ("lead", "solo violin"),
    "cello": ("lead", "solo violin"),
    "choir": ("pad", "choir"),
    "flute": ("lead", "flute"),
    "saxophone": ("lead", "reed"),
    "sax": ("lead", "reed"),
    "trumpet": ("lead", "brass"),
    "brass": ("lead", "brass"),
    "bell": ("lead", "bell"),
    "bells": ("lead", "bell"),
    "marimba": ("keys", "marimba"),
    "kalimba": ("keys", "marimba"),
    "synth": ("lead", "saw lead"),
    "808": ("bass", "sub bass"),
}


def split_tags(tags: str) -> tuple[str, ...]:
    """Split a request's `tags` at its commas; lower case, in order, without empties or repeats."""
    return tuple(dict.fromkeys(part for part in (re.sub(r"\s+", " ", piece).strip().lower() for piece in tags.split(",")) if part))


def interpret(tags: str, styles: Sequence[Style]) -> Style:
    """Make one style of `tags`: the first genre named leads, the next lends its voices, moods and instruments change details.

    Tags that name no known genre give the first of `styles`.
    """
    parts = split_tags(tags)
    genres = tuple(dict.fromkeys(index for part in parts for index in _genres_in(part, styles)))
    style = styles[genres[0] if genres else 0]
    if len(genres) > 1:
        guest = styles[genres[1]]
        style = replace(style, lead=guest.lead, pad=guest.pad, lead_density=(style.lead_density + guest.lead_density) / 2)
    style = _with_moods(style, parts)
    return _with_instruments(style, parts)


def _genres_in(tag: str, styles: Sequence[Style]) -> Iterable[int]:
    """Yield the styles that a tag names, those with the longer name first (`drum and bass` before `bass`)."""
    found = [(len(word), index) for index, style in enumerate(styles) for word in style.words if re.search(rf"\b{re.escape(word)}", tag)]
    return (index for _, index in sorted(found, key=lambda pair: (-pair[0], pair[1])))


def _with_moods(style: Style, parts: Sequence[str]) -> Style:
    for mood in MOODS:
        if any(re.search(rf"\b{word}", part) for part in parts for word in mood.words):
            low, high = style.bpm
            style = replace(
                style,
                scales=mood.scales or style.scales,
                bpm=(round(low * mood.tempo), round(high * mood.tempo)),
                reverb=min(0.6, style.reverb * mood.reverb),
                lead_density=min(1.0, style.lead_density * mood.density),
                pad=mood.pad or style.pad,
            )
    return style


def _with_instruments(style: Style, parts: Sequence[str]) -> Style:
    words = {word for part in parts for word in part.split()}
    for word, (role, patch) in INSTRUMENTS.items():
        if word not in words:
            continue
        match role:
            case "keys":
                style = replace(style, keys=patch)
            case "pad":
                style = replace(style, pad=patch)
            case "bass":
                style = replace(style, bass=patch)
            case _:
                style = replace(style, lead=patch)
    return style
