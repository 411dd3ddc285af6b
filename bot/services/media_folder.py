"""A folder of files under a cap: written in one step, the oldest let go first."""

import asyncio
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from bot.errors import CannotStore, FetchFailed, FileTooLarge
from bot.services.audio_check import EXTENSIONS
from bot.services.ports.outside import Clock
from bot.sound.bounds import FULL

log = logging.getLogger(__name__)

PARTIAL: Final = ".part"
"""The ending of a file that is being written."""
COVER: Final = ".jpg"
ENDINGS: Final = frozenset({COVER, *(f".{extension}" for extension in EXTENSIONS.values())})
"""What the archive lets go of; whatever else lies in the folder is not its own."""


T = TypeVar("T")


class MediaFolder:
    """The files of one folder, which together never outgrow `max_bytes`."""

    def __init__(self, root: Path, *, max_bytes: int, on_evicted: Callable[[str], Awaitable[None]], clock: Clock) -> None:
        """Take the folder and its cap; `on_evicted` is awaited with the name of each file that is about to be let go."""
        self._root = root
        self._max_bytes = max_bytes
        self._on_evicted = on_evicted
        self._clock = clock
        self._held = Counter[str]()
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Make the folder, remove what was left half-written, and obey the cap, which may have shrunk. Raises OSError."""
        self._root.mkdir(parents=True, exist_ok=True)
        for leftover in self._root.glob(f"*{PARTIAL}"):
            leftover.unlink()
        async with self._writing:
            await self._make_room(0)

    async def size(self) -> int:
        """Tell how many bytes the files take together. Raises OSError."""
        return sum(stat.st_size for _, stat in await asyncio.to_thread(self._files))

    def path(self, name: str) -> Path:
        """Tell where a file lies. Raises ValueError for a name that is not one of ours."""
        if name in ("", ".", "..") or Path(name).name != name:
            raise ValueError(f"{name!r} is no file name")
        return self._root / name

    @contextmanager
    def hold(self, name: str) -> Generator[Path]:
        """Keep a file from being let go meanwhile. Raises ValueError as `path` does."""
        path = self.path(name)
        self._held[name] += 1
        try:
            yield path
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]

    async def read(self, name: str) -> bytes | None:
        """Read a file; None if it is not there. Raises FetchFailed."""
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

    def names(self, pattern: str) -> list[str]:
        """List the files whose names fit a pattern."""
        return [path.name for path in self._root.glob(pattern)]

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        self.path(name).unlink(missing_ok=True)

    async def write(self, name: str, data: bytes) -> None:
        """Write a file in one step, making room before. Raises FileTooLarge, or CannotStore if the disk cannot take it."""
        async with self._writing:
            with _said_as_ours():
                await self._make_room(len(data))
                await asyncio.to_thread(self._write, self.path(name), data)

    def _write(self, path: Path, data: bytes) -> None:
        partial = self._new_partial()
        try:
            partial.write_bytes(data)
            self._put(partial, path)
        except BaseException:
            partial.unlink()
            raise

    async def make(self, name: str, work: Callable[[Path], Awaitable[T]]) -> T:
        """Let `work` write a file, and take that in under a name, in one step, making room before.

        Raises FileTooLarge, CannotStore, and whatever `work` raises.
        """
        with _said_as_ours():
            partial = await asyncio.to_thread(self._new_partial)
        try:
            made = await work(partial)
            async with self._writing:
                with _said_as_ours():
                    await self._make_room(partial.stat().st_size, but=partial)
                    await asyncio.to_thread(self._put, partial, self.path(name))
        finally:
            partial.unlink(missing_ok=True)
        return made

    def _new_partial(self) -> Path:
        handle, name = tempfile.mkstemp(suffix=PARTIAL, dir=self._root)
        os.close(handle)
        return Path(name)

    def _put(self, partial: Path, path: Path) -> None:
        """Give a file that is written its name, so that neither is lost with the power."""
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        self.touch(partial)
        partial.replace(path)
        folder = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def _make_room(self, size: int, *, but: Path | None = None) -> None:
        """Let go of the oldest files until so many bytes fit; `but` is the file that these are in already."""
        if size > self._max_bytes:
            raise FileTooLarge(f"the file has {size} bytes, and the whole archive may have {self._max_bytes}")
        files = [file for file in await asyncio.to_thread(self._files) if file[0] != but]
        excess = sum(stat.st_size for _, stat in files) + size - self._max_bytes
        # Covers go last: they are small, and a track without audio still shows its own.
        for path, stat in sorted(files, key=lambda file: (file[0].suffix == COVER, file[1].st_mtime_ns)):
            if excess <= 0:
                return
            if path.suffix in ENDINGS and path.name not in self._held and await self._let_go(path):
                excess -= stat.st_size
        if excess > 0:
            raise CannotStore("the archive is full, and all that is in it is in use")

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


@contextmanager
def _said_as_ours() -> Generator[None]:
    try:
        yield
    except OSError as error:
        words = "the disk is full" if error.errno in FULL else f"the archive cannot be written: {error.strerror}"
        raise CannotStore(words) from error
