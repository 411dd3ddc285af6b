import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.searching import LONGEST, MOST_TYPED, MOST_WORDS, fold, typed_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Night Train", ["night", "train"]),
        ("  L’ÉTÉ à Paris!  ", ["l", "ete", "a", "paris"]),
        ("lo-fi, hip_hop", ["lo", "fi", "hip", "hop"]),
        ("Straße STRASSE", ["strasse"]),
        ("\uff37\uff49de ﬁne", ["wide", "fine"]),
        ("İstanbul", ["istanbul"]),
        ("夜の電車", ["夜", "の", "電", "車"]),
        ("東京night", ["東", "京", "night"]),
        ("ガール", ["ガ", "ー", "ル"]),
        ("서울의 밤", ["서울의", "밤"]),
        ("हिन्दी", ["हिन्दी"]),
        ("Ночной поезд", ["ночнои", "поезд"]),
        ("שָׁלוֹם", ["שלום"]),
        ("🎷🎷 sax", ["🎷", "sax"]),
        ("186001a9-a9e2", ["186001a9", "a9e2"]),
        ("\0\ud800 ' \" * ()", []),
    ],
)
def test_a_text_is_divided_into_folded_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_words_have_a_longest_and_texts_a_most() -> None:
    assert words_of("x" * 1000) == ["x" * LONGEST]
    many = " ".join(f"w{number}" for number in range(MOST_WORDS * 2))
    assert len(words_of(many)) == MOST_WORDS
    assert len(typed_words(many)) == MOST_TYPED


def test_folding_keeps_what_autocomplete_looks_for() -> None:
    assert fold("100% Up_Beat\nÉtude") == "100% up_beat\netude"


@given(st.text())
def test_a_word_is_found_by_itself_and_has_nothing_that_a_query_means(text: str) -> None:
    for word in words_of(text):
        assert word
        assert words_of(word)[:1] == [word] or len(word) == LONGEST
        assert not set(word) & set(" '\"*:&|!()\\\0\n")
