"""Who of many is written to Discord next: several at a time, each by one task, and each when it is due."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from bot.services.ports.outside import Clock

AT_ONCE = 8
"""Things written at the same time: uploads are slow, and each has messages of its own."""
MOST_DOUBLINGS = 10
"""The pause between tries doubles with each failure, up to its limit; a float does not double for ever."""
LONGEST_PAUSE = 60.0
"""Seconds between tries while Discord or the database is away."""
LONGEST_REFUSAL = 600.0
"""Seconds between tries to take down what Discord does not let the bot reach: somebody has to change a permission."""


def pause_after(failures: int, *, refused: bool = False) -> float:
    """Tell for how many seconds to let it be after so many failures; `refused`: by Discord, which nothing but a person can change."""
    return min(2.0 ** min(failures, MOST_DOUBLINGS), LONGEST_REFUSAL if refused else LONGEST_PAUSE)


class Turns:
    """Gives each of what waits its turn. `step` does all that is due, `run` goes on doing so until `stop`."""

    def __init__(self, *, clock: Clock, waiting: Callable[[], Iterable[tuple[float, str]]], act: Callable[[str], Awaitable[None]]) -> None:
        """Let `act` do one, plan anew, and raise nothing; `waiting` lists when each (by its id) is due, in monotonic seconds."""
        self._clock = clock
        self._waiting = waiting
        self._act = act
        self._busy: set[str] = set()
        self._moved = asyncio.Event()
        self._stopping = False

    def moved(self) -> None:
        """Look again: something has become due, or will be."""
        self._moved.set()

    async def run(self) -> None:
        """Go on until `stop`."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                for each in self._due():
                    self._busy.add(each)
                    group.create_task(self._take(each), name=f"deliver-{each}")
                self._moved.clear()
                try:
                    async with asyncio.timeout(self._until_next()):
                        await self._moved.wait()
                except TimeoutError:
                    continue

    def stop(self) -> None:
        """Begin nothing more; what is being sent is sent, then `run` returns."""
        self._stopping = True
        self._moved.set()

    async def step(self) -> None:
        """Do all that is due now, one after the other."""
        for each in self._due():
            self._busy.add(each)
            await self._take(each)

    async def _take(self, each: str) -> None:
        try:
            await self._act(each)
        finally:
            self._busy.discard(each)
            self._moved.set()

    def _due(self) -> list[str]:
        now = self._clock.monotonic()
        ready = sorted((due, each) for due, each in self._waiting() if due <= now and each not in self._busy)
        return [each for _, each in ready[: AT_ONCE - len(self._busy)]]

    def _until_next(self) -> float | None:
        if len(self._busy) >= AT_ONCE:
            return None
        due = min((due for due, each in self._waiting() if each not in self._busy), default=None)
        return None if due is None else max(due - self._clock.monotonic(), 0.005)
