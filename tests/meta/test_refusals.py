"""docs/refusals.md shows every refusal that people can meet, in the words of this version."""

import pytest

from bot.domain.limits import Limit
from bot.errors import CannotTakePart, LimitReached, SessionRefused, UserError
from bot.ui import limit_words
from tests import refusals


def name_of(kind: type[UserError]) -> str:
    return kind.__name__


def test_the_page_is_what_the_script_writes() -> None:
    assert refusals.PAGE.read_text("utf-8") == refusals.page(), "run `make refusals`"


@pytest.mark.parametrize("kind", sorted(refusals.every(), key=name_of))
def test_every_refusal_is_on_it(kind: type[UserError]) -> None:
    assert any(type(example.error) is kind for group in refusals.groups() for example in group.examples)


def test_every_limit_of_a_day_and_of_the_line_is_on_it() -> None:
    shown = {example.error.limit for group in refusals.groups() for example in group.examples if isinstance(example.error, LimitReached)}
    assert shown == {*Limit} - {Limit.IN_FLIGHT}
    assert all(limit_words.limit_reached(LimitReached(limit, 3, 0.0)) for limit in shown)


def test_every_reason_of_a_session_is_on_it() -> None:
    shown = {example.error.why for group in refusals.groups() for example in group.examples if isinstance(example.error, CannotTakePart)}
    assert shown == {*SessionRefused}


def test_nothing_that_only_discord_can_read_is_left() -> None:
    assert "<@" not in refusals.page()
    assert "<#" not in refusals.page()
    assert "<t:" not in refusals.page()
