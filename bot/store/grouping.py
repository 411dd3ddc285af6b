"""Group commit: what is asked for while a write is under way is written together in the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST = 200
"""Items of one write: those that come meanwhile wait for no more than that."""


class Grouped(Generic[Asked, Answer]):
    """Takes single items and writes them in groups; each caller hears of its own.

    A lone item is written at once. What comes within `spacing` (seconds) of a write waits until that is over, so that under load many
    rows share a trip to the driver's thread, a transaction and a wait for the disk.
    """

    def __init__(self, write: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]], *, name: str, spacing: float) -> None:
        """`write` answers for each item in turn, with an exception where that one is to be raised; what it raises is raised for all."""
        self._write = write
        self._name = name
        self._spacing = spacing
        self._next_at = 0.0
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, item: Asked) -> Answer:
        """Have the item written, and return what came of it. A caller that is cancelled does not take its item back."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name=self._name)
        return await answer

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if self._spacing and (ahead := self._next_at - loop.time()) > 0:
                await asyncio.sleep(ahead)
            self._next_at = loop.time() + self._spacing
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                answers = await self._write([item for item, _ in group])
            except Exception as error:  # noqa: BLE001 - whoever asked hears of it
                answers = [error] * len(group)
            except BaseException:
                for _, waiting in group:
                    waiting.cancel()
                raise
            for (_, waiting), answer in zip(group, answers, strict=True):
                _tell(waiting, answer)


def _tell(waiting: asyncio.Future[Answer], answer: Answer | Exception) -> None:
    if waiting.done():
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
