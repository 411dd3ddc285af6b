"""Collect what is wrong with a body, in the nested shape of Discord's 50035."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.sandbox.discord import refusals

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.sandbox.discord.world import JsonObject


SNOWFLAKE_DIGITS = 20
"""Digits of the largest 64-bit number."""


class Form:
    """The complaints about one body; paths are dotted: `embeds.0.title`."""

    def __init__(self) -> None:
        """Begin without complaints."""
        self._errors: JsonObject = {}

    def complain(self, path: str, code: str, message: str) -> None:
        """Add one complaint about the field at `path`."""
        node = self._errors
        for part in path.split("."):
            node = cast("JsonObject", node.setdefault(part, {}))
        cast("list[JsonObject]", node.setdefault("_errors", [])).append({"code": code, "message": message})

    def close(self) -> None:
        """Raise Refusal 50035 when anything was wrong."""
        if self._errors:
            raise refusals.invalid_form(self._errors)

    def snowflake(self, path: str, value: object) -> int:
        """Check an id, written as a number or as text, and return it, 0 where it is none."""
        text = str(value)
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, str))
            or not text.isdecimal()
            or not text.isascii()
            or len(text) > SNOWFLAKE_DIGITS
        ):
            self.complain(path, "NUMBER_TYPE_COERCE", f'Value "{text[:50]}" is not snowflake.')
            return 0
        return int(text)

    def require(self, path: str) -> None:
        """Complain that a field is missing."""
        self.complain(path, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, path: str, value: object, *, most: int, least: int = 0, required: bool = False) -> str:
        """Check a string's length in characters and return it, "" where it is missing or wrong."""
        if value is None:
            if required:
                self.require(path)
            return ""
        if not isinstance(value, str):
            self.complain(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
            return ""
        if least and not value:
            self.require(path)
        elif len(value) > most:
            self.length(path, least, most)
        elif len(value) < least:
            self.complain(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        return value

    def length(self, path: str, least: int, most: int) -> None:
        """Complain about a length outside `least` to `most`."""
        if least:
            self.complain(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.complain(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def items(self, path: str, value: object, *, most: int, least: int = 0) -> list[JsonObject]:
        """Check a list of objects and its length, and return it, [] where it is missing or wrong."""
        found = self.array(path, value, most=most, least=least)
        objects: list[JsonObject] = []
        for index, item in enumerate(found):
            if isinstance(item, dict):
                objects.append(cast("JsonObject", item))
            else:
                self.complain(f"{path}.{index}", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return objects

    def array(self, path: str, value: object, *, most: int, least: int = 0) -> list[Any]:
        """Check a list and its length, and return it, [] where it is missing or wrong."""
        if value is None:
            if least:
                self.require(path)
            return []
        if not isinstance(value, list):
            self.complain(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        found = cast("list[Any]", value)
        if not least <= len(found) <= most:
            self.length(path, least, most)
        return found

    def choice(self, path: str, value: object, allowed: Collection[int]) -> None:
        """Check that a number is one of those allowed."""
        if value not in allowed or isinstance(value, bool):
            self.complain(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(str, sorted(allowed)))}}}.")

    def whole(self, path: str, value: object, least: int, most: int) -> None:
        """Check a whole number against its bounds; None passes."""
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < least:
            self.complain(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif value > most:
            self.complain(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
