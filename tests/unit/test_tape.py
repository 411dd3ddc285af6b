"""The sandbox's musicians, listened to by numbers."""

import io
from functools import cache

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.sandbox.cover import LARGE_SIZE, SIZE, cover
from bot.sandbox.mixdown import loudness
from bot.sandbox.score import ACCENTS, BASS_DEGREES, STEPS, Place, bar_notes
from bot.sandbox.song import Section, arrange, compose, form, restyle
from bot.sandbox.style_table import STYLES
from bot.sandbox.styles import interpret, split_tags
from bot.sandbox.synth import RATE
from bot.sandbox.tape import FULL_LENGTH, SHORT_LENGTH, Take, first_take, next_take, perform, record

Signal = NDArray[np.float32]
SHORT = (9.0, 13.0)
SAMPLE_TAGS = "tropical house, wave, synthwave"
FAMILIES = [style.words[0] for style in STYLES]


@cache
def played(take: Take) -> Signal:
    signal = perform(take)
    signal.flags.writeable = False
    return signal


def similarity(one: Signal, other: Signal) -> float:
    """The cosine between two signals over the length that both have."""
    size = min(one.shape[1], other.shape[1])
    a, b = one[:, :size].astype(np.float64).ravel(), other[:, :size].astype(np.float64).ravel()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def centroid(signal: Signal) -> float:
    spectrum = np.abs(np.fft.rfft(signal.mean(axis=0)))
    return float((np.fft.rfftfreq(signal.shape[1], 1 / RATE) * spectrum).sum() / spectrum.sum())


def percussiveness(signal: Signal) -> float:
    """How unevenly treble arrives: the spread of its energy's rises from one 20 ms to the next, over its mean."""
    hop = RATE // 50
    treble = np.diff(signal.mean(axis=0), n=2)
    energy = np.square(treble[: treble.size // hop * hop].reshape(-1, hop)).mean(axis=1)
    return float(np.maximum(np.diff(energy), 0).std() / energy.mean())


def without_bass(signal: Signal) -> Signal:
    spectrum = np.fft.rfft(signal, axis=1)
    spectrum[:, np.fft.rfftfreq(signal.shape[1], 1 / RATE) < 200] = 0
    return np.fft.irfft(spectrum, signal.shape[1], axis=1).astype(np.float32)


def decoded(mp3: bytes) -> Signal:
    with av.open(io.BytesIO(mp3), "r") as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1, dtype=np.float32)


def pitch_classes(signal: Signal) -> NDArray[np.float64]:
    """Energy by pitch class between 110 Hz and 1.8 kHz, as a unit vector."""
    spectrum = np.abs(np.fft.rfft(signal.mean(axis=0))) ** 2
    hertz = np.fft.rfftfreq(signal.shape[1], 1 / RATE)
    heard = (hertz > 110) & (hertz < 1_800)
    classes = np.round(12 * np.log2(hertz[heard] / 440)).astype(int) % 12
    chroma = np.sqrt(np.bincount(classes, spectrum[heard], 12))
    return chroma / np.linalg.norm(chroma)


@pytest.mark.parametrize("tags", FAMILIES)
def test_every_style_is_stereo_audible_and_unclipped(tags: str) -> None:
    signal = played(first_take(tags, 7, 0, between=SHORT))
    assert signal.dtype == np.float32
    assert signal.shape[0] == 2
    assert np.isfinite(signal).all()
    assert np.abs(signal).max() < 0.85
    assert not np.array_equal(signal[0], signal[1])
    seconds = signal[:, : signal.shape[1] // RATE * RATE].reshape(2, -1, RATE)
    assert (np.sqrt(np.square(seconds).mean(axis=(0, 2)))[:-2] > 0.005).all(), "a silent second"


def test_styles_are_about_as_loud() -> None:
    levels = [loudness(played(first_take(tags, 7, 0, between=SHORT))) for tags in FAMILIES]
    assert 20 * np.log10(max(levels) / min(levels)) < 6


def test_ambient_is_softer_and_darker_than_techno() -> None:
    ambient, techno = (played(first_take(tags, 7, 0, between=SHORT_LENGTH)) for tags in ("ambient", "techno"))
    assert centroid(ambient) * 2 < centroid(techno)
    assert percussiveness(ambient) * 2 < percussiveness(techno)


@pytest.mark.parametrize("tags", ["house", "ambient", "piano", SAMPLE_TAGS])
def test_the_variants_share_the_song_and_differ_to_the_ear(tags: str) -> None:
    one, other = (first_take(tags, 5, variant, between=SHORT_LENGTH) for variant in (0, 1))
    assert one.length != other.length
    assert similarity(without_bass(played(one)), without_bass(played(other))) < 0.5
    song = compose(tags, 5)
    assert arrange(song, 5, 0).motif != arrange(song, 5, 1).motif
    assert float(pitch_classes(played(one)) @ pitch_classes(played(other))) > 0.8


def test_a_recipe_always_sounds_the_same() -> None:
    take = first_take("lo-fi", 3, 1, between=SHORT)
    assert np.array_equal(perform(take), perform(take))
    assert first_take("lo-fi", 3, 1, between=SHORT) == take
    assert not np.array_equal(played(first_take("lo-fi", 4, 1, between=SHORT))[:, :RATE], played(take)[:, :RATE])


@pytest.mark.parametrize(("tags", "new_tags"), [(SAMPLE_TAGS, SAMPLE_TAGS), ("lo-fi", "techno"), ("piano", "orchestral"), ("trap", "trap")])
@pytest.mark.parametrize("share", [0.31, 0.62])
def test_an_extension_begins_as_the_source_went_on(tags: str, new_tags: str, share: float) -> None:
    source = first_take(tags, 3, 0, between=SHORT_LENGTH)
    second = round(source.length * share, 2)
    extension = next_take(source, second, new_tags, 11, 1, between=SHORT)
    at = round(second * RATE)
    before, after = played(source), played(extension)
    assert similarity(before[:, at : at + round(0.4 * RATE)], after[:, : round(0.4 * RATE)]) > 0.99
    assert np.abs(after[:, 0] - before[:, at]).max() < 0.02


def test_an_extension_from_the_fading_end_rises_without_a_step() -> None:
    source = first_take("house", 3, 0, between=SHORT)
    second = float(int(source.length - 0.01))
    extension = played(next_take(source, second, "house", 4, 0, between=SHORT))
    assert np.abs(extension[:, 0] - played(source)[:, round(second * RATE)]).max() < 0.02
    assert np.abs(extension[:, 2 * RATE : 4 * RATE]).max() > 0.1


def test_an_extension_keeps_key_and_beat_and_grows_into_its_own() -> None:
    source = first_take("house", 3, 0, between=SHORT_LENGTH)
    at = source.length * 0.4
    extensions = [next_take(source, at, "house", seed, variant, between=SHORT_LENGTH) for seed, variant in ((8, 0), (8, 1))]
    tail = played(source)[:, round(at * RATE) :]
    for extension in extensions:
        assert float(pitch_classes(tail) @ pitch_classes(played(extension))) > 0.8
    assert similarity(played(extensions[0])[:, 8 * RATE :], played(extensions[1])[:, 8 * RATE :]) < 0.9


def test_a_new_style_takes_over_gradually() -> None:
    source = first_take("ambient", 3, 0, between=SHORT_LENGTH)
    signal = played(next_take(source, 12.5, "techno", 4, 0, between=FULL_LENGTH))
    early, late = signal[:, : 4 * RATE], signal[:, 40 * RATE : 60 * RATE]
    assert percussiveness(late) > 3 * percussiveness(early)
    song = compose("ambient", 3)
    changed = restyle(song, "techno", 4)
    assert (changed.bpm, changed.root, changed.scale) == (song.bpm, song.root, song.scale)
    assert changed.feel == 2.0
    assert restyle(song, " Ambient ", 99) is song


def test_a_long_lineage_goes_on() -> None:
    take = first_take("folk", 1, 0, between=SHORT)
    for generation in range(40):
        take = next_take(take, take.length - 3.3, "folk" if generation % 2 else "rock", generation, generation % 2, between=SHORT)
    signal = perform(take)
    assert np.abs(signal).max() > 0.1
    assert np.isfinite(signal).all()


@pytest.mark.parametrize("second", [0.0, -1.0, 16.5, 99.0])
def test_an_extension_begins_strictly_inside_its_source(second: float) -> None:
    source = Take(tags="pop", seed=1, variant=0, length=16.5)
    with pytest.raises(ValueError, match=r"between 0 and 16\.5"):
        next_take(source, second, "pop", 1, 0)


@pytest.mark.parametrize("between", [FULL_LENGTH, SHORT_LENGTH, SHORT, (2.0, 3.0), (1.0, 1.0)])
@pytest.mark.parametrize("tags", ["trap", "drum and bass", "ambient"])
def test_lengths_lie_between_their_bounds(tags: str, between: tuple[float, float]) -> None:
    for seed in range(20):
        source = first_take(tags, seed, seed % 2, between=between)
        extension = next_take(source, source.length / 3, tags, seed, seed % 2, between=between)
        assert between[0] - 0.01 <= source.length <= between[1]
        assert between[0] - 0.01 <= extension.length <= between[1]


def test_the_mp3_is_as_long_as_planned_and_sounds_like_the_performance() -> None:
    take = first_take(SAMPLE_TAGS, 2, 0, between=SHORT)
    mp3 = record(take, "crazy & wïld")
    signal = decoded(mp3)
    assert abs(signal.shape[1] - take.length * RATE) <= 1_152
    assert similarity(signal, played(take)) > 0.98
    assert np.abs(signal).max() < 1.0
    with av.open(io.BytesIO(mp3), "r") as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.layout.name) == ("mp3float", RATE, "stereo")
        assert stream.bit_rate == 160_000
        assert container.metadata["title"] == "crazy & wïld"


def test_tags_choose_the_style() -> None:
    assert interpret("Melodic TECHNO, rain", STYLES).name == "techno"
    assert interpret("drum and bass", STYLES).name == "drum and bass"
    assert interpret("something unheard of", STYLES) is STYLES[0]
    guest = interpret("house, ambient", STYLES)
    assert (guest.name, guest.pad) == ("house", "glass pad")
    assert interpret("sad house", STYLES).scales == ("minor",)
    assert interpret("happy house", STYLES).scales == ("major",)
    assert interpret("house, violin", STYLES).lead == "solo violin"
    assert split_tags(" House,, wave ,house") == ("house", "wave")


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_the_tables_are_well_formed(style: object) -> None:
    chosen = next(one for one in STYLES if one is style)
    for groove in chosen.grooves:
        for line in (groove.kick, groove.snare, groove.hat, groove.perc):
            assert len(line) == STEPS
            assert set(line) <= {*ACCENTS, "."}
    assert all(len(line) == STEPS and set(line) <= {*BASS_DEGREES, "-", "."} for line in chosen.bass_lines)
    assert all(len(line) == STEPS and set(line) <= set("xud-.") for line in chosen.keys_lines)


@pytest.mark.parametrize("section", Section)
def test_melody_and_chords_stay_in_the_scale(section: Section) -> None:
    song = compose("house", 9)
    scale = {(song.root + step) % 12 for step in song.scale}
    for bar in range(8):
        notes = list(bar_notes(song, arrange(song, 9, 0), Place(bar, section)))
        assert notes
        assert {note.pitch % 12 for note in notes if note.voice in {"pad", "keys", "lead", "bass"}} <= scale


@pytest.mark.parametrize("bars", [1, 2, 5, 8, 13, 21, 40, 70])
@pytest.mark.parametrize("carried", [None, *Section])
def test_a_form_has_as_many_bars_as_asked_and_ends(bars: int, carried: Section | None) -> None:
    for shape in (0, 1):
        laid = form(bars, shape, carried)
        assert len(laid) == bars
        assert laid[-1] is Section.ENDING


@pytest.mark.parametrize("size", [SIZE, LARGE_SIZE])
def test_a_cover_is_a_square_png(size: int) -> None:
    with Image.open(io.BytesIO(cover(SAMPLE_TAGS, 1, size))) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (size, size), "RGB")


def test_covers_differ_by_seed_and_are_repeatable() -> None:
    covers = [cover("jazz", seed) for seed in range(6)]
    assert len(set(covers)) == len(covers)
    assert cover("jazz", 0) == covers[0]


def test_an_extension_can_hold_its_source() -> None:
    source = first_take(SAMPLE_TAGS, 3, 0, between=(4.0, 6.0))
    apart = next_take(source, 3.0, SAMPLE_TAGS, 4, 0, between=(2.0, 4.0))
    both = next_take(source, 3.0, SAMPLE_TAGS, 4, 0, between=(2.0, 4.0), holds_source=True)
    assert both.length == pytest.approx(apart.length + 3.0)
    assert np.array_equal(played(both), np.concatenate((played(source)[:, : 3 * RATE], played(apart)), axis=1))


def test_what_continues_an_extension_is_the_same_whether_that_holds_its_source() -> None:
    source = first_take(SAMPLE_TAGS, 3, 0, between=(4.0, 6.0))
    apart = next_take(source, 3.0, SAMPLE_TAGS, 4, 0, between=(2.0, 4.0))
    both = next_take(source, 3.0, SAMPLE_TAGS, 4, 0, between=(2.0, 4.0), holds_source=True)
    after, after_both = (next_take(of, at, SAMPLE_TAGS, 5, 0, between=(1.5, 3.0)) for of, at in ((apart, 1.0), (both, 4.0)))
    assert after.length == after_both.length
    assert np.array_equal(played(after), played(after_both))
