"""The bot as the page's operator: how it stands, and ending and starting it for real."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.page.fault_book import FaultBook
    from bot.sandbox.stage import Stage

LOOK_SECONDS = 0.5
LOG_LINES = 200


class BotState(StrEnum):
    """How the bot stands, as far as Discord can tell."""

    STARTING = "starting"
    READY = "ready"
    STOPPED = "stopped"
    ENDED = "ended"


class Keeper:
    """Ends and starts the bot, one thing at a time, and tells `changed` whenever it or the faults stand differently."""

    def __init__(self, stage: Stage, faults: FaultBook, changed: Callable[[], None]) -> None:
        """Keep the bot of `stage`."""
        self._stage = stage
        self._faults = faults
        self._changed = changed
        self._busy = asyncio.Lock()
        self._seen: object = None

    @property
    def state(self) -> BotState:
        """Return how the bot stands."""
        process = self._stage.bot.process
        if process is None:
            return BotState.STOPPED
        if process.returncode is not None:
            return BotState.ENDED
        return BotState.READY if self._stage.discord.gateway.is_ready() else BotState.STARTING

    @property
    def starts(self) -> int:
        """Return how often it was started."""
        return self._stage.bot.starts

    def log(self) -> str:
        """Return the last lines that the bot has logged."""
        return "\n".join(self._stage.bot.log.splitlines()[-LOG_LINES:])

    async def restart(self) -> None:
        """End it in order (SIGTERM), and start it."""
        async with self._busy:
            await self._stage.bot.stop()
            self.look()
            await self._stage.bot.start()

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL), and start it."""
        async with self._busy:
            await self._stage.bot.kill()
            self.look()
            await self._stage.bot.start()

    async def stop(self) -> None:
        """End it in order."""
        async with self._busy:
            await self._stage.bot.stop()

    async def start(self) -> None:
        """Start it, if it does not run."""
        async with self._busy:
            if self.state in (BotState.STOPPED, BotState.ENDED):
                await self._stage.bot.start()

    def look(self) -> None:
        """Tell if something stands differently than at the last look."""
        counts = self._stage.music.counts
        now = (self.state, self.starts, tuple(self._faults.on), counts.submits, counts.queries)
        if now != self._seen:
            self._seen = now
            self._changed()

    async def watch(self) -> None:
        """Look again and again: a process that ends by itself, and a fault that has struck, tell nobody."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)
