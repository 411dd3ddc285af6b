"""Text in pictures: any script, in its own direction, with whatever fonts this machine has."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ui import drawing, fonts
from bot.ui.drawing import can_write, canvas, clusters, fitted, runs_of, width_of, write
from bot.ui.fonts import Face

SIZE = 40


def face_of(name: str, *, coloured: bool = False, ranges: Sequence[tuple[int, int]]) -> Face:
    return Face(Path(f"/nowhere/{name}.ttf"), coloured, tuple(first for first, _ in ranges), tuple(last for _, last in ranges))


LATIN = face_of("latin", ranges=[(0x20, 0x7E), (0x2026, 0x2026)])
HEBREW = face_of("hebrew", ranges=[(0x20, 0x20), (0x30, 0x39), (0x5D0, 0x5EA)])
EMOJI = face_of("emoji", coloured=True, ranges=[(0x30, 0x39), (0x1F000, 0x1FAFF)])


@pytest.fixture
def three_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    drawing.face_for.cache_clear()
    monkeypatch.setattr(fonts, "faces", lambda: (LATIN, HEBREW, EMOJI))
    yield
    drawing.face_for.cache_clear()


def cut(text: str) -> list[tuple[str, str, bool]]:
    return [(run.text, run.face.path.stem if run.face.path else "", run.backwards) for run in runs_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Night Train", [("Night Train", "latin", False)]),
        ("a 🚀🚀 b", [("a ", "latin", False), ("🚀🚀", "emoji", False), (" b", "latin", False)]),
        ("12", [("12", "latin", False)]),
        # A character that no font has is left out, and no box takes its place.
        ("a漢b", [("ab", "latin", False)]),
        ("漢字", []),
        # A line that begins from the right goes on to the left; a run is in the order of reading.
        ("אב cd ef", [("cd ef", "latin", False), ("אב ", "hebrew", True)]),
        # Within a line from the left, words from the right turn around among themselves, and so does what joins them.
        ("cd אב-גד", [("cd ", "latin", False), ("גד", "hebrew", True), ("-", "latin", True), ("אב", "hebrew", True)]),
        ("אב, cd", [("cd", "latin", False), (", ", "latin", True), ("אב", "hebrew", True)]),
        ("ab, cd", [("ab, cd", "latin", False)]),
    ],
)
def test_a_line_is_cut_into_runs_of_a_font_and_a_direction(text: str, expected: list[tuple[str, str, bool]], three_fonts: None) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301e", ["e\u0301", "e"]),
        ("👩🏽\u200d🎤👍🏿", ["👩🏽\u200d🎤", "👍🏿"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        ("", []),
    ],
)
def test_what_people_see_as_one_character_is_not_cut(text: str, expected: list[str]) -> None:
    assert list(clusters(text)) == expected


def test_a_line_is_cut_so_that_it_fits() -> None:
    room = width_of("Night Tr…", SIZE)
    assert fitted("Night Train", SIZE, room) == "Night Tr…"
    assert fitted("Night Train", SIZE, 5000) == "Night Train"
    assert fitted("Night Train", SIZE, 1) == ""


@example("\u2029", 0)
@example("a\u2028\u2029\x85\x1c", 50)
@given(st.text(max_size=60), st.integers(0, 600))
def test_whatever_the_text_it_fits_and_is_written(text: str, room: int) -> None:
    shown = fitted(text, SIZE, room)
    assert width_of(shown, SIZE) <= room
    picture, _ = canvas(60)
    write(picture, (10, 45), [shown, " · ", text], SIZE, drawing.TEXT)


def test_text_is_written_where_it_is_asked_for() -> None:
    picture, _ = canvas(100)
    empty = picture.tobytes()
    write(picture, (10, 60), ["漢" * bool(fonts.faces()), "\u200d"], SIZE, drawing.TEXT)
    write(picture, (10, 60), ["A"], SIZE, drawing.TEXT)
    assert picture.tobytes() != empty
    left, top, right, bottom = picture.convert("L").point([0] * 100 + [255] * 156).getbbox() or (0, 0, 0, 0)
    assert 10 <= left < right <= 10 + 2 * SIZE
    assert 60 - SIZE <= top < bottom <= 61


def test_pillows_own_font_is_there_on_every_machine() -> None:
    (own,) = (face for face in fonts.faces() if face.path is None)
    assert all(own.has(letter) for letter in "Az…·0")
    assert not own.has("ש")
    assert can_write("Az")
    assert not can_write(" \u200d\ufe0f\U000e0041")


def test_a_number_between_words_from_the_right_keeps_its_digits() -> None:
    assert drawing.turned(" 12 ") == " 12 "
    assert drawing.turned("12 ") == " 12"
    assert drawing.turned("  ") == "  "


# The characters of a font's file.


def table(subtables: Sequence[tuple[int, int, bytes]]) -> bytes:
    head = 4 + 8 * len(subtables)
    entries, bodies = b"", b""
    for platform, encoding, body in subtables:
        entries += struct.pack(">HHI", platform, encoding, head + len(bodies))
        bodies += body
    return struct.pack(">HH", 0, len(subtables)) + entries + bodies


def font(cmap: bytes, *, within: int = 0) -> bytes:
    head = struct.pack(">IHHHH", 0x00010000, 1, 0, 0, 0) + struct.pack(">4sIII", b"cmap", 0, within + 28, len(cmap))
    return head + cmap


def groups(*found: tuple[int, int, int]) -> bytes:
    return struct.pack(">HHIII", 12, 0, 16 + 12 * len(found), 0, len(found)) + b"".join(struct.pack(">III", *each) for each in found)


def segments(*found: tuple[int, int, int, Sequence[int]]) -> bytes:
    """Write format 4: begin, end, delta, and the glyphs where they are listed."""
    count = len(found)
    offsets: list[int] = []
    glyphs: list[int] = []
    for number, (*_, listed) in enumerate(found):
        offsets.append(2 * (count - number + len(glyphs)) if listed else 0)
        glyphs += listed
    words = [each[1] for each in found] + [0] + [each[0] for each in found] + [each[2] & 0xFFFF for each in found] + offsets + glyphs
    return struct.pack(">HHHHHHH", 4, 0, 0, 2 * count, 0, 0, 0) + struct.pack(f">{len(words)}H", *words)


@pytest.mark.parametrize(
    ("subtables", "expected"),
    [
        ([(3, 10, groups((0x41, 0x43, 5), (0x1F600, 0x1F600, 9)))], [0x41, 0x42, 0x43, 0x1F600]),
        # Glyph 0 is the box.
        ([(0, 4, groups((0x41, 0x43, 0)))], [0x42, 0x43]),
        ([(3, 1, segments((0x41, 0x43, -0x40, ()), (0xFFFF, 0xFFFF, 1, ())))], [0x41, 0x42, 0x43]),
        ([(3, 1, segments((0x41, 0x43, -0x41, ()), (0xFFFF, 0xFFFF, 1, ())))], [0x42, 0x43]),
        ([(3, 1, segments((0x41, 0x43, 0, (7, 0, 8)), (0xFFFF, 0xFFFF, 1, ())))], [0x41, 0x43]),
        # Of the Macintosh's own encoding nothing is known.
        ([(1, 0, groups((0x41, 0x43, 5)))], []),
    ],
)
def test_the_characters_of_a_font_are_read(subtables: Sequence[tuple[int, int, bytes]], expected: list[int]) -> None:
    assert list(fonts.characters(font(table(subtables)))) == expected


def test_of_a_collection_the_first_font_is_read() -> None:
    head = b"ttcf" + struct.pack(">III", 0x00010000, 1, 16)
    assert list(fonts.characters(head + font(table([(3, 10, groups((0x41, 0x41, 1)))]), within=16))) == [0x41]


def nothing(_: bytes) -> bytes:
    return b""


def words(_: bytes) -> bytes:
    return b"this is no font"


def half(data: bytes) -> bytes:
    return data[:40]


def without_cmap(data: bytes) -> bytes:
    return data.replace(b"cmap", b"name")


@pytest.mark.parametrize("spoil", [nothing, words, half, without_cmap])
def test_what_is_no_font_is_recognised(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises((struct.error, ValueError)):
        list(fonts.characters(spoil(font(table([(3, 10, groups((0x41, 0x43, 5)))])))))
