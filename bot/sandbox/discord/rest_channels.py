"""REST: channels and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import access, announcements, messages, payloads, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.places import add_thread
from bot.sandbox.discord.world import Channel, ChannelType, JsonObject

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core

AUTO_ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
MAX_SLOWMODE = 21_600


def _get(core: Core, call: Call) -> Reply:
    return Reply(200, payloads.channel_json(access.visible_channel(core, call.snowflake("channel_id"))))


def _patch(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    body = call.fields
    if channel.guild_id is None:
        raise refusals.wrong_channel_type()
    _check_channel(body)
    if channel.is_thread:
        _patch_thread(core, channel, body)
    else:
        access.require(core, channel, Permission.MANAGE_CHANNELS)
        channel.name = body.get("name", channel.name)
        channel.topic = body.get("topic", channel.topic)
    announcements.channel_changed(core, channel, "UPDATE")
    return Reply(200, payloads.channel_json(channel))


def _patch_thread(core: Core, thread: Channel, body: JsonObject) -> None:
    manages = access.can(core, thread, Permission.MANAGE_THREADS)
    owns = thread.owner_id == core.bot.id
    if not manages and (not owns or "locked" in body):
        raise refusals.missing_permissions()
    if thread.archived and body.get("archived", True) and set(body) - {"archived", "locked"}:
        raise refusals.archived_thread()
    thread.name = body.get("name", thread.name)
    thread.locked = body.get("locked", thread.locked)
    thread.auto_archive_minutes = body.get("auto_archive_duration", thread.auto_archive_minutes)
    if body.get("archived", thread.archived) != thread.archived:
        thread.archived = not thread.archived
        thread.archive_timestamp = core.clock()


def _delete(core: Core, call: Call) -> Reply:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    guild = core.world.guild_of(channel)
    if guild is None:
        raise refusals.wrong_channel_type()
    access.require(core, channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    del guild.channels[channel.id], core.world.channels[channel.id]
    announcements.channel_changed(core, channel, "DELETE")
    return Reply(200, payloads.channel_json(channel))


def _start_on_message(core: Core, call: Call) -> Reply:
    channel = _parent(core, call)
    access.require(core, channel, Permission.CREATE_PUBLIC_THREADS, Permission.READ_MESSAGE_HISTORY)
    message = messages.find(channel, call.snowflake("message_id"))
    if message.id in core.world.channels:
        raise refusals.thread_exists()
    thread = _start(core, channel, call.fields, ChannelType.PUBLIC_THREAD, message.id)
    messages.mark_thread(core, channel, message, thread)
    return Reply(201, payloads.channel_json(thread))


def _start_alone(core: Core, call: Call) -> Reply:
    channel = _parent(core, call)
    kind = call.fields.get("type", ChannelType.PRIVATE_THREAD)
    form = Form()
    form.choice("type", kind, (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD))
    form.close()
    wanted = Permission.CREATE_PRIVATE_THREADS if kind == ChannelType.PRIVATE_THREAD else Permission.CREATE_PUBLIC_THREADS
    access.require(core, channel, wanted)
    return Reply(201, payloads.channel_json(_start(core, channel, call.fields, ChannelType(kind), core.snowflakes())))


def _start(core: Core, channel: Channel, body: JsonObject, kind: ChannelType, thread_id: int) -> Channel:
    _check_channel(body, required=True)
    minutes = body.get("auto_archive_duration") or AUTO_ARCHIVE_MINUTES[1]
    return add_thread(core, channel, name=body["name"], owner=core.bot, kind=kind, thread_id=thread_id, auto_archive_minutes=minutes)


def _parent(core: Core, call: Call) -> Channel:
    channel = access.visible_channel(core, call.snowflake("channel_id"))
    if channel.type is not ChannelType.TEXT:
        raise refusals.wrong_channel_type()
    return channel


def _check_channel(body: JsonObject, *, required: bool = False) -> None:
    form = Form()
    if required or "name" in body:
        form.text("name", body.get("name"), least=1, most=100, required=True)
    form.text("topic", body.get("topic"), most=1024)
    for key in ("archived", "locked"):
        if not isinstance(body.get(key, False), bool):
            form.complain(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    form.whole("rate_limit_per_user", body.get("rate_limit_per_user"), 0, MAX_SLOWMODE)
    if body.get("auto_archive_duration") is not None:
        form.choice("auto_archive_duration", body["auto_archive_duration"], AUTO_ARCHIVE_MINUTES)
    form.close()


def _thread(core: Core, call: Call) -> Channel:
    thread = access.visible_channel(core, call.snowflake("channel_id"))
    if not thread.is_thread:
        raise refusals.wrong_channel_type()
    return thread


def _member_id(core: Core, call: Call) -> int:
    return core.bot.id if call.params["user_id"] == "@me" else call.snowflake("user_id")


def _thread_members(core: Core, call: Call) -> Reply:
    thread = _thread(core, call)
    return Reply(200, [payloads.thread_member_json(thread, user_id) for user_id in thread.thread_members])


def _thread_member(core: Core, call: Call) -> Reply:
    thread, user_id = _thread(core, call), _member_id(core, call)
    if user_id not in thread.thread_members:
        raise refusals.unknown_member()
    return Reply(200, payloads.thread_member_json(thread, user_id))


def _join(core: Core, call: Call) -> Reply:
    thread, user_id = _thread(core, call), _member_id(core, call)
    if thread.archived:
        raise refusals.archived_thread()
    guild = core.world.guild_of(thread)
    if guild is None or user_id not in guild.members:
        raise refusals.unknown_member()
    thread.thread_members.setdefault(user_id, core.clock())
    return Reply()


def _leave(core: Core, call: Call) -> Reply:
    thread, user_id = _thread(core, call), _member_id(core, call)
    if thread.archived:
        raise refusals.archived_thread()
    if user_id != core.bot.id:
        access.require(core, thread, Permission.MANAGE_THREADS)
    thread.thread_members.pop(user_id, None)
    return Reply()


def _archived(core: Core, call: Call) -> Reply:
    channel = _parent(core, call)
    access.require(core, channel, Permission.READ_MESSAGE_HISTORY)
    threads = [c for c in core.world.channels.values() if c.parent_id == channel.id and c.type is ChannelType.PUBLIC_THREAD and c.archived]
    found = sorted(threads, key=lambda c: c.archive_timestamp, reverse=True)
    members = [payloads.thread_member_json(t, core.bot.id) for t in found if core.bot.id in t.thread_members]
    return Reply(200, {"threads": [payloads.channel_json(t) for t in found], "members": members, "has_more": False})


CHANNEL = "/channels/{channel_id}"
ROUTES = (
    Route("GET", f"{CHANNEL}/threads/archived/public", _archived),
    Route("GET", CHANNEL, _get),
    Route("PATCH", CHANNEL, _patch),
    Route("DELETE", CHANNEL, _delete),
    Route("POST", f"{CHANNEL}/messages/{{message_id}}/threads", _start_on_message),
    Route("POST", f"{CHANNEL}/threads", _start_alone),
    Route("GET", f"{CHANNEL}/thread-members", _thread_members),
    Route("GET", f"{CHANNEL}/thread-members/{{user_id}}", _thread_member),
    Route("PUT", f"{CHANNEL}/thread-members/{{user_id}}", _join),
    Route("DELETE", f"{CHANNEL}/thread-members/{{user_id}}", _leave),
)
