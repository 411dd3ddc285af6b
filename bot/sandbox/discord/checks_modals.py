"""Discord's rules for modals and autocomplete answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.checks_components import SELECTS, check_options, check_select, check_unique_ids
from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.forms import Form

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject

LABELLED = (
    Component.TEXT_INPUT,
    *SELECTS,
    Component.FILE_UPLOAD,
    Component.RADIO_GROUP,
    Component.CHECKBOX_GROUP,
    Component.CHECKBOX,
)


def check_modal(data: JsonObject) -> None:
    """Raise Refusal 50035 unless Discord would open this modal."""
    form = Form()
    form.text("data.custom_id", data.get("custom_id"), least=1, most=100, required=True)
    form.text("data.title", data.get("title"), least=1, most=45, required=True)
    components = form.items("data.components", data.get("components"), least=1, most=5)
    for index, component in enumerate(components):
        _check_line(form, f"data.components.{index}", component)
    check_unique_ids(form, list(walk(components)))
    form.close()


def check_choices(data: JsonObject, option_type: int) -> None:
    """Raise Refusal 50035 unless Discord would show these choices for an option of `option_type`."""
    form = Form()
    for index, choice in enumerate(form.items("data.choices", data.get("choices"), most=25)):
        check_choice(form, f"data.choices.{index}", choice, option_type)
    form.close()


def check_choice(form: Form, path: str, choice: JsonObject, option_type: int) -> None:
    """Check one choice, of a command's option or of an autocomplete answer."""
    form.text(f"{path}.name", choice.get("name"), least=1, most=100, required=True)
    value = choice.get("value")
    if option_type == 3:  # noqa: PLR2004 - STRING, the only type whose values are texts
        form.text(f"{path}.value", value, least=1, most=100, required=True)
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        form.complain(f"{path}.value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


def _check_line(form: Form, path: str, line: JsonObject) -> None:
    match line.get("type"):
        case Component.ACTION_ROW:
            for index, item in enumerate(form.items(f"{path}.components", line.get("components"), least=1, most=1)):
                here = f"{path}.components.{index}"
                form.choice(f"{here}.type", item.get("type"), (Component.TEXT_INPUT,))
                form.text(f"{here}.label", item.get("label"), least=1, most=45, required=True)
                _check_text_input(form, here, item)
        case Component.LABEL:
            form.text(f"{path}.label", line.get("label"), least=1, most=45, required=True)
            form.text(f"{path}.description", line.get("description"), most=100)
            if isinstance(line.get("component"), dict):
                _check_labelled(form, f"{path}.component", cast("JsonObject", line["component"]))
            else:
                form.require(f"{path}.component")
        case Component.TEXT_DISPLAY:
            form.text(f"{path}.content", line.get("content"), least=1, most=4000, required=True)
        case other:
            form.choice(f"{path}.type", other, (Component.ACTION_ROW, Component.TEXT_DISPLAY, Component.LABEL))


def _check_labelled(form: Form, path: str, item: JsonObject) -> None:
    kind = item.get("type")
    if kind == Component.TEXT_INPUT:
        _check_text_input(form, path, item)
    elif kind in SELECTS:
        check_select(form, path, item)
    elif kind in LABELLED:
        form.text(f"{path}.custom_id", item.get("custom_id"), least=1, most=100, required=True)
        if kind == Component.RADIO_GROUP:
            check_options(form, f"{path}.options", item.get("options"), least=2, most=10)
        if kind == Component.CHECKBOX_GROUP:
            check_options(form, f"{path}.options", item.get("options"), least=1, most=10)
    else:
        form.choice(f"{path}.type", kind, LABELLED)


def _check_text_input(form: Form, path: str, item: JsonObject) -> None:
    form.text(f"{path}.custom_id", item.get("custom_id"), least=1, most=100, required=True)
    form.choice(f"{path}.style", item.get("style"), (1, 2))
    form.whole(f"{path}.min_length", item.get("min_length"), 0, 4000)
    form.whole(f"{path}.max_length", item.get("max_length"), 1, 4000)
    form.text(f"{path}.placeholder", item.get("placeholder"), most=100)
    least, most = item.get("min_length"), item.get("max_length")
    least = least if isinstance(least, int) else 0
    most = most if isinstance(most, int) else 4000
    if item.get("value"):
        form.text(f"{path}.value", item["value"], least=least, most=most)
