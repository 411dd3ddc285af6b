"""What the pictures have in common: light on dark, whatever theme is around them, and to be read on a phone."""

import io

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1170
"""Pixels: three for each of a phone that is 390 wide, where an embed's picture takes nearly all of the width."""
FONT, SMALL_FONT = 44, 40
BACKGROUND, BAR, MARKED, TEXT, LINE = "#23262d", "#8b9bff", "#ffc46b", "#f2f3f5", "#4a4f5a"
"""Each of the others stands at 4.5:1 or more against the background, but for the line, which only helps the eye (WCAG 2.2, 1.4.3)."""

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def canvas(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Begin an empty picture of a height in pixels."""
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    return picture, ImageDraw.Draw(picture)


def fonts() -> tuple[Font, Font]:
    """Return the usual font and the small one."""
    return ImageFont.load_default(FONT), ImageFont.load_default(SMALL_FONT)


def png(picture: Image.Image) -> bytes:
    """Write a picture as a PNG."""
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()
