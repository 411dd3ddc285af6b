"""What every picture of ours is drawn with: its width, its colours, and text of any script. Light on dark, whatever theme is around it."""

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from bot.ui import fonts
from bot.ui.fonts import Face

WIDTH = 1170
"""Pixels: three for each of a phone that is 390 wide, where a picture takes nearly all of the width."""
BACKGROUND, BAR, ACCENT, TEXT, QUIET, LINE = "#23262d", "#8b9bff", "#ffc46b", "#f2f3f5", "#b3b9c4", "#4a4f5a"
"""Each of the others stands at 4.5:1 or more against the background, but for the line, which only helps the eye (WCAG 2.2, 1.4.3)."""
COLOURS = 200

_JOINER, _FIRST_PICTURE = "\u200d", "\U0001f000"
_SHOWN_AS_PICTURE = "\ufe0f"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of what controls a text and is none; of the breaks of lines and paragraphs, some make Raqm fail."""


def canvas(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Begin a picture."""
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    return picture, ImageDraw.Draw(picture)


def png(picture: Image.Image) -> bytes:
    """Finish a picture, in as few colours as show no difference: a third of the size, in a tenth of the time."""
    written = io.BytesIO()
    picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(written, "PNG")
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one font and one direction."""

    text: str
    face: Face
    backwards: bool
    """From right to left."""


def write(picture: Image.Image, at: tuple[float, float], parts: Iterable[str], size: int, fill: str) -> None:
    """Write a line from its left end on its baseline; each part has a direction of its own. Characters that no font has are left out."""
    left, baseline = at
    draw = ImageDraw.Draw(picture)
    for run in (run for part in parts for run in runs_of(part)):
        if run.face.coloured:
            _paste(picture, run, (left, baseline), size)
        else:
            shown, direction = _as_drawn(run)
            draw.text((left, baseline), shown, font=run.face.at(size), fill=fill, anchor="ls", direction=direction)
        left += _length(run, size)


def width_of(text: str, size: int) -> float:
    """Tell how wide a line is."""
    return sum(_length(run, size) for run in runs_of(text))


def can_write(text: str) -> bool:
    """Tell whether anything of a text would be seen."""
    return any(run.text.strip() for run in runs_of(text))


def fitted(text: str, size: int, room: float) -> str:
    """Cut a line so that it is no wider than there is room."""
    if width_of(text, size) <= room:
        return text
    parts = list(clusters(text))
    fits, too_long = 0, len(parts)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width_of("".join(parts[:middle]).rstrip() + "…", size) <= room:
            fits = middle
        else:
            too_long = middle
    return "".join(parts[:fits]).rstrip() + "…" if fits else ""


def clusters(text: str) -> Iterator[str]:
    """Cut a text into what people see as one character: a letter with its accents, an emoji with its skin and its family."""
    cluster = ""
    for character in text:
        if cluster and not (_goes_on(character) or cluster.endswith(_JOINER) or _is_half_a_flag(cluster, character)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _goes_on(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_half_a_flag(cluster: str, character: str) -> bool:
    return len(cluster) == 1 and all("\U0001f1e6" <= each <= "\U0001f1ff" for each in (cluster, character))


def runs_of(text: str) -> list[Run]:
    """Cut a line into runs, from left to right as they are seen."""
    parts = list(clusters(text))
    sides = [_side(part[0]) for part in parts]
    base = next((side for side in sides if side is not None), False)
    runs: list[Run] = []
    for cluster, side in zip(parts, _resolved(sides, base=base), strict=True):
        face, shown = face_for(cluster, runs[-1].face if runs else None)
        if face is None:
            continue
        if runs and runs[-1].face is face and runs[-1].backwards == side:
            runs[-1] = Run(runs[-1].text + shown, face, side)
        else:
            runs.append(Run(shown, face, side))
    return _from_left_to_right(runs, base=base)


def _side(character: str) -> bool | None:
    """Tell a character's direction: True is from right to left; None: it follows those around it (UAX #9: strong types)."""
    kind = unicodedata.bidirectional(character)
    return kind in {"R", "AL"} if kind in {"L", "R", "AL"} else None


def _resolved(sides: Sequence[bool | None], *, base: bool) -> list[bool]:
    """Give what follows those around it their direction, where these agree, and else the line's (UAX #9: N1, N2)."""
    after: list[bool] = []
    following = base
    for side in reversed(sides):
        following = following if side is None else side
        after.append(following)
    resolved: list[bool] = []
    before = base
    for side, following in zip(sides, reversed(after), strict=True):
        before = before if side is None else side
        resolved.append(before if before == following else base)
    return resolved


def _from_left_to_right(runs: list[Run], *, base: bool) -> list[Run]:
    """Put runs into the order in which they are seen: neighbours against the line's direction turn around among themselves."""
    ordered: list[Run] = []
    against: list[Run] = []
    for run in runs:
        if run.backwards == base:
            ordered += [*against[::-1], run]
            against = []
        else:
            against.append(run)
    ordered += against[::-1]
    return ordered[::-1] if base else ordered


@lru_cache(maxsize=4096)
def face_for(cluster: str, before: Face | None) -> tuple[Face | None, str]:
    """Choose the font for a cluster, rather the one before than another; tell also what it can show of it."""
    seen = "".join(each for each in cluster if unicodedata.category(each) not in _UNSEEN and not "\ufe00" <= each <= "\ufe0f")
    if not seen:
        return None, ""
    pictured = not seen.isspace() and (seen[0] >= _FIRST_PICTURE or _SHOWN_AS_PICTURE in cluster)
    return _choose(cluster, seen, before, pictured=pictured)


def _choose(cluster: str, seen: str, before: Face | None, *, pictured: bool) -> tuple[Face | None, str]:
    known = fonts.faces()
    wanted = sorted(known, key=lambda face: (face.coloured != pictured, face is not before if seen.isspace() else False))
    for face in wanted:
        if all(face.has(each) for each in seen):
            return face, cluster if face.coloured else seen
    return next(((face, seen[0]) for face in wanted if face.has(seen[0])), (None, ""))


def _as_drawn(run: Run) -> tuple[str, str | None]:
    if run.face.path is None:
        # Pillow sets its own font without Raqm. It has nothing that is written from right to left but what stands between such words.
        return turned(run.text) if run.backwards else run.text, None
    if fonts.SHAPES:
        return run.text, "rtl" if run.backwards else "ltr"
    return run.text[::-1] if run.backwards else run.text, None


def _scale(size: int) -> float:
    return size * 1.1 / fonts.EMOJI_SIZE


def turned(text: str) -> str:
    """Let a number keep its digits' order, and the spaces around it change sides."""
    inner = text.strip()
    before, _, after = text.partition(inner) if inner else (text, "", "")
    return after + inner + before


def _length(run: Run, size: int) -> float:
    shown, direction = _as_drawn(run)
    if run.face.coloured:
        return run.face.at(fonts.EMOJI_SIZE).getlength(shown, direction=direction) * _scale(size)
    return run.face.at(size).getlength(shown, direction=direction)


def _paste(picture: Image.Image, run: Run, at: tuple[float, float], size: int) -> None:
    """Draw characters that are small pictures in the size that they have, and shrink them to that of the line."""
    shown, direction = _as_drawn(run)
    font = run.face.at(fonts.EMOJI_SIZE)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(shown, direction=direction))
    if right <= left or bottom <= top:
        return
    drawn = Image.new("RGBA", (right - left, bottom - top))
    ImageDraw.Draw(drawn).text((-left, -top), shown, font=font, embedded_color=True, direction=direction)
    scale = _scale(size)
    small = drawn.resize((max(1, round(drawn.width * scale)), max(1, round(drawn.height * scale))), Image.Resampling.LANCZOS)
    picture.paste(small, (round(at[0]), round(at[1] + size * 0.15 - small.height)), small)
