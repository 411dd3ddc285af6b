"""What the operator is shown: within Discord's limits, foreign text made harmless, and nobody pinged."""

from dataclasses import replace

import pytest

from bot.domain.jobs import JobState
from bot.domain.overview import Lag, Mishap, Overview
from bot.domain.standing import LaneCondition
from bot.ui import operator_card
from bot.ui.cards import Card
from tests.fakes import EPOCH

SEEN = Overview(
    version="1.2.3",
    started_at=EPOCH,
    servers=12,
    jobs={JobState.QUEUED: 4, JobState.GENERATING: 2, JobState.READY: 0},
    line=4,
    lane=LaneCondition.WORKING,
    lane_since=None,
    spent_today=17,
    daily_limit=300,
    resets_at=EPOCH + 3600,
    lag=Lag(seconds=3.25, tracks=8),
    database_bytes=4_300_000,
    media_bytes=0,
    media_limit=5_000_000_000,
)


def text_of(card: Card) -> str:
    parts = [card.content]
    for embed in card.embeds:
        parts += [embed.title or "", embed.description or "", *(f"{field.name}: {field.value}" for field in embed.fields)]
    assert all(len(embed) <= 6000 and len(embed.description or "") <= 4096 for embed in card.embeds)
    assert len(card.content) <= 2000
    assert card.mentions == ()
    return "\n".join(parts)


def labels(card: Card) -> list[str]:
    return [button.label for row in card.rows for button in row]


def test_the_overview_tells_all_that_there_is_to_know() -> None:
    shown = operator_card.overview(SEEN)
    text = text_of(shown)
    for expected in (
        "Sending: Works",
        "In line: 4",
        f"Submits today: 17 of 300, counted anew <t:{int(EPOCH) + 3600}:R>",
        "Requests under way: In line: 4\nBeing made: 2",
        "Announced late by: at most 3.2 s, on average over 8 tracks since the start",
        "Servers: 12",
        "Database: 4 MiB",
        "Media: 0 B of 4.7 GiB",
        f"Running: version 1.2.3, started <t:{int(EPOCH)}:R>",
    ):
        assert expected in text
    assert "Finished" not in text
    assert labels(shown) == ["Refresh", "Pause"]


def test_what_is_not_there_is_said_in_words() -> None:
    text = text_of(operator_card.overview(replace(SEEN, jobs={}, daily_limit=0, lag=None)))
    assert "17 (no limit is set)" in text
    assert "Requests under way: none" in text
    assert "nothing was announced since the start" in text


def test_one_track_is_no_average() -> None:
    assert "at most 0.5 s, for the one track since the start" in text_of(
        operator_card.overview(replace(SEEN, lag=Lag(seconds=0.5, tracks=1)))
    )


@pytest.mark.parametrize("condition", LaneCondition)
def test_each_condition_has_words_and_a_held_lane_can_go_on(condition: LaneCondition) -> None:
    shown = operator_card.overview(replace(SEEN, lane=condition, lane_since=EPOCH))
    assert f"; it began <t:{int(EPOCH)}:R>" in text_of(shown)
    assert labels(shown)[1] == ("Resume" if condition is LaneCondition.HELD else "Pause")


def test_a_reason_is_shown_as_people_see_it_and_harmless() -> None:
    assert "[a](http" not in text_of(operator_card.paused("[a](http://evil.example) @everyone"))
    assert "“" not in text_of(operator_card.paused(""))
    assert labels(operator_card.paused("")) == ["Resume"]


def test_many_and_long_errors_fit_one_message() -> None:
    many = [
        Mishap(reference=f"{number:08x}", at=EPOCH, where="`" + "*" * 100, cause="*@everyone " + "_" * 189)
        for number in range(operator_card.MISHAPS_SHOWN + 5)
    ]
    text = text_of(operator_card.mishaps(many, since=EPOCH))
    assert "@everyone" not in text
    assert f"{operator_card.MISHAPS_SHOWN - 1:08x}" in text
    assert f"{operator_card.MISHAPS_SHOWN:08x}" not in text


def test_no_error_and_a_forgotten_one_are_said_in_words() -> None:
    assert "No error was met" in text_of(operator_card.mishaps([], since=EPOCH))
    assert "Search the log" in text_of(operator_card.mishap(None, typed="0badf00d", since=EPOCH))


def test_who_is_blocked_is_listed_as_far_as_there_is_room() -> None:
    assert "Nobody" in text_of(operator_card.blocked([]))
    text = text_of(operator_card.blocked(range(10**18, 10**18 + operator_card.BLOCKED_SHOWN + 7)))
    assert f"Blocked everywhere: {operator_card.BLOCKED_SHOWN + 7}" in text
    assert "and 7 more" in text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (5 * 1024**2, "5 MiB"), (3 * 1024**3, "3.0 GiB")]
)
def test_sizes_are_written_as_people_read_them(number: int, text: str) -> None:
    assert operator_card.size(number) == text
