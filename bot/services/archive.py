"""Finished audio on disk: downloaded, verified, kept under a cap; the oldest goes first."""

import asyncio
import errno
import hashlib
import io
import logging
import os
import re
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar
from urllib.parse import urlsplit

from PIL import Image

from bot.domain.clips import StoredAudio
from bot.domain.reports import ClipReport
from bot.errors import AudioError, FetchFailed, FileTooLarge, NotAudio
from bot.services.audio_check import EXTENSIONS, measure
from bot.services.ports import Clock
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

PARTIAL: Final = ".part"
"""The ending of a file that is being written."""
COVER: Final = ".jpg"
ENDINGS: Final = frozenset({COVER, *(f".{extension}" for extension in EXTENSIONS.values())})
"""What the archive lets go of; whatever else lies in the folder is not its own."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

T = TypeVar("T")

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
        self._folder = _Folder(media_dir, max_bytes=max_bytes, on_evicted=on_evicted, clock=clock)
        self._fetcher = SafeFetcher(FetchPolicy.of(hosts=hosts, allow_private=allow_private))
        self._downloads = asyncio.Semaphore(DOWNLOADS)
        self._decodes = asyncio.Semaphore(DECODES)
        self._audio = _Shared[StoredAudio]()
        self._covers = _Shared[str | None]()

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

    def path(self, name: str) -> Path:
        """Tell where a file lies; it may have been let go. Raises ValueError for a name that is not one of ours."""
        return self._folder.path(name)

    def hold(self, name: str) -> AbstractContextManager[Path]:
        """Keep a file from being let go while it is read or delivered; yields its path. Raises ValueError as `path` does."""
        return self._folder.hold(name)

    async def _fetch_audio(self, report: ClipReport) -> StoredAudio:
        stem = safe_stem(report.clip_id)
        async with self._downloads:
            if stored := await self._stored(stem):
                return stored
            url = _playable(report.audio_url)
            data = await self._fetcher.fetch(url, max_bytes=MAX_AUDIO)
            async with self._decodes:
                measured = await asyncio.to_thread(measure, data)
            name = f"{stem}.{measured.extension}"
            await self._folder.write(name, data)
        log.debug("clip %s: stored as %s, %.1f s, %d bytes", report.clip_id, name, measured.seconds, len(data))
        return StoredAudio(name=name, seconds=measured.seconds, size=len(data))

    async def _stored(self, stem: str) -> StoredAudio | None:
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
                return StoredAudio(name=name, seconds=measured.seconds, size=len(data))
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


class _Shared(Generic[T]):
    """Does one piece of work a key at a time: whoever asks meanwhile gets the same result. It outlives a caller that gives up."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(work(), name=f"archive {key}")
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def cancel(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, key: str, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        # Every caller may have given up: then this is the one place that sees the error.
        if not task.cancelled() and (error := task.exception()):
            log.debug("%s: %s", task.get_name(), error)


class _Folder:
    """The files of one folder, which together never outgrow `max_bytes`."""

    def __init__(self, root: Path, *, max_bytes: int, on_evicted: Callable[[str], Awaitable[None]], clock: Clock) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._on_evicted = on_evicted
        self._clock = clock
        self._held = Counter[str]()
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Make the folder, remove what was left half-written, and obey the cap, which may have shrunk."""
        self._root.mkdir(parents=True, exist_ok=True)
        for leftover in self._root.glob(f"*{PARTIAL}"):
            leftover.unlink()
        async with self._writing:
            await self._make_room(0)

    def path(self, name: str) -> Path:
        if name in ("", ".", "..") or Path(name).name != name:
            raise ValueError(f"{name!r} is no file name")
        return self._root / name

    @contextmanager
    def hold(self, name: str) -> Generator[Path]:
        path = self.path(name)
        self._held[name] += 1
        try:
            yield path
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]

    async def read(self, name: str) -> bytes | None:
        try:
            return await asyncio.to_thread(self.path(name).read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FetchFailed(f"the archive cannot be read: {error.strerror}") from error

    def touch(self, path: Path) -> None:
        """Make a file the youngest."""
        now = self._clock.now()
        os.utime(path, (now, now))

    def delete(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    async def write(self, name: str, data: bytes) -> None:
        """Write a file in one step, making room before. Raises FileTooLarge, or FetchFailed if the disk cannot take it."""
        async with self._writing:
            try:
                await self._make_room(len(data))
                await asyncio.to_thread(self._write, self.path(name), data)
            except OSError as error:
                words = "the disk is full" if error.errno in FULL else f"the archive cannot be written: {error.strerror}"
                raise FetchFailed(words) from error

    def _write(self, path: Path, data: bytes) -> None:
        handle, partial_name = tempfile.mkstemp(suffix=PARTIAL, dir=self._root)
        partial = Path(partial_name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self.touch(partial)
            partial.replace(path)
        except BaseException:
            partial.unlink()
            raise
        # Without this the name itself may be lost with the power.
        folder = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def _make_room(self, size: int) -> None:
        if size > self._max_bytes:
            raise FileTooLarge(f"the file has {size} bytes, and the whole archive may have {self._max_bytes}")
        files = await asyncio.to_thread(self._files)
        excess = sum(stat.st_size for _, stat in files) + size - self._max_bytes
        # Covers go last: they are small, and a track without audio still shows its own.
        for path, stat in sorted(files, key=lambda file: (file[0].suffix == COVER, file[1].st_mtime_ns)):
            if excess <= 0:
                return
            if path.suffix in ENDINGS and path.name not in self._held and await self._let_go(path):
                excess -= stat.st_size
        if excess > 0:
            raise FetchFailed("the archive is full, and all that is in it is in use")

    async def _let_go(self, path: Path) -> bool:
        # The store hears of it first: a crash in between leaves a file too many, not a track without its file.
        await self._on_evicted(path.name)
        if path.name in self._held:
            return False
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - in a thread, somebody could take hold of it in between
        log.info("%s was let go: the archive is full", path.name)
        return True

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        return [(Path(entry.path), entry.stat()) for entry in os.scandir(self._root) if entry.is_file(follow_symlinks=False)]
