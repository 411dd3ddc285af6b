"""Attachment downloads, with byte ranges as a browser's audio player asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.world import Attachment


class Cdn:
    """Serve what is attached to messages that still exist, under addresses that were handed out and are not too old."""

    def __init__(self, core: Core) -> None:
        """Serve the files of `core`."""
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one download: 404 for an unknown, deleted or expired address."""
        attachment = self._find(request.match_info)
        if attachment is None or not self._signed(request, attachment):
            return web.Response(status=404, text="This content is no longer available.")
        headers = {"Content-Type": attachment.content_type or "application/octet-stream", "Cache-Control": "private, max-age=3600"}
        return web.FileResponse(self._core.files.path(attachment.digest), headers=headers)

    def _find(self, place: web.UrlMappingMatchInfo) -> Attachment | None:
        attachment = self._core.files.find(int(place["attachment_id"]))
        if attachment is None or (str(attachment.channel_id), attachment.filename) != (place["channel_id"], place["filename"]):
            return None
        return attachment

    def _signed(self, request: web.Request, attachment: Attachment) -> bool:
        try:
            expires = int(request.query.get("ex", ""), 16)
        except ValueError:
            return False
        return request.query.get("hm") == attachment.signature and self._core.clock() < expires
