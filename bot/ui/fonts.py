"""The fonts that pictures are written with: what this machine has, and which of them has a character.

Pillow brings one font of its own, which is for Latin. The container has more; a machine without any still gets its pictures.
"""

import io
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont, features

FOLDERS = (
    "/usr/share/fonts",
    "/usr/share/fonts-droid-fallback",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
WANTED = (
    "NotoSans-Regular.*",
    "DejaVuSans.ttf",
    "NotoSans*-Regular.*",
    "DroidSansFallback*.ttf",
    "wqy-*.tt?",
    "Arial Unicode.ttf",
    "segoeui.ttf",
)
"""Names of files, those tried first in front; all of them are upright fonts without serifs."""
COLOURED = ("NotoColorEmoji.ttf",)
"""Fonts whose characters are small pictures, of one size."""
EMOJI_SIZE = 109
"""Pixels: the only size that they have."""
MOST = 80
"""Fonts that are looked into."""

SHAPES = features.check("raqm")
"""Whether text can be shaped and set from right to left: Pillow's wheels bring Raqm, which needs the system's FriBiDi."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A font, and the characters that it has, as the begins and ends of ranges."""

    path: Path | None
    """None: Pillow's own."""
    coloured: bool
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, character: str) -> bool:
        """Tell whether there is a picture of this character."""
        at = bisect_right(self.begins, ord(character)) - 1
        return at >= 0 and ord(character) <= self.ends[at]

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Open it at a size in pixels."""
        return _opened(self.path, size)


@cache
def _opened(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is not None:
        return ImageFont.truetype(path, size)
    own = ImageFont.load_default(size)
    assert isinstance(own, ImageFont.FreeTypeFont), "Pillow was built without FreeType"  # noqa: S101 - its wheels never are
    return own


@cache
def faces() -> tuple[Face, ...]:
    """List the fonts, Pillow's own after those of the machine: it has no accents, and a word looks best in one font.

    Those with coloured characters are the last.
    """
    own = _opened(None, EMOJI_SIZE).path
    pillows = [_face(None, own.getvalue(), coloured=False)] if isinstance(own, io.BytesIO) else []
    return (*_readable(WANTED, coloured=False), *pillows, *_readable(COLOURED, coloured=True))


def _readable(names: Iterable[str], *, coloured: bool) -> Iterator[Face]:
    for path in _files(names):
        try:
            _opened(path, EMOJI_SIZE)
            yield _face(path, path.read_bytes(), coloured=coloured)
        except (OSError, struct.error, ValueError):
            # A file that is no font that we can read: there are others.
            continue


def _files(names: Iterable[str]) -> list[Path]:
    found = [path for name in names for folder in FOLDERS for path in sorted(Path(folder).rglob(name))]
    return list(dict.fromkeys(found))[:MOST]


def _face(path: Path | None, data: bytes, *, coloured: bool) -> Face:
    begins: list[int] = []
    ends: list[int] = []
    for code in sorted(set(characters(data))):
        if ends and code == ends[-1] + 1:
            ends[-1] = code
        else:
            begins.append(code)
            ends.append(code)
    return Face(path, coloured, tuple(begins), tuple(ends))


def characters(data: bytes) -> Iterator[int]:
    """List the characters of a font, of the first one in a collection (OpenType: cmap, formats 4 and 12).

    Raises struct.error or ValueError for what is no such file.
    """
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", data, start + 4)
    places = (struct.unpack_from(">4sIII", data, start + 12 + 16 * number) for number in range(tables))
    cmap = next((offset for tag, _, offset, _ in places if tag == b"cmap"), None)
    if cmap is None:
        raise ValueError("there is no cmap in it")
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        if platform == 0 or (platform, encoding) in {(3, 1), (3, 10)}:
            yield from _of_subtable(data, cmap + offset)


def _of_subtable(data: bytes, at: int) -> Iterator[int]:
    (form,) = struct.unpack_from(">H", data, at)
    if form == 4:  # noqa: PLR2004 - formats have numbers
        yield from _of_segments(data, at)
    elif form == 12:  # noqa: PLR2004 - as above
        (groups,) = struct.unpack_from(">I", data, at + 12)
        for number in range(groups):
            first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * number)
            yield from range(first + (glyph == 0), last + 1)


def _of_segments(data: bytes, at: int) -> Iterator[int]:
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    begins = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", data, at + 16 + 4 * count)
    offsets_at = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", data, offsets_at)
    for number, (first, last, delta, offset) in enumerate(zip(begins, ends, deltas, offsets, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta
            if offset:
                (found,) = struct.unpack_from(">H", data, offsets_at + 2 * number + offset + 2 * (code - first))
                glyph = found and found + delta
            if glyph & 0xFFFF:
                yield code
