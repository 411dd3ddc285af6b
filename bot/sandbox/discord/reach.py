"""Where a person can use the app, and as whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.discord.interaction_model import InteractionContext
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import Channel, ChannelType, JsonObject

if TYPE_CHECKING:
    from bot.sandbox.discord.checks_commands import CommandType
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.world import Message, User

GUILD_INSTALL, USER_INSTALL = 0, 1


def context(core: Core, channel: Channel) -> InteractionContext:
    """Return what kind of place a channel is for the app."""
    if channel.guild_id is not None:
        return InteractionContext.GUILD
    with_bot = channel.type is ChannelType.DM and core.bot in channel.recipients
    return InteractionContext.BOT_DM if with_bot else InteractionContext.PRIVATE_CHANNEL


def command(core: Core, user: User, channel: Channel, name: str, kind: CommandType) -> JsonObject:
    """Return the command that this person is offered here; raises ClientRefusal when Discord's client would offer none."""
    found = core.commands.find(name, kind, channel.guild_id)
    if found is None:
        msg = f"unknown command: {name}"
        raise ClientRefusal(msg)
    rights = core.world.permissions_of(user, channel)
    if Permission.VIEW_CHANNEL not in rights:
        msg = "they are not in this channel"
        raise ClientRefusal(msg)
    if channel.guild_id is not None:
        wanted = found.get("default_member_permissions")
        needed = Permission.USE_APPLICATION_COMMANDS | Permission(int(wanted or 0))
        if needed not in rights or (wanted == "0" and Permission.ADMINISTRATOR not in rights):
            msg = f"they may not use {name!r} here"
            raise ClientRefusal(msg)
    contexts = found.get("contexts")
    if contexts is not None and context(core, channel) not in contexts:
        msg = f"{name!r} is not offered in this kind of place"
        raise ClientRefusal(msg)
    if not owners(core, user, channel, found):
        msg = f"{name!r} is not installed here"
        raise ClientRefusal(msg)
    return found


def owners(core: Core, user: User, channel: Channel, found: JsonObject) -> dict[str, int]:
    """Return the installations that make a command available: the guild's under "0", the person's under "1"."""
    kinds: list[int] = found.get("integration_types") or [GUILD_INSTALL]
    place = context(core, channel)
    guild = core.world.guild_of(channel)
    authorizing: dict[str, int] = {}
    if GUILD_INSTALL in kinds:
        if guild is not None and core.bot.id in guild.members:
            authorizing["0"] = guild.id
        elif place is InteractionContext.BOT_DM and any({user.id, core.bot.id} <= set(g.members) for g in core.world.guilds.values()):
            authorizing["0"] = 0
    if USER_INSTALL in kinds and user.id in core.world.application.user_installs:
        authorizing["1"] = user.id
    return authorizing


def owners_of(message: Message, channel: Channel) -> dict[str, int]:
    """Return the installations behind a message's components: those of the interaction it answered, else the place's."""
    if message.interaction is not None:
        kept = cast("dict[str, str]", message.interaction["authorizing_integration_owners"])
        return {key: int(value) for key, value in kept.items()}
    return {"0": channel.guild_id or 0}
