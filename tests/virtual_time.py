"""An event loop in which nobody waits: when nothing is left to do, time goes on to the next moment at which there is."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Instant(selectors.SelectSelector):
    """A selector whose waiting is over at once, and has taken as long as it was to."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            assert timeout is not None, "nothing will ever happen again"
            self.passed += max(timeout, 0.0)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """For what neither sleeps in threads nor waits for sockets."""

    def __init__(self) -> None:
        self._instant = _Instant()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.passed


def in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; an hour of it takes no longer than what it does."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
