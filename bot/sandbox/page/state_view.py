"""The whole page as one person sees it, as JSON: people, places, and the commands that each place offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import reach
from bot.sandbox.discord.checks_commands import CommandType, OptionType
from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import ChannelType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Channel, Guild, JsonObject
    from bot.sandbox.page.scene import Role, Scene

KINDS = {
    ChannelType.TEXT: "text",
    ChannelType.PUBLIC_THREAD: "thread",
    ChannelType.PRIVATE_THREAD: "thread",
    ChannelType.DM: "direct",
    ChannelType.GROUP_DM: "group",
}
"""The places that can be opened."""


def state_view(scene: Scene, role: Role) -> JsonObject:
    """Write everything but the messages."""
    core = scene.stage.discord.core
    person = role.person
    commands = list(_commands(scene))
    return {
        "me": _role(person.user.name, role),
        "cast": [_role(name, one) for name, one in scene.cast.items()],
        "users": {str(user.id): {"name": user.display_name, "bot": user.bot} for user in core.world.users.values()},
        "bot": {"id": str(core.bot.id), "name": core.bot.display_name},
        "guild": {"id": str(scene.stage.world.guild.id), "name": scene.stage.world.guild.name},
        "guilds": [_guild(guild) for guild in core.world.guilds.values() if person.id in guild.members],
        "commands": commands,
        "channels": [_channel(scene, person, channel, commands) for channel in _places(scene, person)],
        "starter": scene.task_id,
        "generation": list(scene.stage.music.settings.generation),
    }


def find_command(scene: Scene, path: str, guild_id: int | None) -> JsonObject | None:
    """Return the options and names of a slash command ("group sub" for subcommands), None when there is none."""
    first, *rest = path.split() or [""]
    found = scene.stage.discord.core.commands.find(first, CommandType.CHAT_INPUT, guild_id)
    for name in rest:
        options = cast("list[JsonObject]", (found or {}).get("options") or [])
        found = next((option for option in options if option["name"] == name), None)
    return found


def _role(name: str, role: Role) -> JsonObject:
    return {
        "key": name,
        "id": str(role.person.id),
        "name": role.person.user.display_name,
        "note": role.note,
        "moderator": role.moderator,
        "member": role.member,
    }


def _guild(guild: Guild) -> JsonObject:
    """Write a server; its members and roles are what selects offer there."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "roles": [{"id": str(role.id), "name": role.name} for role in guild.roles.values() if role.id != guild.id],
        "members": [str(user_id) for user_id in guild.members],
    }


def _places(scene: Scene, person: Person) -> Iterator[Channel]:
    """List what a person can open: the guild's channels with their threads below them, then direct messages and groups."""
    world = scene.stage.discord.core.world
    seen = [c for c in world.channels.values() if c.type in KINDS and Permission.VIEW_CHANNEL in world.permissions_of(person.user, c)]
    for channel in sorted((c for c in seen if c.type is ChannelType.TEXT), key=lambda c: (c.guild_id or 0, c.position, c.id)):
        yield channel
        yield from (c for c in seen if c.is_thread and c.parent_id == channel.id)
    yield from (c for c in seen if c.guild_id is None)


def _channel(scene: Scene, person: Person, channel: Channel, commands: list[JsonObject]) -> JsonObject:
    world = scene.stage.discord.core.world
    rights = world.permissions_of(person.user, channel)
    others = [user for user in channel.recipients if user is not person.user]
    shown = scene.stage.discord.room(channel).messages_for(person)
    return {
        "id": str(channel.id),
        "kind": KINDS[channel.type],
        "type": int(channel.type),
        "guild": None if channel.guild_id is None else str(channel.guild_id),
        "name": channel.name or ", ".join(user.display_name for user in others),
        "people": [str(user.id) for user in others],
        "parent": None if channel.parent_id is None else str(channel.parent_id),
        "archived": channel.archived,
        "last": str(shown[-1].id) if shown else None,
        "writable": (Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES) in rights,
        "commands": [command["key"] for command in commands if _is_offered(scene, person, channel, command)],
        "hint": scene.hints.get(channel.id, ""),
    }


def _is_offered(scene: Scene, person: Person, channel: Channel, command: JsonObject) -> bool:
    core = scene.stage.discord.core
    try:
        found = reach.command(core, person.user, channel, command["root"], CommandType(command["type"]))
    except ClientRefusal:
        return False
    return str(found["id"]) == command["id"]


def _commands(scene: Scene) -> Iterator[JsonObject]:
    """List every command, each subcommand by itself."""
    core = scene.stage.discord.core
    for scope in (None, *core.world.guilds):
        for command in core.commands.listed(scope):
            kind = int(command["type"])
            if kind != CommandType.CHAT_INPUT:
                name = str(command["name"])
                key = f"{command['id']}:{name}"
                yield {"key": key, "id": command["id"], "root": name, "name": name, "type": kind, "description": "", "options": []}
                continue
            yield from _leaves(command, command, "")


def _leaves(root: JsonObject, command: JsonObject, before: str) -> Iterator[JsonObject]:
    path = f"{before}{command['name']}"
    options = cast("list[JsonObject]", command.get("options") or [])
    nested = [option for option in options if option["type"] in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)]
    if nested:
        for option in nested:
            yield from _leaves(root, option, f"{path} ")
        return
    yield {
        "key": f"{root['id']}:{path}",
        "id": root["id"],
        "root": root["name"],
        "name": path,
        "type": int(CommandType.CHAT_INPUT),
        "description": command.get("description", ""),
        "options": options,
    }
