"""Forbidden words: what is found in spite of its disguise, and what is innocent."""
# ruff: noqa: RUF001 - disguises are what these tests are about

import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.wordlist import WordList, normalised

BLOCK = 4096
UNASSIGNED, SPECIAL = 0x40000, 0xE0000
"""From where on Unicode has no characters, but for one block of them and for private ones."""
EVASIONS = [
    "badword",
    "BADWORD",
    "a badword!",
    "(badword)",
    "wave, badword, synth",
    "wave,badword",
    "badword's",
    "b a d w o r d",
    "such a b a d w o r d",
    "a b a d w o r d",
    "i b a d w o r d",
    "b.a.d.w.o.r.d",
    "b-a-d-w-o-r-d",
    "b . a . d , w / o / r / d",
    "bad-word",
    "bad.word",
    "bad_word",
    "b*adword",
    "baaadword",
    "baaaaddddwoooord",
    "baadword",
    "b4dword",
    "b@dw0rd",
    "b 4 d w 0 r d",
    "bаdwоrd",
    "ВADWORD",
    "βadword",
    "ｂａｄｗｏｒｄ",
    "𝕓𝕒𝕕𝕨𝕠𝕣𝕕",
    "Ⓑⓐⓓⓦⓞⓡⓓ",
    "🅱🅰🅳🆆🅾🆁🅳",
    "bádwörd",
    "b\u0336a\u0336d\u0336w\u0336o\u0336r\u0336d",
    "bad\u200bword",
    "bad\u00adword",
    "b\u2060ad\ufeffword",
    "\u202ebad\u202cword",
    "bad\u3164word",
    "b\u2800a\u2800d\u2800w\u2800o\u2800r\u2800d",
    "bad\ufe0fword",
    "ʙᴀᴅᴡᴏʀᴅ",
]


@pytest.mark.parametrize("text", EVASIONS)
def test_a_disguise_is_seen_through(text: str) -> None:
    assert WordList(["badword"]).hit(text)


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("bad", "b.a.d"),
        ("bad", "baaad"),
        ("bad", "baad"),
        ("ass", "a$$"),
        ("ass", "@$$"),
        ("ass", "455 a55"),
        ("ass", "a s s"),
        ("shit", "$h!t"),
        ("shit", "sh1t, really"),
        ("shit", "5h|7"),
        ("bill", "b1ll"),
        ("bill", "bi1l"),
        ("bill", "b111"),
        ("ball", "ba11"),
        ("h1tler", "hitler"),
        ("1488", "the 1488 sound"),
        ("BÄD", "bad"),
        ("b-a-d", "bad"),
        ("bad word", "a bad word"),
        ("bad word", "bad, word"),
        ("bad word", "b4d  w0rd"),
        ("bad-word", "bad word"),
        ("bad*", "badly"),
        ("bad*", "b4dd3st"),
        ("bad*", "bad"),
        ("bad *", "bad"),
        ("bad w*", "bad words"),
        ("плохо", "ПЛОХО"),
        ("плохо", "п л о х о"),
        ("плох*", "плохой"),
        ("ёлка", "елка"),
        ("κακός", "ΚΑΚΟΣ"),
        ("سيئ", "سَيِّئ"),
        ("سيئ", "سيـــئ"),
        ("坏话", "说坏话的人"),
        ("坏话", "坏.话"),
        ("わるい", "とてもわるいうた"),
        ("나쁜", "아주 나쁜 말"),
        ("บาด", "คำบาดใจ"),
        ("बुरा", "बुरा गीत"),
    ],
)
def test_what_is_listed_is_found(listed: str, text: str) -> None:
    assert WordList([listed]).hit(text)


INNOCENT = [
    "class",
    "a class act, bass, brass",
    "assassin",
    "assess the passage",
    "Scunthorpe",
    "grape",
    "drape, therapist",
    "as",
    "good vibes",
    "rapper, trap",
    "cocktail jazz, peacock",
    "Klassik, Straße, Maß, Fassade",
    "das Gras, der Pass",
    "русский рок, классика, ассистент",
    "مقام حجاز، طرب",
    "中国古典音乐, 民谣",
    "日本のロック",
    "국악, 발라드",
    "हिन्दी गीत",
    "เพลงไทยเดิม",
    "120 bpm, 4/4, 808s, 80s, 2step",
    "1 2 3 4",
    "synth-pop, lo-fi, r&b, drum'n'bass",
    "c:\\path\\x | y | z !",
    "🎸🎹🎷",
    "",
    "   ",
    "*",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_pass(text: str) -> None:
    assert not WordList(["ass", "cunt", "rape", "raper", "god", "cock", "1488", "坏话", "плохо", "سيئ", "कि", "n*gga x"]).hit(text)


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("ass", "as"),
        ("god", "good"),
        ("bal", "ball"),
        ("ball", "bail"),
        ("11", "il"),
        ("bad", "badly"),
        ("bad word", "bad good word"),
        ("bad word", "word bad"),
        ("bad", "ba dword"),
        ("кит", "коту"),
        ("坏话", "很坏, 话多"),
    ],
)
def test_what_is_close_to_a_listed_word_is_none(listed: str, text: str) -> None:
    assert not WordList([listed]).hit(text)


@pytest.mark.parametrize("words", [[], [""], ["*"], [" ", "--", "…"]])
def test_a_list_of_nothing_forbids_nothing(words: list[str]) -> None:
    assert not WordList(words).hit("anything at all, * -- …")
    assert not WordList(words)


@pytest.mark.parametrize("listed", ["bad", "bad*", "坏话", "bad word"])
def test_a_list_with_something_in_it_is_looked_through(listed: str) -> None:
    assert WordList([listed])


@given(st.text(), st.lists(st.text(max_size=20), max_size=5))
def test_no_text_and_no_list_is_too_strange(text: str, words: list[str]) -> None:
    assert isinstance(WordList(words).hit(text), bool)


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_levelled_stays_as_it_is(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once


def test_every_character_can_be_levelled() -> None:
    for first in chain(range(0, UNASSIGNED, BLOCK), range(SPECIAL, SPECIAL + BLOCK, BLOCK)):
        once = normalised(" ".join(map(chr, range(first, first + BLOCK))))
        assert normalised(once) == once, hex(first)


@given(st.text(st.sampled_from("abdio1!|l .,-*@$4"), min_size=1, max_size=12))
def test_every_word_finds_itself(word: str) -> None:
    plain = word.rstrip("* ")
    if any(character.isalnum() or character in "@$" for character in plain):
        assert WordList([plain]).hit(plain)


def test_a_long_list_and_a_long_text_take_no_time() -> None:
    words = WordList([f"{'il' * 10}{number}x*" for number in range(500)] + [f"word {number}" for number in range(200)])
    begun = time.process_time()
    assert not words.hit("1i1l" * 250)
    assert not words.hit("a b " * 250)
    assert time.process_time() - begun < 1.0
