"""The card about a server's own key, and the words for whoever has to mend one."""

from dataclasses import replace

import pytest

from bot.domain.guild_keys import KeyTrouble, OwnKey
from bot.domain.standing import LaneCondition
from bot.errors import KeyNotTaken
from bot.ui import key_card, key_controls, key_words, words
from bot.ui.cards import Card
from tests.contract.builders import USER
from tests.unit.vocabulary import FORBIDDEN

KEY = OwnKey(added_by=USER, added_at=1_790_000_000.0, readable=True, lane=LaneCondition.WORKING, waiting=0)


def labels(card: Card) -> list[str]:
    return [button.label for row in card.rows for button in row]


def text(card: Card) -> str:
    return card.embeds[0].description or ""


def test_without_a_key_there_is_one_to_enter() -> None:
    card = key_card.card(None, enabled=True)
    assert labels(card) == ["Enter a key"]
    assert "operator's key" in text(card)


def test_where_the_operator_has_not_enabled_it_there_is_nothing_to_press() -> None:
    card = key_card.card(None, enabled=False)
    assert labels(card) == []
    assert "has not enabled" in text(card)


@pytest.mark.parametrize("condition", LaneCondition)
def test_how_a_key_does_is_said(condition: LaneCondition) -> None:
    card = key_card.card(replace(KEY, lane=condition, waiting=2), enabled=True, said="**Done.**")
    assert labels(card) == ["Replace", "Remove"]
    assert text(card).startswith("**Done.**\n\nEntered by <@")
    assert text(card).endswith("In line on it: 2.")
    assert card.embeds[0].colour is not None


def test_one_that_cannot_be_decrypted_can_still_be_removed() -> None:
    card = key_card.card(OwnKey(added_by=USER, added_at=0.0, readable=False, lane=LaneCondition.KEY_REFUSED, waiting=1), enabled=False)
    assert labels(card) == ["Remove"]
    assert "ENCRYPTION_KEY" in text(card)


def test_whoever_removes_it_is_told_what_that_does() -> None:
    card = key_card.confirmation(KEY)
    assert labels(card) == ["Remove the key", "Keep it"]
    assert all(said in text(card) for said in ("cancelled", "nothing was spent", "watched to their end", "operator's key"))


@pytest.mark.parametrize(("cancelled", "said"), [(0, "Nothing was in line."), (1, "One request"), (7, "7 requests")])
def test_what_became_of_the_line_is_said(cancelled: int, said: str) -> None:
    assert said in text(key_card.removed(cancelled, enabled=True))


def test_every_control_that_is_shown_is_answered() -> None:
    shown = [key_card.card(None, enabled=True), key_card.card(KEY, enabled=True), key_card.confirmation(KEY)]
    custom_ids = {key_card.OPEN.custom_id} | {button.custom_id for card in shown for row in card.rows for button in row}
    templates = [control.__discord_ui_compiled_template__ for control in key_controls.ALL]
    assert all(any(template.fullmatch(custom_id) for template in templates) for custom_id in custom_ids)
    assert len(custom_ids) == len(templates)


@pytest.mark.parametrize("trouble", KeyTrouble)
def test_why_a_key_is_not_taken_is_said_with_the_provider_s_words_made_harmless(trouble: KeyTrouble) -> None:
    said = words.refusal(KeyNotTaken(trouble, "**no** @everyone")) or ""
    assert "\\*\\*no\\*\\*" in said
    assert "@everyone" not in said
    assert not FORBIDDEN.search(words.refusal(KeyNotTaken(trouble)) or "")


@pytest.mark.parametrize("own_key", [False, True])
@pytest.mark.parametrize("condition", [LaneCondition.KEY_REFUSED, LaneCondition.NO_CREDITS])
def test_whoever_has_to_act_is_told_what_to_do(*, own_key: bool, condition: LaneCondition) -> None:
    said = key_words.alert(own_key=own_key, condition=condition, said="no such key")
    assert "no such key" in said
    assert ("MUSIC_API_KEY" in said) is not own_key
    assert "Works again" in key_words.alert(own_key=own_key, condition=LaneCondition.WORKING, said="")
