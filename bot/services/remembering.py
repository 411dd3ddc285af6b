"""What was learned of durations outlives the process: a restart does not begin with the prior again."""

import asyncio
import json
import logging
from typing import Final

from bot.domain.polling import ExpectedWaiting
from bot.errors import StoreUnavailable
from bot.services.ports.records import Memory

log = logging.getLogger(__name__)

KEY: Final = "durations"
KEEP_EVERY = 60.0
"""Seconds between two looks at whether something was learned."""


class Remembering:
    """Keeps what the querying policy has learned. `restore` comes first, then `run` until the end, and `keep` once more."""

    def __init__(self, *, policy: ExpectedWaiting, memory: Memory) -> None:
        """Keep the lessons of `policy` in `memory`."""
        self._policy = policy
        self._memory = memory
        self._kept = self._lessons()

    async def restore(self) -> None:
        """Teach the policy what an earlier process has learned; where that cannot be read, the prior has to do. Raises StoreUnavailable."""
        kept = await self._memory.get(KEY)
        if kept is None:
            return
        try:
            self._policy.restore(json.loads(kept))
        except ValueError as error:
            log.warning("how long tracks take has to be learned anew: %s", error)
        else:
            self._kept = self._lessons()

    async def run(self) -> None:
        """Keep what is learned, every minute, until cancelled."""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            await self.keep()

    async def keep(self) -> None:
        """Write down what was learned since the last time, if anything was; without a database it stays for the next time."""
        lessons = self._lessons()
        if lessons == self._kept:
            return
        try:
            await self._memory.set(KEY, lessons)
        except StoreUnavailable as error:
            log.warning("what was learned of durations could not be kept, trying again in a minute: %s", error)
        else:
            self._kept = lessons

    def _lessons(self) -> str:
        return json.dumps(self._policy.to_state(), separators=(",", ":"))
