"""The provider's files: audio and covers, made when first asked for and kept while there is room."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable


class Studio:
    """Makes files in a thread of its own, each once however many ask, and keeps the latest used `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        """Begin with nothing made."""
        self._capacity = capacity
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._making: dict[str, asyncio.Future[bytes]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studio")

    async def file(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Give the file of this name, made by `make` in the thread if it is not at hand."""
        if name in self._files:
            self._files.move_to_end(name)
            return self._files[name]
        if name not in self._making:
            self._making[name] = asyncio.get_running_loop().run_in_executor(self._thread, make)
            self._making[name].add_done_callback(lambda made: self._keep(name, made))
        return await asyncio.shield(self._making[name])

    async def close(self) -> None:
        """Drop what waits, and wait for the file in hand."""
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)

    def _keep(self, name: str, made: asyncio.Future[bytes]) -> None:
        del self._making[name]
        if made.cancelled() or made.exception() is not None:
            return
        self._files[name] = made.result()
        while sum(map(len, self._files.values())) > self._capacity and len(self._files) > 1:
            self._files.popitem(last=False)


def send_file(request: web.Request, data: bytes, content_type: str) -> web.Response:
    """Answer with a file, or the single range that was asked for; 416 when the range lies outside."""
    headers = {"Accept-Ranges": "bytes"}
    try:
        asked = request.http_range
    except ValueError:
        return _out_of_range(data)
    if asked.start is None and asked.stop is None:
        return web.Response(body=data, content_type=content_type, headers=headers)
    start, stop, _ = asked.indices(len(data))
    if start >= stop:
        return _out_of_range(data)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return web.Response(status=206, body=data[start:stop], content_type=content_type, headers=headers)


def _out_of_range(data: bytes) -> web.Response:
    return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
