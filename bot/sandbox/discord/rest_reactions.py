"""REST: reactions and pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import access, announcements, messages, payloads, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.snowflakes import timestamp
from bot.sandbox.discord.world import Channel, Message

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core

MAX_PINS = 250
"""Page "Pin Message"."""


def _message(core: Core, call: Call) -> tuple[Channel, Message]:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    return channel, messages.find(channel, call.snowflake("message_id"))


def _react(core: Core, call: Call) -> Reply:
    channel, message = _message(core, call)
    access.require(core, channel, Permission.READ_MESSAGE_HISTORY)
    if channel.archived:
        raise refusals.archived_thread()
    emoji = call.params["emoji"]
    if emoji not in message.reactions:
        access.require(core, channel, Permission.ADD_REACTIONS)
    people = message.reactions.setdefault(emoji, [])
    if core.bot.id not in people:
        people.append(core.bot.id)
        announcements.reaction_changed(core, channel, message, core.bot, emoji, added=True)
    return Reply()


def _unreact(core: Core, call: Call) -> Reply:
    channel, message = _message(core, call)
    user_id = core.bot.id if call.params["user_id"] == "@me" else call.snowflake("user_id")
    if user_id != core.bot.id:
        access.require(core, channel, Permission.MANAGE_MESSAGES)
    emoji = call.params["emoji"]
    people = message.reactions.get(emoji, [])
    if user_id in people:
        people.remove(user_id)
        if not people:
            del message.reactions[emoji]
        announcements.reaction_changed(core, channel, message, core.world.users[user_id], emoji, added=False)
    return Reply()


def _reactors(core: Core, call: Call) -> Reply:
    _, message = _message(core, call)
    limit, after = call.number("limit", 25, 1, 100), call.cursor("after") or 0
    people = sorted(user_id for user_id in message.reactions.get(call.params["emoji"], []) if user_id > after)
    return Reply(200, [payloads.user_json(core.world.users[user_id]) for user_id in people[:limit]])


def _pins(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    if not access.can(core, channel, Permission.READ_MESSAGE_HISTORY):
        return Reply(200, {"items": [], "has_more": False})
    pinned = sorted((m for m in channel.messages.values() if m.pinned), key=lambda m: m.id, reverse=True)
    items = [{"pinned_at": timestamp(m.created_at), "message": payloads.message_json(core.world, core.files, m)} for m in pinned]
    return Reply(200, {"items": items, "has_more": False})


def _pin(core: Core, call: Call) -> Reply:
    channel, message = _message(core, call)
    _require_pinning(core, channel)
    if not message.pinned and sum(m.pinned for m in channel.messages.values()) >= MAX_PINS:
        raise refusals.Refusal(400, 30003, f"Maximum number of pins reached ({MAX_PINS})")
    message.pinned = True
    announcements.message_updated(core, channel, message)
    return Reply()


def _unpin(core: Core, call: Call) -> Reply:
    channel, message = _message(core, call)
    _require_pinning(core, channel)
    message.pinned = False
    announcements.message_updated(core, channel, message)
    return Reply()


def _require_pinning(core: Core, channel: Channel) -> None:
    if channel.guild_id is not None:
        access.require(core, channel, Permission.PIN_MESSAGES, Permission.READ_MESSAGE_HISTORY)


CHANNEL = "/channels/{channel_id}"
REACTIONS = f"{CHANNEL}/messages/{{message_id}}/reactions/{{emoji}}"
ROUTES = (
    Route("GET", REACTIONS, _reactors),
    Route("PUT", f"{REACTIONS}/@me", _react),
    Route("DELETE", f"{REACTIONS}/{{user_id}}", _unreact),
    Route("GET", f"{CHANNEL}/messages/pins", _pins),
    Route("PUT", f"{CHANNEL}/messages/pins/{{message_id}}", _pin),
    Route("DELETE", f"{CHANNEL}/messages/pins/{{message_id}}", _unpin),
)
