"""Press, choose and fill in as Discord's client does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.client_options import Resolved
from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.files import Upload
from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import Channel, JsonObject, Role, User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.discord.interaction_model import Modal, ModalField
    from bot.sandbox.discord.world import Message

LINK_STYLE = 5
SELECTS = {
    Component.STRING_SELECT,
    Component.USER_SELECT,
    Component.ROLE_SELECT,
    Component.MENTIONABLE_SELECT,
    Component.CHANNEL_SELECT,
}


def find_button(message: Message, wanted: str) -> JsonObject:
    """Return the button with this custom_id or label; raises ClientRefusal when there is none that can be pressed."""
    buttons = [c for c in walk(message.components) if c.get("type") == Component.BUTTON]
    for button in buttons:
        if wanted in (button.get("custom_id"), button.get("label")):
            if button.get("disabled") or button.get("style") == LINK_STYLE:
                msg = f"{wanted!r} cannot be pressed: it is disabled or a link"
                raise ClientRefusal(msg)
            return button
    seen = [button.get("label") or button.get("custom_id") for button in buttons]
    msg = f"no button {wanted!r}; there are {seen}"
    raise ClientRefusal(msg)


def select_data(message: Message, custom_id: str, values: Sequence[object], resolved: Resolved) -> JsonObject:
    """Write the `data` of a select; raises ClientRefusal for values it does not take."""
    for component in walk(message.components):
        if component.get("custom_id") == custom_id and component.get("type") in SELECTS:
            if component.get("disabled"):
                break
            body: JsonObject = {"custom_id": custom_id, "component_type": component["type"], "id": component.get("id")}
            body["values"] = _selected(component, values, resolved)
            return body | ({"resolved": resolved.parts} if resolved.parts else {})
    msg = f"no select {custom_id!r} that can be used"
    raise ClientRefusal(msg)


def modal_data(modal: Modal, given: Mapping[str, object], resolved: Resolved) -> JsonObject:
    """Write the `data` of a submitted modal: fields by custom_id or label, those not given as prefilled; raises ClientRefusal."""
    fields = modal.fields
    known = {name for found in fields for name in (found.custom_id, found.label)}
    unknown = set(given) - known
    if unknown:
        msg = f"the modal has no {', '.join(sorted(unknown))}"
        raise ClientRefusal(msg)
    answers = {
        found.custom_id: _answer(found, given.get(found.custom_id, given.get(found.label)), resolved) | {"id": found.component.get("id", 0)}
        for found in fields
    }
    lines: list[JsonObject] = []
    for number, line in enumerate(modal.components, 1):
        written: JsonObject = {"type": line["type"], "id": line.get("id") or number}
        if line["type"] == Component.ACTION_ROW:
            written["components"] = [answers[item["custom_id"]] for item in cast("list[JsonObject]", line["components"])]
        elif line["type"] == Component.LABEL:
            written["component"] = answers[line["component"]["custom_id"]]
        lines.append(written)
    body: JsonObject = {"custom_id": modal.custom_id, "components": lines}
    return body | ({"resolved": resolved.parts} if resolved.parts else {})


def _answer(found: ModalField, value: object, resolved: Resolved) -> JsonObject:
    component = found.component
    body: JsonObject = {"type": int(found.type), "custom_id": found.custom_id}
    match found.type:
        case Component.TEXT_INPUT:
            body["value"] = _text(found, found.value if value is None else value)
        case Component.CHECKBOX:
            body["value"] = component.get("default", False) if value is None else bool(value)
        case Component.RADIO_GROUP:
            chosen = _chosen_by_default(component) if value is None else [str(value)]
            body["value"] = next(iter(_selected(component | {"min_values": int(found.required)}, chosen, resolved)), None)
        case Component.FILE_UPLOAD:
            body["values"] = [resolved.upload(upload) for upload in _list(value) if isinstance(upload, Upload)]
        case _:
            limits = component if found.required else component | {"min_values": 0}
            body["values"] = _selected(limits, _chosen_by_default(component) if value is None else _list(value), resolved)
    return body


def _text(found: ModalField, value: object) -> str:
    text = str(value)
    least, most = found.component.get("min_length") or 0, found.component.get("max_length") or 4000
    if not text and not found.required:
        return text
    if not max(least, 1) <= len(text) <= most:
        msg = f"{found.label!r} takes {max(least, 1)} to {most} characters"
        raise ClientRefusal(msg)
    return text


def _chosen_by_default(component: JsonObject) -> list[object]:
    return [option["value"] for option in cast("list[JsonObject]", component.get("options") or []) if option.get("default")]


def _list(value: object) -> list[object]:
    return list(cast("list[object]", value)) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _selected(component: JsonObject, values: Sequence[object], resolved: Resolved) -> list[str]:
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    if component.get("type") == Component.CHECKBOX_GROUP:
        most = component.get("max_values", len(component["options"]))
    if not least <= len(values) <= most:
        msg = f"between {least} and {most} values have to be chosen"
        raise ClientRefusal(msg)
    return [_one(component, value, resolved) for value in values]


def _one(component: JsonObject, value: object, resolved: Resolved) -> str:
    match component.get("type"), value:
        case ((Component.USER_SELECT | Component.MENTIONABLE_SELECT), User()):
            return resolved.user(value)
        case ((Component.ROLE_SELECT | Component.MENTIONABLE_SELECT), Role()) if _is_of(resolved, value):
            return resolved.role(value)
        case Component.CHANNEL_SELECT, Channel() if _is_offered(component, resolved, value):
            return resolved.channel_of(value)
        case _:
            for option in cast("list[JsonObject]", component.get("options") or []):
                if value in (option["value"], option["label"]):
                    return str(option["value"])
    msg = f"{value!r} cannot be chosen"
    raise ClientRefusal(msg)


def _is_of(resolved: Resolved, role: Role) -> bool:
    return resolved.guild is not None and resolved.guild.roles.get(role.id) is role


def _is_offered(component: JsonObject, resolved: Resolved, channel: Channel) -> bool:
    """Tell whether a select offers a channel: one of this guild that the person sees, of a type that it asks for."""
    types = cast("list[int]", component.get("channel_types") or [])
    here = resolved.guild is not None and channel.guild_id == resolved.guild.id
    seen = Permission.VIEW_CHANNEL in resolved.core.world.permissions_of(resolved.actor, channel)
    return here and seen and (not types or int(channel.type) in types)
