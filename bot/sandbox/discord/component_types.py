"""The numbers of Discord's components, and how to walk through them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.discord.world import JsonObject


class Component(IntEnum):
    """A component's `type`."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


def walk(components: list[JsonObject]) -> Iterator[JsonObject]:
    """Yield every component, the nested ones, accessories and labelled ones included."""
    for component in components:
        yield component
        nested = component.get("components")
        if isinstance(nested, list):
            yield from walk([c for c in cast("list[JsonObject]", nested) if isinstance(c, dict)])  # pyright: ignore[reportUnnecessaryIsInstance] - the wire is not trusted
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([cast("JsonObject", component[key])])
