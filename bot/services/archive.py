"""Finished audio on disk: downloaded, verified, kept under a cap; the oldest goes first."""

import asyncio
import hashlib
import io
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

from PIL import Image

from bot.domain.clips import StoredAudio
from bot.domain.reports import ClipReport
from bot.errors import AudioError, NotAudio
from bot.services.audio_check import EXTENSIONS, agreed_seconds, measure
from bot.services.media_folder import COVER, MediaFolder
from bot.services.once import Once
from bot.services.ports.outside import Clock
from bot.services.safe_fetch import FetchPolicy, SafeFetcher

log = logging.getLogger(__name__)

MAX_AUDIO: Final = 50 * 1024 * 1024
MAX_PICTURE: Final = 10 * 1024 * 1024
"""Bytes a download."""
DOWNLOADS: Final = 4
DECODES: Final = 2
"""How many at once: a download lies in memory until it is stored, and decoding keeps a processor busy."""
COVER_EDGE: Final = 640
COVER_QUALITY: Final = 85
MAX_PIXELS: Final = 40_000_000
"""A small file can unfold into gigabytes; no cover is larger than this."""

T = TypeVar("T")

JOINED = "_"
"""What the names of joined files begin with, and those of clips never (`safe_stem`)."""
_SAFE_STEM = re.compile(r"[a-z0-9][a-z0-9_-]{5,63}")


class Archive:
    """Audio and covers under one folder; an async context manager."""

    def __init__(
        self,
        *,
        media_dir: Path,
        max_bytes: int,
        on_evicted: Callable[[str], Awaitable[None]],
        clock: Clock,
        hosts: Collection[str] = (),
        allow_private: bool = False,
    ) -> None:
        """Take the folder and its cap in bytes; `on_evicted` is awaited with the name of each file that is about to be let go.

        `hosts` (empty: any) and `allow_private` are the settings MEDIA_HOSTS and MEDIA_ALLOW_PRIVATE.
        """
        self._folder = MediaFolder(media_dir, max_bytes=max_bytes, on_evicted=on_evicted, clock=clock)
        self._fetcher = SafeFetcher(FetchPolicy.of(hosts=hosts, allow_private=allow_private))
        self._downloads = asyncio.Semaphore(DOWNLOADS)
        self._decodes = asyncio.Semaphore(DECODES)
        self._audio = Once[StoredAudio]()
        self._covers = Once[str | None]()

    async def __aenter__(self) -> Self:
        """Make the folder, or clear what a crash left half-written in it."""
        await self._folder.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Abandon the downloads under way."""
        await self._audio.cancel()
        await self._covers.cancel()

    async def audio(self, report: ClipReport) -> StoredAudio:
        """Download and verify the clip's audio, or find it stored already; calls for one clip share the work.

        Call it for a clip that is DONE: what plays before that is replaced. Raises AudioError, and whatever `on_evicted` raises.
        """
        return await self._audio.run(report.clip_id, lambda: self._fetch_audio(report))

    async def cover(self, report: ClipReport) -> str | None:
        """Download the clip's cover, at most 640 px, as a JPEG; return its file name, or None if there is none to be had."""
        return await self._covers.run(report.clip_id, lambda: self._fetch_cover(report))

    async def size(self) -> int:
        """Tell how many bytes are kept. Raises OSError."""
        return await self._folder.size()

    def path(self, name: str) -> Path:
        """Tell where a file lies; it may have been let go. Raises ValueError for a name that is not one of ours."""
        return self._folder.path(name)

    def discard(self, name: str) -> None:
        """Delete a file, if it is there: its track was deleted. Raises OSError, ValueError for a name that is not one of ours."""
        self._folder.delete(name)

    def discard_joined(self) -> None:
        """Delete the files that were joined of several tracks: one of these was deleted, and they can be made anew. Raises OSError."""
        for name in self._folder.names(f"{JOINED}*"):
            self._folder.delete(name)

    def hold(self, name: str) -> AbstractContextManager[Path]:
        """Keep a file from being let go while it is read or delivered; yields its path. Raises ValueError as `path` does."""
        return self._folder.hold(name)

    async def _fetch_audio(self, report: ClipReport) -> StoredAudio:
        stem = safe_stem(report.clip_id)
        async with self._downloads:
            if stored := await self._stored(stem, report.duration):
                return stored
            url = _playable(report.audio_url)
            data = await self._fetcher.fetch(url, max_bytes=MAX_AUDIO)
            return await self.keep(report.clip_id, data, reported=report.duration)

    async def keep(self, clip_id: str, data: bytes, *, reported: float | None) -> StoredAudio:
        """Verify a clip's audio, and store it; `reported` is its length in seconds as somebody else has it. Raises AudioError."""
        async with self._decodes:
            measured = await asyncio.to_thread(measure, data)
        name = f"{safe_stem(clip_id)}.{measured.extension}"
        await self._folder.write(name, data)
        log.debug("clip %s: stored as %s, %.1f s, %d bytes", clip_id, name, measured.seconds, len(data))
        return StoredAudio(name=name, seconds=agreed_seconds(measured.seconds, reported), size=len(data))

    async def kept(self, clip_id: str) -> StoredAudio | None:
        """Find a clip's audio that is stored, and verify it. Raises FetchFailed where the disk cannot be read."""
        return await self._stored(safe_stem(clip_id), None)

    def has(self, name: str) -> bool:
        """Tell whether a file is stored, which makes it the youngest: somebody wants it."""
        path = self._folder.path(name)
        if not path.exists():
            return False
        self._folder.touch(path)
        return True

    async def make(self, name: str, work: Callable[[Path], Awaitable[T]]) -> T:
        """Let `work` write a file that is then stored under a name; nothing is left of one that breaks off.

        Raises CannotStore, FileTooLarge, and whatever `work` raises.
        """
        return await self._folder.make(name, work)

    async def _stored(self, stem: str, reported: float | None) -> StoredAudio | None:
        """Find audio that an earlier call, or run, stored; measure it again, and drop it if the disk has spoilt it."""
        for extension in EXTENSIONS.values():
            name = f"{stem}.{extension}"
            with self._folder.hold(name):
                data = await self._folder.read(name)
                if data is None:
                    continue
                try:
                    async with self._decodes:
                        measured = await asyncio.to_thread(measure, data)
                except NotAudio:
                    log.warning("%s no longer decodes: it is fetched again", name)
                    self._folder.delete(name)
                    continue
                self._folder.touch(self._folder.path(name))
                return StoredAudio(name=name, seconds=agreed_seconds(measured.seconds, reported), size=len(data))
        return None

    async def _fetch_cover(self, report: ClipReport) -> str | None:
        name = f"{safe_stem(report.clip_id)}{COVER}"
        if self._folder.path(name).exists():
            return name
        if not report.image_url:
            return None
        try:
            async with self._downloads:
                data = await self._fetcher.fetch(report.image_url, max_bytes=MAX_PICTURE)
                async with self._decodes:
                    picture = await asyncio.to_thread(shrink, data)
                await self._folder.write(name, picture)
        except (AudioError, NotPictureError) as error:
            log.info("clip %s: no cover: %s", report.clip_id, error)
            return None
        return name


def safe_stem(clip_id: str) -> str:
    """Make a file's stem of a clip's id, which is foreign text: itself if it is harmless on every file system, else its digest."""
    if _SAFE_STEM.fullmatch(clip_id):
        return clip_id
    # The underscore keeps digests apart from ids that look like one.
    return "_" + hashlib.sha256(clip_id.encode(errors="surrogatepass")).hexdigest()[:40]


def _playable(url: str | None) -> str:
    """Take an address that may lead to audio. Raises NotAudio for those that the provider is known to put where there is none."""
    try:
        last = urlsplit(url or "").path.rstrip("/").rpartition("/")[2].lower()
    except ValueError as error:
        raise NotAudio("that is no address") from error
    if not url or last in ("none.mp3", "forbidden"):
        raise NotAudio(f"there is no audio at …/{last}" if url else "there is no address yet")
    return url


class NotPictureError(Exception):
    """The bytes are no picture that is safe to open."""


def shrink(data: bytes) -> bytes:
    """Re-encode a picture as a JPEG of at most 640 px. Raises NotPictureError. Call it in a thread."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as picture:
            # The header is read, the pixels are not yet.
            if picture.width * picture.height > MAX_PIXELS:
                raise NotPictureError(f"{picture.width} x {picture.height} pixels are too many")
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotPictureError("the bytes do not decode as a picture") from error
    small.thumbnail((COVER_EDGE, COVER_EDGE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=COVER_QUALITY)
    return out.getvalue()
