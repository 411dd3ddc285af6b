from dataclasses import replace
from typing import Any

import pytest

from bot.domain.library import PAGE, Entry, LibraryPage, OpenEntry, Posted, Sort, View, Whose
from bot.domain.viewing import Viewer
from bot.ui import ids, library_card
from bot.ui.cards import Card
from tests.contract.builders import GUILD, USER, make_clip
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of
from tests.unit.vocabulary import FORBIDDEN

CLIP = "186001a9-a9e2-487a-bdcc-417914676f24"
NOW = 1_000.0


def entry(**given: object) -> Entry:
    clip = make_clip(CLIP, created_at=NOW - 10, **given)
    return Entry(clip=clip, since=NOW - 5, votes=0, favourite=False)


def page(*entries: Entry, view: View | None = None, draft: str = "", in_server: bool = True, **given: Any) -> Card:  # noqa: ANN401 - of a page
    shown = replace(LibraryPage(number=0, entries=entries, more=False), **given)
    return library_card.page(view or View(), shown, draft=draft, in_server=in_server, now=NOW)


def opened(**given: object) -> OpenEntry:
    usual = OpenEntry(entry=entry(), viewer=Viewer(USER, GUILD), posted=None, removable=None)
    return replace(usual, **given)


def labels(card: Card) -> list[list[str]]:
    return [[button.label for button in row] for row in card.rows]


def check_view(card: Card) -> None:
    """Hold a card with selects against the limits, which `check_limits` holds for one without."""
    check_limits(replace(card, selects=()))
    for select in card.selects:
        assert len(select.custom_id) <= 100
        assert 1 <= len(select.options) <= 25
        assert all(1 <= len(option.label) <= 100 and len(option.description) <= 100 for option in select.options)


@pytest.mark.parametrize("text", TEXTS)
def test_whatever_the_text_a_card_is_within_the_limits_and_harmless(text: str) -> None:
    hostile = entry(title=text * 3, tags=text * 9, image_url=f"https://evil.example/{text}" * 40)
    cards = [
        page(*[hostile] * PAGE, more=True, number=3, draft="abcdef", view=View(search=text[:100])),
        page(view=View(search=text[:100])),
        library_card.entry(opened(entry=hostile, removable="abcdefghij", posted=Posted(guild_id=1, channel_id=2, message_id=3))),
        library_card.play(hostile.clip, upload_limit=9_000_000_000),
    ]
    for card in cards:
        check_view(card)
        for shown in texts_of(card):
            check_harmless(shown.replace("https://discord.com", ""))
            assert not FORBIDDEN.search(shown)


def test_a_page_says_what_it_is_and_each_entry_who_when_and_how_liked() -> None:
    liked = Entry(clip=entry().clip, since=700.0, votes=3, favourite=True)
    card = page(liked, view=View(whose=Whose.HERE, search="night", sort=Sort.VOTES), number=1)
    assert card.content == "**Everyone's tracks here** · most votes first · searched for “night” · page 2"
    assert card.embeds[0].title == "6 · A · Night Train"
    assert card.embeds[0].description == f"Length **3:12** · wave, synthwave\nby <@{USER}> · <t:700:R> · 3 votes · ★"
    assert [option.value for option in card.selects[0].options] == [CLIP]
    assert card.rows == ()


@pytest.mark.parametrize("whose", list(Whose))
def test_a_list_that_leaves_out_what_is_older_says_so(whose: Whose) -> None:
    for view in (View(whose=whose, sort=Sort.LONGEST), View(whose=whose, search="night")):
        heading, said = (page(entry(), view=view, older=True).content or "").splitlines()
        assert heading == page(entry(), view=view).content
        assert "newest 2,000 " in said
        assert ("add a word" in said) is bool(view.search)
    nothing = page(view=View(whose=whose, search="night"), older=True).embeds[0].description or ""
    assert "newest 2,000 " in nothing
    assert "newest 2,000 " not in (page(view=View(whose=whose, search="night")).embeds[0].description or "")


def test_pages_are_turned_by_what_is_kept() -> None:
    assert labels(page(entry(), more=True, draft="abcdef")) == [["Next page ▶"]]
    card = page(entry(), more=True, number=2, draft="abcdef")
    assert [button.custom_id for button in card.rows[0]] == [ids.make("library", "abcdef", 1), ids.make("library", "abcdef", 3)]
    assert labels(page(entry(), number=2, draft="abcdef")) == [["◀ Previous page"]]
    shorter = page(number=2, draft="abcdef")
    assert (labels(shorter), shorter.selects) == ([["◀ Previous page"]], ())


def test_the_covers_that_the_archive_has_are_attached() -> None:
    card = page(entry(), entry(image_name=None, image_url=None), entry(), number=1)
    assert [embed.thumbnail.url for embed in card.embeds] == ["attachment://cover-6.jpg", None, "attachment://cover-8.jpg"]
    assert [(each.stored, each.filename) for each in card.attachments] == [(f"{CLIP}.png", "cover-6.jpg"), (f"{CLIP}.png", "cover-8.jpg")]
    assert card.attachments[0].description == "Cover of A, Night Train"
    (cover,) = library_card.entry(opened()).attachments
    assert library_card.entry(opened()).embeds[0].thumbnail.url == f"attachment://{cover.filename}"
    assert library_card.entry(opened(entry=entry(image_name=None))).attachments == ()


def test_a_cover_that_the_archive_has_not_is_the_providers_while_that_is_likely_to_be_there() -> None:
    def thumbnail(url: str | None, age: float = 10.0) -> str | None:
        clip = make_clip(CLIP, image_url=url, image_name=None, created_at=NOW - age)
        return page(Entry(clip=clip, since=0.0, votes=0, favourite=False)).embeds[0].thumbnail.url

    assert thumbnail("https://cdn.example/a.png") == "https://cdn.example/a.png"
    for unfit in (None, "", "http://cdn.example/a.png", "https://cdn.example/a b", "https://" + "x" * 2048):
        assert thumbnail(unfit) is None
    assert thumbnail("https://cdn.example/a.png", age=15 * 86400.0) is None


@pytest.mark.parametrize("whose", list(Whose))
def test_an_empty_library_says_what_to_do_next(whose: Whose) -> None:
    card = page(view=View(whose=whose))
    said = card.embeds[0].description or ""
    assert ("**Show me how**" in said) is (labels(card) == [["Show me how"]])
    assert "/extend" in said or "Favourite" in said
    assert "Nothing found for “x”" in (page(view=View(whose=whose, search="x")).embeds[0].title or "")


def test_everyones_tracks_are_a_servers() -> None:
    assert "use `/library` there" in (page(view=View(whose=Whose.HERE), in_server=False).embeds[0].description or "")


def test_an_entry_offers_what_its_person_may_do() -> None:
    common = ["Play", "Continue", "Share", "☆ Favourite", "Family"]
    assert labels(library_card.entry(opened())) == [common, ["Whole track", "Hear the join", "Rename"]]
    first = opened(entry=entry(parent_id=None), viewer=Viewer(USER + 1, GUILD))
    assert labels(library_card.entry(first)) == [common, ["Whole track"]]
    moderator = library_card.entry(opened(viewer=Viewer(USER + 1, GUILD), removable="abcdefghij"))
    assert labels(moderator)[1] == ["Whole track", "Hear the join", "Delete"]
    liked = library_card.entry(opened(entry=replace(entry(), favourite=True)))
    assert labels(liked)[0][3] == "★ Unfavourite"


def test_an_entry_points_to_its_post() -> None:
    shown = library_card.entry(opened(posted=Posted(guild_id=None, channel_id=2, message_id=3)))
    assert "[Jump to post](https://discord.com/channels/@me/2/3)" in (shown.embeds[0].description or "")
    assert "Jump" not in (library_card.entry(opened()).embeds[0].description or "")


def test_a_track_is_played_from_an_attachment_or_else_by_a_link() -> None:
    clip = make_clip(CLIP, audio_size=5_000_000)
    attached = library_card.play(clip, upload_limit=6_000_000)
    assert [each.filename for each in attached.attachments] == ["Night Train - A.mp3"]
    linked = library_card.play(clip, upload_limit=4_000_000)
    assert linked.attachments == ()
    assert f"[Listen](https://cdn.example/{CLIP}.mp3) · too large to attach here (4.8 MB)" in (linked.embeds[0].description or "")
