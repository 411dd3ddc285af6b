import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from discord import app_commands
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.discord_bot import COGS
from bot.domain.guild_keys import KeyTrouble
from bot.domain.jobs import Failure, JobKind, JobState
from bot.domain.limits import Limit
from bot.domain.requests import EXAMPLE_AT
from bot.domain.standing import LaneCondition, Progress, Standing
from bot.errors import BadOption, EncoreError, LanePaused, NotAdmitted, TooManyInFlight, UserError
from bot.ui import words
from tests.contract.builders import make_job
from tests.unit.hostile import TEXTS, check_harmless
from tests.unit.vocabulary import FORBIDDEN


def below(kind: type[EncoreError]) -> Iterator[type[EncoreError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


MADE: dict[type[EncoreError], EncoreError] = {
    type(error): error
    for error in (
        BadOption("continue_at", "It is empty.", EXAMPLE_AT),
        TooManyInFlight(3),
        LanePaused(LaneCondition.NO_CREDITS.value),
        errors.LimitReached(Limit.PERSON, 20, 1_790_000_000.0),
        errors.WrongChannel([1, 2]),
        errors.MayNotSpend(3),
        errors.MayNotHost(4),
        errors.TooNew(1_790_000_000.0),
        errors.CreatingOff(by_operator=True),
        errors.ForbiddenWord("tags"),
        errors.CannotAttach(state=JobState.FAILED),
        errors.CannotBlock(errors.BlockRefused.BOT),
        errors.KeyNotTaken(KeyTrouble.OFF),
        errors.CannotPublish(errors.PublishRefused.BOT),
        errors.CannotShare(1, bot_lacks=("Send Messages",)),
        errors.CannotTakePart(errors.SessionRefused.IDEAS_FULL, 20),
        errors.NotFromHere("task-1"),
        errors.TooLongToSend(2711.0, 10 * 1024 * 1024),
    )
}
"""An error of each kind that is told more than that it happened."""


def make(kind: type[EncoreError]) -> EncoreError:
    return MADE[kind] if kind in MADE else kind()


def by_name(kind: type[EncoreError]) -> str:
    return kind.__name__


KINDS = {UserError, NotAdmitted}
"""What is raised is always a kind of these."""
FOR_PEOPLE = {*below(UserError), errors.Busy, errors.StoreUnavailable, errors.CannotStore} - KINDS


@pytest.mark.parametrize("kind", sorted(FOR_PEOPLE, key=by_name))
def test_every_error_that_people_can_meet_has_words(kind: type[EncoreError]) -> None:
    text = words.refusal(make(kind))
    assert text
    assert len(text) < 500
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("kind", sorted({*below(EncoreError)} - FOR_PEOPLE - KINDS, key=by_name))
def test_every_other_error_is_ours_and_gets_a_reference(kind: type[EncoreError]) -> None:
    if kind is errors.SettingsError:
        assert words.refusal(errors.SettingsError(["x"])) is None
    else:
        assert words.refusal(make(kind)) is None


def test_the_reference_is_shown() -> None:
    assert "`c0ffee`" in words.unexpected("c0ffee")


@pytest.mark.parametrize("reason", [condition for condition in LaneCondition if condition.paused])
def test_a_pause_is_explained(reason: LaneCondition) -> None:
    said = words.refusal(LanePaused(reason.value)) or ""
    assert any(word in said for word in ("credits", "key", "paused"))


def test_a_refusal_names_the_field_what_is_wrong_and_an_example() -> None:
    text = words.refusal(BadOption("continue_at", "That *is* wrong.", "1:`40"))
    assert text == "**Start point** (`continue_at`): That \\*is\\* wrong.\nFor example: `1:40`"


def test_every_field_has_a_name() -> None:
    options = {"continue_clip_id", "continue_at", "tags", "title", "model", "task_id", "track", "person", "note"}
    assert set(words.OPTION_NAMES) == options | {"name", "theme"}


def all_texts(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for value in found.values():  # pyright: ignore[reportUnknownVariableType] - any table of words
            yield from all_texts(value)  # pyright: ignore[reportUnknownArgumentType] - as above


def test_no_table_of_words_uses_a_word_of_the_code() -> None:
    texts = [text for name, found in vars(words).items() if name.isupper() for text in all_texts(found)]
    assert len(texts) > 30
    assert [text for text in texts if FORBIDDEN.search(text)] == []


@pytest.mark.parametrize("word", ["lane", "the Lane", "head", "leaf", "leaves", "lineage", "clip id", "Clip IDs"])
def test_the_words_of_the_code_are_recognised(word: str) -> None:
    assert FORBIDDEN.search(f"a {word}.")


@pytest.mark.parametrize("word", ["heading", "plane", "ahead", "continue_clip_id"])
def test_other_words_are_not(word: str) -> None:
    assert not FORBIDDEN.search(word)


@pytest.mark.parametrize("cog", COGS)
def test_commands_describe_themselves_in_peoples_words(cog: str) -> None:
    module = importlib.import_module(cog)
    commands = [value for kind in vars(module).values() if isinstance(kind, type) for value in vars(kind).values()]
    found: list[Any] = [command for command in commands if isinstance(command, app_commands.Command)]
    assert found
    for command in found:
        texts = [command.description, *(parameter.description for parameter in command.parameters)]
        assert all(1 <= len(str(text)) <= 100 and str(text) != "…" for text in texts)
        assert not [text for text in texts if FORBIDDEN.search(str(text))]


@pytest.mark.parametrize("text", TEXTS)
def test_foreign_text_is_harmless(text: str) -> None:
    safe = words.safe_text(text)
    check_harmless(safe)
    assert "\n" not in safe
    assert safe.strip()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("אהבה", "\u2068אהבה\u2069"),
        ("A · أغنية", "\u2068A · أغنية\u2069"),
        ("\u202eאהבה\u2069", "\u2068אהבה\u2069"),
        ("夜汽車 5", "夜汽車 5"),
    ],
)
def test_what_runs_from_right_to_left_does_not_turn_the_line_that_it_stands_in(text: str, safe: str) -> None:
    assert words.safe_text(text) == safe


@given(st.text(alphabet=st.sampled_from("\\`*_~|[]()<>#-@:/ \nax1\u202e"), max_size=60), st.integers(1, 40))
def test_escaping_leaves_no_markup_and_shows_what_was_written(text: str, limit: int) -> None:
    safe = words.safe_text(text, limit)
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", safe)
    assert not re.search(r"[\\`*_~|\[\]<>]|://", bare)
    assert not safe.startswith(("#", "-", ">"))
    assert len(safe) <= 2 * limit + 1
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", safe)
    line = " ".join(text.replace("\u202e", "").split())
    assert shown == (line or "–") or (len(line) > limit and shown.endswith("…"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://cdn.example/a.mp3", "[Listen](https://cdn.example/a.mp3)"),
        ("https://cdn.example/a)[b](c d", "[Listen](https://cdn.example/a%29%5Bb%5D%28c%20d)"),
        ("", ""),
        ("https://cdn.example/" + "a" * 600, ""),
    ],
)
def test_a_foreign_address_stays_inside_its_link(url: str, shown: str) -> None:
    assert words.link("Listen", url) == shown


@pytest.mark.parametrize(("text", "shown"), [("abc-1", "`abc-1`"), ("a`b c\n", "`abc`"), ("", "-"), ("```", "-")])
def test_an_id_is_shown_so_that_it_can_be_copied(text: str, shown: str) -> None:
    assert words.code(text) == shown


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("hidden", [False, True])
def test_every_state_is_told(state: JobState, hidden: bool) -> None:
    job = make_job(state=state, hidden=hidden)
    assert words.heading(job)
    text = words.progress(job, Standing())
    assert text
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_is_told_and_quoted_where_everyone_may_read_it(failure: Failure) -> None:
    job = make_job(state=JobState.FAILED, failure=failure, provider_words="**no** @everyone")
    assert words.progress(job, Standing()) == words.FAILURES[failure]
    said = words.provider_said(job)
    assert bool(said) is (failure is not Failure.CONTENT)
    check_harmless(said)
    check_harmless(words.moderation(job).replace("\n> ", "\n"))
    assert "no" in words.moderation(job)


def test_nothing_is_quoted_without_words() -> None:
    job = make_job(state=JobState.FAILED, failure=Failure.REFUSED)
    assert words.provider_said(job) == ""
    assert ">" not in words.moderation(job)
    assert words.provider_said(make_job(state=JobState.UNKNOWN, provider_words="timeout")) == ""


AT = 1_790_000_000.0
USUAL = (85.0, 172.0)


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (Standing(), "It will be sent in a moment."),
        (Standing(place=1, wait=3.0), "You are next. You can cancel until it is sent."),
        (Standing(place=1, wait=3.0, usual=USUAL), "You are next, then it usually takes 1½–3 min. You can cancel until it is sent."),
        (
            Standing(place=1, wait=40.0, usual=USUAL),
            "You are next, about 40 s to the start, then usually 1½–3 min. You can cancel until it is sent.",
        ),
        (
            Standing(place=9, wait=41.0, usual=USUAL, as_of=AT),
            "Place 9 in line, about 40 s to the start, then usually 1½–3 min (as of <t:1790000000:R>). You can cancel until it is sent.",
        ),
        (Standing(place=3, wait=8.0), "Place 3 in line, about 10 s to the start. You can cancel until it is sent."),
        (
            Standing(place=2, wait=70.0, lane=LaneCondition.SLOWED, trouble_since=AT),
            f"{words.LANE[LaneCondition.SLOWED]} Place 2 in line, about 70 s to the start. You can cancel until it is sent.",
        ),
        (
            Standing(place=3, wait=8.0, lane=LaneCondition.UNREACHABLE, trouble_since=AT),
            f"{words.LANE[LaneCondition.UNREACHABLE]} It began <t:1790000000:R>.",
        ),
        (Standing(place=1, lane=LaneCondition.KEY_REFUSED), words.LANE[LaneCondition.KEY_REFUSED]),
        (Standing(place=1, lane=LaneCondition.NO_CREDITS), words.LANE[LaneCondition.NO_CREDITS]),
    ],
)
def test_who_waits_is_told_where_for_how_long_and_why(standing: Standing, text: str) -> None:
    assert words.progress(make_job(), standing) == text


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (Standing(), "Started <t:1790000000:R>. I'll post"),
        (Standing(usual=USUAL, as_of=AT + 9), "Started <t:1790000000:R>, usually done after 1½–3 min. I'll post"),
        (Standing(usual=(900.0, 900.0), as_of=AT + 901), "Started <t:1790000000:R>; it takes longer than usual. I'll post"),
        (Standing(progress=Progress.IN_LINE), "it was in the music service's own line. I'll post"),
        (Standing(progress=Progress.BEGUN), "The music service is at work on it. I'll post"),
        (Standing(progress=Progress.ONE_DONE), "One version is done, and waits a moment for the other. I'll post"),
        (Standing(lane=LaneCondition.UNREACHABLE), "I can't look how far it is: the music service doesn't answer at the moment. I'll post"),
    ],
)
def test_what_is_made_says_since_when_and_how_far_it_is(standing: Standing, text: str) -> None:
    assert text in words.progress(make_job(state=JobState.GENERATING, submitted_at=AT + 0.7), standing)


def test_of_a_track_made_elsewhere_it_is_not_known_when_it_was_begun() -> None:
    job = make_job(kind=JobKind.TRACK, state=JobState.GENERATING, created_at=AT)
    text = words.progress(job, Standing(usual=USUAL, as_of=AT))
    assert text.startswith("Followed since <t:1790000000:R>, usually done after 1½–3 min.")


CLAIMS = ("is finished", "it is done", "ready")


@given(
    st.lists(st.sampled_from(Progress), min_size=1, max_size=6),
    st.sampled_from(LaneCondition),
    st.floats(0, 2000),
    st.sampled_from([None, USUAL, (900.0, 900.0)]),
)
def test_no_progress_claims_an_end_or_counts_down(
    stages: list[Progress], lane: LaneCondition, age: float, usual: tuple[float, float] | None
) -> None:
    job = make_job(state=JobState.GENERATING, submitted_at=AT)
    for progress in stages:
        text = words.progress(job, Standing(progress=progress, lane=lane, usual=usual, as_of=AT + age))
        assert not any(claim in text.removesuffix("when it is finished.") for claim in CLAIMS)
        assert re.findall(r"<t:(\d+):R>", text) == ["1790000000"], "a moment that has passed: it only grows older"
