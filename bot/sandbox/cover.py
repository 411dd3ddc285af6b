"""Cover pictures: abstract scenes drawn from a clip's tags and seed."""

from __future__ import annotations

import colorsys
import io
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from bot.sandbox.song import dice
from bot.sandbox.styles import split_tags

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

Colour = tuple[int, int, int]
SIZE, LARGE_SIZE = 512, 1024


def cover(tags: str, seed: int, size: int = SIZE) -> bytes:
    """Draw a square PNG of `size` pixels; the same tags share a palette, the seed composes the scene."""
    palette = _palette(tags)
    roll = dice("cover", *split_tags(tags), seed)
    canvas = size * 2
    picture = _gradient(canvas, palette[0], palette[1], roll.uniform(0, math.tau))
    scene = roll.choice((_suns, _waves, _orbits, _beams))
    scene(picture, palette, roll)
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _palette(tags: str) -> list[Colour]:
    """Choose five colours: two for the ground, three that stand on it."""
    roll = dice("palette", *split_tags(tags))
    hue = roll.random()
    turn = roll.choice((0.08, 0.42, 0.5, 0.58))
    shades = ((0.0, 0.75, 0.16), (turn / 2, 0.7, 0.42), (turn, 0.65, 0.95), (turn + 0.07, 0.8, 0.85), (turn - 0.1, 0.35, 1.0))
    return [_colour(hue + shift, saturation, value) for shift, saturation, value in shades]


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _gradient(size: int, start: Colour, end: Colour, angle: float) -> Image.Image:
    across = np.linspace(-1, 1, size, dtype=np.float32)
    mix = (across[None, :] * math.cos(angle) + across[:, None] * math.sin(angle)) / (2 * math.sqrt(2)) * 1.4 + 0.5
    mix = np.clip(mix, 0, 1)[..., None]
    ground = np.asarray(start, dtype=np.float32) * (1 - mix) + np.asarray(end, dtype=np.float32) * mix
    return Image.fromarray(ground.astype(np.uint8))


def _glow(picture: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: int) -> None:
    """Lay a soft disc of light over the picture; it is blurred small, then enlarged, which costs little."""
    small = 128
    scale = small / picture.width
    mask = Image.new("L", (small, small), 0)
    x, y, r = centre[0] * scale, centre[1] * scale, radius * scale
    ImageDraw.Draw(mask).ellipse((x - r, y - r, x + r, y + r), fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(r / 2.5)).resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste(colour, (0, 0), mask)


def _suns(picture: Image.Image, palette: Sequence[Colour], roll: random.Random) -> None:
    """Draw a low sun cut by widening bands, over hills."""
    size = picture.width
    x, y, radius = size * roll.uniform(0.35, 0.65), size * roll.uniform(0.38, 0.5), size * roll.uniform(0.2, 0.28)
    _glow(picture, (x, y), radius * 1.5, palette[3], 150)
    sun = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(sun)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    for band in range(6):
        top = y + radius * (0.05 + 0.16 * band)
        pen.rectangle((0, top, size, top + radius * 0.018 * (band + 1)), fill=0)
    picture.paste(palette[2], (0, 0), sun)
    _hills(picture, (palette[3], palette[1], palette[0]), roll, 0.72)


def _hills(picture: Image.Image, colours: Sequence[Colour], roll: random.Random, height: float) -> None:
    size = picture.width
    pen = ImageDraw.Draw(picture)
    across = np.linspace(0, 1, 160)
    for layer, colour in enumerate(colours):
        line = np.full(across.size, height + layer * 0.09)
        for octave in range(1, 4):
            line = line + 0.05 / octave * np.sin(math.tau * (across * octave * roll.uniform(0.6, 1.4) + roll.random()))
        points = [(float(a) * size, float(b) * size) for a, b in zip(across, line, strict=True)]
        pen.polygon([*points, (size, size), (0, size)], fill=colour)


def _waves(picture: Image.Image, palette: Sequence[Colour], roll: random.Random) -> None:
    """Draw a bundle of lines that swell together like a standing wave."""
    size = picture.width
    _glow(picture, (size * roll.uniform(0.3, 0.7), size * 0.5), size * 0.3, palette[2], 120)
    pen = ImageDraw.Draw(picture)
    across = np.linspace(0, 1, 240)
    turns, phase = roll.uniform(1.0, 2.5), roll.random()
    for line in range(28):
        share = line / 27
        swell = np.sin(math.pi * across) ** 2 * (0.32 - 0.5 * abs(share - 0.5))
        y = 0.5 + (share - 0.5) * 0.5 + swell * np.sin(math.tau * (across * turns + phase + share * 0.6))
        colour = palette[2 + line % 3]
        pen.line([(float(a) * size, float(b) * size) for a, b in zip(across, y, strict=True)], fill=colour, width=max(2, size // 300))


def _orbits(picture: Image.Image, palette: Sequence[Colour], roll: random.Random) -> None:
    """Draw rings around one centre, with bodies on them."""
    size = picture.width
    x, y = size * roll.uniform(0.35, 0.65), size * roll.uniform(0.35, 0.65)
    _glow(picture, (x, y), size * 0.25, palette[2], 190)
    pen = ImageDraw.Draw(picture)
    core = size * 0.07
    pen.ellipse((x - core, y - core, x + core, y + core), fill=palette[4])
    for ring in range(roll.randint(5, 8)):
        radius = size * (0.13 + 0.075 * ring)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=palette[2 + ring % 3], width=max(2, size // 400))
        angle, body = roll.uniform(0, math.tau), size * roll.uniform(0.008, 0.028)
        a, b = x + radius * math.cos(angle), y + radius * math.sin(angle)
        pen.ellipse((a - body, b - body, a + body, b + body), fill=palette[2 + (ring + 1) % 3])


def _beams(picture: Image.Image, palette: Sequence[Colour], roll: random.Random) -> None:
    """Draw slanted translucent beams with a row of level bars before them."""
    size = picture.width
    for beam in range(5):
        left = size * roll.uniform(-0.1, 0.9)
        width, slant = size * roll.uniform(0.06, 0.2), size * roll.uniform(0.15, 0.4)
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).polygon([(left + slant, 0), (left + slant + width, 0), (left + width, size), (left, size)], fill=95)
        picture.paste(palette[2 + beam % 3], (0, 0), mask)
    pen = ImageDraw.Draw(picture)
    bars = 24
    for bar in range(bars):
        height = size * (0.06 + 0.34 * math.sin(math.pi * (bar + 0.5) / bars) * roll.uniform(0.35, 1.0))
        x = size * (0.12 + 0.76 * bar / bars)
        half = size * 0.76 / bars * 0.3
        pen.rounded_rectangle((x, size * 0.5 - height / 2, x + 2 * half, size * 0.5 + height / 2), radius=half, fill=palette[4])
