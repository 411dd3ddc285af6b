"""REST: messages of a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import access, announcements, messages, payloads, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import Channel, ChannelType, JsonObject, Message, MessageFlag, MessageType

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core

CREATE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_VOICE_MESSAGE | MessageFlag.IS_COMPONENTS_V2
)
BULK_AGE = 14 * 24 * 3600.0


def _write(core: Core, message: Message) -> JsonObject:
    return payloads.message_json(core.world, core.files, message)


def _history(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    if not access.can(core, channel, Permission.READ_MESSAGE_HISTORY):
        return Reply(200, [])
    limit = call.number("limit", 50, 1, 100)
    everything = sorted((m for m in channel.messages.values() if not m.is_ephemeral), key=lambda m: m.id)
    around, after, end = call.cursor("around"), call.cursor("after"), call.cursor("before")
    if around is not None:
        before = [m for m in everything if m.id < around][-(limit // 2) :]
        found = before + [m for m in everything if m.id >= around][: limit - len(before)]
    elif after is not None:
        found = [m for m in everything if m.id > after][:limit]
    else:
        found = [m for m in everything if end is None or m.id < end][-limit:]
    return Reply(200, [_write(core, message) for message in reversed(found)])


def _get(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    access.require(core, channel, Permission.READ_MESSAGE_HISTORY)
    return Reply(200, _write(core, messages.find(channel, call.snowflake("message_id"))))


def _create(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    body = call.fields
    access.require_sending(core, channel, body, call.uploads)
    access.check_uploads(call.uploads, access.upload_limit(core, channel))
    earlier = _earlier(core, body)
    if earlier is not None:
        return Reply(200, _write(core, earlier) | {"nonce": earlier.nonce})
    reference, reference_ids = _reference(core, channel, body)
    draft = messages.Draft(
        body=body,
        uploads=call.uploads,
        flags=messages.flags_of(body, CREATE_FLAGS),
        type=MessageType.DEFAULT if reference_ids is None else MessageType.REPLY,
        reference=reference,
        reference_ids=reference_ids,
    )
    message = messages.post(core, channel, core.bot, draft)
    if channel.archived:
        channel.archived = False
        announcements.channel_changed(core, channel, "UPDATE")
    if message.nonce is None:
        return Reply(200, _write(core, message))
    if body.get("enforce_nonce"):
        core.nonces[core.bot.id, str(message.nonce)] = (core.clock(), channel.id, message.id)
    return Reply(200, _write(core, message) | {"nonce": message.nonce})


def _earlier(core: Core, body: JsonObject) -> Message | None:
    """Return the message that this author posted with the same nonce within the past few minutes."""
    if not body.get("enforce_nonce") or body.get("nonce") is None:
        return None
    at, channel_id, message_id = core.nonces.get((core.bot.id, str(body["nonce"])), (0.0, 0, 0))
    channel = core.world.channels.get(channel_id)
    if channel is None or core.clock() - at > core.limits.nonce_seconds:
        return None
    return channel.messages.get(message_id)


def _reference(core: Core, channel: Channel, body: JsonObject) -> tuple[Message | None, JsonObject | None]:
    given = body.get("message_reference")
    if not isinstance(given, dict):
        return None, None
    ids = cast("JsonObject", given)
    if not access.can(core, channel, Permission.READ_MESSAGE_HISTORY):
        raise refusals.cannot_read_history()
    form = Form()
    found = channel.messages.get(form.snowflake("message_reference.message_id", ids.get("message_id")))
    elsewhere = form.snowflake("message_reference.channel_id", ids.get("channel_id") or channel.id) != channel.id
    form.close()
    if found is None or found.is_ephemeral or elsewhere:
        if ids.get("fail_if_not_exists", True):
            form.complain("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
            form.close()
        return None, None
    return found, messages.reference_to(found)


def _edit(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    message = messages.find(channel, call.snowflake("message_id"))
    if message.author is not core.bot:
        raise refusals.not_your_message()
    access.check_uploads(call.uploads, access.upload_limit(core, channel))
    if call.uploads and channel.type is not ChannelType.DM:
        access.require(core, channel, Permission.ATTACH_FILES)
    messages.edit(core, channel, message, call.fields, call.uploads)
    return Reply(200, _write(core, message))


def _delete(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    message = messages.find(channel, call.snowflake("message_id"))
    if message.author is not core.bot:
        access.require(core, channel, Permission.MANAGE_MESSAGES)
    if channel.archived:
        raise refusals.archived_thread()
    messages.delete(core, channel, message)
    return Reply()


def _bulk_delete(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    if channel.guild_id is None:
        raise refusals.wrong_channel_type()
    access.require(core, channel, Permission.MANAGE_MESSAGES)
    form = Form()
    ids = [form.snowflake("messages", i) for i in form.array("messages", call.fields.get("messages"), least=2, most=100)]
    form.close()
    found = [channel.messages[i] for i in ids if i in channel.messages and not channel.messages[i].is_ephemeral]
    if any(core.clock() - message.created_at > BULK_AGE for message in found):
        raise refusals.Refusal(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    for message in found:
        messages.delete(core, channel, message)
    return Reply()


def _typing(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    access.require_sending(core, channel, {}, ())
    announcements.typing_started(core, channel, core.bot)
    return Reply()


CHANNEL = "/channels/{channel_id}"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
ROUTES = (
    Route("GET", f"{CHANNEL}/messages", _history),
    Route("POST", f"{CHANNEL}/messages", _create),
    Route("POST", f"{CHANNEL}/messages/bulk-delete", _bulk_delete),
    Route("GET", MESSAGE, _get),
    Route("PATCH", MESSAGE, _edit),
    Route("DELETE", MESSAGE, _delete),
    Route("POST", f"{CHANNEL}/typing", _typing),
)
