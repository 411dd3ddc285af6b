"""A family as a picture: a tree that grows downwards, to be read on a phone. Drawing takes some tenths of a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

from bot.domain.actors import SOMEONE
from bot.domain.family import Kin, Row
from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.viewing import Seen
from bot.ui.drawing import ACCENT, BACKGROUND, QUIET, TEXT, WIDTH, can_write, canvas, fitted, png, width_of, write
from bot.ui.words import bare_text

EDGE = 30
TITLE, DETAIL = 38, 34
"""Pixels: more than 12 and 11 of a phone's."""
KNOT_HEIGHT, MORE_HEIGHT = 82, 46
"""Pixels of a row: a knot has two lines, and thirty fill a phone's screen, where a picture that is tapped is shown as a whole."""
TITLE_LINE, DETAIL_LINE = 33, 69
"""Pixels from a row's top to the baselines."""
STEP = 54
"""Pixels by which a child stands to the right of its parent, where the tree is not too deep for that."""
DEEPEST = (WIDTH - 2 * EDGE) * 2 // 5
"""Pixels that the steps take in all: the rest is for the words."""
RADIUS, GAP = 13, 22
THIN, BOLD = 4, 10
LONGEST = 120
"""Characters of a text that are tried: more fit no line."""
UNSEEN = {Seen.PRIVATE: "a private track", Seen.REMOVED: "a removed track"}
"""What a knot is called of which the viewer may see no more."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a row stands, in pixels: `x` and `y` are the middle of its mark, `left` is where its words begin."""

    x: float
    y: float
    left: float
    top: float
    bottom: float


def layout(rows: Sequence[Row]) -> tuple[list[Box], int]:
    """Give each row its place, from above; return the picture's height too."""
    deepest = max((row.depth for row in rows), default=0)
    step = min(STEP, DEEPEST / deepest) if deepest else 0
    boxes: list[Box] = []
    top = float(EDGE)
    for row in rows:
        x = EDGE + RADIUS + step * row.depth
        height = MORE_HEIGHT if row.knot is None else KNOT_HEIGHT
        boxes.append(Box(x, top + (MORE_HEIGHT if row.knot is None else TITLE) / 2, x + RADIUS + GAP, top, top + height))
        top += height
    return boxes, round(top) + EDGE


def draw(rows: Sequence[Row], chosen_id: str, names: Mapping[int, str]) -> bytes:
    """Draw the rows, with what people are called; return a PNG.

    The path to the chosen one is bold and its marks are filled; the chosen one itself is framed.
    """
    boxes, height = layout(rows)
    picture, pen = canvas(height)
    for bold in (False, True):
        for row, box in zip(rows, boxes, strict=True):
            if row.parent is not None and row.on_path == bold:
                _line(pen, boxes[row.parent], box, bold=bold)
    for row, box in zip(rows, boxes, strict=True):
        room = WIDTH - EDGE - box.left
        if row.knot is None:
            write(picture, (box.left - RADIUS, box.y + DETAIL / 3), [f"+{row.more} more"], DETAIL, QUIET)
            continue
        chosen = row.knot.clip_id == chosen_id
        if chosen:
            frame = (box.left - GAP / 2, box.top - 3, WIDTH - EDGE / 2, box.bottom - 1)
            pen.rounded_rectangle(frame, radius=14, outline=ACCENT, width=THIN)
        _mark(pen, box, on_path=row.on_path)
        if (kin := row.knot.kin) is None:
            write(picture, (box.left, box.top + TITLE_LINE), [UNSEEN[row.knot.seen]], TITLE, QUIET)
            continue
        write(picture, (box.left, box.top + TITLE_LINE), _headline(kin, room), TITLE, TEXT)
        name = names.get(kin.clip.user_id, SOMEONE)
        write(picture, (box.left, box.top + DETAIL_LINE), _details(kin, name, room, is_root=row.parent is None), DETAIL, QUIET)
    return png(picture)


def _line(pen: ImageDraw.ImageDraw, parent: Box, box: Box, *, bold: bool) -> None:
    """Lead from a parent's mark down and then across to its child's."""
    colour, width = (ACCENT, BOLD) if bold else (QUIET, THIN)
    pen.line(((parent.x, parent.y), (parent.x, box.y), (box.x, box.y)), fill=colour, width=width, joint="curve")


def _mark(pen: ImageDraw.ImageDraw, box: Box, *, on_path: bool) -> None:
    around = (box.x - RADIUS, box.y - RADIUS, box.x + RADIUS, box.y + RADIUS)
    pen.ellipse(around, fill=ACCENT if on_path else BACKGROUND, outline=ACCENT if on_path else QUIET, width=THIN)


def _headline(kin: Kin, room: float) -> tuple[str, str]:
    """Name a track; where no font can show its title, say where that can be read."""
    title, variant = bare_text(kin.clip.title, LONGEST) or "Untitled", f"{kin.clip.variant} · "
    return variant, fitted(title if can_write(title) else "(title: see the list)", TITLE, room - width_of(variant, TITLE))


def facts(kin: Kin, *, is_root: bool) -> str:
    """Tell where a track begins in its parent, how long it is, and what people think of it."""
    clip = kin.clip
    begins = "" if clip.parent_id is None else f"from {exact_seconds(clip.continued_at or 0)}"
    if begins and is_root:
        begins += " of an unknown track"
    favourites, votes = (f"{sign} {number}" if number else "" for sign, number in (("★", kin.favourites), ("▲", kin.votes)))
    return " · ".join(part for part in (begins, show_seconds(clip.seconds), favourites, votes) if part)


def _details(kin: Kin, name: str, room: float, *, is_root: bool) -> tuple[str, ...]:
    """Write the second line; where it is too long, the name gives way."""
    told = facts(kin, is_root=is_root)
    name = bare_text(name, LONGEST)
    shown = fitted(name if can_write(name) else SOMEONE, DETAIL, room - width_of(f" · {told}", DETAIL))
    return (shown, f" · {told}") if shown else (fitted(told, DETAIL, room),)
