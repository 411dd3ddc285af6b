"""What the bot may reach and do through REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import refusals
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import Channel, ChannelType, Guild

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.files import Upload
    from bot.sandbox.discord.world import JsonObject

DEFAULT_REQUEST_FILE = 10 * 1024 * 1024


def visible_channel(core: Core, channel_id: int) -> Channel:
    """Return a channel the bot sees; raises Refusal 10003, 50001."""
    channel = core.world.channels.get(channel_id)
    if channel is None:
        raise refusals.unknown_channel()
    if Permission.VIEW_CHANNEL not in core.world.permissions_of(core.bot, channel):
        raise refusals.missing_access()
    return channel


def require(core: Core, channel: Channel, *wanted: Permission) -> None:
    """Raise Refusal 50013 unless the bot has these permissions in the channel."""
    have = core.world.permissions_of(core.bot, channel)
    if any(permission not in have for permission in wanted):
        raise refusals.missing_permissions()


def can(core: Core, channel: Channel, permission: Permission) -> bool:
    """Tell whether the bot has a permission in the channel."""
    return permission in core.world.permissions_of(core.bot, channel)


def require_sending(core: Core, channel: Channel, body: JsonObject, uploads: Sequence[Upload]) -> None:
    """Raise the Refusal that posting this in the channel meets, if any."""
    if channel.type is ChannelType.DM:
        if not all(user.dms_open for user in channel.recipients):
            raise refusals.cannot_message_user()
        return
    if channel.type is ChannelType.CATEGORY:
        raise refusals.wrong_channel_type()
    require(core, channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
    if body.get("embeds"):
        require(core, channel, Permission.EMBED_LINKS)
    if uploads:
        require(core, channel, Permission.ATTACH_FILES)
    if channel.is_thread and channel.locked:
        require_or_locked(core, channel)


def require_or_locked(core: Core, channel: Channel) -> None:
    """Raise Refusal 160005 unless the bot may manage a locked thread."""
    if not can(core, channel, Permission.MANAGE_THREADS):
        raise refusals.locked_thread()


def check_uploads(uploads: Sequence[Upload], limit: int) -> None:
    """Raise Refusal 40005 when a file has more than `limit` bytes."""
    if any(len(upload.content) > limit for upload in uploads):
        raise refusals.too_large()


def upload_limit(core: Core, channel: Channel) -> int:
    """Return the bytes that a file of the bot may have in a channel."""
    guild = core.world.guild_of(channel)
    return DEFAULT_REQUEST_FILE if guild is None else guild.attachment_size_limit


def joined_guild(core: Core, guild_id: int) -> Guild:
    """Return a guild the bot is in; raises Refusal 10004, 50001."""
    guild = core.world.guilds.get(guild_id)
    if guild is None:
        raise refusals.unknown_guild()
    if core.bot.id not in guild.members:
        raise refusals.missing_access()
    return guild
