"""The bot at a glance: what the operator sees when they look."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from bot.domain.jobs import JobState
from bot.domain.limits import day_begin, day_end
from bot.domain.overview import Overview
from bot.domain.standing import LaneCondition
from bot.ops.metrics import Metrics
from bot.services.ports.outside import Clock
from bot.services.ports.records import Ledger


class Lane(Protocol):
    """The operator's lane, as far as it is looked at."""

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        ...

    @property
    def trouble_since(self) -> float | None:
        """Tell since when (epoch seconds) it does not; None while it does."""
        ...


class Census(Protocol):
    """What the database tells. All raise StoreUnavailable."""

    async def unsettled(self) -> Mapping[JobState, int]:
        """Count the jobs that still need something."""
        ...

    async def size(self) -> int:
        """Tell how many bytes it takes."""
        ...


class TakingStock:
    """Gathers an overview; nothing is kept up for it in between."""

    def __init__(
        self,
        *,
        version: str,
        clock: Clock,
        lane: Lane,
        census: Census,
        ledger: Ledger,
        metrics: Metrics,
        servers: Callable[[], int],
        media_bytes: Callable[[], Awaitable[int]],
        media_limit: int,
        daily_limit: int,
    ) -> None:
        """`daily_limit` is the operator's, 0 for none; `servers` counts them, `media_bytes` and `media_limit` are of the archive."""
        self._version = version
        self._clock = clock
        self._lane = lane
        self._census = census
        self._ledger = ledger
        self._metrics = metrics
        self._servers = servers
        self._media_bytes = media_bytes
        self._media_limit = media_limit
        self._daily_limit = daily_limit
        self._started_at = clock.now()

    async def look(self) -> Overview:
        """Take stock now. Raises StoreUnavailable; OSError if the archive cannot be read."""
        now = self._clock.now()
        jobs, spent, database_bytes, media_bytes = await asyncio.gather(
            self._census.unsettled(), self._ledger.spent(since=day_begin(now)), self._census.size(), self._media_bytes()
        )
        return Overview(
            version=self._version,
            started_at=self._started_at,
            servers=self._servers(),
            jobs=jobs,
            line=jobs.get(JobState.QUEUED, 0),
            lane=self._lane.condition,
            lane_since=self._lane.trouble_since,
            spent_today=spent,
            daily_limit=self._daily_limit,
            resets_at=day_end(now),
            lag=self._metrics.lag,
            database_bytes=database_bytes,
            media_bytes=media_bytes,
            media_limit=self._media_limit,
        )
