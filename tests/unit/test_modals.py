import re
from collections.abc import Mapping
from typing import Any, cast

import discord
import pytest

from bot.domain.admission import Act
from bot.domain.requests import EXAMPLE_TAGS, Source, Typed, TypedCreate, TypedRequest
from bot.domain.starters import Starter
from bot.errors import NotFound
from bot.ui import ids, modals
from bot.ui.modals import Form, continue_form, create_form, fix_form, start_form, track_form
from tests.contract.builders import make_clip
from tests.unit.hostile import TEXTS, labels_of
from tests.unit.vocabulary import FORBIDDEN

TYPED = {"continue_clip_id": "clip-1", "continue_at": "1:75", "tags": "wave", "title": "Night Train", "model": "v9"}


def prefilled(form: Form) -> dict[str, str]:
    inputs = [cast("discord.ui.TextInput[Any]", label.component) for label in labels_of(form)]
    return {each.custom_id: each.default or "" for each in inputs}


def check_form(form: Form) -> None:
    """Hold a form against Discord's limits (Modal, Label, Text Input)."""
    assert 1 <= len(form.title.strip()) <= 45
    assert not re.search("[\n\u202a-\u202e\u2066-\u2069]", form.title)
    assert len(form.custom_id) <= 100
    assert 1 <= len(labels_of(form)) == len(form.children) <= 5
    for label in labels_of(form):
        assert 1 <= len(label.text) <= 45
        assert len(label.description or "") <= 100
        assert not FORBIDDEN.search(f"{label.text} {label.description}")
        field = cast("discord.ui.TextInput[Any]", label.component)
        assert 1 <= (field.max_length or 0) <= 4000
        assert len(field.default or "") <= (field.max_length or 0)


@pytest.mark.parametrize("text", TEXTS)
def test_whatever_the_text_a_form_is_within_the_limits(text: str) -> None:
    check_form(continue_form(make_clip(title=text, tags=text, seconds=86_399.9), 86_399.125))
    check_form(fix_form(dict.fromkeys(TYPED, text * 30)))
    check_form(fix_form({}))
    check_form(fix_form({"kind": "create", "tags": text * 30, "title": text * 30, "model": text * 30}))
    check_form(start_form(starter(title=text, tags=text)))
    check_form(start_form(Starter("x" * 64)))
    check_form(create_form({}))
    check_form(track_form({}))
    check_form(fix_form({"kind": "track", "task_id": text * 30}))


def test_continuing_is_prefilled_with_the_tracks_own_styles_and_title_and_the_chosen_start() -> None:
    form = continue_form(make_clip(title="Night Train", tags="wave, dub", seconds=192.0, variant="B"), 100.5)
    assert prefilled(form) == {"continue_at": "1:40.5", "tags": "wave, dub", "title": "Night Train"}
    assert form.title == "Continue B · Night Train"


def test_fixing_brings_back_what_was_typed() -> None:
    assert prefilled(fix_form(TYPED)) == TYPED


def test_fixing_a_first_track_brings_back_what_was_typed_for_it() -> None:
    created = {"tags": "wave", "title": "x", "model": "v9"}
    form = fix_form({"kind": "create", **created})
    assert (form.title, prefilled(form)) == ("Make a first track", created)


def starter(**given: Any) -> Starter:  # noqa: ANN401 - any field of a source
    known: dict[str, Any] = {"clip_id": "clip-12345", "variant": "A", "title": "Night Train", "tags": "wave, dub", "seconds": 120.5}
    return Starter("clip-12345", Source(**{**known, **given}))


def test_a_starters_form_needs_only_be_sent() -> None:
    assert prefilled(start_form(starter())) == {"continue_at": "2:00", "tags": "wave, dub", "title": "Night Train"}
    assert prefilled(start_form(starter(tags="")))["tags"] == EXAMPLE_TAGS, "a track made elsewhere has no known styles"
    assert prefilled(start_form(Starter("clip-12345"))) == {"continue_at": "", "tags": EXAMPLE_TAGS, "title": ""}
    assert prefilled(create_form({})) == {"tags": EXAMPLE_TAGS, "title": ""}


def test_a_forms_custom_id_is_fresh_at_each_opening() -> None:
    def opened() -> tuple[Form, ...]:
        return continue_form(make_clip(), 9.0), fix_form(TYPED), start_form(starter()), create_form({}), track_form({})

    assert len({form.custom_id for _ in range(50) for form in opened()}) == 250


class Submitted:
    """An interaction as Discord sends it for a form, as far as a form's answer reads it."""

    def __init__(self, custom_id: str, fields: Mapping[str, str | None], *, shape: str = "label") -> None:
        inputs = [{"type": 4, "custom_id": name, "value": value} for name, value in fields.items()]
        wrapped = {
            "label": [{"type": 18, "component": each} for each in inputs],
            "row": [{"type": 1, "components": [each]} for each in inputs],
            "mixed": [{"type": 10, "content": "x"}, {"type": 1, "components": inputs}],
        }[shape]
        self.data = {"custom_id": custom_id, "components": wrapped}
        self.client = self


async def answered(interaction: Submitted, monkeypatch: pytest.MonkeyPatch) -> Typed | None:
    asked: list[Typed] = []

    async def ask(_interaction: object, typed: Typed) -> None:
        asked.append(typed)

    async def admit(_interaction: object, act: Act) -> None:
        assert act in {Act.SPEND, Act.LOOK}

    monkeypatch.setattr(modals, "ask", ask)
    monkeypatch.setattr(modals, "admit", admit)
    await modals.submitted(cast("discord.Interaction[discord.Client]", interaction), modals.FORMS)
    return asked[0] if asked else None


@pytest.mark.parametrize("shape", ["label", "row", "mixed"])
async def test_a_continuing_form_asks_for_its_track(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = continue_form(make_clip("clip-b", variant="B"), 100.0)
    interaction = Submitted(form.custom_id, {"continue_at": "1:40", "tags": "dub", "title": ""}, shape=shape)
    typed = await answered(interaction, monkeypatch)
    assert typed == TypedRequest(continue_clip_id="clip-b", continue_at="1:40", tags="dub")


async def test_a_mended_request_is_asked_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = await answered(Submitted(fix_form(TYPED).custom_id, TYPED), monkeypatch)
    assert typed == TypedRequest(**TYPED)


async def test_a_starters_form_asks_for_its_track(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = await answered(Submitted(start_form(starter()).custom_id, {"continue_at": "1:40", "tags": "dub", "title": ""}), monkeypatch)
    assert typed == TypedRequest(continue_clip_id="clip-12345", continue_at="1:40", tags="dub")


async def test_a_form_for_a_first_track_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = await answered(Submitted(create_form({}).custom_id, {"tags": "dub", "title": "Night Train"}), monkeypatch)
    assert typed == TypedCreate(tags="dub", title="Night Train")


async def test_a_form_for_a_task_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[str] = []

    async def ask_track(_interaction: object, task_id: str) -> None:
        followed.append(task_id)

    monkeypatch.setattr(modals, "ask_track", ask_track)
    await answered(Submitted(track_form({}).custom_id, {"task_id": "task-1234"}), monkeypatch)
    assert followed == ["task-1234"]


@pytest.mark.parametrize(
    "custom_id",
    ["", "fix-form:2:x", "start-form:1:abc", ids.make("start-form", "clip", "x"), "start-form:1:abcdefghij:x:y"],
)
async def test_a_form_that_nobody_knows_is_not_found(custom_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        await answered(Submitted(custom_id, TYPED), monkeypatch)


async def test_a_field_left_empty_may_come_as_null_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = await answered(Submitted(fix_form(TYPED).custom_id, {"continue_clip_id": "clip-1", "title": None}), monkeypatch)
    assert typed == TypedRequest(continue_clip_id="clip-1", continue_at="", tags="")


@pytest.mark.parametrize("name", ["cancel", "continue", "more"])
def test_a_custom_id_names_its_job(name: str) -> None:
    custom_id = ids.make(name, "abcdefghij", "A")
    assert ids.mentions_job(custom_id, "abcdefghij")
    assert not ids.mentions_job(custom_id, "abc")
    assert not ids.mentions_job(ids.make("abcdefghij", "x"), "abcdefghij")
    assert re.fullmatch(ids.template(name, ids.JOB, ids.VARIANT), custom_id)
