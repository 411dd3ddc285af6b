"""What /usage shows: numbers, a picture that says the same in words, and nothing that a stranger's title could spoil."""

import io

from PIL import Image

from bot.domain.jobs import Failure, JobState
from bot.domain.limits import DAY, Limit
from bot.domain.usage import Allowance, OfOperator, OfPerson, OfServer, Outcome, Report, Scope, Spender, Usage
from bot.ui.usage_card import CHART, usage_card
from bot.ui.usage_chart import HEIGHT, WIDTH, chart, in_words
from tests.contract.builders import GUILD, USER, make_job

TODAY = 1_774_742_400.0
DAYS = {TODAY - DAY * ago: number for ago, number in zip(reversed(range(14)), [0, 3, 0, 12, 7, 1, 0, 0, 20, 18, 4, 2, 0, 5], strict=True)}
LIMITS_OF_DISCORD = 6000


def report(scope: Scope, *allowances: Allowance, **given: object) -> Report:
    outcomes = dict.fromkeys(Outcome, 0) | {Outcome.DELIVERED: 70, Outcome.IN_LINE: 2, Outcome.CANCELLED: 1}
    last = [
        make_job(2, state=JobState.GENERATING, task_id="task-`2`", title="@everyone"),
        make_job(1, state=JobState.FAILED, failure=Failure.CONTENT),
    ]
    usage = Usage(days=DAYS, outcomes=outcomes, last=last, **given)  # type: ignore[arg-type] - people and servers
    return Report(scope=scope, usage=usage, allowances=allowances, resets_at=TODAY + DAY)


def said(given: Report) -> str:
    (embed,) = usage_card(given, {GUILD: "The *Club*"}).embeds
    assert len(embed) < LIMITS_OF_DISCORD
    return "\n".join([embed.title or "", embed.description or "", *(f"{field.name}: {field.value}" for field in embed.fields)])


def test_mine_says_what_is_left_what_became_of_it_and_the_tasks() -> None:
    text = said(report(OfPerson(USER), Allowance(Limit.PERSON, 5, 20), Allowance(Limit.PERSON_HERE, 7, 5)))
    assert "**You, today:** 5 of 20 · **15 left**" in text
    assert "**You on this server, today:** 7 of 5 · **0 left**" in text
    assert f"<t:{TODAY + DAY:.0f}:R>" in text
    assert "Last 14 days · 72 tracks: 70 delivered\n2 in line" in text
    assert "Not counted, nothing spent: 1 cancelled in time" in text
    assert "being made · `task-2`" in text
    assert "refused by the music service" in text
    assert "<@" not in text


def test_moderators_and_the_operator_see_who_has_spent_most() -> None:
    text = said(report(OfServer(GUILD), Allowance(Limit.SERVER, 5, None), people=[Spender(USER, 9)]))
    assert "**This server, today:** 5, without a limit" in text
    assert f"<@{USER}> · 9" in text
    text = said(report(OfOperator(), people=[Spender(USER, 9)], servers=[Spender(GUILD, 8), Spender(GUILD + 1, 1)]))
    assert f"The \\*Club\\* · 8\n`{GUILD + 1}` · 1" in text


def test_the_picture_is_a_png_that_says_in_words_what_it_shows() -> None:
    (picture,) = usage_card(report(OfPerson(USER)), {}).pictures
    with Image.open(io.BytesIO(picture.png)) as image:
        assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert picture.filename == CHART
    assert picture.description.startswith("Tracks asked for on each of the last 14 days (UTC), 72 in all. 16 March: 0, 17 March: 3,")
    assert picture.description.endswith("29 March: 5.")
    assert len(picture.description) <= 1024


def test_nothing_and_very_much_can_be_drawn() -> None:
    for number in (0, 1, 123_456):
        days = dict.fromkeys(DAYS, number)
        assert chart(days).startswith(b"\x89PNG")
        assert len(in_words(days)) <= 1024
