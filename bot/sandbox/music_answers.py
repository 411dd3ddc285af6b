"""Answers that go wrong on the wire: delayed, cut short, reset."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.music_faults import Ending

if TYPE_CHECKING:
    from bot.sandbox.music_faults import Fault

LINGER_NONE = struct.pack("ii", 1, 0)


async def answer_with(request: web.Request, fault: Fault, truth: web.Response, closing: asyncio.Event) -> web.StreamResponse:
    """Let a fault have its way with the answer `truth`; a delay ends early when the server is closing."""
    if fault.delay:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), fault.delay)
    answer = truth
    if fault.body is not None:
        answer = web.Response(status=fault.status, body=fault.body, content_type=fault.content_type, headers=dict(fault.headers))
    match fault.ending:
        case Ending.RESET:
            _reset(request)
        case Ending.CUT:
            return await _cut(request, answer)
        case Ending.WHOLE:
            pass
    return answer


def _reset(request: web.Request) -> None:
    """Send RST instead of FIN: a linger time of zero makes the kernel do so on close."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        transport.abort()


async def _cut(request: web.Request, whole: web.Response) -> web.StreamResponse:
    data = whole.body if isinstance(whole.body, bytes) else b""
    partial = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type, "Content-Length": str(len(data))})
    await partial.prepare(request)
    await partial.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.close()
    return partial
