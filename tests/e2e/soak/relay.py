"""A way over TCP that can break in the middle: refused, cut, held up, or with an answer lost on the way back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

Way: TypeAlias = "tuple[asyncio.StreamReader, asyncio.StreamWriter]"

CHUNK = 1 << 16
HOST = "127.0.0.1"
NO_LINGER = struct.pack("ii", 1, 0)
"""A linger time of zero makes the kernel send RST instead of FIN."""


@dataclass(slots=True, eq=False)
class Link:
    """One client's connection, and ours to the server behind."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter

    def cut(self) -> None:
        """Reset both ends."""
        for end in (self.near, self.far):
            if end.is_closing():
                continue
            plug: socket.socket = end.get_extra_info("socket")
            if plug.family == socket.AF_INET:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            end.transport.abort()


@dataclass(slots=True, eq=False)
class Relay:
    """Relays to whatever `connect` reaches; `async with` starts and stops it, `port` is where it listens from then on."""

    connect: Callable[[], Awaitable[Way]]
    port: int = 0
    links: list[Link] = field(default_factory=list[Link])
    lost: int = 0
    """Answers that `lose_answers` has caught so far."""
    _server: asyncio.Server | None = None
    _flows: asyncio.Event = field(default_factory=asyncio.Event)
    _losing: tuple[bytes, ...] = ()
    _losses: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def __aenter__(self) -> Self:
        self._flows.set()
        await self.listen()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.refuse()
        self._flows.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def listen(self) -> None:
        """Take connections, at the same port every time."""
        self._server = await asyncio.start_server(self._serve, HOST, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no connections any more, and cut those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self, *, but: int = 0) -> None:
        """Reset every connection but the oldest ones."""
        for link in self.links[but:]:
            link.cut()

    def hold(self) -> None:
        """Let nothing through, in either direction, until `release`."""
        self._flows.clear()

    def release(self) -> None:
        """Let everything through again."""
        self._flows.set()

    def lose_answers(self, times: int, *marks: bytes) -> None:
        """Reset the connection instead of passing on an answer that holds one of these marks, so many times from now on."""
        self._losing, self._losses = marks, times

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError):
                far_reader, far_writer = await self.connect()
                await self._relay(reader, far_reader, Link(writer, far_writer))
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, far_reader: asyncio.StreamReader, link: Link) -> None:
        self.links.append(link)
        both = [
            asyncio.create_task(self._pass_on(reader, link.far, link, answers=False)),
            asyncio.create_task(self._pass_on(far_reader, link.near, link, answers=True)),
        ]
        try:
            await asyncio.gather(*both)
        except OSError:
            link.cut()
        finally:
            self.links.remove(link)
            for end in (link.near, link.far):
                end.close()
            for one in both:
                one.cancel()
            await asyncio.wait(both)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, link: Link, *, answers: bool) -> None:
        while data := await source.read(CHUNK):
            await self._flows.wait()
            if answers and self._losses and any(mark in data for mark in self._losing):
                self._losses -= 1
                self.lost += 1
                link.cut()
                return
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
