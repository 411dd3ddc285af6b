"""Whoever has to mend a key is told once that it fails and once that it works again, restarts included."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Final

from bot.domain.standing import LaneCondition
from bot.errors import CannotPost, DiscordError, EncoreError, RefusedByDiscord, StoreUnavailable
from bot.services.ports.outside import Clock
from bot.services.ports.records import Memory

log = logging.getLogger(__name__)

KEY: Final = "outages"
"""Under which the open outages are kept, as JSON: lane → outage."""
RETRY_AFTER = 30.0
"""Seconds between tries while Discord or the database is away."""
OPERATORS: Final = "operator"


@dataclass(slots=True)
class Outage:
    """A lane's pause: what it is, the provider's words, when it began (epoch seconds), and whether it was told of and is over."""

    condition: str
    words: str
    since: float
    told: bool = False
    over: bool = False


Tell = Callable[[int | None, LaneCondition, str, str], Awaitable[None]]
"""Tells whoever has to act of a lane's condition, with the provider's words; WORKING: it is over. The last is a nonce: the same
message sent twice with it arrives once, for a while. Raises DiscordError."""


class Alerts:
    """Takes note of outages as they happen; `run` tells of them. `restore` comes first."""

    def __init__(self, *, memory: Memory, tell: Tell, clock: Clock) -> None:
        """Keep what was told in `memory`."""
        self._memory = memory
        self._tell = tell
        self._clock = clock
        self._open: dict[str, Outage] = {}
        self._moved = asyncio.Event()
        self._failing = False

    async def restore(self) -> None:
        """Take up the outages that an earlier process has told of. Raises StoreUnavailable."""
        kept: dict[str, dict[str, object]] = json.loads(await self._memory.get(KEY) or "{}")
        self._open = {lane: Outage(**outage) for lane, outage in kept.items()}  # pyright: ignore[reportArgumentType] - written by _keep

    def heard(self, lane: int | None, condition: LaneCondition | None, words: str) -> None:
        """Take note that a lane was paused, or (None) that it works."""
        outage = self._open.get(_name(lane))
        if condition is not None and outage is None:
            self._open[_name(lane)] = Outage(condition.value, words, self._clock.now())
        elif outage is not None and outage.over is (condition is not None):
            outage.over = condition is None
        else:
            return
        self._moved.set()

    def forget(self, lane: int) -> None:
        """Say nothing more of a lane that is no more."""
        if self._open.pop(_name(lane), None) is not None:
            self._moved.set()

    async def run(self) -> None:
        """Tell of every outage and of its end, until cancelled."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            try:
                await self.step()
            except (DiscordError, StoreUnavailable) as error:
                self._note_failure(error)
                await asyncio.sleep(RETRY_AFTER)
                self._moved.set()
            else:
                self._failing = False

    def _note_failure(self, error: EncoreError) -> None:
        if not self._failing:
            log.warning("nobody could be told of a lane's pause, trying on: %s", error)
        self._failing = True

    async def step(self) -> None:
        """Tell all that is to be told now. Raises DiscordError, StoreUnavailable; what was not told is told by the next step."""
        for name, outage in list(self._open.items()):
            if not outage.told and not outage.over:
                # It is written down before it is said: should this process end in between, the next one says it with the same nonce.
                await self._keep()
                await self._say(name, outage, LaneCondition(outage.condition), outage.words)
                outage.told = True
            if outage.over:
                if outage.told:
                    await self._say(name, outage, LaneCondition.WORKING, "")
                if outage.over and self._open.get(name) is outage:
                    del self._open[name]
        await self._keep()

    async def _say(self, name: str, outage: Outage, condition: LaneCondition, words: str) -> None:
        lane = None if name == OPERATORS else int(name)
        try:
            await self._tell(lane, condition, words, f"{'over' if outage.over else 'out'}-{outage.since:.0f}")
        except (CannotPost, RefusedByDiscord) as error:
            # It will never go through; the log and /readyz have it.
            log.error("nobody could be told that the lane %s is %s: %s", name, condition, error)  # noqa: TRY400 - whose fault is known

    async def _keep(self) -> None:
        text = json.dumps({name: asdict(outage) for name, outage in self._open.items()})
        await self._memory.set(KEY, text)


def _name(lane: int | None) -> str:
    return OPERATORS if lane is None else str(lane)
