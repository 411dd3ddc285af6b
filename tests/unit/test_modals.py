import re
from collections.abc import Mapping
from typing import Any, cast

import discord
import pytest

from bot.domain.requests import TypedRequest
from bot.errors import NotFound
from bot.ui import ids, modals
from bot.ui.modals import Form, continue_form, fix_form
from tests.contract.builders import make_clip, make_job
from tests.unit.hostile import TEXTS, labels_of
from tests.unit.vocabulary import FORBIDDEN

JOB = make_job(id="abcdefghij")
TYPED = {"continue_clip_id": "clip-1", "continue_at": "1:75", "tags": "wave", "title": "Night Train", "model": "v9"}


def prefilled(form: Form) -> dict[str, str]:
    inputs = [cast("discord.ui.TextInput[Any]", label.component) for label in labels_of(form)]
    return {each.custom_id: each.default or "" for each in inputs}


def check_form(form: Form) -> None:
    """Hold a form against Discord's limits (Modal, Label, Text Input)."""
    assert 1 <= len(form.title.strip()) <= 45
    assert "\n" not in form.title
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
    check_form(continue_form(JOB, make_clip(title=text, tags=text, seconds=86_399.9)))
    check_form(fix_form(dict.fromkeys(TYPED, text * 30)))
    check_form(fix_form({}))


def test_continuing_is_prefilled_with_the_tracks_own_styles_title_and_end() -> None:
    form = continue_form(JOB, make_clip(title="Night Train", tags="wave, dub", seconds=192.0, variant="B"))
    assert prefilled(form) == {"continue_at": "3:11", "tags": "wave, dub", "title": "Night Train"}
    assert form.title == "Continue B · Night Train"


def test_fixing_brings_back_what_was_typed() -> None:
    assert prefilled(fix_form(TYPED)) == TYPED


def test_a_forms_custom_id_is_fresh_at_each_opening() -> None:
    assert len({form.custom_id for _ in range(50) for form in (continue_form(JOB, make_clip()), fix_form(TYPED))}) == 100


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
        self.requests = self
        self.asked: list[str] = []

    async def tracks(self, job_id: str) -> tuple[object, list[Any]]:
        self.asked.append(job_id)
        return JOB, [make_clip("clip-a", variant="A"), make_clip("clip-b", variant="B")]


async def answered(interaction: Submitted, monkeypatch: pytest.MonkeyPatch) -> TypedRequest | None:
    asked: list[TypedRequest] = []

    async def ask(_interaction: object, typed: TypedRequest) -> None:
        asked.append(typed)

    monkeypatch.setattr(modals, "ask", ask)
    await modals.submitted(cast("discord.Interaction[discord.Client]", interaction))
    return asked[0] if asked else None


@pytest.mark.parametrize("shape", ["label", "row", "mixed"])
async def test_a_continuing_form_asks_for_its_track(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = continue_form(JOB, make_clip(variant="B"))
    interaction = Submitted(form.custom_id, {"continue_at": "1:40", "tags": "dub", "title": ""}, shape=shape)
    typed = await answered(interaction, monkeypatch)
    assert typed == TypedRequest(continue_clip_id="clip-b", continue_at="1:40", tags="dub")
    assert interaction.asked == ["abcdefghij"]


async def test_a_mended_request_is_asked_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = await answered(Submitted(fix_form(TYPED).custom_id, TYPED), monkeypatch)
    assert typed == TypedRequest(**TYPED)


@pytest.mark.parametrize(
    "custom_id",
    ["", "fix-form:2:x", "continue-form:1:abc", ids.make("continue-form", "abcdefghij", "C", "x"), "continue-form:1:abcdefghij:A:x:y"],
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
