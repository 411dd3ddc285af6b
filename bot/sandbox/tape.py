"""Recordings: any clip of a lineage, synthesised again from its recipe alone, and encoded as mp3."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av
import numpy as np

from bot.sandbox.mixdown import Desk, Player
from bot.sandbox.score import Place
from bot.sandbox.song import Arrangement, Section, Song, arrange, compose, dice, form, restyle
from bot.sandbox.synth import RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av.audio.stream import AudioStream
    from av.container import OutputContainer

    from bot.sandbox.synth import Samples

BIT_RATE = 160_000
FULL_LENGTH = (60.0, 140.0)
SHORT_LENGTH = (24.0, 40.0)
HANDOVER = round(0.5 * RATE)  # at least this much of an extension is what the source would have played on
PREROLL = 4 * RATE  # what still rings where an extension begins was struck no earlier
BLEND_BARS = 8
FADE = round(1.5 * RATE)
SWELL = RATE
ENCODER_CHUNK = 1_152 * 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The recipe of one clip: everything that its sound depends on. `length` and `continue_at` are seconds.

    One that `holds_source` begins with its source, up to `continue_at`; what is new comes behind that.
    """

    tags: str
    seed: int
    variant: int
    length: float
    source: Take | None = None
    continue_at: float = 0.0
    holds_source: bool = False

    @property
    def lead(self) -> float:
        """Tell how many seconds of its file are its source's."""
        return self.continue_at if self.holds_source else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A take on its lineage's timeline: from `first_bar` on its own plan holds, before that its source's."""

    take: Take
    song: Song
    arrangement: Arrangement
    origin: int
    first_bar: int
    sections: Sequence[Section]
    source: Stretch | None
    fading: tuple[Player, ...] = ()

    @property
    def begin(self) -> int:
        """Tell where on the timeline the take's file begins, in samples; `origin` is where what is new in it does."""
        return self.origin - round(self.take.lead * RATE)

    def place(self, bar: int) -> Place:
        """Say where a bar of the timeline stands in the form."""
        if self.source is not None and bar < self.first_bar:
            return self.source.place(bar)
        index = bar - self.first_bar
        section = self._section(index)
        before = self.place(bar - 1).section if bar > 0 else None
        return Place(bar, section, opens=section is not before, closes=section is not self._section(index + 1))

    def players(self, bar: int) -> tuple[Player, ...]:
        """Say who plays a bar: one song, or several while a new style grows out of an old one."""
        if self.source is not None and bar < self.first_bar:
            return self.source.players(bar)
        weight = min(1.0, (bar - self.first_bar + 1) / (BLEND_BARS + 1)) if self.fading else 1.0
        own = Player(self.song, self.arrangement, weight)
        if weight == 1.0:
            return (own,)
        band = (own, *(replace(player, weight=player.weight * (1 - weight)) for player in self.fading))
        leader = max(band, key=lambda player: player.weight).song
        return tuple(replace(player, song=player.song.harmonised(leader)) for player in band)

    def _section(self, index: int) -> Section:
        return self.sections[min(index, len(self.sections) - 1)]


def first_take(tags: str, seed: int, variant: int, *, between: tuple[float, float] = FULL_LENGTH) -> Take:
    """Plan a new clip of a length `between` two bounds in seconds; variants 0 and 1 share the song and differ in melody and form."""
    bar = compose(tags, seed).bar_seconds
    return Take(tags=tags, seed=seed, variant=variant, length=_length(0.0, bar, between, seed, variant))


def next_take(
    source: Take,
    continue_at: float,
    tags: str,
    seed: int,
    variant: int,
    *,
    between: tuple[float, float] = FULL_LENGTH,
    holds_source: bool = False,
) -> Take:
    """Plan the clip that continues `source` from `continue_at` seconds; it holds the new part alone, unless it `holds_source` as well.

    Raises ValueError when `continue_at` does not lie strictly inside the source.
    """
    if not 0 < continue_at < source.length:
        message = f"continue_at must lie between 0 and {source.length} seconds"
        raise ValueError(message)
    road = _timeline(source)
    start = road.begin / RATE + continue_at
    bar = road.song.bar_seconds
    length = _length(-start % bar, bar, between, seed, variant)
    new = Take(tags=tags, seed=seed, variant=variant, length=length, source=source, continue_at=continue_at)
    return replace(new, length=length + continue_at, holds_source=True) if holds_source else new


def perform(take: Take) -> Samples:
    """Synthesise a take: float32 of the shape (2, n) at 44.1 kHz, within ±1."""
    if take.source is not None and take.holds_source:
        new = replace(take, length=take.length - take.lead, holds_source=False)
        return np.concatenate((perform(take.source)[:, : round(take.lead * RATE)], perform(new)), axis=1)
    road = _timeline(take)
    samples = round(take.length * RATE)
    bar_samples = road.song.bar_seconds * RATE
    first_bar = int(max(0, road.origin - PREROLL) // bar_samples)
    start = round(first_bar * bar_samples)
    desk = Desk(start, road.origin - start + samples, _lineage(take)[0].song.style.room)
    for bar in range(first_bar, int((road.origin + samples) // bar_samples) + 1):
        place = road.place(bar)
        for player in road.players(bar):
            desk.play_bar(player, place)
    signal = desk.mastered()[:, road.origin - start :]
    _swell(signal, _fade_at(take.source, take.continue_at) if take.source else 1.0)
    fade = min(FADE, samples)
    signal[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return signal


def record(take: Take, title: str) -> bytes:
    """Perform a take and encode it as stereo mp3 of 160 kbit/s that carries `title`.

    It decodes to the take's length, or to a thousandth of a second more: lame states too little padding for some lengths.
    """
    signal = perform(take)
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        # Level 7 is lame's quickest; the default takes half as long again for what nobody hears at this bit rate.
        stream = container.add_stream("libmp3lame", rate=RATE, options={"compression_level": "7"})  # pyright: ignore[reportUnknownMemberType] - PyAV's **kwargs are untyped
        stream.layout, stream.format, stream.bit_rate = "stereo", "fltp", BIT_RATE
        container.metadata.update({"title": title} if title else {})
        for start in range(0, signal.shape[1], ENCODER_CHUNK):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(signal[:, start : start + ENCODER_CHUNK]), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts = RATE, start
            _write(container, stream, frame)
        _write(container, stream, None)
    return file.getvalue()


def _write(container: OutputContainer, stream: AudioStream, frame: av.AudioFrame | None) -> None:
    """Encode a frame, or with None flush what the encoder still holds."""
    container.mux(stream.encode(frame))  # pyright: ignore[reportUnknownMemberType] - PyAV's Packet is generic over an untyped stream


def _lineage(take: Take) -> list[Stretch]:
    """Place every take from the root down to this one on the timeline."""
    takes: list[Take] = []
    ancestor: Take | None = take
    while ancestor is not None:
        takes.append(ancestor)
        ancestor = ancestor.source
    stretches: list[Stretch] = []
    for one in reversed(takes):
        stretches.append(_continued(stretches[-1], one) if stretches else _begun(one))
    return stretches


def _timeline(take: Take) -> Stretch:
    return _lineage(take)[-1]


def _begun(take: Take) -> Stretch:
    song = compose(take.tags, take.seed)
    bars = max(1, round(take.length / song.bar_seconds))
    return Stretch(
        take=take,
        song=song,
        arrangement=arrange(song, take.seed, take.variant),
        origin=0,
        first_bar=0,
        sections=form(bars, _shape(take)),
        source=None,
    )


def _continued(source: Stretch, take: Take) -> Stretch:
    song = restyle(source.song, take.tags, take.seed)
    origin = source.begin + round(take.continue_at * RATE)
    bar_samples = song.bar_seconds * RATE
    first_bar = int(-((-origin - HANDOVER) // bar_samples))
    bars = max(1, round((origin + (take.length - take.lead) * RATE) / bar_samples) - first_bar)
    before = source.arrangement
    answer = f"{take.seed}/{take.variant}/answer"
    if song is source.song:
        arrangement = replace(before, groove=before.groove + take.variant, keys_line=before.keys_line + take.variant, answer=answer)
    else:
        arrangement = replace(arrange(song, take.seed, take.variant), motif=before.motif, answer=answer)
    playing = source.players(first_bar - 1)
    return Stretch(
        take=take,
        song=song,
        arrangement=arrangement,
        origin=origin,
        first_bar=first_bar,
        sections=form(bars, _shape(take), source.place(first_bar - 1).section),
        source=source,
        fading=() if all(player.song is song for player in playing) else playing,
    )


def _shape(take: Take) -> int:
    return dice("form", take.seed).randrange(2) + take.variant


def _length(lead_in: float, bar: float, between: tuple[float, float], seed: int, variant: int) -> float:
    """Choose a length that ends with a bar if the bounds allow it, in whole hundredths; the two variants' differ where they can."""
    low, high = between
    lengths = [lead_in + bar * count for count in range(1, int(high / bar) + 1) if low <= lead_in + bar * count <= high]
    roll = dice("length", seed)
    if not lengths:
        lengths = [roll.uniform(low, high), roll.uniform(low, high)]
    first = roll.randrange(len(lengths))
    second = (first + roll.randrange(1, len(lengths))) % len(lengths) if len(lengths) > 1 else first
    return int(lengths[second if variant else first] * 100) / 100


def _fade_at(take: Take, second: float) -> float:
    left = max(0.0, (take.length - second) * RATE / FADE)
    return 1.0 if left >= 1 else float(np.sin(left * np.pi / 2) ** 2)


def _swell(signal: Samples, level: float) -> None:
    """Rise within a second from the level to which the source had faded."""
    if level < 1:
        size = min(SWELL, signal.shape[1])
        signal[:, :size] *= np.linspace(level, 1, size, dtype=np.float32)
