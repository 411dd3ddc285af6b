"""Waveforms and quiet points, and the picture of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from PIL import Image, ImageColor

from bot.domain.waveforms import Waveform
from bot.errors import NotAudio
from bot.sound import waveform
from bot.sound.decoding import RATE
from bot.ui import waveform_picture
from bot.ui.drawing import ACCENT, WIDTH
from bot.ui.waveform_picture import EDGE, HEAD, HEIGHT, in_words, picture
from tests.unit.tones import mono, noise, tone

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sound.decoding import Samples


def with_breaths(sound: Samples, *places: float) -> Samples:
    """Let a sound hold its breath for half a second around these seconds."""
    for place in places:
        sound[:, round((place - 0.25) * RATE) : round((place + 0.25) * RATE)] *= 0.2
    return sound


def test_quiet_points_are_where_the_music_holds_its_breath(tmp_path: Path) -> None:
    path = mono(tmp_path / "a.wav", with_breaths(noise(30.0, 1), 8.0, 15.0, 22.0), rate=RATE)
    found = waveform.read(path)
    assert found.seconds == pytest.approx(30.0, abs=0.01)
    assert found.quiet == pytest.approx((8.0, 15.0, 22.0), abs=0.3)


def test_the_edges_and_a_second_breath_close_by_are_left_out(tmp_path: Path) -> None:
    sound = with_breaths(noise(20.0, 1), 3.0, 9.0, 10.5, 19.0)
    found = waveform.read(mono(tmp_path / "a.wav", sound, rate=RATE))
    assert len(found.quiet) == 1
    assert 8.5 < found.quiet[0] < 11.0


def test_there_are_eight_at_most_and_they_are_spread(tmp_path: Path) -> None:
    breaths = np.arange(6.0, 88.0, 3.0)
    found = waveform.read(mono(tmp_path / "a.wav", with_breaths(tone(90.0), *breaths), rate=8_000))
    assert len(found.quiet) == 8
    assert min(np.diff(found.quiet)) >= 5.0
    assert found.quiet[0] < 20
    assert found.quiet[-1] > 70


def test_an_even_sound_has_none(tmp_path: Path) -> None:
    assert waveform.read(mono(tmp_path / "a.wav", tone(20.0), rate=8_000)).quiet == ()
    assert waveform.read(mono(tmp_path / "b.wav", tone(20.0, level=0.0), rate=8_000)).quiet == ()


def test_peaks_follow_the_sound(tmp_path: Path) -> None:
    sound = np.concatenate((tone(4.0, level=0.1), tone(4.0, level=0.8)), axis=1)
    peaks = waveform.read(mono(tmp_path / "a.wav", sound, rate=RATE)).peaks
    assert len(peaks) == waveform.PEAKS
    half = len(peaks) // 2
    # One channel becomes two of the same power together.
    assert max(peaks[: half - 5]) == pytest.approx(0.1 / 2**0.5, abs=0.02)
    assert min(peaks[half + 5 :]) == pytest.approx(0.8 / 2**0.5, abs=0.02)


def test_twenty_minutes_and_a_second_are_read_alike(tmp_path: Path) -> None:
    long = mono(tmp_path / "long.wav", tone(2.0, hertz=100.0), rate=1_000)
    data = long.read_bytes()
    body = data[44:] * 600
    long.write_bytes(data[:4] + (36 + len(body)).to_bytes(4, "little") + data[8:40] + len(body).to_bytes(4, "little") + body)
    found = waveform.read(long)
    assert found.seconds == pytest.approx(1200.0, abs=0.1)
    assert len(found.peaks) == waveform.PEAKS
    short = waveform.read(mono(tmp_path / "short.wav", tone(1.0), rate=8_000))
    assert (len(short.peaks), short.quiet) == (waveform.PEAKS, ())


def test_what_holds_no_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAudio):
        waveform.read(mono(tmp_path / "a.wav", tone(0.0)))
    (tmp_path / "b.mp3").write_bytes(b"nothing of the sort" * 50)
    with pytest.raises(NotAudio):
        waveform.read(tmp_path / "b.mp3")


def drawn(of: Waveform, start: float | None = None) -> Image.Image:
    with Image.open(io.BytesIO(picture(of, start))) as image:
        return image.convert("RGB")


def looks_like(pixel: object, colour: tuple[int, ...]) -> bool:
    """A picture has few colours: each may be a little off."""
    return all(abs(one - other) < 12 for one, other in zip(cast("tuple[int, ...]", pixel), colour, strict=True))


@pytest.mark.parametrize("start", [None, 0.1, 60.0, 119.9])
def test_the_start_point_is_marked_where_it_is(start: float | None) -> None:
    image = drawn(Waveform(seconds=120.0, peaks=(0.5,) * 520, quiet=(30.0,)), start)
    assert image.size == (WIDTH, HEIGHT)
    marked = ImageColor.getrgb(ACCENT)
    columns = [x for x in range(WIDTH) if looks_like(image.getpixel((x, HEAD + 2)), marked)]
    if start is None:
        assert columns == []
    else:
        assert sum(columns) / len(columns) == pytest.approx(EDGE + (WIDTH - 2 * EDGE) * start / 120.0, abs=4)


@pytest.mark.parametrize("seconds", [1.0, 59.9, 190.0, 1200.0, 3600.0])
@pytest.mark.parametrize("peaks", [(0.0,), (0.0, 1.0), (0.3,) * 520])
def test_any_track_can_be_drawn(seconds: float, peaks: tuple[float, ...]) -> None:
    image = drawn(Waveform(seconds=seconds, peaks=peaks, quiet=(seconds / 2,)), seconds / 3)
    assert len(image.getcolors(maxcolors=1 << 20) or []) > 3


@pytest.mark.parametrize("seconds", [1.0, 30.0, 190.0, 1200.0, 3600.0])
def test_the_seconds_on_the_axis_do_not_touch(seconds: float) -> None:
    most = (WIDTH - 2 * EDGE) / waveform_picture.BETWEEN
    assert any(seconds / step <= most for step in waveform_picture.STEPS) or seconds >= 3600


def test_the_picture_is_said_in_words() -> None:
    said = in_words(Waveform(seconds=125.0, peaks=(0.5,), quiet=(30.4, 61.0)), 100.5)
    assert said == "Waveform of 2:05 of sound. The start point is at 1:40.5. Quiet points: 0:30, 1:01."
    assert in_words(Waveform(seconds=61.0, peaks=(0.5,))) == "Waveform of 1:01 of sound."
