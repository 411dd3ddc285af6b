"""The bot at a glance: gathered when somebody looks, from the only truth there is."""

from datetime import UTC, datetime

from bot.domain.jobs import JobState
from bot.domain.overview import Lag
from bot.domain.standing import LaneCondition
from bot.domain.usage import Scope, Usage
from bot.ops.build import Build
from bot.ops.metrics import Metrics
from bot.ops.taking_stock import TakingStock
from tests.fakes import EPOCH, FakeClock


class Numbers:
    """A lane, a database and its ledger, as far as they are counted."""

    condition = LaneCondition.HELD
    trouble_since = EPOCH - 60
    asked_since: float | None = None

    async def unsettled(self) -> dict[JobState, int]:
        return {JobState.QUEUED: 3, JobState.GENERATING: 1}

    async def size(self) -> int:
        return 4096

    async def spent(self, *, since: float, user_id: int | None = None, guild_id: int | None = None, lane: int | None = None) -> int:
        assert (user_id, guild_id, lane) == (None, None, None), "all on the operator's key"
        self.asked_since = since
        return 17

    async def usage(self, scope: Scope, *, today: float, days: int, last: int, top: int) -> Usage:
        raise AssertionError((scope, today, days, last, top))


async def media() -> int:
    return 1234


async def test_everything_is_gathered_at_the_moment_of_the_look() -> None:
    clock, numbers, metrics = FakeClock(), Numbers(), Metrics(Build.here())
    stock = TakingStock(
        version="1.2.3",
        clock=clock,
        lane=numbers,
        census=numbers,
        ledger=numbers,
        metrics=metrics,
        servers=lambda: 12,
        media_bytes=media,
        media_limit=5000,
        daily_limit=300,
    )
    clock.advance(3600)
    seen = await stock.look()
    assert (seen.version, seen.started_at, seen.servers) == ("1.2.3", EPOCH, 12)
    assert (seen.line, seen.jobs[JobState.GENERATING]) == (3, 1)
    assert (seen.lane, seen.lane_since) == (LaneCondition.HELD, EPOCH - 60)
    assert (seen.spent_today, seen.daily_limit) == (17, 300)
    assert (seen.database_bytes, seen.media_bytes, seen.media_limit) == (4096, 1234, 5000)
    assert seen.lag is None
    assert numbers.asked_since is not None
    day = datetime.fromtimestamp(numbers.asked_since, UTC)
    assert (day.hour, day.minute, day.second) == (0, 0, 0)
    assert seen.resets_at == numbers.asked_since + 24 * 3600


def test_the_lag_is_the_mean_over_both_ways_of_knowing() -> None:
    metrics = Metrics(Build.here())
    assert metrics.lag is None
    metrics.lag_upper.labels("query").observe(2.0)
    metrics.lag_upper.labels("query").observe(4.0)
    metrics.lag_upper.labels("submit").observe(9.0)
    assert metrics.lag == Lag(seconds=5.0, tracks=3)
