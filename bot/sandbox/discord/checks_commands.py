"""Discord's rules for application commands.

Limits: the page "Application Commands" of Discord's API.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.checks_modals import check_choice

if TYPE_CHECKING:
    from bot.sandbox.discord.forms import Form
    from bot.sandbox.discord.world import JsonObject

MAX_COMMAND_TEXT = 8000
NAME = re.compile(r"^[-_'\w]{1,32}$")


class CommandType(IntEnum):
    """What a command hangs on, and how many of it there may be in one scope."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3

    @property
    def most(self) -> int:
        """Return the number of commands of this type that one scope may hold."""
        return 100 if self is CommandType.CHAT_INPUT else 15


class OptionType(IntEnum):
    """The type of a command's option."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTED = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)
WITH_CHOICES = (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER)


def check_command(form: Form, path: str, command: JsonObject) -> None:
    """Check one command; `path` is its place in the body, "" or ending in a dot."""
    kind = command.get("type", CommandType.CHAT_INPUT)
    form.choice(f"{path}type", kind, tuple(CommandType))
    name = form.text(f"{path}name", command.get("name"), least=1, most=32, required=True)
    if kind == CommandType.CHAT_INPUT:
        _check_name(form, f"{path}name", name)
        form.text(f"{path}description", command.get("description"), least=1, most=100, required=True)
        _check_options(form, f"{path}options", command.get("options"), depth=0)
    else:
        if command.get("description"):
            form.complain(
                f"{path}description",
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
                "Context menu commands cannot have description",
            )
        if command.get("options"):
            form.complain(f"{path}options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID", "Context menu commands cannot have options")
    for key, allowed in (("contexts", range(3)), ("integration_types", range(2))):
        for value in form.array(f"{path}{key}", command.get(key), most=3):
            form.choice(f"{path}{key}", value, allowed)
    wanted = command.get("default_member_permissions")
    if wanted is not None and not (isinstance(wanted, (str, int)) and str(wanted).isdecimal()):
        form.complain(f"{path}default_member_permissions", "NUMBER_TYPE_COERCE", f'Value "{wanted}" is not a set of permissions.')
    if text_of(command) > MAX_COMMAND_TEXT:
        form.complain(f"{path}options", "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_COMMAND_TEXT})")


def text_of(node: JsonObject) -> int:
    """Count the characters of names, descriptions and choice values, each with its longest localisation."""
    total = 0
    for key in ("name", "description"):
        texts = [str(node.get(key) or "")]
        localised = node.get(f"{key}_localizations")
        if isinstance(localised, dict):
            texts += [str(text) for text in cast("JsonObject", localised).values()]
        total += max(map(len, texts))
    if "value" in node:
        total += len(str(node["value"]))
    for key in ("options", "choices"):
        children = node.get(key)
        if isinstance(children, list):
            total += sum(text_of(cast("JsonObject", child)) for child in cast("list[object]", children) if isinstance(child, dict))
    return total


def _check_name(form: Form, path: str, name: str) -> None:
    if name and (not NAME.match(name) or name != name.lower()):
        form.complain(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(form: Form, path: str, value: object, *, depth: int) -> None:
    seen: set[str] = set()
    optional_seen = False
    for index, option in enumerate(form.items(path, value, most=25)):
        here = f"{path}.{index}"
        _check_option(form, here, option, depth=depth)
        name = str(option.get("name"))
        if name in seen:
            form.complain(f"{here}.name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name must be unique")
        seen.add(name)
        if option.get("required") and optional_seen:
            words = "Required options must be placed before non-required options"
            form.complain(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional_seen = optional_seen or not option.get("required")


def _check_option(form: Form, path: str, option: JsonObject, *, depth: int) -> None:
    kind = option.get("type")
    form.choice(f"{path}.type", kind, tuple(OptionType))
    _check_name(form, f"{path}.name", form.text(f"{path}.name", option.get("name"), least=1, most=32, required=True))
    form.text(f"{path}.description", option.get("description"), least=1, most=100, required=True)
    choices = form.items(f"{path}.choices", option.get("choices"), most=25)
    if choices and kind not in WITH_CHOICES:
        form.complain(
            f"{path}.choices", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Only STRING, INTEGER and NUMBER options may have choices"
        )
    for index, choice in enumerate(choices):
        check_choice(form, f"{path}.choices.{index}", choice, cast("int", kind))
    if choices and option.get("autocomplete"):
        words = "Autocomplete can not be used with choices"
        form.complain(f"{path}.autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", words)
    form.whole(f"{path}.min_length", option.get("min_length"), 0, 6000)
    form.whole(f"{path}.max_length", option.get("max_length"), 1, 6000)
    if kind in NESTED:
        if depth > 1 or (kind == OptionType.SUB_COMMAND_GROUP and depth > 0):
            form.complain(
                f"{path}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option types can not be nested this deep"
            )
        _check_options(form, f"{path}.options", option.get("options"), depth=depth + 1)
    elif option.get("options"):
        form.complain(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "This option type cannot have options")
