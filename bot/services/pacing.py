"""Waiting for a quota's slot."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from bot.domain.quota import Quota
from bot.services.ports.outside import Clock

ALL_BUSY = 0.05
"""Seconds between looks at a quota whose slots all have a request under way."""


@contextlib.asynccontextmanager
async def slot_of(quota: Quota, clock: Clock) -> AsyncGenerator[None]:
    """Wait for an open slot, hold it while a request is under way, and give it back at the answer or the abandonment."""
    while not quota.take(now := clock.monotonic()):
        opens = quota.opens_at()
        await asyncio.sleep(ALL_BUSY if opens is None else max(opens - now, 0.0))
    try:
        yield
    finally:
        quota.give_back(clock.monotonic())
