"""From a song's choices to the notes of one bar; every bar is a pure function of where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.song import DEGREES, Section, dice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.song import Arrangement, Song

STEPS = 16
DRUMS = ("kick", "snare", "hat", "perc")
BASS_LOW, PAD_LOW, KEYS_LOW, LEAD_LOW = 31, 50, 57, 67
ACCENTS: Mapping[str, float] = {"X": 1.0, "x": 0.75, "o": 0.42}
BASS_DEGREES: Mapping[str, tuple[int, int]] = {"r": (0, 0), "t": (2, 0), "f": (4, 0), "o": (0, 12)}
POWER_CHORDS = frozenset({"drive guitar"})

LAYERS: Mapping[Section, Mapping[str, float]] = {
    Section.INTRO: {"pad": 1.0, "keys": 0.8, "hat": 0.5, "perc": 0.5},
    Section.BUILD: {"pad": 1.0, "keys": 0.9, "bass": 0.9, "kick": 0.9, "hat": 0.8, "perc": 0.7},
    Section.MAIN: {"pad": 0.8, "keys": 0.9, "bass": 1.0, "kick": 1.0, "snare": 1.0, "hat": 1.0, "perc": 1.0, "lead": 1.0},
    Section.BREAK: {"pad": 1.1, "keys": 0.8, "bass": 0.6, "hat": 0.35, "lead": 0.8},
    Section.OUTRO: {"pad": 1.0, "keys": 0.8, "bass": 0.8, "kick": 0.7, "hat": 0.5},
}


@dataclass(frozen=True, slots=True)
class Note:
    """One sound: `voice` names the mixer's channel, `pitch` is MIDI (0 for drums), times are in 16ths of the bar, velocity 0 to 1."""

    voice: str
    pitch: int
    step: float
    steps: float
    velocity: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bar stands: its number on the lineage's grid, its section, and whether the section begins or ends with it."""

    bar: int
    section: Section
    opens: bool = False
    closes: bool = False


def bar_notes(song: Song, arrangement: Arrangement, place: Place) -> Iterator[Note]:
    """Yield the notes of one bar, in no particular order."""
    if place.section is Section.ENDING:
        yield from _ending(song, arrangement, place.bar)
        return
    layers = LAYERS[place.section]
    touch = dice("touch", *song.name, place.bar)
    for note in _parts(song, arrangement, place):
        gain = layers.get(note.voice, 1.0 if note.voice in {"crash", "rise", "crackle"} else 0.0)
        if gain > 0:
            swung = _swing(song, note.step)
            yield Note(note.voice, note.pitch, swung, note.steps, note.velocity * gain * touch.uniform(0.88, 1.0))


def _parts(song: Song, arrangement: Arrangement, place: Place) -> Iterator[Note]:
    yield from _drums(song, arrangement, place)
    yield from _bass(song, arrangement, place.bar)
    yield from (Note("pad", pitch, 0, STEPS, 0.8) for pitch in song.chord(place.bar, PAD_LOW + arrangement.voicing))
    yield from _keys(song, arrangement, place.bar)
    yield from _lead(song, arrangement, place.bar)
    if song.style.crackle:
        crackle = dice("crackle", place.bar)
        yield from (Note("crackle", 0, crackle.uniform(0, STEPS), 1, song.style.crackle * crackle.uniform(0.1, 0.5)) for _ in range(14))


def _swing(song: Song, step: float) -> float:
    unit = song.style.swing_unit
    late = int(step // unit) % 2 == 1
    return step + song.style.swing * unit if late else step


def _felt(song: Song, line: str, bar: int) -> Iterator[tuple[float, str, float]]:
    """Yield `(step, mark, length)` of a 16-step line under the song's feel: stretched over two bars, as written, or twice in a bar."""
    marks = list(_lengths(line))
    if song.feel < 1:
        half = STEPS // 2 * (bar % 2)
        yield from ((2.0 * (step - half), mark, 2.0 * length) for step, mark, length in marks if half <= step < half + STEPS // 2)
    elif song.feel > 1:
        yield from ((step / 2 + shift, mark, length / 2) for shift in (0, STEPS // 2) for step, mark, length in marks)
    else:
        yield from ((float(step), mark, float(length)) for step, mark, length in marks)


def _lengths(line: str) -> Iterator[tuple[int, str, int]]:
    """Yield `(step, mark, length)` for every mark of a line; a following run of `-` holds it."""
    for step, mark in enumerate(line):
        if mark not in ".-":
            rest = line[step + 1 :]
            yield step, mark, 1 + len(rest) - len(rest.lstrip("-"))


def _drums(song: Song, arrangement: Arrangement, place: Place) -> Iterator[Note]:
    groove = song.style.grooves[arrangement.groove % len(song.style.grooves)]
    lines = {"kick": groove.kick, "snare": groove.snare, "hat": groove.hat, "perc": groove.perc}
    has_drums = any(line.strip(".") for line in lines.values())
    fill = place.closes or place.bar % 8 == 7  # noqa: PLR2004 - phrases are eight bars long
    for piece in DRUMS:
        for step, mark, length in _felt(song, lines[piece], place.bar):
            if not (fill and piece == "snare" and step >= STEPS - 4):
                yield Note(piece, 0, step, length, ACCENTS[mark])
    if not has_drums:
        return
    if fill and place.section is Section.MAIN and lines["snare"].strip("."):
        pattern = dice("fill", arrangement.answer, place.bar).choice(("xoxX", "o.xX", "xxoX", ".oxX"))
        yield from (Note("snare", 0, STEPS - 4 + step, 1, 0.8 * ACCENTS[mark]) for step, mark in enumerate(pattern) if mark != ".")
    if place.opens and place.section is Section.MAIN:
        yield Note("crash", 0, 0, STEPS, 0.7)
    if place.closes and place.section is Section.BUILD:
        yield Note("rise", 0, 0, STEPS, 0.6)


def _bass(song: Song, arrangement: Arrangement, bar: int) -> Iterator[Note]:
    lines = song.style.bass_lines
    degree = song.degree_at(bar)
    root = BASS_LOW + (song.pitch(degree, 0) - BASS_LOW) % 12
    for step, mark, length in _felt(song, lines[arrangement.bass_line % len(lines)], bar):
        thirds, octave = BASS_DEGREES[mark]
        pitch = root + song.pitch(degree + thirds, 0) - song.pitch(degree, 0) + octave
        yield Note("bass", pitch, step, length * 0.95, 0.95 if step % 4 == 0 else 0.8)


def _keys(song: Song, arrangement: Arrangement, bar: int) -> Iterator[Note]:
    lines = song.style.keys_lines
    tones = song.chord(bar, KEYS_LOW + arrangement.voicing)
    if song.style.keys in POWER_CHORDS:
        root = 40 + (song.pitch(song.degree_at(bar), 0) - 40) % 12
        tones = (root, root + 7, root + 12)
    ladder = (*tones, *(tone + 12 for tone in tones))
    rung = 0
    for step, mark, length in _lengths(lines[arrangement.keys_line % len(lines)]):
        if mark == "x":
            yield from (Note("keys", tone, step, length, 0.75) for tone in tones)
        else:
            yield Note("keys", ladder[rung % len(ladder)], step, length + 1, 0.9 if step % 4 == 0 else 0.7)
            rung += 1 if mark == "u" else -1


def motif(seed: str, density: float) -> tuple[tuple[int, int, int], ...]:
    """Invent a melodic idea of two bars: `(step, steps, degree)`; the beats are likelier than what lies between them."""
    roll = dice("motif", seed)
    onsets = [0] if roll.random() < 0.7 else [roll.choice((2, 4))]  # noqa: PLR2004 - most ideas begin on the beat
    for step in range(onsets[0] + 2, 2 * STEPS - 2):
        weight = 1.1 if step % 4 == 0 else 0.75 if step % 2 == 0 else 0.1
        if roll.random() < weight * density:
            onsets.append(step)
    degree = roll.choice((0, 2, 4))
    notes: list[tuple[int, int, int]] = []
    for step, following in zip(onsets, [*onsets[1:], 2 * STEPS], strict=True):
        notes.append((step, min(following - step, 8), degree))
        degree = max(-2, min(8, degree + roll.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3))))
    return tuple(notes)


def _lead(song: Song, arrangement: Arrangement, bar: int) -> Iterator[Note]:
    phrase = (bar // 2) % 4
    idea = motif(arrangement.answer if phrase == 2 else arrangement.motif, song.style.lead_density)  # noqa: PLR2004 - A A B A
    chord_degree = song.degree_at(bar)
    home = chord_degree if chord_degree <= DEGREES // 2 else chord_degree - DEGREES
    half = STEPS * (bar % 2)
    for step, steps, degree in idea:
        if half <= step < half + STEPS:
            settled = degree - degree % 2 if step % 8 == 0 else degree
            yield Note("lead", song.pitch(home + settled, LEAD_LOW), step - half, steps, 0.9 if step % 4 == 0 else 0.75)


def _ending(song: Song, arrangement: Arrangement, bar: int) -> Iterator[Note]:
    """Close on one chord that rings through the bar."""
    yield Note("bass", BASS_LOW + (song.pitch(song.degree_at(bar), 0) - BASS_LOW) % 12, 0, STEPS, 0.8)
    for pitch in song.chord(bar, PAD_LOW + arrangement.voicing):
        yield Note("pad", pitch, 0, STEPS, 0.9)
        yield Note("keys", pitch + 12, 0, STEPS, 0.6)
