"""Whether the event loop keeps up: a probe that asks to be woken, and looks how late it was."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import Histogram

from bot.services.ports.outside import Clock

PROBE_EVERY: Final = 1.0
"""Seconds: often enough for an average over minutes, and nothing to the processor."""


async def probe_event_loop(lag: Histogram, clock: Clock, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
    """Measure until it is cancelled."""
    while True:
        asked_at = clock.monotonic()
        await sleep(PROBE_EVERY)
        lag.observe(max(clock.monotonic() - asked_at - PROBE_EVERY, 0.0))
