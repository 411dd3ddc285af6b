"""Forbidden words, found in spite of the common ways to write around them.

How a text is read, in this order:

1. `normalised`: compatible forms, case, accents, characters that nobody sees, and letters that look like Latin ones are levelled
   (`domain/lookalikes.py`).
2. It is cut into words at whatever is no letter and no digit. `@` and `$` are letters (a, s); `!` and `|` are ones between two letters.
   Words that nothing but other signs parts ("ba-d", "b.ad"; not a space, a comma, a semicolon or a slash) count joined as well. Single
   letters that follow each other, whatever parts them ("b a d", "b. a. d"), count as one word, also without a leading "a" or "i",
   which may be words of their own.
3. In a word that is not a number, digits are the letters that they look like: 0 o, 1 i or l, 3 e, 4 a, 5 s, 7 t.
4. A letter that stands three times or more stands for fewer, too; one that English hardly doubles (a, h, i, j, k, q, u, v, w, x, y) does
   so from two on: "baaad" and "baad" are "bad", and "good" is not "god".

What is listed matches whole words: "ass" is neither in "class" nor in "assassin". `word*` matches words that begin so. Several words
match where they follow each other. What is written without spaces between its words (Chinese, Japanese, Thai, Lao, Khmer, Burmese)
matches anywhere in a word: there is no telling where one begins.

Not found: a word with letters left out ("b*d"), and one that spaces part into pieces of more than one letter ("ba dword").
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.domain.lookalikes import level

_LEETSPEAK = str.maketrans("03457@$", "oeastas")
_ONE = "1"
_LOOKS_LIKE_ONE = frozenset("1!|")
_ONES = _LOOKS_LIKE_ONE | {"i", "l"}
"""What looks like a one, and what that stands for: not to be told apart."""
_SELDOM_DOUBLED = frozenset("ahijkquvwxy")
_STRETCHED = 3
"""From so many of the same letter on, it is no spelling."""
_APART = re.compile(r"[\s,;/]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, and what Chinese and Japanese are written with."""
_ARTICLES = ("a", "i")


def normalised(text: str) -> str:
    """Level what only looks different; what is levelled stays as it is."""
    return level(text)


class WordList:
    """Words that may not be in a text; compiled once, asked often."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take words as people type them; what has neither a letter nor a digit is left out."""
        self._whole: dict[str, list[_Listed]] = defaultdict(list)
        self._begins: dict[str, list[_Listed]] = defaultdict(list)
        self._within: list[str] = []
        self._phrases: list[tuple[_Listed, ...]] = []
        for entry in filter(None, map(_entry, words)):
            self._take(entry)

    def _take(self, entry: "tuple[_Listed, ...]") -> None:
        first = entry[0]
        if len(entry) > 1:
            self._phrases.append(entry)
        elif _UNSPACED.fullmatch(first.word.plain):
            self._within.append(first.word.plain)
        elif first.begins:
            self._begins[first.word.shape[0]].append(first)
        else:
            self._whole[first.word.shape].append(first)

    def __bool__(self) -> bool:
        """Tell whether anything is listed: most lists are empty, and taking a text to pieces for nothing costs more than the rest."""
        return bool(self._whole or self._begins or self._within or self._phrases)

    def hit(self, text: str) -> bool:
        """Tell whether a listed word is in the text."""
        if not self:
            return False
        pieces = _cut(normalised(text))
        spelt = [_word(word) for word in _spelt(pieces)]
        others = {*_without_article(pieces), *_joined(pieces)} - {word.plain for word in spelt}
        words = (*spelt, *map(_word, others))
        return any(self._lists(word) for word in words) or any(_follow(phrase, spelt) for phrase in self._phrases)

    def _lists(self, word: "_Word") -> bool:
        candidates = (*self._whole.get(word.shape, ()), *self._begins.get(word.shape[0], ()))
        return any(listed.covers(word) for listed in candidates) or any(part in word.plain for part in self._within)


@dataclass(frozen=True, slots=True)
class _Run:
    """The same letter so many times over; `letters` are those that were written, as far as a one leaves that open."""

    length: int
    letters: frozenset[str]

    def covers(self, written: "_Run", *, at_end: bool) -> bool:
        """Tell whether what is written in a text may stand for this; `at_end` of what may go on, more may follow."""
        if not written.letters <= self.letters:
            return False
        longer = at_end or written.length >= _STRETCHED or self.letters <= _SELDOM_DOUBLED
        return written.length == self.length or (longer and written.length > self.length)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as runs of letters; `shape` has one letter for each run."""

    plain: str
    shape: str
    runs: tuple[_Run, ...]


@dataclass(frozen=True, slots=True)
class _Listed:
    word: _Word
    begins: bool

    def covers(self, written: _Word) -> bool:
        shape = written.shape[: len(self.word.shape)] if self.begins else written.shape
        if shape != self.word.shape:
            return False
        last = len(self.word.runs) - 1
        pairs = enumerate(zip(self.word.runs, written.runs, strict=False))
        return all(listed.covers(run, at_end=self.begins and number == last) for number, (listed, run) in pairs)


def _entry(typed: str) -> tuple[_Listed, ...]:
    """Read what is listed: one word, or several that follow each other."""
    text = normalised(typed).strip()
    words = _spelt(_cut(text))
    return tuple(
        _Listed(_word(word, listed=True), begins=text.endswith("*") and number == len(words)) for number, word in enumerate(words, 1)
    )


def _follow(phrase: Sequence[_Listed], words: Sequence[_Word]) -> bool:
    starts = range(len(words) - len(phrase) + 1)
    return any(all(listed.covers(word) for listed, word in zip(phrase, words[start:], strict=False)) for start in starts)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Letters and digits that stand together, and what stands before them."""

    gap: str
    text: str


def _cut(text: str) -> list[_Piece]:
    inner = [_is_letter(text, place) for place in range(len(text))]
    pieces: list[_Piece] = []
    gap = ""
    for is_letter, group in groupby(zip(inner, text, strict=True), key=lambda pair: pair[0]):
        part = "".join(character for _, character in group)
        if is_letter:
            pieces.append(_Piece(gap, part))
        else:
            gap = part
    return pieces


def _is_letter(text: str, place: int) -> bool:
    if text[place] in "!|":
        return 0 < place < len(text) - 1 and text[place - 1].isalnum() and text[place + 1].isalnum()
    # The vowel signs of many scripts are marks (M), to Unicode.
    return text[place] in "@$" or unicodedata.category(text[place])[0] in "LNM"


def _spelt(pieces: Iterable[_Piece]) -> list[str]:
    """Return the words; single letters that follow each other are one."""
    words: list[str] = []
    for single, group in groupby((piece.text for piece in pieces), key=lambda word: len(word) == 1):
        written = list(group)
        words += ["".join(written)] if single else written
    return words


def _without_article(pieces: Iterable[_Piece]) -> Iterator[str]:
    for single, group in groupby((piece.text for piece in pieces), key=lambda word: len(word) == 1):
        letters = list(group)
        if single and len(letters) > 1 and letters[0] in _ARTICLES:
            yield "".join(letters[1:])


def _joined(pieces: Iterable[_Piece]) -> Iterator[str]:
    """Yield what signs part, joined."""
    chunk = ""
    for piece in pieces:
        if _APART.search(piece.gap):
            yield from (chunk,) if chunk else ()
            chunk = ""
        chunk += piece.text
    yield from (chunk,) if chunk else ()


def _word(text: str, *, listed: bool = False) -> _Word:
    """Spell a word as runs, digits read as what they look like unless it is a number; a listed one stands for all that it may be."""
    number = text.isdigit()
    letters = text if number else text.translate(_LEETSPEAK)
    groups = groupby(letters, key=lambda letter: _ONE if letter in _ONES and not number else letter)
    runs = [(letter, list(group)) for letter, group in groups]
    spelt = tuple(_Run(len(written), frozenset(written) if number else _letters(frozenset(written), listed=listed)) for _, written in runs)
    return _Word(text, "".join(letter for letter, _ in runs), spelt)


def _letters(written: frozenset[str], *, listed: bool) -> frozenset[str]:
    letters = written - _LOOKS_LIKE_ONE
    return letters | {"i", "l"} if listed and letters != written else letters
