"""/help: short, within Discord's limits, and with a next step wherever one is."""

from dataclasses import replace
from itertools import product

import pytest

from bot.domain.guild_settings import GuildSettings
from bot.domain.limits import Limits
from bot.errors import BadOption, CreatingOff, MayNotSpend, NoTrackYet, TooLate, TooNew
from bot.ui import first_steps, help_card
from bot.ui.cards import Card
from bot.ui.help_card import Situation
from tests.contract.builders import GUILD, USER
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of
from tests.unit.vocabulary import FORBIDDEN

BY_OPERATOR, BY_SERVER = CreatingOff(by_operator=True), CreatingOff(by_operator=False)
PLAIN = Situation(limits=Limits(in_flight=3, person=20))
STRICT = GuildSettings(guild_id=GUILD, channels=(USER, USER + 1), spender_role=USER + 2)
EVERY = [
    Situation(track=track, is_starter=is_starter, creating_off=off, guild=guild, limits=limits)
    for track, is_starter, off, guild, limits in product(
        ("", "A · Night Train"), (True, False), (None, BY_OPERATOR, BY_SERVER), (None, STRICT), (Limits(), Limits(in_flight=1, person=2))
    )
]


def said(situation: Situation) -> str:
    return "\n".join(texts_of(help_card.card(situation)))


def labels(card: Card) -> list[str]:
    return [button.label for row in card.rows for button in row]


@pytest.mark.parametrize("situation", EVERY)
def test_it_is_short_and_in_peoples_words(situation: Situation) -> None:
    check_limits(help_card.card(situation))
    assert len(said(situation)) < 1500
    assert not FORBIDDEN.search(said(situation))


@pytest.mark.parametrize("text", TEXTS)
def test_whatever_the_track_is_called_it_is_harmless(text: str) -> None:
    card = help_card.card(replace(PLAIN, track=f"A · {text}"))
    check_limits(card)
    (steps,) = [field.value or "" for field in card.embeds[0].fields if field.name == "Your next step"]
    check_harmless(steps.splitlines()[0].partition("**: ")[2].replace("The form is filled in", ""))


def test_what_can_be_begun_has_a_button() -> None:
    assert labels(help_card.card(replace(PLAIN, track="A · x", is_starter=True))) == [
        "Extend a starter track",
        "Make a first track",
        "Take in a task",
    ]
    assert labels(help_card.card(replace(PLAIN, track="A · x", creating_off=BY_SERVER))) == ["Extend a track", "Take in a task"]
    assert labels(help_card.card(replace(PLAIN, creating_off=BY_OPERATOR))) == ["Take in a task"]


def test_where_nothing_can_be_begun_it_says_whom_to_ask() -> None:
    assert "This bot's operator can" in said(replace(PLAIN, creating_off=BY_OPERATOR))
    nothing = said(replace(PLAIN, creating_off=BY_SERVER))
    assert nothing.index("There is no track here yet") < nothing.index("**Take in a task**"), "first what a newcomer can do"
    assert "switch `/create` on, under `/settings`: ask one" in said(replace(PLAIN, creating_off=BY_SERVER))
    assert "There is no track here yet" not in said(replace(PLAIN, track="A · x", creating_off=BY_SERVER))


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(), "credits at the music service."),
        (Limits(in_flight=3), "One person may have 3 under way at a time."),
        (Limits(person=20, person_here=5), "One person may have 5 a day."),
        (Limits(in_flight=1, person=20), "One person may have 1 under way at a time and 20 a day."),
    ],
)
def test_what_it_costs(limits: Limits, text: str) -> None:
    assert text in said(Situation(limits=limits))


def test_who_may_and_where() -> None:
    assert "Who and where" not in said(replace(PLAIN, guild=GuildSettings(guild_id=GUILD)))
    assert "/session start" in said(replace(PLAIN, guild=GuildSettings(guild_id=GUILD)))
    assert "/session start" not in said(PLAIN)
    strict = said(replace(PLAIN, guild=STRICT))
    assert f"<#{USER}>, <#{USER + 1}>" in strict
    assert f"<@&{USER + 2}>" in strict


def test_what_was_deleted_is_not_named() -> None:
    assert "Who and where" not in said(replace(PLAIN, guild=STRICT, gone=STRICT.named))
    left = said(replace(PLAIN, guild=STRICT, gone=frozenset({USER, USER + 2})))
    assert f"I may be used in <#{USER + 1}>." in left
    assert "<@&" not in left


@pytest.mark.parametrize(
    ("barred", "why"),
    [
        (MayNotSpend(USER + 2), f"you need the role <@&{USER + 2}> to ask for tracks. Someone with Manage Server can change that"),
        (MayNotSpend(None), "needs a role here that has been deleted"),
        (TooNew(1_790_000_000.0), "you can ask for tracks <t:1790000000:R>. How long one must have been here"),
    ],
)
def test_who_may_not_ask_is_told_so_before_anything_is_pressed(barred: MayNotSpend | TooNew, why: str) -> None:
    situation = replace(PLAIN, track="A · x", is_starter=True, guild=STRICT, barred=barred)
    check_limits(help_card.card(situation))
    (steps,) = [field.value or "" for field in help_card.card(situation).embeds[0].fields if field.name == "Your next step"]
    assert why in steps.splitlines()[0]
    assert "spent" not in steps
    assert labels(help_card.card(situation)) == ["Take in a task"]
    assert said(situation).count("<@&") == steps.count("<@&"), "the role is named once"


def test_every_button_is_answered_by_exactly_one_kind() -> None:
    shown = {button.custom_id for situation in EVERY for row in help_card.card(situation).rows for button in row}
    shown.add(help_card.SHOW_ME_HOW.custom_id)
    answering = [[kind for kind in first_steps.ALL if kind.__discord_ui_compiled_template__.fullmatch(each)] for each in shown]
    assert {kinds[0] for kinds in answering if len(kinds) == 1} == set(first_steps.ALL)
    assert len(answering) == len(first_steps.ALL)


@pytest.mark.parametrize(
    ("error", "offers"),
    [
        (NoTrackYet(), True),
        (BY_OPERATOR, True),
        (BadOption("continue_clip_id", "no", "x"), True),
        (BadOption("task_id", "no", "x"), True),
        (BadOption("tags", "no", "x"), False),
        (TooLate(), False),
    ],
)
def test_help_is_offered_where_somebody_is_lost(error: NoTrackYet, offers: bool) -> None:
    assert help_card.next_step(error) == (((help_card.SHOW_ME_HOW,),) if offers else ())
