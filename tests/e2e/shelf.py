"""An archive on a real disk, a file server, and files for both."""

import asyncio
import io
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from PIL import Image

from bot.domain.reports import ClipReport, Stage
from bot.services.archive import Archive

CLIP = "c83a492a-40ac-4606-a1c3-76487a85aaca"
RATE = 16_000


def encode(blocks: Iterable[NDArray[np.int16]], container: str, codec: str, rate: int) -> bytes:
    out = io.BytesIO()
    # Any: the stubs of av leave types out.
    file: Any = av.open(out, "w", format=container)
    with file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = "mono"
        at = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(block[np.newaxis, :], format="s16", layout="mono")
            frame.sample_rate = rate
            frame.pts = at
            at += len(block)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def sound(seconds: float, container: str = "mp3", codec: str = "libmp3lame", rate: int = RATE) -> bytes:
    """Encode a tone."""
    tone = (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate) * 8000).astype(np.int16)
    return encode((tone[start : start + 1024] for start in range(0, len(tone), 1024)), container, codec, rate)


MP3 = sound(2)


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


class FakeClock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.time = 1_720_000_000.0

    def now(self) -> float:
        self.time += 1
        return self.time

    def monotonic(self) -> float:
        return self.time


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Cdn:
    """A file server; `files` by path, and how often each was asked for."""

    url: str = ""
    files: dict[str, bytes | Handler] = field(default_factory=dict[str, bytes | Handler])
    hits: list[str] = field(default_factory=list[str])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.hits.append(request.path)
        file = self.files.get(request.path)
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file) if isinstance(file, bytes) else await file(request)


class Shelf:
    """An archive in a folder of its own, and what it let go."""

    def __init__(self, folder: Path, cdn: Cdn) -> None:
        self.folder = folder
        self.cdn = cdn
        self.clock = FakeClock()
        self.evicted: list[str] = []
        self.meanwhile: Callable[[str], object] = str

    def open(self, max_bytes: int = 10**9, **options: bool | list[str]) -> Archive:
        given = {"allow_private": True} | options
        return Archive(media_dir=self.folder, max_bytes=max_bytes, on_evicted=self.on_evicted, clock=self.clock, **given)  # type: ignore[arg-type] - options are the two settings

    async def on_evicted(self, name: str) -> None:
        assert (self.folder / name).exists(), "the store is told first"
        self.meanwhile(name)
        self.evicted.append(name)

    def clip(self, path: str = "/a.mp3", clip_id: str = CLIP, image: str | None = None) -> ClipReport:
        return ClipReport(clip_id=clip_id, stage=Stage.DONE, audio_url=self.cdn.url + path, image_url=image and self.cdn.url + image)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())


@asynccontextmanager
async def raw(answer: bytes, *, then_wait: bool = False) -> AsyncGenerator[tuple[str, SimpleNamespace]]:
    """Serve bytes as they are, and count the connections."""
    seen = SimpleNamespace(connections=0, asked=asyncio.Event())
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            seen.asked.set()
            writer.write(answer)
            if then_wait:
                await asyncio.Event().wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        tasks.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
