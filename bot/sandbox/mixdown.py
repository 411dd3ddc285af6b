"""The mixing desk: notes of many bars become one stereo signal with ducking, echo, reverb and a soft ceiling."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bot.sandbox.drums import hit
from bot.sandbox.score import STEPS, Place, bar_notes
from bot.sandbox.song import Section, arrange
from bot.sandbox.synth import RATE, Sound, play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.score import Note
    from bot.sandbox.song import Arrangement, Song
    from bot.sandbox.synth import Samples

LEVELS: Mapping[str, float] = {
    "kick": 0.66,
    "snare": 0.62,
    "hat": 0.52,
    "perc": 0.5,
    "crash": 0.3,
    "rise": 0.5,
    "crackle": 0.16,
    "bass": 0.5,
    "pad": 0.42,
    "keys": 0.42,
    "lead": 0.36,
}
SENDS: Mapping[str, float] = {
    "kick": 0.03,
    "snare": 0.3,
    "hat": 0.1,
    "perc": 0.3,
    "crash": 0.5,
    "rise": 0.5,
    "pad": 0.7,
    "keys": 0.6,
    "lead": 0.8,
}
PITCHED = frozenset({"bass", "pad", "keys", "lead"})
RHYTHM = frozenset({"kick", "snare", "hat", "perc", "bass"})
ECHO_STEPS, ECHOES = 3, (0.3, 0.1)
DUCK_SECONDS = 0.32
LOUDNESS = 0.17  # RMS after the weighting of ITU-R BS.1770, so that every style is about as loud
CEILING = 0.84  # leaves the mp3 decoder room to overshoot
CALIBRATION_BARS = 4


@dataclass(frozen=True, slots=True)
class Player:
    """A song performed in a certain arrangement, at a weight of 0 to 1 while one style gives way to another."""

    song: Song
    arrangement: Arrangement
    weight: float = 1.0

    def share(self, voice: str) -> float:
        """Give a voice's gain: chords and melody cross over by equal power, the rhythm changes hands halfway."""
        if voice in RHYTHM:
            return 1.0 if self.weight > 0.5 else 0.0  # noqa: PLR2004 - halfway
        return float(np.sqrt(self.weight))


@dataclass(slots=True)
class Desk:
    """Collects `samples` samples of sound that begin at sample `origin` of the lineage's timeline."""

    origin: int
    samples: int
    room: float
    _dry: Samples = field(init=False)
    _ducked: Samples = field(init=False)
    _send: Samples = field(init=False)
    _duck: Samples = field(init=False)
    _sounds: dict[tuple[str, str, int, int], Sound | None] = field(default_factory=dict[tuple[str, str, int, int], "Sound | None"])
    _gains: dict[tuple[str, ...], float] = field(default_factory=dict[tuple[str, ...], float])

    def __post_init__(self) -> None:
        """Lay out the busses."""
        self._dry = np.zeros((2, self.samples), dtype=np.float32)
        self._ducked = np.zeros((2, self.samples), dtype=np.float32)
        self._send = np.zeros(self.samples // 2 + 1, dtype=np.float32)
        self._duck = np.ones(self.samples, dtype=np.float32)

    def play_bar(self, player: Player, place: Place) -> None:
        """Add one bar of a player, at the loudness that all songs share."""
        gain = self._gain_of(player.song)
        for note in bar_notes(player.song, player.arrangement, place):
            share = player.share(note.voice)
            if share > 0:
                self._add(player.song, note, place.bar, gain * share)

    def mixed(self) -> Samples:
        """Sum the busses and the reverb, without the ceiling; shape (2, samples)."""
        mix = self._ducked
        mix *= self._duck
        mix += self._dry
        self._send *= self._duck[::2] if self._duck[::2].size == self._send.size else np.append(self._duck[::2], np.float32(1))
        wet = _convolve(self._send, _room(round(self.room, 1)))
        half = self.samples // 2
        mix[:, : 2 * half : 2] += wet[:, :half]
        mix[:, 1 : 2 * half : 2] += (wet[:, :half] + wet[:, 1 : half + 1]) * np.float32(0.5)
        return mix

    def mastered(self) -> Samples:
        """Give the mix under its ceiling; a static curve, so that a lineage's clips meet without a step."""
        mix = self.mixed()
        np.tanh(mix, out=mix)
        mix *= np.float32(CEILING)
        return mix

    def _gain_of(self, song: Song) -> float:
        if song.name not in self._gains:
            self._gains[song.name] = 1.0  # the calibration itself plays at unity
            self._gains[song.name] = LOUDNESS / max(1e-4, self._calibration(song))
        return self._gains[song.name]

    def _calibration(self, song: Song) -> float:
        bar = song.bar_seconds * RATE
        desk = Desk(origin=0, samples=round(CALIBRATION_BARS * bar), room=self.room, _sounds=self._sounds, _gains=self._gains)
        player = Player(song, arrange(song, 0, 0))
        for number in range(CALIBRATION_BARS):
            desk.play_bar(player, Place(number, Section.MAIN))
        return loudness(desk.mixed())

    def _add(self, song: Song, note: Note, bar: int, gain: float) -> None:
        step = song.bar_seconds * RATE / STEPS
        sound = self._sound(song, note, step / RATE)
        if sound is None:
            return
        at = round((bar * STEPS + note.step) * step) - self.origin
        style = song.style
        level = gain * note.velocity * LEVELS[note.voice] * style.levels.get(note.voice, 1.0)
        send = SENDS.get(note.voice, 0.0) * style.reverb
        bus = self._ducked if note.voice in PITCHED else self._dry
        self._lay(bus, sound, at, level, send)
        if note.voice == "lead":
            for number, echo in enumerate(ECHOES, start=1):
                self._lay(bus, sound, at + round(number * ECHO_STEPS * step), level * echo, send)
        if note.voice == "kick" and style.ducking:
            self._press(at, style.ducking * note.velocity)

    def _sound(self, song: Song, note: Note, step_seconds: float) -> Sound | None:
        style = song.style
        patches = {"bass": style.bass, "pad": style.pad, "keys": style.keys, "lead": style.lead}
        key = (note.voice, patches.get(note.voice, style.kit), note.pitch, round(note.steps * 100) if note.voice in PITCHED else 0)
        if key not in self._sounds:
            seconds = note.steps * step_seconds
            self._sounds[key] = play(key[1], note.pitch, seconds) if note.voice in PITCHED else hit(key[1], note.voice, seconds)
        return self._sounds[key]

    def _lay(self, bus: Samples, sound: Sound, at: int, level: float, send: float) -> None:
        start, end = max(0, at), min(self.samples, at + sound.dry.shape[1])
        if start >= end:
            return
        bus[:, start:end] += sound.dry[:, start - at : end - at] * np.float32(level)
        if send:
            half = at // 2
            start, end = max(0, half), min(self._send.size, half + sound.send.size)
            if start < end:
                self._send[start:end] += sound.send[start - half : end - half] * np.float32(level * send)

    def _press(self, at: int, depth: float) -> None:
        curve = _duck_curve()
        start, end = max(0, at), min(self.samples, at + curve.size)
        if start < end:
            pressed = self._duck[start:end]
            np.minimum(pressed, 1 - np.float32(depth) * curve[start - at : end - at], out=pressed)


def loudness(signal: Samples) -> float:
    """Measure the RMS of a (2, n) signal under a weighting close to that of ITU-R BS.1770: less below 60 Hz, more above 1.7 kHz."""
    spectrum = np.abs(np.fft.rfft(signal, axis=1))
    hertz = np.fft.rfftfreq(signal.shape[1], 1 / RATE)
    weight = hertz**2 / (hertz**2 + 60.0**2) * np.sqrt(1 + 1.5 * hertz**2 / (hertz**2 + 1_700.0**2))
    return float(np.sqrt(2 * np.sum((spectrum * weight) ** 2) / (2 * signal.shape[1] ** 2)))


@lru_cache(maxsize=1)
def _duck_curve() -> Samples:
    time = np.linspace(0, 1, round(DUCK_SECONDS * RATE), dtype=np.float32)
    return np.minimum(time * 40, 1) * (1 - time) ** 1.6


@lru_cache(maxsize=4)
def _room(seconds: float) -> Samples:
    """Make a hall's impulse response at half the rate, shape (2, n): noise that falls 60 dB in `seconds`, its highs twice as fast."""
    rate = RATE // 2
    size = round(seconds * rate)
    time = np.arange(size, dtype=np.float32) / np.float32(rate)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    sides: list[Samples] = []
    for seed in (21, 22):
        spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size))
        spectrum *= hertz**2 / (hertz**2 + 180.0**2)
        low = np.fft.irfft(spectrum / (1 + (hertz / 1_800) ** 4), size) * np.exp(-6.9 * time / seconds)
        high = np.fft.irfft(spectrum / (1 + (hertz / 6_500) ** 4), size) * np.exp(-13.8 * time / seconds)
        side = (low + 0.7 * high).astype(np.float32) * np.minimum(np.maximum(time - 0.012, 0) * 80, 1)
        sides.append(side / np.float32(np.sqrt(np.sum(side**2))))
    return np.stack(sides).astype(np.float32) * np.float32(1.6)


def _convolve(signal: Samples, response: Samples) -> Samples:
    """Convolve a mono signal with a stereo response block by block (overlap-add); shape (2, n + 1 at least)."""
    hop = 1 << 16
    size = 2 * hop
    if response.shape[1] > hop:
        response = response[:, :hop]
    spectra = np.fft.rfft(response, size, axis=1)
    out = np.zeros((2, signal.size + size + hop), dtype=np.float32)
    for start in range(0, signal.size, hop):
        block = np.fft.rfft(signal[start : start + hop], size)
        out[:, start : start + size] += np.fft.irfft(spectra * block, size, axis=1)
    return out
