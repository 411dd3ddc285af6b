"""One piece of work at a time for each key, however many ask for it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Once(Generic[T]):
    """Does one piece of work a key at a time: whoever asks meanwhile gets the same result. It outlives a caller that gives up."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the work of a key, which begins unless it is under way. Raises what it raises."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(work(), name=f"once {key}")
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def cancel(self) -> None:
        """Abandon all of it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, key: str, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        # Every caller may have given up: then this is the one place that sees the error.
        if not task.cancelled() and (error := task.exception()):
            log.debug("%s: %s", task.get_name(), error)
