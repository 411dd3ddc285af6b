"""Discord's rules for buttons, selects and the layout of a message.

Limits: the "Component Reference" page of Discord's API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.sandbox.discord.component_types import Component, walk

if TYPE_CHECKING:
    from bot.sandbox.discord.forms import Form
    from bot.sandbox.discord.world import JsonObject

MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ID = (1 << 31) - 1
SELECTS = (Component.STRING_SELECT, Component.USER_SELECT, Component.ROLE_SELECT, Component.MENTIONABLE_SELECT, Component.CHANNEL_SELECT)
LAYOUT_TOP = (
    Component.ACTION_ROW,
    Component.SECTION,
    Component.TEXT_DISPLAY,
    Component.MEDIA_GALLERY,
    Component.FILE,
    Component.SEPARATOR,
    Component.CONTAINER,
)
CONTAINER_ITEMS = tuple(kind for kind in LAYOUT_TOP if kind is not Component.CONTAINER)
LINK_STYLE, PREMIUM_STYLE = 5, 6
DEFAULT_TYPES = {
    Component.USER_SELECT: ("user",),
    Component.ROLE_SELECT: ("role",),
    Component.MENTIONABLE_SELECT: ("user", "role"),
    Component.CHANNEL_SELECT: ("channel",),
}
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)
"""Every channel type there is (page "Channels Resource")."""


def check_components(form: Form, components: list[JsonObject], *, layout: bool) -> None:
    """Check a message's components; `layout` tells whether it carries the Components V2 flag."""
    if not layout and len(components) > MAX_ROWS:
        form.length("components", 1, MAX_ROWS)
    for index, component in enumerate(components):
        path = f"components.{index}"
        allowed = LAYOUT_TOP if layout else (Component.ACTION_ROW,)
        if component.get("type") not in allowed:
            form.choice(f"{path}.type", component.get("type"), allowed)
        else:
            _check_one(form, path, component)
    everything = list(walk(components))
    check_unique_ids(form, everything)
    if layout:
        if len(everything) > MAX_COMPONENTS:
            words = f"Total number of components cannot exceed {MAX_COMPONENTS}"
            form.complain("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words)
        text = sum(len(str(c.get("content") or "")) for c in everything if c.get("type") == Component.TEXT_DISPLAY)
        if text > MAX_TEXT:
            words = f"Total text displayable by components cannot exceed {MAX_TEXT} characters"
            form.complain("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words)


def check_unique_ids(form: Form, components: list[JsonObject]) -> None:
    """Complain about a custom_id or a component id that is used twice."""
    seen: set[object] = set()
    for component in components:
        for key, code in (("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"), ("id", "COMPONENT_ID_DUPLICATED")):
            value = component.get(key)
            if key == "id":
                form.whole("components.id", value, 0, MAX_ID)
            if not value or not isinstance(value, (str, int)):
                continue
            if (key, value) in seen:
                form.complain(f"components.{key}", code, f"Component {key.replace('_', ' ')} cannot be duplicated")
            seen.add((key, value))


def check_select(form: Form, path: str, component: JsonObject) -> None:
    """Check a select menu, in a message or in a modal."""
    form.text(f"{path}.custom_id", component.get("custom_id"), least=1, most=100, required=True)
    form.text(f"{path}.placeholder", component.get("placeholder"), most=150)
    form.whole(f"{path}.min_values", component.get("min_values"), 0, 25)
    form.whole(f"{path}.max_values", component.get("max_values"), 1, 25)
    if component.get("type") == Component.STRING_SELECT:
        check_options(form, f"{path}.options", component.get("options"), least=1, most=25)
    else:
        _check_defaults(form, path, component)


def _check_defaults(form: Form, path: str, component: JsonObject) -> None:
    """Check what an entity select has chosen from the beginning (page "Component Reference", Select Default Value)."""
    most = component.get("max_values", 1)
    allowed = DEFAULT_TYPES[Component(component["type"])]
    for index, default in enumerate(form.items(f"{path}.default_values", component.get("default_values"), most=most)):
        form.snowflake(f"{path}.default_values.{index}.id", default.get("id"))
        if default.get("type") not in allowed:
            form.complain(f"{path}.default_values.{index}.type", "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(allowed)}}}.")
    for index, kind in enumerate(form.array(f"{path}.channel_types", component.get("channel_types"), most=len(CHANNEL_TYPES))):
        form.choice(f"{path}.channel_types.{index}", kind, CHANNEL_TYPES)


def check_options(form: Form, path: str, value: object, *, least: int, most: int) -> None:
    """Check the options of a select or of a group of boxes."""
    values: set[str] = set()
    for index, option in enumerate(form.items(path, value, least=least, most=most)):
        form.text(f"{path}.{index}.label", option.get("label"), least=1, most=100, required=True)
        form.text(f"{path}.{index}.description", option.get("description"), most=100)
        chosen = form.text(f"{path}.{index}.value", option.get("value"), least=1, most=100, required=True)
        if chosen in values:
            form.complain(f"{path}.{index}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
        values.add(chosen)


def _check_one(form: Form, path: str, component: JsonObject) -> None:
    match component.get("type"):
        case Component.ACTION_ROW:
            _check_row(form, path, component)
        case Component.SECTION:
            _check_section(form, path, component)
        case Component.TEXT_DISPLAY:
            form.text(f"{path}.content", component.get("content"), least=1, most=MAX_TEXT, required=True)
        case Component.MEDIA_GALLERY:
            for index, item in enumerate(form.items(f"{path}.items", component.get("items"), least=1, most=10)):
                _check_media(form, f"{path}.items.{index}", item, "media")
        case Component.FILE:
            _check_media(form, path, component, "file")
        case Component.SEPARATOR:
            form.whole(f"{path}.spacing", component.get("spacing"), 1, 2)
        case Component.CONTAINER:
            for index, item in enumerate(form.items(f"{path}.components", component.get("components"), least=1, most=MAX_COMPONENTS)):
                form.choice(f"{path}.components.{index}.type", item.get("type"), CONTAINER_ITEMS)
                if item.get("type") in CONTAINER_ITEMS:
                    _check_one(form, f"{path}.components.{index}", item)
        case _:
            form.complain(f"{path}.type", "UNION_TYPE_CHOICES", 'Value of field "type" is not valid here.')


def _check_row(form: Form, path: str, row: JsonObject) -> None:
    items = form.items(f"{path}.components", row.get("components"), least=1, most=MAX_BUTTONS)
    for index, item in enumerate(items):
        here = f"{path}.components.{index}"
        if item.get("type") == Component.BUTTON:
            _check_button(form, here, item)
        elif item.get("type") in SELECTS:
            check_select(form, here, item)
            if len(items) > 1:
                form.complain(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
        else:
            form.choice(f"{here}.type", item.get("type"), (Component.BUTTON, *SELECTS))


def _check_button(form: Form, path: str, button: JsonObject) -> None:
    form.choice(f"{path}.style", button.get("style"), range(1, 7))
    form.text(f"{path}.label", button.get("label"), most=80)
    style = button.get("style")
    if style == LINK_STYLE:
        form.text(f"{path}.url", button.get("url"), least=1, most=512, required=True)
        if "custom_id" in button:
            form.complain(
                f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified"
            )
    elif style == PREMIUM_STYLE:
        form.text(f"{path}.sku_id", button.get("sku_id"), least=1, most=20, required=True)
    else:
        form.text(f"{path}.custom_id", button.get("custom_id"), least=1, most=100, required=True)
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        form.complain(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")


def _check_section(form: Form, path: str, section: JsonObject) -> None:
    for index, item in enumerate(form.items(f"{path}.components", section.get("components"), least=1, most=3)):
        form.choice(f"{path}.components.{index}.type", item.get("type"), (Component.TEXT_DISPLAY,))
        form.text(f"{path}.components.{index}.content", item.get("content"), least=1, most=MAX_TEXT, required=True)
    accessory = cast("Any", section.get("accessory"))
    if not isinstance(accessory, dict):
        form.require(f"{path}.accessory")
        return
    item = cast("JsonObject", accessory)
    if item.get("type") == Component.BUTTON:
        _check_button(form, f"{path}.accessory", item)
    elif item.get("type") == Component.THUMBNAIL:
        _check_media(form, f"{path}.accessory", item, "media")
    else:
        form.choice(f"{path}.accessory.type", item.get("type"), (Component.BUTTON, Component.THUMBNAIL))


def _check_media(form: Form, path: str, item: JsonObject, key: str) -> None:
    form.text(f"{path}.description", item.get("description"), most=1024)
    media = item.get(key)
    url: object = cast("JsonObject", media).get("url") if isinstance(media, dict) else None
    address = form.text(f"{path}.{key}.url", url, least=1, most=2048, required=True)
    if key == "file" and address and not address.startswith("attachment://"):
        form.complain(f"{path}.file.url", "URL_TYPE_INVALID_SCHEME", "Only attachment:// is supported here.")
