"""Permission bits, and how Discord adds them up.

The bits and the algorithm are those of the "Permissions" page of Discord's API, implicit denials included.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.discord.world import Channel, Guild, Member


class Permission(IntFlag):
    """The bits that the loopback acts upon, under Discord's names."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    CHANGE_NICKNAME = 1 << 26
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


class OverwriteKind(IntEnum):
    """Whom a channel's overwrite is for."""

    ROLE = 0
    MEMBER = 1


ALL = Permission((1 << 53) - 1)
NONE = Permission(0)
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
    | Permission.USE_EXTERNAL_APPS
)
"""What @everyone may do in a fresh guild."""
DIRECT_MESSAGE = EVERYONE & ~(Permission.CREATE_PUBLIC_THREADS | Permission.CHANGE_NICKNAME)
"""What anybody may do in a direct message, where there are no roles."""


def guild_permissions(guild: Guild, member: Member) -> Permission:
    """Add up what `member` may do in `guild` before channels have their say."""
    if member.user.id == guild.owner_id:
        return ALL
    bits = guild.everyone.permissions
    for role_id in member.role_ids:
        bits |= guild.roles[role_id].permissions
    return ALL if Permission.ADMINISTRATOR in bits else bits


def channel_permissions(guild: Guild, member: Member, channel: Channel) -> Permission:
    """Add up what `member` may do in `channel`, a thread taking its parent's overwrites."""
    bits = guild_permissions(guild, member)
    if bits == ALL:
        return bits
    parent = guild.channels[channel.parent_id] if channel.is_thread and channel.parent_id is not None else channel
    everyone = parent.overwrites.get((OverwriteKind.ROLE, guild.id))
    if everyone is not None:
        bits = without(bits, everyone.deny) | everyone.allow
    roles = [parent.overwrites[key] for role_id in member.role_ids if (key := (OverwriteKind.ROLE, role_id)) in parent.overwrites]
    deny, allow = NONE, NONE
    for overwrite in roles:
        deny |= overwrite.deny
        allow |= overwrite.allow
    bits = without(bits, deny) | allow
    own = parent.overwrites.get((OverwriteKind.MEMBER, member.user.id))
    if own is not None:
        bits = without(bits, own.deny) | own.allow
    return _after_implicit_denials(bits, is_thread=channel.is_thread)


def without(bits: Permission, denied: Permission) -> Permission:
    """Take `denied` away; a flag's own `~` would also take the bits that have no name here."""
    return Permission(int(bits) & ~int(denied))


def _after_implicit_denials(bits: Permission, *, is_thread: bool) -> Permission:
    if Permission.VIEW_CHANNEL not in bits:
        return NONE
    speaking = Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES
    if speaking not in bits:
        return without(bits, Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.SEND_POLLS)
    return bits
