"""A track's sound as a small picture, with seconds on its axis and the start point marked: a sibling of the chart of usage."""

from PIL import ImageDraw, ImageFont

from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.waveforms import Waveform
from bot.ui import drawing
from bot.ui.drawing import ACCENT, BAR, LINE, TEXT, WIDTH

HEIGHT = 480
FONT, SMALL_FONT = 44, 40
EDGE, FOOT, HEAD = 48, 92, 84
"""Pixels."""
LOWEST = 2
"""Half the height of silence: it is there."""
BETWEEN = 220
"""Pixels between two seconds on the axis at least: room for the longest label."""
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont
STEPS = (5, 10, 15, 20, 30, 60, 120, 300, 600)
"""Seconds between two labels: those that clocks have."""


def picture(waveform: Waveform, start: float | None = None) -> bytes:
    """Draw the waveform with its quiet points and, if there is one, the start point (seconds); return a PNG.

    What is behind the start point is left out of the extension, and is drawn faintly.
    """
    image, draw = drawing.canvas(HEIGHT)
    font, small = ImageFont.load_default(FONT), ImageFont.load_default(SMALL_FONT)
    _sound(draw, waveform, start)
    _axis(draw, waveform.seconds, small)
    for at in waveform.quiet:
        x, base = _x(at, waveform.seconds), HEIGHT - FOOT
        draw.polygon(((x - 12, base + 20), (x + 12, base + 20), (x, base + 2)), fill=TEXT)
    if start is not None:
        _mark(draw, waveform.seconds, start, font)
    return drawing.png(image)


def in_words(waveform: Waveform, start: float | None = None) -> str:
    """Say what the picture shows, for who cannot see it."""
    said = [f"Waveform of {show_seconds(waveform.seconds)} of sound."]
    if start is not None:
        said.append(f"The start point is at {exact_seconds(start)}.")
    if waveform.quiet:
        said.append(f"Quiet points: {', '.join(map(show_seconds, waveform.quiet))}.")
    return " ".join(said)


def _x(at: float, seconds: float) -> float:
    return EDGE + (WIDTH - 2 * EDGE) * min(1.0, max(0.0, at / seconds))


def _sound(draw: ImageDraw.ImageDraw, waveform: Waveform, start: float | None) -> None:
    middle, half = (HEAD + HEIGHT - FOOT) / 2, (HEIGHT - FOOT - HEAD) / 2 - 8
    loudest = max(waveform.peaks)
    step = (WIDTH - 2 * EDGE) / len(waveform.peaks)
    for number, peak in enumerate(waveform.peaks):
        x = EDGE + number * step
        reach = max(LOWEST, half * peak / loudest) if loudest else LOWEST
        kept = start is None or (number + 0.5) / len(waveform.peaks) * waveform.seconds < start
        draw.rectangle((x, middle - reach, x + max(0.0, step - 1), middle + reach), fill=BAR if kept else LINE)


def _axis(draw: ImageDraw.ImageDraw, seconds: float, font: Font) -> None:
    base = HEIGHT - FOOT
    draw.line((EDGE, base, WIDTH - EDGE, base), fill=LINE, width=3)
    most = (WIDTH - 2 * EDGE) / BETWEEN
    step = next((step for step in STEPS if seconds / step <= most), STEPS[-1])
    for at in range(0, int(seconds) + 1, step):
        x = _x(at, seconds)
        anchor = "lt" if at == 0 else "rt" if x > WIDTH - EDGE - BETWEEN / 4 else "mt"
        draw.text((x, base + 26), show_seconds(at), font=font, fill=TEXT, anchor=anchor)


def _mark(draw: ImageDraw.ImageDraw, seconds: float, start: float, font: Font) -> None:
    x = _x(start, seconds)
    draw.line((x, HEAD - 8, x, HEIGHT - FOOT), fill=ACCENT, width=6)
    anchor = "lb" if x < WIDTH / 4 else "rb" if x > WIDTH * 3 / 4 else "mb"
    draw.text((x, HEAD - 16), f"from {exact_seconds(start)}", font=font, fill=ACCENT, anchor=anchor)
