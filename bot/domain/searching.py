"""How text is searched: what is stored of a title and its styles, and what is made of what somebody types.

It is the same for both databases: neither folds nor divides anything by itself, so that both find the same.
"""

import unicodedata
from collections.abc import Iterator

MOST_WORDS = 300
"""Words of a text that can be found."""
MOST_TYPED = 20
"""Words of a query that count."""
LONGEST = 64
"""Characters of a word: PostgreSQL's lexemes hold 2046 bytes."""

_SINGLE = ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
"""Han, kana and bopomofo: written without spaces, so each character is a word, and a part of a title is found."""
_LETTERS_OWN = range(7, 10)
"""Combining classes of marks that make another letter: nukta, the voicing of kana, virama (Unicode, UAX #44)."""
_LOW_MARKS = range(10, 37)
"""Combining classes of the points of Hebrew and Arabic."""
_PLACED_MARKS = 200
"""From this class on, marks are named by where they stand: above, below, attached."""


def fold(text: str) -> str:
    """Write a text without its case, its diacritics and its compatibility forms; punctuation and line breaks stay."""
    if text.isascii():
        return text.lower()
    loose = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", "".join(each for each in loose if not _is_diacritic(each)))


def _is_diacritic(character: str) -> bool:
    place = unicodedata.combining(character)
    return place == 1 or place in _LOW_MARKS or place >= _PLACED_MARKS


def words_of(text: str, *, most: int = MOST_WORDS) -> list[str]:
    """Divide a text into its folded words, each once, in their order."""
    found: dict[str, None] = {}
    for word in _divided(fold(text)):
        found.setdefault(word[:LONGEST])
        if len(found) == most:
            break
    return list(found)


def typed_words(text: str) -> list[str]:
    """Read what somebody looks for: each word is the beginning of one that has to occur."""
    return words_of(text, most=MOST_TYPED)


def _divided(folded: str) -> Iterator[str]:
    word = ""
    for each in folded:
        kind = unicodedata.category(each)
        alone = kind == "So" or (kind[0] in "LN" and _stands_alone(each))
        if not alone and (kind[0] in "LN" or (kind[0] == "M" and word)):
            word += each
            continue
        if word:
            yield word
        word = ""
        if alone:
            yield each
    if word:
        yield word


def _stands_alone(character: str) -> bool:
    code = ord(character)
    return code >= _SINGLE[0][0] and any(first <= code <= last for first, last in _SINGLE)
