"""One websocket of the gateway: packing, a queue out, and the ways it can end."""

from __future__ import annotations

import asyncio
import importlib
import json
import zlib
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import ClientConnectionResetError, WSCloseCode, web

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject


class Op(IntEnum):
    """The gateway's opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """The gateway's own close codes."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class GatewayClosed(Exception):  # noqa: N818 - an answer to the client, not a defect
    """A connection has to be closed with a code."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        """Keep code and reason."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Packer(Protocol):
    """Turn one message's text into a frame of the connection's stream."""

    def __call__(self, text: str) -> bytes:
        """Return the bytes of one frame."""
        ...


def packer_for(compress: str | None) -> Packer | None:
    """Return the packer of `zlib-stream` or `zstd-stream`, None for plain text; raises ValueError for another name.

    zstd needs Python 3.14's own module or the package `zstandard`: a client asks for it only where it has one of the two.
    """
    if compress is None:
        return None
    if compress == "zlib-stream":
        return _zlib_packer()
    if compress == "zstd-stream":
        return _zstd_packer()
    msg = f"unknown transport compression {compress!r}"
    raise ValueError(msg)


def _zlib_packer() -> Packer:
    stream = zlib.compressobj()

    def pack(text: str) -> bytes:
        return stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)

    return pack


def _zstd_packer() -> Packer:
    module: Any
    try:
        module = importlib.import_module("compression.zstd")
    except ModuleNotFoundError:
        module = importlib.import_module("zstandard")
        stream = module.ZstdCompressor().compressobj()
        flush = module.COMPRESSOBJ_FLUSH_BLOCK
    else:
        stream = module.ZstdCompressor()
        flush = module.ZstdCompressor.FLUSH_BLOCK

    def pack(text: str) -> bytes:
        return stream.compress(text.encode()) + stream.flush(flush)

    return pack


class Connection:
    """One websocket; `send` never waits, a task of `run` writes."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, packer: Packer | None) -> None:
        """Wrap a prepared socket."""
        self._request = request
        self.socket = socket
        self._packer = packer
        self._closes_itself = False
        self._queue: asyncio.Queue[str | tuple[int, bytes] | None] = asyncio.Queue()

    def send(self, op: Op, data: object = None, *, sequence: int | None = None, event: str | None = None) -> None:
        """Queue one message."""
        self.send_text(encode(op, data, sequence=sequence, event=event))

    def send_text(self, text: str) -> None:
        """Queue one encoded message."""
        self._queue.put_nowait(text)

    def close(self, code: int, reason: str = "") -> None:
        """Close after what is queued."""
        self._closes_itself = True
        self._queue.put_nowait((code, reason.encode()))

    def drop(self) -> None:
        """Cut the wire without a word."""
        self._queue.put_nowait(None)
        if self._request.transport is not None:
            self._request.transport.abort()

    @property
    def left_for_good(self) -> bool:
        """Tell whether the client itself closed in the way that ends its session."""
        return not self._closes_itself and self.socket.close_code in GOING_AWAY

    async def write(self) -> None:
        """Write the queue until the connection ends."""
        while True:
            item = await self._queue.get()
            if item is None:
                return
            try:
                if isinstance(item, tuple):
                    await self.socket.close(code=item[0], message=item[1])
                    return
                if self._packer is None:
                    await self.socket.send_str(item)
                else:
                    await self.socket.send_bytes(self._packer(item))
            except (ClientConnectionResetError, ConnectionResetError):
                return


def encode(op: Op, data: object, *, sequence: int | None = None, event: str | None = None) -> str:
    """Write one gateway message."""
    return json.dumps({"op": int(op), "d": data, "s": sequence, "t": event}, separators=(",", ":"))


def decode(text: str | bytes) -> tuple[int, Any]:
    """Read one gateway message into op and data; raises ValueError for anything else."""
    body: JsonObject = json.loads(text)
    try:
        return int(body["op"]), body.get("d")
    except (TypeError, KeyError, AttributeError) as error:
        msg = "not a gateway message"
        raise ValueError(msg) from error


GOING_AWAY = (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
"""Close codes of a client that means to end its session."""
