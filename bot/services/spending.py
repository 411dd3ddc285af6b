"""What was spent, and what is left of today."""

from collections.abc import Callable

from bot.domain.limits import Limit, Limits, day_begin, day_end
from bot.domain.usage import Allowance, OfOperator, OfPerson, OfServer, Report, Scope
from bot.services.allowances import Allowances
from bot.services.ports.outside import Clock
from bot.services.ports.records import Ledger

DAYS = 14
"""As far back as /usage looks, today included; about as long as the provider keeps a task."""
LAST, TOP = 5, 5
"""Requests that are listed, and people or servers that have spent most."""


class Spending:
    """Fulfils `services.ports.people.Spending`."""

    def __init__(self, *, ledger: Ledger, allowances: Allowances, lane_of: Callable[[int | None], int | None], clock: Clock) -> None:
        """Read the `ledger`; `lane_of` tells on whose key a place's jobs run, as `Job.lane` does."""
        self._ledger = ledger
        self._allowances = allowances
        self._lane_of = lane_of
        self._clock = clock

    async def report(self, scope: Scope, guild_id: int | None) -> Report:
        """Tell what was spent lately, and what is left of today where the person asks. Raises StoreUnavailable."""
        now = self._clock.now()
        lane = self._lane_of(guild_id)
        limits = await self._allowances.of_place(guild_id, lane)
        return Report(
            scope=scope,
            usage=await self._ledger.usage(scope, today=day_begin(now), days=DAYS, last=LAST, top=TOP),
            allowances=await self._left(scope, limits, guild_id, lane),
            resets_at=day_end(now),
        )

    async def _left(self, scope: Scope, limits: Limits, guild_id: int | None, lane: int | None) -> list[Allowance]:
        """Count as `store.limits` does."""
        since, spent = limits.since, self._ledger.spent
        match scope:
            case OfPerson(user_id):
                left: list[Allowance] = []
                if lane is None:
                    left.append(Allowance(Limit.PERSON, await spent(since=since, user_id=user_id), limits.person))
                if guild_id is not None and (lane is not None or limits.person_here is not None):
                    here = await spent(since=since, user_id=user_id, guild_id=guild_id, lane=lane)
                    left.append(Allowance(Limit.PERSON_HERE, here, limits.person_here))
                return left
            case OfServer(of_guild):
                return [Allowance(Limit.SERVER, await spent(since=since, guild_id=of_guild, lane=lane), limits.server)]
            case OfOperator():
                in_all = await self._allowances.of_place(None, None)
                return [Allowance(Limit.ALL, await spent(since=since), in_all.all)]
