"""The last days as a small picture, to be read on a phone."""

from collections.abc import Mapping
from datetime import UTC, datetime

from PIL import ImageFont

from bot.ui.drawing import ACCENT, BAR, LINE, TEXT, WIDTH, canvas, png

HEIGHT = 540
EDGE, FOOT, HEAD = 48, 96, 84
"""Pixels."""
GAP = 0.28
"""Of a day's width, between two bars."""
FONT, SMALL_FONT = 44, 40
EMPTY = 6
"""Height of a day without anything: it is there, and nothing was spent."""


def chart(days: Mapping[float, int]) -> bytes:
    """Draw a bar for each day, by the begin of the UTC day in epoch seconds, oldest first; return a PNG. The last is today."""
    picture, draw = canvas(HEIGHT)
    font, small = ImageFont.load_default(FONT), ImageFont.load_default(SMALL_FONT)
    base, most, step = HEIGHT - FOOT, max(1, *days.values()), (WIDTH - 2 * EDGE) / len(days)
    draw.line((EDGE, base, WIDTH - EDGE, base), fill=LINE, width=3)
    for number, (begin, spent) in enumerate(days.items()):
        middle = EDGE + step * (number + 0.5)
        half, is_today = step * (1 - GAP) / 2, number == len(days) - 1
        top = base - max(EMPTY, round((base - HEAD) * spent / most))
        colour = ACCENT if is_today else BAR
        draw.rounded_rectangle((middle - half, top, middle + half, base), radius=8, fill=colour if spent else LINE)
        if spent:
            draw.text((middle, top - 8), _short(spent), font=small, fill=TEXT, anchor="mb")
        if is_today or number % 3 == (len(days) - 1) % 3:
            label = "today" if is_today else _date(begin, "%b")
            draw.text((middle, base + 20), label, font=font, fill=TEXT, anchor="mt")
    return png(picture)


def in_words(days: Mapping[float, int]) -> str:
    """Say what the picture shows, for who cannot see it."""
    each = ", ".join(f"{_date(begin, '%B')}: {spent}" for begin, spent in days.items())
    return f"Tracks asked for on each of the last {len(days)} days (UTC), {sum(days.values())} in all. {each}."


def _date(begin: float, month: str) -> str:
    day = datetime.fromtimestamp(begin, UTC)
    return f"{day.day} {day.strftime(month)}"


def _short(number: int) -> str:
    """Write a number so that it fits above its bar."""
    return str(number) if number < 1000 else f"{number / 1000:.1f}k"  # noqa: PLR2004 - a thousand is where the k begins
