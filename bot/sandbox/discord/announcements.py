"""Tell the bot's gateway and everybody who watches what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import payloads
from bot.sandbox.discord.events import ChannelChanged, MessageCreated, MessageDeleted, MessageUpdated, TypingStarted
from bot.sandbox.discord.intents import Intent
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import Channel, ChannelType, Message

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.world import JsonObject, User


def message_created(core: Core, channel: Channel, message: Message) -> None:
    """Announce a new message."""
    _send_message(core, channel, message, "MESSAGE_CREATE")
    core.hub.publish(MessageCreated(message))


def message_updated(core: Core, channel: Channel, message: Message) -> None:
    """Announce a changed message."""
    _send_message(core, channel, message, "MESSAGE_UPDATE")
    core.hub.publish(MessageUpdated(message))


def message_deleted(core: Core, channel: Channel, message: Message) -> None:
    """Announce a deleted message."""
    if _bot_sees(core, channel) and not message.is_ephemeral:
        data = _place(channel) | {"id": str(message.id)}
        core.gateway.dispatch(
            "MESSAGE_DELETE", data, guild_id=channel.guild_id, intent=_intent(channel, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES)
        )
    core.hub.publish(MessageDeleted(message))


def reaction_changed(core: Core, channel: Channel, message: Message, user: User, emoji: str, *, added: bool) -> None:
    """Announce a reaction that came or went."""
    name, _, emoji_id = emoji.partition(":")
    data = _place(channel) | {
        "message_id": str(message.id),
        "user_id": str(user.id),
        "emoji": {"id": emoji_id or None, "name": name},
        "burst": False,
        "type": 0,
        "message_author_id": str(message.author.id),
    }
    if _bot_sees(core, channel):
        event = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
        intent = _intent(channel, Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)
        core.gateway.dispatch(event, data, guild_id=channel.guild_id, intent=intent)
    core.hub.publish(MessageUpdated(message))


def typing_started(core: Core, channel: Channel, user: User) -> None:
    """Announce that somebody types."""
    data = _place(channel) | {"user_id": str(user.id), "timestamp": int(core.clock())}
    if _bot_sees(core, channel):
        intent = _intent(channel, Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)
        core.gateway.dispatch("TYPING_START", data, guild_id=channel.guild_id, intent=intent)
    core.hub.publish(TypingStarted(channel, user))


def channel_changed(core: Core, channel: Channel, what: str) -> None:
    """Announce that a guild channel or thread was made, changed or deleted; `what` is CREATE, UPDATE or DELETE."""
    if channel.guild_id is not None:
        data = payloads.channel_json(channel)
        if what == "CREATE" and channel.is_thread:
            data["newly_created"] = True
        name = f"THREAD_{what}" if channel.is_thread else f"CHANNEL_{what}"
        core.gateway.dispatch(name, data, guild_id=channel.guild_id, intent=Intent.GUILDS)
    core.hub.publish(ChannelChanged(channel))


def _send_message(core: Core, channel: Channel, message: Message, event: str) -> None:
    if message.is_ephemeral or not _bot_sees(core, channel):
        return
    data = payloads.message_event_json(core.world, core.files, message)
    if event == "MESSAGE_CREATE" and message.nonce is not None:
        data["nonce"] = message.nonce
    open_to_bot = channel.guild_id is None or message.author is core.bot or core.bot in message.mentions
    core.gateway.dispatch(
        event,
        data,
        guild_id=channel.guild_id,
        intent=_intent(channel, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
        guarded=None if open_to_bot else payloads.without_content(data),
    )


def _bot_sees(core: Core, channel: Channel) -> bool:
    return Permission.VIEW_CHANNEL in core.world.permissions_of(core.bot, channel)


def _intent(channel: Channel, in_guild: Intent, direct: Intent) -> Intent:
    return direct if channel.type in (ChannelType.DM, ChannelType.GROUP_DM) else in_guild


def _place(channel: Channel) -> JsonObject:
    body: JsonObject = {"channel_id": str(channel.id)}
    return body if channel.guild_id is None else body | {"guild_id": str(channel.guild_id)}
