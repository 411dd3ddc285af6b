"""Make people, guilds, channels and threads, and tell the bot about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import announcements, payloads, permissions
from bot.sandbox.discord.events import CommandsChanged
from bot.sandbox.discord.intents import Intent
from bot.sandbox.discord.world import Channel, ChannelType, Guild, Member, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.permissions import Permission

BOT_PERMISSIONS = permissions.EVERYONE | permissions.Permission.USE_EXTERNAL_EMOJIS


def add_user(core: Core, display_name: str, *, locale: str = "en-US") -> User:
    """Make a person."""
    user = User(id=core.snowflakes(), name=display_name.lower(), display_name=display_name, locale=locale)
    core.world.users[user.id] = user
    return user


def add_guild(core: Core, name: str, owner: User, *, guild_id: int | None = None, with_bot: bool = True) -> Guild:
    """Make a guild with its owner and, when asked for, the bot."""
    guild = Guild(id=core.snowflakes() if guild_id is None else guild_id, name=name, owner_id=owner.id)
    guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=permissions.EVERYONE)
    core.world.guilds[guild.id] = guild
    add_member(core, guild, owner)
    if with_bot:
        install(core, guild)
    return guild


def add_role(core: Core, guild: Guild, name: str, rights: Permission, *, mentionable: bool = False) -> Role:
    """Make a role."""
    role = Role(id=core.snowflakes(), name=name, permissions=rights, position=len(guild.roles), mentionable=mentionable)
    guild.roles[role.id] = role
    data = {"guild_id": str(guild.id), "role": payloads.role_json(role)}
    core.gateway.dispatch("GUILD_ROLE_CREATE", data, guild_id=guild.id, intent=Intent.GUILDS)
    return role


def add_member(core: Core, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
    """Let somebody into a guild."""
    member = Member(user=user, joined_at=core.clock(), role_ids={role.id for role in roles})
    guild.members[user.id] = member
    data = payloads.member_json(member) | {"guild_id": str(guild.id)}
    core.gateway.dispatch("GUILD_MEMBER_ADD", data, guild_id=guild.id, intent=Intent.GUILD_MEMBERS)
    return member


def install(core: Core, guild: Guild, rights: Permission = BOT_PERMISSIONS) -> None:
    """Add the bot to a guild, with a managed role of its own that has `rights`."""
    role = add_role(core, guild, core.world.application.name, rights)
    add_member(core, guild, core.bot, [role])
    core.gateway.send_guild_create(guild)
    core.hub.publish(CommandsChanged())


def uninstall(core: Core, guild: Guild) -> None:
    """Remove the bot from a guild."""
    member = guild.members.pop(core.bot.id, None)
    if member is not None:
        for role_id in member.role_ids:
            if guild.roles[role_id].name == core.world.application.name:
                del guild.roles[role_id]
        core.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id, intent=Intent.GUILDS)
        core.hub.publish(CommandsChanged())


def add_channel(core: Core, guild: Guild, name: str, *, kind: ChannelType = ChannelType.TEXT) -> Channel:
    """Make a channel in a guild."""
    channel = Channel(id=core.snowflakes(), type=kind, name=name, guild_id=guild.id, position=len(guild.channels))
    _keep(core, channel, guild)
    announcements.channel_changed(core, channel, "CREATE")
    return channel


def add_thread(
    core: Core,
    parent: Channel,
    *,
    name: str,
    owner: User,
    kind: ChannelType = ChannelType.PUBLIC_THREAD,
    thread_id: int | None = None,
    auto_archive_minutes: int = 1440,
) -> Channel:
    """Start a thread in a guild channel; one on a message has that message's id."""
    now = core.clock()
    thread = Channel(
        id=core.snowflakes() if thread_id is None else thread_id,
        type=kind,
        name=name,
        guild_id=parent.guild_id,
        parent_id=parent.id,
        owner_id=owner.id,
        archive_timestamp=now,
        auto_archive_minutes=auto_archive_minutes,
        thread_members={owner.id: now},
    )
    _keep(core, thread, core.world.guild_of(parent))
    announcements.channel_changed(core, thread, "CREATE")
    return thread


def open_direct_message(core: Core, one: User, other: User) -> Channel:
    """Return the direct message channel of two people, which is made when there is none."""
    for channel in core.world.channels.values():
        if channel.type is ChannelType.DM and {user.id for user in channel.recipients} == {one.id, other.id}:
            return channel
    channel = Channel(id=core.snowflakes(), type=ChannelType.DM, recipients=[one, other])
    _keep(core, channel, None)
    return channel


def add_group(core: Core, name: str, people: list[User]) -> Channel:
    """Make a group of people; the first owns it. Bots cannot be in groups."""
    channel = Channel(id=core.snowflakes(), type=ChannelType.GROUP_DM, name=name, recipients=people, owner_id=people[0].id)
    _keep(core, channel, None)
    return channel


def _keep(core: Core, channel: Channel, guild: Guild | None) -> None:
    core.world.channels[channel.id] = channel
    if guild is not None:
        guild.channels[channel.id] = channel
