"""Characters that look like others: one form for all that people cannot tell apart.

Sources: Unicode's compatibility forms (UAX #15), default ignorable characters (UAX #44), and of the confusable characters (UTS #39) those
of the Cyrillic, Greek and extended Latin letters that resemble a small or capital Latin one.
"""
# ruff: noqa: RUF001 - look-alikes are what this file is about

import unicodedata

_MARKS = (
    (0x0300, 0x036F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
    (0x0483, 0x0489),
    (0x0591, 0x05BD),
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x064B, 0x065F),
)
"""Accents and the like, Hebrew and Arabic points among them. The vowel signs of other scripts are letters of theirs, and stay."""
_UNSEEN = (
    (0x0640, 0x0640),
    (0x0670, 0x0670),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
)
"""What is not shown, or only lengthens a line; characters of the category Cf (zero width, direction, soft hyphen) beside these."""
_BLANK = "\u2800"
"""The empty Braille pattern: it looks like a space."""

_ALIKE = (
    "аa вb сc ԁd еe һh нh іi їi јj кk ӏl мm оo рp ԛq ѕs тt уy ѵv ԝw хx үy ԍg "
    "αa βb ϲc εe ηn ιi κk μu νv οo ρp τt υu χx γy ωw ϳj "
    "ıi ɩi ɪi łl øo đd ħh ŧt ɑa ɡg ɢg ƒf ʀr ʙb ʜh ʟl ɴn ʏy ʍm ɵo ᴏo ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜰf ꜱs"
)
_LATIN = str.maketrans({pair[0]: pair[1] for pair in _ALIKE.split()})
_SQUARED = ((0x1F130, 26), (0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
"""Letters in squares and circles that have no compatible form, and those that flags are spelt with."""


def level(text: str) -> str:
    """Write a text without what only makes it look different: case, accents, unseen characters, look-alikes of Latin letters.

    What is levelled stays as it is.
    """
    while (levelled := _once(text)) != text:
        text = levelled
    return text


def _once(text: str) -> str:
    if text.isascii():
        return text.lower()
    seen = "".join(_visible(character) for character in unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", seen.casefold().translate(_LATIN))


def _visible(character: str) -> str:
    point = ord(character)
    if character == _BLANK:
        return " "
    for first, length in _SQUARED:
        if first <= point < first + length:
            return chr(ord("a") + point - first)
    unseen = unicodedata.category(character) == "Cf" or _within(point, _MARKS) or _within(point, _UNSEEN)
    return "" if unseen else character


def _within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= point <= last for first, last in ranges)
