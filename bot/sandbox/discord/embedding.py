"""Turn what a bot sends (`attachment://…`, components without ids) into what Discord stores."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.world import JsonObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.discord.files import FileStore
    from bot.sandbox.discord.world import Attachment

SCHEME = "attachment://"
MEDIA_KEYS = ("media", "file")


def resolved_embeds(files: FileStore, attachments: Sequence[Attachment], embeds: list[JsonObject]) -> list[JsonObject]:
    """Return embeds whose pictures have real addresses; a picture that was not sent along is dropped."""
    found = copy.deepcopy(embeds)
    for embed in found:
        embed.setdefault("type", "rich")
        for key in ("image", "thumbnail"):
            if isinstance(embed.get(key), dict):
                picture = cast("JsonObject", embed[key])
                attachment = _named(attachments, str(picture.get("url")))
                if attachment is not None:
                    embed[key] = _media(files, attachment)
                elif str(picture.get("url")).startswith(SCHEME):
                    del embed[key]
                else:
                    embed[key] = picture | {"proxy_url": picture.get("url"), "width": 0, "height": 0, "flags": 0}
    return found


def resolved_components(files: FileStore, attachments: Sequence[Attachment], components: list[JsonObject]) -> list[JsonObject]:
    """Return components whose media have real addresses; raises Refusal 50035 for a file that was not sent along."""
    found = copy.deepcopy(components)
    form = Form()
    for component in walk(found):
        items = cast("list[JsonObject]", component.get("items")) if component.get("type") == Component.MEDIA_GALLERY else []
        holders = [component, *items]
        for holder in holders:
            for key in MEDIA_KEYS:
                if isinstance(holder.get(key), dict):
                    _resolve_media(files, attachments, holder, key, form)
    form.close()
    return found


def with_text_ids(components: list[JsonObject]) -> list[JsonObject]:
    """Write the ids that selects have chosen from the beginning as texts, as Discord gives them: discord.py sends them as numbers."""
    for component in walk(components):
        for default in cast("list[JsonObject]", component.get("default_values") or []):
            default["id"] = str(default["id"])
    return components


def numbered(components: list[JsonObject]) -> list[JsonObject]:
    """Give every component without an id the next free one, as Discord does."""
    everything = list(walk(components))
    taken = {component["id"] for component in everything if component.get("id")}
    following = 1
    for component in everything:
        if not component.get("id"):
            while following in taken:
                following += 1
            component["id"] = following
            taken.add(following)
    return components


def _resolve_media(files: FileStore, attachments: Sequence[Attachment], holder: JsonObject, key: str, form: Form) -> None:
    media = cast("JsonObject", holder[key])
    address = str(media.get("url"))
    attachment = _named(attachments, address)
    if attachment is not None:
        holder[key] = _media(files, attachment)
        if key == "file":
            holder |= {"name": attachment.filename, "size": attachment.size}
    elif address.startswith(SCHEME):
        form.complain(
            f"components.{key}.url",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            f"Attachment {address[len(SCHEME) :]} was not found",
        )


def _named(attachments: Sequence[Attachment], address: str) -> Attachment | None:
    if not address.startswith(SCHEME):
        return None
    name = address[len(SCHEME) :]
    return next((attachment for attachment in attachments if attachment.filename == name), None)


def _media(files: FileStore, attachment: Attachment) -> JsonObject:
    address = files.address(attachment)
    return {
        "url": address,
        "proxy_url": address,
        "width": attachment.width,
        "height": attachment.height,
        "content_type": attachment.content_type,
        "attachment_id": str(attachment.id),
        "flags": 0,
    }
