import re

import pytest

from bot.domain.requests import Source, parse_start
from bot.domain.waveforms import Waveform
from bot.ui import ids
from bot.ui.cards import Card
from bot.ui.continue_card import Continuing, card
from tests.contract.builders import make_clip
from tests.unit.hostile import TEXTS, check_harmless, texts_of
from tests.unit.test_library_card import check_view
from tests.unit.vocabulary import FORBIDDEN

CLIP = "186001a9-a9e2-487a-bdcc-417914676f24"


def shown(**given: object) -> Card:
    usual = {"clip": make_clip(CLIP, variant="B"), "start": 192.0, **given}
    return card(Continuing(**usual))  # pyright: ignore[reportArgumentType] - any field of it


def heard(*quiet: float) -> Waveform:
    return Waveform(seconds=192.5, peaks=(1.0,), quiet=quiet)


def test_it_names_the_track_and_the_start_point_and_goes_on_from_there() -> None:
    made = shown()
    assert made.embeds[0].title == "Continue B · Night Train"
    assert "Start point **3:12** (the end)" in (made.embeds[0].description or "")
    assert [button.label for button in made.rows[0]] == ["Same style from here", "Change…"]
    assert [button.custom_id for button in made.rows[0]] == [ids.make("same", CLIP, 192), ids.make("change", CLIP, 192)]
    assert "Start point **1:23.4**" in (shown(start=83.4).embeds[0].description or "")
    assert shown(start=83.4).rows[0][0].custom_id == ids.make("same", CLIP, "83.4")


def test_the_start_points_are_the_end_quiet_ones_and_round_ones_each_once() -> None:
    made = shown(heard=heard(30.26, 60.0, 0.0, 192.4), start=30.3, picture=b"png")
    options = made.selects[0].options
    assert [option.label for option in options[:4]] == ["The end · 3:12", "Quiet · 0:30.3", "Quiet · 1:00", "3:10"]
    assert len({option.value for option in options}) == len(options) <= 25
    assert made.selects[0].chosen == ("30.3",)


@pytest.mark.parametrize("seconds", [1.2, 2.0, 5.0, 61.0, 1200.0, 86_399.9])
def test_each_start_point_is_one_that_a_request_takes(seconds: float) -> None:
    clip = make_clip(CLIP, seconds=seconds)
    made = shown(clip=clip, start=1.0, heard=heard(*(seconds * part / 9 for part in range(9))))
    for option in made.selects[0].options:
        assert re.fullmatch(ids.AT.replace("?P<at>", ""), option.value)
        assert 0 < parse_start(option.value, Source.of(clip)) < seconds


def test_the_picture_has_words_for_who_cannot_see_it_and_is_missed_in_words() -> None:
    made = shown(heard=heard(30.26, 60.0), picture=b"png")
    assert made.pictures[0].description == "Waveform of B, 3:12 long, with a mark at 3:12. It is quiet at 0:30, 1:00."
    assert made.embeds[0].image.url == "attachment://waveform.png"
    assert "no picture" in (shown().embeds[0].description or "")
    assert shown().pictures == ()


def test_a_track_without_styles_has_none_to_keep() -> None:
    assert [button.label for button in shown(clip=make_clip(CLIP, tags="")).rows[0]] == ["Change…"]


def test_the_other_version_is_a_press_away() -> None:
    other = make_clip("0" * 8 + CLIP[8:], variant="B")
    last = shown(clip=make_clip(CLIP), other=other).rows[0][-1]
    assert (last.label, last.custom_id) == ("Continue B instead", ids.make("go-on", other.clip_id))


@pytest.mark.parametrize("text", TEXTS)
def test_whatever_the_text_it_is_within_the_limits_and_harmless(text: str) -> None:
    clip = make_clip("x" * 64, title=text * 3, tags=text * 9, seconds=86_399.9)
    made = shown(clip=clip, start=86_399.125, other=clip, picture=b"png", heard=heard(1.0))
    check_view(made)
    for said in texts_of(made):
        check_harmless(said)
        assert not FORBIDDEN.search(said)
