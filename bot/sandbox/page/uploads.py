"""Files that were chosen on the page and wait for the command that takes them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from bot.sandbox.discord.files import Upload
from bot.sandbox.page.requests import PageRefusal

if TYPE_CHECKING:
    from aiohttp import StreamReader

MOST_BYTES = 25 * 1024 * 1024
"""Bytes of one file: Discord's limit of a request (reference page "Uploading Files")."""
MOST_WAITING = 8
"""Files that wait at once; the oldest goes first."""


class Uploads:
    """The waiting files by an id that is hard to guess, each of one person."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[str, tuple[int, Upload]] = {}

    async def keep(self, person_id: int, filename: str, content: StreamReader) -> tuple[str, Upload]:
        """Read a file and keep it; raises PageRefusal for one that is empty or too large."""
        read = bytearray()
        async for chunk in content.iter_chunked(1 << 16):
            read += chunk
            if len(read) > MOST_BYTES:
                msg = f"This file is too large: at most {MOST_BYTES // 1024 // 1024} MB."
                raise PageRefusal(msg, 413)
        if not read:
            msg = "This file is empty."
            raise PageRefusal(msg)
        upload = Upload(0, filename[:200] or "unknown", bytes(read))
        upload_id = secrets.token_urlsafe(12)
        self._waiting[upload_id] = (person_id, upload)
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        return upload_id, upload

    def take(self, person_id: int, upload_id: object, limit: int) -> Upload:
        """Return a waiting file of this person; raises PageRefusal when it is gone or above `limit` bytes, Discord's for this place."""
        owner, upload = self._waiting.get(str(upload_id), (0, None))
        if upload is None or owner != person_id:
            msg = "The file is no longer there: choose it once more."
            raise PageRefusal(msg, 404)
        if len(upload.content) > limit:
            msg = f"Discord takes files up to {limit // 1024 // 1024} MB here."
            raise PageRefusal(msg, 413)
        return upload

    def drop(self, upload_id: object) -> None:
        """Forget a file that was used."""
        self._waiting.pop(str(upload_id), None)
