"""A message as one person sees it, as JSON for the page."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from bot.sandbox.discord import payloads
from bot.sandbox.discord.component_types import walk
from bot.sandbox.discord.interaction_model import InteractionState
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import MessageType

if TYPE_CHECKING:
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Attachment, JsonObject, Message
    from bot.sandbox.page.scene import Scene

EXCERPT = 400
"""Characters of a message that is replied to: more than a line shows, since a link that is cut off would be no link."""
COMMANDS = (MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND)


def message_view(scene: Scene, person: Person, message: Message) -> JsonObject:
    """Write a message for `person`, with files under the page's own addresses; times are milliseconds since 1970."""
    core = scene.stage.discord.core
    body = payloads.message_json(core.world, core.files, message)
    described = {str(attachment.id): attachment for attachment in message.attachments}
    return {
        "id": body["id"],
        "channel": body["channel_id"],
        "author": author_view(scene, message),
        "at": round(message.created_at * 1000),
        "edited": message.edited_at is not None and not message.is_loading,
        "loading": message.is_loading,
        "failed": _failure(scene, message),
        "ephemeral": message.is_ephemeral,
        "content": message.content,
        "embeds": [_embed(person, embed, described) for embed in cast("list[JsonObject]", body["embeds"])],
        "components": _components(person, message),
        "files": [file_view(person, described[shown["id"]]) for shown in body["attachments"]],
        "reactions": [
            {"emoji": emoji, "count": len(people), "mine": person.id in people, "names": _names(scene, people)}
            for emoji, people in message.reactions.items()
        ],
        "reply": _reply(scene, person, message),
        "used": _used(scene, message),
        "pings": person.id in message.pinged,
        "mentioned": _is_mentioned(scene, person, message),
        "deletable": _is_deletable(person, message),
        "thread": None if message.thread_id is None else str(message.thread_id),
    }


def author_view(scene: Scene, message: Message) -> JsonObject:
    """Write who wrote a message."""
    author = message.author
    moderator = any(role.moderator and role.person.id == author.id for role in scene.cast.values())
    return {"id": str(author.id), "name": author.display_name, "bot": author.bot, "moderator": moderator}


def file_view(person: Person, attachment: Attachment) -> JsonObject:
    """Write a file; its address is the page's own, for this person."""
    return {
        "id": str(attachment.id),
        "name": attachment.filename,
        "size": attachment.size,
        "type": attachment.content_type or "",
        "alt": attachment.description or "",
        "width": attachment.width,
        "height": attachment.height,
        "url": file_address(person, attachment.id, attachment.filename),
    }


def file_address(person: Person, attachment_id: int, filename: str) -> str:
    """Return where the page serves a file for a person."""
    return f"/files/{attachment_id}/{quote(filename)}?person={person.user.name}"


def _embed(person: Person, embed: JsonObject, described: dict[str, Attachment]) -> JsonObject:
    shown = {key: embed[key] for key in ("title", "description", "url", "color", "fields", "timestamp") if embed.get(key)}
    for key in ("author", "footer", "provider"):
        if embed.get(key):
            shown[key] = {name: embed[key][name] for name in ("name", "text", "url") if embed[key].get(name)}
    for key in ("image", "thumbnail"):
        if embed.get(key):
            shown[key] = _picture(person, embed[key], described)
    return shown


def _picture(person: Person, media: JsonObject, described: dict[str, Attachment]) -> JsonObject:
    """Write a picture; one from elsewhere keeps only its link, since the page loads nothing from elsewhere."""
    attachment = described.get(str(media.get("attachment_id")))
    return {"link": media.get("url")} if attachment is None else file_view(person, attachment)


def _components(person: Person, message: Message) -> list[JsonObject]:
    described = {str(attachment.id): attachment for attachment in message.attachments}
    shown = copy.deepcopy(message.components)
    for component in walk(shown):
        for holder in (component, *cast("list[JsonObject]", component.get("items") or [])):
            for key in ("media", "file"):
                if isinstance(holder.get(key), dict):
                    holder[key] = _picture(person, holder[key], described)
    return shown


def _names(scene: Scene, people: list[int]) -> list[str]:
    users = scene.stage.discord.core.world.users
    return [users[user_id].display_name for user_id in people if user_id in users]


def _reply(scene: Scene, person: Person, message: Message) -> JsonObject | None:
    if message.type is not MessageType.REPLY or message.reference_ids is None:
        return None
    target = message.reference
    channel = scene.stage.discord.core.world.channels[message.channel_id]
    if target is None or target.id not in channel.messages or not scene.sees(person, target):
        return {"id": message.reference_ids.get("message_id"), "gone": True}
    text = target.content or next((str(e.get("title") or e.get("description") or "") for e in target.embeds), "")
    words = " ".join(text.split())[:EXCERPT] or ("Attachment" if target.attachments else "Message")
    return {"id": str(target.id), "gone": False, "author": author_view(scene, target), "text": words}


def _used(scene: Scene, message: Message) -> JsonObject | None:
    if message.type not in COMMANDS or message.interaction is None:
        return None
    user = message.interaction["user"]
    known = scene.stage.discord.core.world.users.get(int(user["id"]))
    return {
        "id": user["id"],
        "name": user["username"] if known is None else known.display_name,
        "command": message.interaction.get("name", ""),
        "slash": message.type is MessageType.CHAT_INPUT_COMMAND,
    }


def _is_mentioned(scene: Scene, person: Person, message: Message) -> bool:
    guild = None if message.guild_id is None else scene.stage.discord.core.world.guilds.get(message.guild_id)
    member = None if guild is None else guild.members.get(person.id)
    roles = set[int]() if member is None else member.role_ids
    return person.user in message.mentions or message.mention_everyone or not roles.isdisjoint(message.mention_roles)


def _is_deletable(person: Person, message: Message) -> bool:
    if message.is_ephemeral:
        return False
    channel = person.core.world.channels[message.channel_id]
    return message.author is person.user or Permission.MANAGE_MESSAGES in person.core.world.permissions_of(person.user, channel)


def _failure(scene: Scene, message: Message) -> str | None:
    """Say what Discord shows in place of a "thinking" that came to nothing."""
    if not message.is_loading:
        return None
    interactions = scene.stage.discord.core.interactions.values()
    return next((i.failure for i in interactions if i.original is message and i.state is InteractionState.FAILED), None)
