"""Joining on real mp3s: lengths, joints, loudness, clicks, and files that are none."""

from __future__ import annotations

import io
import resource
import signal
from functools import cache
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

from bot.errors import CannotStore, NotAudio, TooLongToSend
from bot.sandbox.tape import first_take, next_take, record
from bot.sound.containing import contains
from bot.sound.decoding import RATE, blocks
from bot.sound.encoding import BIT_RATES, best_bit_rate
from bot.sound.joining import CEILING, FADE, crossed, excerpt, join
from bot.sound.loudness import SILENCE, level
from bot.sound.orders import Joined, Labels, Piece
from tests.unit.tones import found_at, heard, mono, mp3, noise, tone, wav

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024


def joined(folder: Path, pieces: Sequence[Piece], labels: Labels | None = None) -> tuple[Path, Joined]:
    target = folder / "whole.mp3"
    return target, join(pieces, target, max_bytes=MAX_BYTES, labels=labels or Labels())


@cache
def recordings() -> tuple[float, bytes, bytes, float]:
    """The start point, the sandbox's music of a parent and of its child, and the child's length."""
    parent = first_take("wave, synthwave", 5, 0, between=(4.0, 6.0))
    child = next_take(parent, 3.0, "wave, synthwave", 6, 0, between=(2.5, 4.0))
    return 3.0, record(parent, "one"), record(child, "two"), child.length


def test_music_that_continues_is_joined_where_it_does(tmp_path: Path) -> None:
    at, first, second, length = recordings()
    parent, child = tmp_path / "parent.mp3", tmp_path / "child.mp3"
    parent.write_bytes(first)
    child.write_bytes(second)
    target, made = joined(tmp_path, [Piece(parent, 0.0, at), Piece(child)])
    assert made.seconds == pytest.approx(at + length, abs=0.1)
    assert made.joints == pytest.approx([at], abs=0.001)
    sound = heard(target)
    assert sound.shape[1] / RATE == pytest.approx(at + length, abs=0.1)
    # Just before the joint the parent is heard, just behind it the child.
    for path, start, expected in ((parent, at - 2.0, at - 2.0), (child, 0.2, at + 0.2)):
        begin = round(start * RATE)
        second_found, alike = found_at(heard(path)[:, begin : begin + 2 * RATE - 2 * FADE], sound)
        assert second_found == pytest.approx(expected, abs=0.01)
        assert alike > 0.9


def test_a_family_is_as_long_as_its_parts_together(tmp_path: Path) -> None:
    sounds = [noise(seconds, seed) for seed, seconds in enumerate((2.5, 3.0, 2.0))]
    paths = [mp3(tmp_path / f"{number}.mp3", sound) for number, sound in enumerate(sounds)]
    target, made = joined(tmp_path, [Piece(paths[0], 0.0, 2.0), Piece(paths[1], 0.0, 3.0), Piece(paths[2])])
    assert made.joints == pytest.approx([2.0, 5.0], abs=0.001)
    assert made.seconds == pytest.approx(7.0, abs=0.1)
    whole = heard(target)
    for sound, at in zip(sounds, (0.0, 2.0, 5.0), strict=True):
        second, alike = found_at(sound[:, RATE // 2 : 3 * RATE // 2], whole)
        assert second == pytest.approx(at + 0.5, abs=0.01)
        assert alike > 0.9


def test_a_source_that_is_in_its_extension_already_is_not_doubled(tmp_path: Path) -> None:
    source, fresh = noise(4.0, 1), noise(2.0, 2)
    parent = mp3(tmp_path / "parent.mp3", source)
    both = mp3(tmp_path / "both.mp3", np.concatenate((source[:, : 3 * RATE], fresh), axis=1), bit_rate=128_000)
    root = wav(tmp_path / "root.wav", noise(1.5, 3))
    _, made = joined(tmp_path, [Piece(root, 0.0, 1.0), Piece(parent, 0.0, 3.0), Piece(both)])
    assert made.seconds == pytest.approx(6.0, abs=0.1)
    assert made.joints == pytest.approx([1.0], abs=0.001)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(1, 9), (9, 1), (9, 9)],
    ids=["with the same beginning, and then something else", "with something else, and the same end", "with nothing of it"],
)
def test_an_extension_is_not_taken_for_one_that_holds_its_source(tmp_path: Path, begins: int, ends: int) -> None:
    source = noise(4.0, 1)
    parts = {1: source, 9: noise(4.0, 9)}
    other = np.concatenate((parts[begins][:, : 2 * RATE], parts[ends][:, 2 * RATE :]), axis=1)
    parent, child = wav(tmp_path / "parent.wav", source), mp3(tmp_path / "child.mp3", other)
    assert contains(mp3(tmp_path / "same.mp3", source), parent, until=4.0)
    assert not contains(child, parent, until=4.0)


def test_silence_and_what_is_too_short_is_never_recognised(tmp_path: Path) -> None:
    silent = mp3(tmp_path / "silent.mp3", tone(4.0, level=0.0))
    assert not contains(silent, silent, until=3.5)
    assert not contains(wav(tmp_path / "short.wav", noise(1.0, 1)), wav(tmp_path / "long.wav", noise(4.0, 1)), until=3.5)


def test_the_parts_come_out_equally_loud(tmp_path: Path) -> None:
    quiet, loud = wav(tmp_path / "quiet.wav", noise(2.0, 1, level=0.08)), wav(tmp_path / "loud.wav", noise(2.0, 2, level=0.2))
    apart = level(blocks(loud)).loudness - level(blocks(quiet)).loudness
    assert apart > 6
    target, _ = joined(tmp_path, [Piece(quiet, 0.0, 1.5), Piece(loud)])
    sound = heard(target)
    before, behind = (level([part]).loudness for part in (sound[:, :RATE], sound[:, 2 * RATE :]))
    assert before == pytest.approx(behind, abs=1.0)


def test_what_is_meant_to_be_quiet_stays_so(tmp_path: Path) -> None:
    whisper, loud = wav(tmp_path / "a.wav", noise(2.0, 1, level=0.005)), wav(tmp_path / "b.wav", noise(2.0, 2, level=0.2))
    target, _ = joined(tmp_path, [Piece(whisper, 0.0, 1.5), Piece(loud)])
    sound = heard(target)
    before, behind = (level([part]).loudness for part in (sound[:, :RATE], sound[:, 2 * RATE :]))
    assert behind - before == pytest.approx(20.0, abs=1.5), "32 decibels apart, each moved by 6 at most"


def test_nothing_is_raised_into_clipping(tmp_path: Path) -> None:
    peaked = noise(2.0, 1, level=0.02)
    peaked[:, ::RATE] = 0.95
    target, _ = joined(
        tmp_path, [Piece(wav(tmp_path / "a.wav", peaked), 0.0, 1.5), Piece(wav(tmp_path / "b.wav", noise(2.0, 2, level=0.3)))]
    )
    assert float(np.abs(heard(target)).max()) <= 1.0


def test_there_is_no_click_at_a_joint(tmp_path: Path) -> None:
    # Two slow tones that meet out of phase: cut hard, the waveform would jump by more than any tone of theirs moves in a sample.
    one, other = tone(2.0, hertz=110.0, level=0.4), tone(2.0, hertz=147.0, level=0.4)
    other = np.roll(other, 37, axis=1)
    paths = wav(tmp_path / "a.wav", one), wav(tmp_path / "b.wav", other)
    target, made = joined(tmp_path, [Piece(paths[0], 0.0, 1.503), Piece(paths[1])])
    sound = heard(target)
    bends = np.abs(np.diff(sound, n=2, axis=1))
    joint = round(made.joints[0] * RATE)
    around = bends[:, joint - FADE : joint + 2 * FADE]
    elsewhere = float(np.median(np.abs(np.diff(sound[:, RATE // 2 : RATE], n=2, axis=1)).max(axis=1)))
    assert float(around.max()) < 4 * elsewhere
    hard = np.concatenate((one[:, :joint], other[:, :RATE]), axis=1)
    assert float(np.abs(np.diff(hard, n=2, axis=1))[:, joint - FADE : joint + FADE].max()) > 8 * elsewhere, "the bound can fail"


def test_a_part_that_ends_with_its_file_makes_no_click_either(tmp_path: Path) -> None:
    # An mp3 that ends in the middle of a tone would ring by itself.
    paths = [mono(tmp_path / f"{hertz}.wav", tone(2.0, hertz=hertz, level=0.4), rate=RATE) for hertz in (110.0, 147.0)]
    target, made = joined(tmp_path, [Piece(paths[0], 0.0, 9.0), Piece(paths[1])])
    assert made.seconds == pytest.approx(4.0, abs=0.1)
    sound = heard(target)
    joint = round(made.joints[0] * RATE)
    elsewhere = float(np.abs(np.diff(sound[:, RATE // 2 : RATE], n=2, axis=1)).max())
    assert float(np.abs(np.diff(sound, n=2, axis=1))[:, joint - FADE : joint + 2 * FADE].max()) < 6 * elsewhere


@pytest.mark.parametrize("alike", [False, True])
def test_a_crossfade_keeps_the_power(*, alike: bool) -> None:
    old = noise(0.5, 1)
    new = old if alike else noise(0.5, 2)
    mixed = crossed(old, new)
    assert float(np.square(mixed).mean()) == pytest.approx(float(np.square(old).mean()), rel=0.15)


def test_a_crossfade_of_two_loud_sounds_does_not_clip() -> None:
    loud = np.full((2, FADE), CEILING, np.float32)
    loud[:, ::2] *= -1
    other = loud.copy()
    other[:, : FADE // 3] *= -1
    assert float(np.abs(crossed(loud, other)).max()) <= CEILING + 1e-6


def test_mono_and_another_rate_become_what_the_others_are(tmp_path: Path) -> None:
    low = mono(tmp_path / "mono.wav", tone(3.0, hertz=330.0))
    target, made = joined(tmp_path, [Piece(low, 0.0, 2.0), Piece(mp3(tmp_path / "b.mp3", noise(1.0, 2)))])
    assert made.seconds == pytest.approx(3.0, abs=0.1)
    with av.open(target) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels) == (RATE, 2)
    sound = heard(target)[:, RATE // 2 : RATE]
    assert float(np.abs(sound[0] - sound[1]).max()) < 0.02


def broken(folder: Path) -> Iterator[Path]:
    good = mp3(folder / "good.mp3", noise(3.0, 1)).read_bytes()
    for name, data in (
        ("empty", b""),
        ("text", b"<html>not found</html>" * 100),
        ("zeros", bytes(50_000)),
        ("scrambled", good[:2000] + bytes(reversed(good[2000:]))),
    ):
        path = folder / f"{name}.mp3"
        path.write_bytes(data)
        yield path
    yield folder / "not there.mp3"


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    good = wav(tmp_path / "fine.wav", noise(3.0, 1))
    for path in broken(tmp_path):
        with pytest.raises(NotAudio):
            joined(tmp_path, [Piece(good, 0.0, 2.0), Piece(path)])
        with pytest.raises(NotAudio):
            joined(tmp_path, [Piece(path, 0.0, 2.0), Piece(good)])


def test_a_file_without_a_second_of_sound_is_refused(tmp_path: Path) -> None:
    nothing = mono(tmp_path / "nothing.wav", tone(0.0))
    with pytest.raises(NotAudio):
        joined(tmp_path, [Piece(nothing)])


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    good = wav(tmp_path / "fine.wav", noise(3.0, 1))
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(CannotStore, match="full"):
            joined(tmp_path, [Piece(good)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_whoever_hears_of_the_progress_can_end_it(tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise EnoughError

    good = wav(tmp_path / "fine.wav", noise(4.0, 1))
    with pytest.raises(EnoughError):
        join([Piece(good)], tmp_path / "whole.mp3", max_bytes=MAX_BYTES, labels=Labels(), on_progress=stop)


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(picture, "JPEG")
    labels = Labels(
        title="Night\0 Train 夜", artists=("Mira", "someone"), genre="wave, synthwave", comment="joined", cover=picture.getvalue()
    )
    target, _ = joined(tmp_path, [Piece(wav(tmp_path / "fine.wav", noise(1.0, 1)))], labels)
    with av.open(target) as container:
        said = container.metadata
        cover = next(packet for packet in container.demux(container.streams.video[0]))
    assert (said["title"], said["artist"], said["genre"], said["comment"]) == (
        "Night  Train 夜",
        "Mira, someone",
        "wave, synthwave",
        "joined",
    )
    with Image.open(io.BytesIO(bytes(cover))) as embedded:
        assert embedded.size == (64, 48)


def test_the_best_bit_rate_that_fits_is_chosen(tmp_path: Path) -> None:
    assert best_bit_rate(180.0, 10 * 1024 * 1024) == BIT_RATES[0]
    assert best_bit_rate(1200.0, 10 * 1024 * 1024) == BIT_RATES[-1]
    assert best_bit_rate(1500.0, 10 * 1024 * 1024) is None
    path = wav(tmp_path / "a.wav", noise(4.0, 1))
    target = tmp_path / "fits.mp3"
    made = join([Piece(path)], target, max_bytes=80_000, labels=Labels())
    assert (made.bit_rate, target.stat().st_size <= 80_000) == (112_000, True)
    with pytest.raises(TooLongToSend):
        join([Piece(path)], target, max_bytes=40_000, labels=Labels())


def test_a_joint_is_heard_with_both_its_sides(tmp_path: Path) -> None:
    source, fresh = noise(4.0, 1), noise(2.5, 2)
    parent, child = wav(tmp_path / "parent.wav", source), wav(tmp_path / "child.wav", fresh)
    target = tmp_path / "joint.mp3"
    made = excerpt(Piece(parent, 1.0, 3.0), Piece(child, 0.0, 2.0), target, max_bytes=MAX_BYTES, labels=Labels())
    assert (made.seconds, made.joints) == (pytest.approx(4.0, abs=0.05), pytest.approx((2.0,), abs=0.01))
    assert found_at(source[:, 2 * RATE : 3 * RATE - FADE], heard(target))[0] == pytest.approx(1.0, abs=0.01)
    assert found_at(fresh[:, RATE : 2 * RATE], heard(target))[0] == pytest.approx(3.0, abs=0.01)


def test_a_joint_within_the_extension_is_heard_there(tmp_path: Path) -> None:
    source, fresh = noise(4.0, 1), noise(2.5, 2)
    parent = wav(tmp_path / "parent.wav", source)
    both = mp3(tmp_path / "both.mp3", np.concatenate((source[:, : 3 * RATE], fresh), axis=1))
    target = tmp_path / "joint.mp3"
    made = excerpt(Piece(parent, 1.0, 3.0), Piece(both, 0.0, 2.0), target, max_bytes=MAX_BYTES, labels=Labels())
    assert (made.seconds, made.joints) == (pytest.approx(4.0, abs=0.05), pytest.approx((2.0,), abs=0.01))
    assert found_at(fresh[:, RATE : 2 * RATE], heard(target))[0] == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize(("hertz", "amplitude", "loudness"), [(997.0, 1.0, -0.0), (997.0, 0.1, -20.0), (60.0, 0.1, -23.6)])
def test_loudness_is_that_of_the_recommendation(hertz: float, amplitude: float, loudness: float) -> None:
    # A sine at full scale on both sides is at 0 LKFS (BS.1770-4); at 60 Hz its two filters take 2.9 dB, and at 997 Hz add 0.7.
    assert level([tone(3.0, hertz=hertz, level=amplitude)]).loudness == pytest.approx(loudness, abs=0.3)


def test_silence_does_not_count_as_quiet() -> None:
    sound = tone(3.0, hertz=997.0)
    gap = np.concatenate((sound, tone(6.0, level=0.0), sound), axis=1)
    assert level([gap]).loudness == pytest.approx(level([sound]).loudness, abs=0.4), "half of it by time"
    assert level([tone(3.0, level=0.0)]).loudness == SILENCE
    assert level([]).loudness == SILENCE
