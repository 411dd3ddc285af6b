"""What /family shows: a picture that says the same in words, whatever people write, and nothing of what the viewer may not see."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.domain.actors import NOBODY
from bot.domain.family import MOST_KIN, Kin, tree_of
from bot.domain.viewing import Seen
from bot.ui import family_card
from bot.ui.cards import Card
from bot.ui.drawing import WIDTH
from bot.ui.family_picture import DETAIL
from tests.contract.builders import USER, make_clip

PHONE = (390, 844)
HOSTILE = {
    "emoji": "👩🏽‍🎤🎹🇩🇪🚀" * 20,
    "arabic": "قطار الليل 12 (remix)",
    "hebrew": "רכבת לילה",
    "cjk": "夜行列車の歌",
    "markdown": "**x** [a](https://evil.example) `code` # h ||s|| ~~s~~ > q",
    "everyone": "@everyone <@&1> <@2>",
    "direction": "\u202ednE eht morF\u2066",
    "nothing": "  ",
    "odd": "\u0000\ufffe\U000e0041\ud800",
    "marks": "Z̸̧̛͚͎a̶l̵g̶o̷" * 20,
    "long": "word " * 400,
}


def kin(clip_id: str, parent_id: str | None = None, **given: object) -> Kin:
    counts = {name: given.pop(name) for name in ("favourites", "votes") if name in given}
    return Kin(clip=make_clip(clip_id, **{"parent_id": parent_id, "continued_at": None if parent_id is None else 100.0, **given}), **counts)  # type: ignore[arg-type] - the two counts


def shown(family: list[Kin], chosen: str, names: dict[int, str] | None = None, **seen: Seen) -> Card:
    tree = tree_of(family, {each.clip.clip_id: Seen.SHOWN for each in family} | seen, chosen)
    drawn, _ = family_card.drawn(tree)
    return family_card.card(tree, drawn, names or {})


def text_of(card: Card) -> str:
    (embed,) = card.embeds
    assert len(embed) < 6000
    assert len(embed.title or "") <= 256
    assert len(embed.description or "") <= 4096
    return f"{embed.title}\n{embed.description}"


def size_of(card: Card) -> tuple[int, int]:
    (picture,) = card.pictures
    with Image.open(io.BytesIO(picture.png)) as image:
        image.load()
        assert image.format == "PNG"
        return image.size


FAMILY = [
    kin("root-a", title="Night Train"),
    kin("child-a", "root-a", user_id=USER + 1, favourites=2, votes=3),
    kin("child-b", "root-a", variant="B", user_id=NOBODY, title="Dawn"),
    kin("grand-a", "child-a", continued_at=62.5, title="Noon"),
]


def test_it_says_who_from_where_how_long_and_what_people_think_and_marks_the_path() -> None:
    card = shown(FAMILY, "grand-a")
    assert text_of(card).splitlines() == [
        "Family of A · Noon",
        f"**A · Night Train** · <@{USER}> · 3:12",
        f"└ **A · Night Train** · <@{USER + 1}> · from 1:40 · 3:12 · ★ 2 · ▲ 3",
        f"\u2002└ ▶ **A · Noon** · <@{USER}> · from 1:02.5 · 3:12",
        "└ B · Dawn · someone · from 1:40 · 3:12",
    ]
    assert card.mentions == ()


def test_the_picture_says_in_words_what_it_shows() -> None:
    (picture,) = shown(FAMILY, "grand-a", {USER: "Mira", USER + 1: "Sam"}).pictures
    assert picture.description == (
        "A family tree of 4 tracks. The path to the chosen one: A · Night Train by Mira, then A · Night Train by Sam, from 1:40, "
        "then A · Noon by Mira, from 1:02.5. Beside it: B · Dawn by someone, from 1:40."
    )


def test_of_a_family_of_thirty_the_letters_can_be_read_on_a_phone_that_shows_the_whole_picture() -> None:
    family = [kin("root-a"), *(kin(f"child-{n:02}", "root-a", continued_at=float(n)) for n in range(29))]
    width, height = size_of(shown(family, "child-09"))
    assert width == WIDTH
    scale = min(PHONE[0] / width, PHONE[1] / height)
    assert DETAIL * scale >= 11


def test_it_leads_to_the_others_and_to_what_can_be_done() -> None:
    card = shown(FAMILY, "child-a")
    (select,) = card.selects
    assert [(option.value, option.label, option.description) for option in select.options] == [
        ("root-a", "A · Night Train", "3:12"),
        ("child-a", "A · Night Train", "from 1:40 · 3:12 · ★ 2 · ▲ 3"),
        ("grand-a", "A · Noon", "from 1:02.5 · 3:12"),
        ("child-b", "B · Dawn", "from 1:40 · 3:12"),
    ]
    assert select.chosen == ("child-a",)
    (row,) = card.rows
    assert [button.custom_id for button in row] == [f"{name}:1:child-a" for name in ("go-on", "whole", "join", "entry", "share")]


def test_a_root_has_no_join_and_a_track_alone_leads_nowhere() -> None:
    card = shown([kin("alone-a")], "alone-a")
    assert card.selects == ()
    assert "join:1:alone-a" not in {button.custom_id for button in card.rows[0]}


def test_a_root_whose_parent_is_gone_says_so() -> None:
    card = shown([kin("child-a", "gone")], "child-a")
    assert "from 1:40 of an unknown track" in text_of(card)
    assert "join:1:child-a" not in {button.custom_id for button in card.rows[0]}


@pytest.mark.parametrize(("verdict", "words"), [(Seen.PRIVATE, "a private track"), (Seen.REMOVED, "a removed track")])
def test_what_the_viewer_may_not_see_has_no_name_anywhere(verdict: Seen, words: str) -> None:
    secret = kin("secret-a", "root-a", title="Hush", user_id=USER + 5, tags="whisper", continued_at=77.0, favourites=9)
    family = [FAMILY[0], secret, kin("child-a", "secret-a", title="Heard")]
    card = shown(family, "child-a", {USER + 5: "Whisperer"}, **{"secret-a": verdict})
    (picture,), (select,) = card.pictures, card.selects
    told = text_of(card) + picture.description + repr(select)
    assert words in text_of(card)
    assert words in picture.description
    for word in ("Hush", "Whisperer", str(USER + 5), "1:17", "secret-a", "★"):
        assert word not in told


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_people_write_is_drawn_and_harmless(title: str) -> None:
    family = [kin("root-a", title=title), kin("child-a", "root-a", title=title)]
    card = shown(family, "child-a", {USER: title})
    size_of(card)
    text = text_of(card)
    assert "@everyone" not in text
    assert "](https://evil" not in text
    assert "\u202e" not in text
    assert len(card.pictures[0].description) <= 1024
    assert all(0 < len(option.label) <= 100 for option in card.selects[0].options)


def test_a_family_of_hundreds_fits() -> None:
    family = [
        kin("root-a", title="🚀" * 80),
        *(kin(f"child-{n:03}", "root-a", title="🚀" * 80, continued_at=float(n)) for n in range(MOST_KIN)),
    ]
    card = shown(family, "child-077")
    assert len(card.selects[0].options) == 25
    assert "child-077" in card.selects[0].chosen
    assert "child-077" in {option.value for option in card.selects[0].options}
    assert "more" in text_of(card)
    assert card.embeds[0].footer.text
    size_of(card)


def test_a_list_too_long_for_a_message_says_how_much_is_left_out() -> None:
    family = [kin("root-a", title="*" * 80), *(kin(f"child-{n:02}", "root-a", title="*" * 80, votes=9) for n in range(29))]
    lines = (shown(family, "child-05").embeds[0].description or "").splitlines()
    assert lines[-1] == f"… and {30 - len(lines) + 1} more"


def test_what_is_too_deep_to_be_set_in_further_says_how_deep_it_is() -> None:
    family = [kin("track-00"), *(kin(f"track-{n:02}", f"track-{n - 1:02}") for n in range(1, 15))]
    family.append(kin("aside", "track-12", variant="B", continued_at=5.0))
    lines = (shown(family, "track-14").embeds[0].description or "").splitlines()
    assert [line.partition("A ·")[0].partition("B ·")[0] for line in lines[10:]] == [
        "\u2002" * 9 + "└ **",
        "\u2002" * 10 + "└ **",
        "\u2002" * 10 + "↳ 12 steps down · **",
        "\u2002" * 10 + "↳ 13 steps down · ",
        "\u2002" * 10 + "↳ 13 steps down · **",
        "\u2002" * 10 + "↳ 14 steps down · ▶ **",
    ]


def test_the_path_stands_out_without_colour() -> None:
    """In grey, the picture differs from one in which another track is chosen."""
    family = [FAMILY[0], FAMILY[1], replace(FAMILY[2], favourites=0)]

    def grey(chosen: str) -> bytes:
        with Image.open(io.BytesIO(shown(family, chosen).pictures[0].png)) as image:
            return image.convert("L").point([0] * 64 + [255] * 192).tobytes()

    assert grey("child-a") != grey("child-b")
