"""The bytes of uploaded files, and the addresses they are handed out under."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from bot.sandbox.discord.world import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ADDRESS_SECONDS = 24 * 3600.0
"""How long an attachment's address works (reference page "Signed Attachment CDN URLs")."""
MEDIA_TYPES = {
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".webp": "image/webp",
}


@dataclass(slots=True, frozen=True)
class Upload:
    """A file as it arrives with a request; `index` is n of `files[n]`."""

    index: int
    filename: str
    content: bytes


class FileStore:
    """Keep bytes in a temporary folder, equal ones once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the time of addresses from `clock`; the folder comes with the first file and goes with `close`."""
        self._clock = clock
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._known: dict[int, Attachment] = {}
        self.base_url = ""

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            self._folder.cleanup()

    def save(
        self, upload: Upload, *, attachment_id: int, channel_id: int, description: str | None, filename: str | None, ephemeral: bool
    ) -> Attachment:
        """Keep an upload and return what a message shows of it."""
        digest = hashlib.sha256(upload.content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.write_bytes(upload.content)
        name = safe_filename(filename or upload.filename)
        content_type = content_type_of(name)
        size = _image_size(upload.content) if (content_type or "").startswith("image/") else None
        attachment = Attachment(
            id=attachment_id,
            channel_id=channel_id,
            filename=name,
            size=len(upload.content),
            content_type=content_type,
            digest=digest,
            signature=secrets.token_hex(16),
            description=description,
            width=size[0] if size else None,
            height=size[1] if size else None,
            ephemeral=ephemeral,
        )
        self._known[attachment_id] = attachment
        return attachment

    def find(self, attachment_id: int) -> Attachment | None:
        """Return an attachment that still exists."""
        return self._known.get(attachment_id)

    def forget(self, attachments: Iterable[Attachment]) -> None:
        """Let attachments go with their message."""
        for attachment in attachments:
            self._known.pop(attachment.id, None)

    def path(self, digest: str) -> Path:
        """Return where bytes lie."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="loopback-discord-")
        return Path(self._folder.name) / digest

    def read(self, attachment: Attachment) -> bytes:
        """Return an attachment's bytes."""
        return self.path(attachment.digest).read_bytes()

    def address(self, attachment: Attachment) -> str:
        """Return an address that works for a day."""
        kind = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        now = int(self._clock())
        query = f"ex={now + int(ADDRESS_SECONDS):x}&is={now:x}&hm={attachment.signature}"
        return f"{self.base_url}/{kind}/{attachment.channel_id}/{attachment.id}/{attachment.filename}?{query}"


def safe_filename(name: str) -> str:
    """Return a name as Discord stores it: spaces become underscores, odd characters go."""
    return re.sub(r"[^\w.\-]", "", name.replace(" ", "_")) or "unknown"


def content_type_of(filename: str) -> str | None:
    """Guess a file's media type from its name, None where it tells nothing."""
    return MEDIA_TYPES.get(Path(filename).suffix.lower()) or mimetypes.guess_type(filename)[0]


def _image_size(content: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except UnidentifiedImageError:
        return None
