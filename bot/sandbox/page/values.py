"""From what the page sends for options, selects and forms to what a person gives: people, rooms, roles and files instead of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.checks_commands import OptionType
from bot.sandbox.discord.component_types import Component
from bot.sandbox.page.requests import PageRefusal
from bot.sandbox.page.state_view import find_command

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject
    from bot.sandbox.page.requests import Act
    from bot.sandbox.page.uploads import Uploads

NO_COMMAND = "Encore has no such command here any more. Choose it from the list again."


def command_options(act: Act, uploads: Uploads) -> tuple[dict[str, object], list[object]]:
    """Return the options of a command as a person gives them, and the ids of the uploads among them; raises PageRefusal."""
    room = act.room()
    command = find_command(act.scene, act.text("name", most=100), room.channel.guild_id)
    if command is None:
        raise PageRefusal(NO_COMMAND, 404)
    types = {option["name"]: OptionType(option["type"]) for option in cast("list[JsonObject]", command.get("options") or [])}
    given: dict[str, object] = {}
    used: list[object] = []
    guild = room.core.world.guild_of(room.channel)
    limit = max(act.role.person.user.attachment_size_limit, 0 if guild is None else guild.attachment_size_limit)
    for name, value in act.mapping("options").items():
        kind = types.get(name)
        if kind is OptionType.ATTACHMENT:
            given[name] = uploads.take(act.role.person.id, value, limit)
            used.append(value)
        else:
            given[name] = value if kind is None else _option(act, kind, value)
    return given, used


def selected(act: Act, component_type: object, values: object) -> list[object]:
    """Return what was chosen in a select; raises PageRefusal."""
    if not isinstance(values, list):
        msg = "“values” should be a list."
        raise PageRefusal(msg)
    return [_chosen(act, component_type, str(value)) for value in cast("list[object]", values)]


def _option(act: Act, kind: OptionType, value: object) -> object:
    match kind:
        case OptionType.INTEGER | OptionType.NUMBER if isinstance(value, str):
            return _number(value, whole=kind is OptionType.INTEGER)
        case OptionType.USER | OptionType.CHANNEL | OptionType.ROLE | OptionType.MENTIONABLE:
            return _thing(act, str(value))
        case _:
            return value


def _number(text: str, *, whole: bool) -> int | float:
    try:
        return int(text) if whole else float(text)
    except ValueError as error:
        msg = f"“{text[:40]}” is not a {'whole ' if whole else ''}number."
        raise PageRefusal(msg) from error


def _chosen(act: Act, component_type: object, value: str) -> object:
    if component_type in (Component.USER_SELECT, Component.CHANNEL_SELECT, Component.ROLE_SELECT, Component.MENTIONABLE_SELECT):
        return _thing(act, value)
    return value


def _thing(act: Act, value: str) -> object:
    """Return the person, role or channel with this id."""
    room = act.room()
    world, guild = room.core.world, room.core.world.guild_of(room.channel)
    if value.isascii() and value.isdigit():
        number = int(value)
        if number in world.users:
            return world.users[number]
        if number in world.channels:
            return world.channels[number]
        if guild is not None and number in guild.roles:
            return guild.roles[number]
    msg = "Choose one from the list."
    raise PageRefusal(msg)
