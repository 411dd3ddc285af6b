"""The wish to stop: how it is made, and how work gives way to it."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Stop:
    """The wish to stop; the first signal makes it, a second one ends the process at once."""

    event: asyncio.Event

    @classmethod
    def on_signals(cls) -> "Stop":
        """Listen for SIGTERM and Ctrl-C."""
        stop = cls(asyncio.Event())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.asked, number)
        return stop

    def asked(self, number: signal.Signals) -> None:
        """Stop in order; asked again, let the signal do what it does by itself."""
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        log.info("%s: finishing what is in hand; once more ends it at once", signal.Signals(number).name)
        self.event.set()


async def while_not_stopped(stop: Stop, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or stop doing it when told to."""
    working = asyncio.create_task(work, name="login")
    stopped = asyncio.create_task(stop.event.wait(), name="stop")
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
