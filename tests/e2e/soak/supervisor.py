"""Who starts the bot whenever it has ended, and ends it when its life is over."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.soak import plan

if TYPE_CHECKING:
    from tests.e2e.soak.stage import Stage

CONNECT_WITHIN = 60.0
STOP_WITHIN = 60.0
"""Seconds, far above the bot's own limit: a stop that hangs is a defect, one on a busy machine is not."""
HUNG = "did not stop in order"
BEFORE_RESTART = 0.3
"""Seconds after which the bot is started again, as systemd or a container's runtime would."""


@dataclass(slots=True)
class Supervisor:
    """Supervises the bot on a stage; the seed says how long each of its processes may live."""

    stage: Stage
    seed: int
    ends: Counter[str] = field(default_factory=Counter[str])
    spared: asyncio.Event = field(default_factory=asyncio.Event)
    """From now on nobody ends the bot."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Leave it running, and return."""

    def spare(self) -> None:
        """End the bot no more."""
        self.spared.set()
        self.stage.trouble.spare()

    async def run(self) -> None:
        """Supervise until `over`."""
        for life in plan.lives(self.seed):
            await self._live(life)
            if self.over.is_set():
                return

    async def _live(self, life: plan.Life) -> None:
        bot = self.stage.play.bot
        identified = self.stage.play.discord.gateway.identifies
        await bot.start()
        assert bot.process is not None
        died = asyncio.create_task(bot.process.wait(), name="died")
        over, spared = (asyncio.create_task(event.wait()) for event in (self.over, self.spared))
        up = asyncio.create_task(self.stage.play.discord.wait_identified(identified + 1, CONNECT_WITHIN), name="up")
        try:
            if not life.unborn:
                await asyncio.wait({died, up, spared}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({died, spared}, timeout=life.seconds, return_when=asyncio.FIRST_COMPLETED)
            if spared.done():
                await asyncio.wait({died, over}, return_when=asyncio.FIRST_COMPLETED)
            if died.done():
                code = died.result()
                self.ends["killed at a moment" if code == -signal.SIGKILL else f"ended by itself ({code})"] += 1
                bot.process = None
                await asyncio.sleep(BEFORE_RESTART)
            elif not over.done():
                asked_at = time.monotonic()
                code = await bot.stop(life.end, within=STOP_WITHIN)
                hung = time.monotonic() - asked_at >= STOP_WITHIN
                self.ends[HUNG if hung else f"{life.end.name} ({code})"] += 1
        finally:
            for task in (died, over, spared, up):
                task.cancel()
            await asyncio.wait({died, over, spared, up})
