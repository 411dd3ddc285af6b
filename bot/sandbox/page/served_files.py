"""Attachments under the page's own address, with byte ranges; none of them can act as a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Attachment
    from bot.sandbox.page.scene import Scene

SHOWN = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4", "video/mp4"}
)
"""What a browser shows in place; the rest, HTML and SVG above all, can only be saved."""


def serve_file(scene: Scene, person: Person, attachment_id: int) -> web.StreamResponse:
    """Answer with a file of a message that this person sees; 404 for any other."""
    files = scene.stage.discord.core.files
    attachment = files.find(attachment_id)
    if attachment is None or not _is_seen(scene, person, attachment):
        return web.Response(status=404, text="This file is no longer there.")
    shown = attachment.content_type in SHOWN
    headers = {
        hdrs.CONTENT_TYPE: attachment.content_type if shown and attachment.content_type else "application/octet-stream",
        hdrs.CACHE_CONTROL: "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        hdrs.CONTENT_DISPOSITION: f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(attachment.filename)}",
    }
    return web.FileResponse(files.path(attachment.digest), headers=headers)


def _is_seen(scene: Scene, person: Person, attachment: Attachment) -> bool:
    channel = scene.stage.discord.core.world.channels.get(attachment.channel_id)
    if channel is None:
        return False
    holders = (message for message in channel.messages.values() if attachment in message.attachments)
    return any(scene.sees(person, message) for message in holders)
