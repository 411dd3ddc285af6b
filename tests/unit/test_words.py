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
from bot.domain.jobs import Failure, JobState
from bot.domain.requests import EXAMPLE_AT
from bot.domain.standing import LaneCondition, Standing
from bot.errors import BadOption, EncoreError, LanePaused, TooManyInFlight, UserError
from bot.ui import words
from tests.contract.builders import make_job
from tests.unit.hostile import TEXTS, check_harmless
from tests.unit.vocabulary import FORBIDDEN


def below(kind: type[EncoreError]) -> Iterator[type[EncoreError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def make(kind: type[EncoreError]) -> EncoreError:
    if kind is BadOption:
        return BadOption("continue_at", "It is empty.", EXAMPLE_AT)
    if kind is TooManyInFlight:
        return TooManyInFlight(3)
    if kind is LanePaused:
        return LanePaused(LaneCondition.NO_CREDITS.value)
    return kind()


def by_name(kind: type[EncoreError]) -> str:
    return kind.__name__


FOR_PEOPLE = {*below(UserError), errors.Busy, errors.StoreUnavailable}


@pytest.mark.parametrize("kind", sorted(FOR_PEOPLE, key=by_name))
def test_every_error_that_people_can_meet_has_words(kind: type[EncoreError]) -> None:
    text = words.refusal(make(kind))
    assert text
    assert len(text) < 500
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("kind", sorted({*below(EncoreError)} - FOR_PEOPLE - {UserError}, key=by_name))
def test_every_other_error_is_ours_and_gets_a_reference(kind: type[EncoreError]) -> None:
    if kind is errors.SettingsError:
        assert words.refusal(errors.SettingsError(["x"])) is None
    else:
        assert words.refusal(make(kind)) is None


def test_the_reference_is_shown() -> None:
    assert "`c0ffee`" in words.unexpected("c0ffee")


@pytest.mark.parametrize("reason", [condition for condition in LaneCondition if condition.paused])
def test_a_pause_is_explained(reason: LaneCondition) -> None:
    assert "credits" in (words.refusal(LanePaused(reason.value)) or "") or "key" in (words.refusal(LanePaused(reason.value)) or "")


def test_a_refusal_names_the_field_what_is_wrong_and_an_example() -> None:
    text = words.refusal(BadOption("continue_at", "That *is* wrong.", "1:`40"))
    assert text == "**Start point** (`continue_at`): That \\*is\\* wrong.\nFor example: `1:40`"


def test_every_field_has_a_name() -> None:
    assert set(words.OPTION_NAMES) == {"continue_clip_id", "continue_at", "tags", "title", "model", "task_id"}


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "about 5 s"), (8, "about 10 s"), (41, "about 40 s"), (89, "about 90 s"), (90, "about 2 min"), (600, "about 10 min")],
)
def test_a_wait_is_told_roughly(seconds: float, text: str) -> None:
    assert words.about(seconds) == text


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


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (Standing(), "in a moment"),
        (Standing(place=1, wait=0.0), "You are next"),
        (Standing(place=3, wait=8.0), "Place 3 in line, about 10 s to the start"),
        (Standing(place=3, wait=8.0, lane=LaneCondition.UNREACHABLE), "doesn't answer"),
        (Standing(place=1, lane=LaneCondition.SLOWED), "slower"),
        (Standing(place=1, lane=LaneCondition.KEY_REFUSED), "key"),
        (Standing(place=1, lane=LaneCondition.NO_CREDITS), "credits"),
    ],
)
def test_who_waits_is_told_where_and_why(standing: Standing, text: str) -> None:
    assert text in words.progress(make_job(), standing)


def test_what_is_made_says_since_when() -> None:
    assert "<t:1790000000:R>" in words.progress(make_job(state=JobState.GENERATING, submitted_at=1_790_000_000.7), Standing())
