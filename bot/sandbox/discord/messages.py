"""Post, edit and delete messages; permissions are the caller's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import announcements, mentions, refusals
from bot.sandbox.discord.checks_messages import check_message
from bot.sandbox.discord.embedding import numbered, resolved_components, resolved_embeds, with_text_ids
from bot.sandbox.discord.world import Channel, JsonObject, Message, MessageFlag, MessageType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.files import Upload
    from bot.sandbox.discord.world import Attachment, User

LATE_EDIT_AGE = 3600.0
EDITABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2


@dataclass(slots=True, frozen=True, kw_only=True)
class Draft:
    """A message about to be posted: `body` as it came, and what the route adds to it.

    `at` is the path of `body` inside the request, for complaints; `flags` are the ones the message gets.
    """

    body: JsonObject
    uploads: Sequence[Upload] = ()
    flags: MessageFlag = MessageFlag(0)
    type: MessageType = MessageType.DEFAULT
    reference: Message | None = None
    reference_ids: JsonObject | None = None
    interaction: JsonObject | None = None
    webhook_id: int | None = None
    viewer_id: int | None = None
    at: str = ""


def find(channel: Channel, message_id: int) -> Message:
    """Return a message everybody in the channel sees; raises Refusal 10008."""
    message = channel.messages.get(message_id)
    if message is None or message.is_ephemeral:
        raise refusals.unknown_message()
    return message


def reference_to(message: Message) -> JsonObject:
    """Write the message_reference of a reply to `message`."""
    body: JsonObject = {"type": 0, "channel_id": str(message.channel_id), "message_id": str(message.id)}
    return body if message.guild_id is None else body | {"guild_id": str(message.guild_id)}


def flags_of(body: JsonObject, allowed: MessageFlag) -> MessageFlag:
    """Return the flags of a body that its route allows; the others are ignored, as Discord ignores them."""
    value = body.get("flags")
    return MessageFlag(value if isinstance(value, int) else 0) & allowed


def post(core: Core, channel: Channel, author: User, draft: Draft) -> Message:
    """Check and post a message, and tell everybody; raises Refusal."""
    body = draft.body
    check_message(body, flags=draft.flags, uploads=len(draft.uploads), at=draft.at)
    loading = MessageFlag.LOADING in draft.flags
    if not loading and not draft.uploads and not any(body.get(key) for key in ("content", "embeds", "components", "poll", "sticker_ids")):
        raise refusals.empty_message()
    message = Message(
        id=core.snowflakes(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author=author,
        type=draft.type,
        created_at=core.clock(),
        flags=draft.flags,
        tts=bool(body.get("tts")),
        nonce=body.get("nonce"),
        reference=draft.reference,
        reference_ids=draft.reference_ids,
        interaction=draft.interaction,
        webhook_id=draft.webhook_id,
        viewer_id=draft.viewer_id,
    )
    _fill(core, channel, message, body, draft.uploads)
    found = mentions.resolve(core.world, channel, message, body.get("allowed_mentions"))
    message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone
    if MessageFlag.SUPPRESS_NOTIFICATIONS not in draft.flags and not message.is_ephemeral:
        message.pinged = mentions.notified(core.world, channel, author, found)
    channel.messages[message.id] = message
    announcements.message_created(core, channel, message)
    return message


def edit(core: Core, channel: Channel, message: Message, body: JsonObject, uploads: Sequence[Upload] = ()) -> None:
    """Check and make an edit, and tell everybody; raises Refusal."""
    if channel.archived:
        raise refusals.archived_thread()
    _count_late_edit(core, message)
    flags = message.flags & ~MessageFlag.LOADING
    if "flags" in body:
        kept_for_good = message.flags & MessageFlag.IS_COMPONENTS_V2
        flags = (flags & ~EDITABLE_FLAGS) | flags_of(body, EDITABLE_FLAGS) | kept_for_good
    if MessageFlag.IS_COMPONENTS_V2 in flags & ~message.flags:
        body = {"content": message.content, "embeds": message.embeds, **body}
    check_message(body, flags=flags, uploads=len(uploads), attached={a.id for a in message.attachments})
    _refuse_emptying(message, body, uploads)
    message.flags = flags
    _fill(core, channel, message, body, uploads)
    found = mentions.resolve(core.world, channel, message, body.get("allowed_mentions"))
    message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone
    message.edited_at = core.clock()
    announcements.message_updated(core, channel, message)


def delete(core: Core, channel: Channel, message: Message) -> None:
    """Delete a message and tell everybody."""
    channel.messages.pop(message.id, None)
    core.files.forget(message.attachments)
    announcements.message_deleted(core, channel, message)


def mark_thread(core: Core, channel: Channel, message: Message, thread: Channel) -> None:
    """Note that a thread was started on a message, and tell everybody."""
    message.thread_id = thread.id
    message.flags |= MessageFlag.HAS_THREAD
    announcements.message_updated(core, channel, message)


def _refuse_emptying(message: Message, body: JsonObject, uploads: Sequence[Upload]) -> None:
    kept = body["attachments"] if body.get("attachments") is not None else message.attachments
    parts = [body.get(key, getattr(message, key)) for key in ("content", "embeds", "components")]
    if not uploads and not kept and not any(parts):
        raise refusals.empty_message()


def _count_late_edit(core: Core, message: Message) -> None:
    if core.limits.late_edits is None or core.clock() - message.created_at < LATE_EDIT_AGE:
        return
    if message.late_edits >= core.limits.late_edits:
        raise refusals.late_edits_exhausted(core.limits.late_edit_retry_seconds)
    message.late_edits += 1


def _fill(core: Core, channel: Channel, message: Message, body: JsonObject, uploads: Sequence[Upload]) -> None:
    """Take over what the body names; what it does not name stays."""
    attachments = _attachments(core, channel, message, body, uploads)
    if "components" in body:
        components = resolved_components(core.files, attachments, cast("list[JsonObject]", body["components"] or []))
        message.components = numbered(with_text_ids(components))
    core.files.forget(attachment for attachment in message.attachments if attachment not in attachments)
    message.attachments = attachments
    if "content" in body:
        message.content = (body["content"] or "").strip()
    if "embeds" in body:
        message.embeds = resolved_embeds(core.files, attachments, cast("list[JsonObject]", body["embeds"] or []))


def _attachments(core: Core, channel: Channel, message: Message, body: JsonObject, uploads: Sequence[Upload]) -> list[Attachment]:
    described = {str(item.get("id")): item for item in cast("list[JsonObject]", body.get("attachments") or [])}
    kept = [a for a in message.attachments if body.get("attachments") is None or str(a.id) in described]
    added: list[Attachment] = []
    for upload in uploads:
        item = described.get(str(upload.index), {})
        added.append(
            core.files.save(
                upload,
                attachment_id=core.snowflakes(),
                channel_id=channel.id,
                description=item.get("description"),
                filename=item.get("filename"),
                ephemeral=message.is_ephemeral,
            )
        )
    return kept + added
