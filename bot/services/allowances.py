"""Which limits a new job is held against: the operator's, narrowed by its server's."""

from dataclasses import dataclass, replace

from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job, JobKind
from bot.domain.limits import Limits, day_begin, narrower
from bot.services.guilds import Guilds
from bot.services.ports.outside import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimits:
    """What the operator has set for every server; 0: no limit. The last three are submits a day with the operator's own key."""

    in_flight: int = 0
    line: int = 0
    person: int = 0
    server: int = 0
    all: int = 0


class Allowances:
    """Tells what may be spent."""

    def __init__(self, *, operator: OperatorLimits, guilds: Guilds, clock: Clock) -> None:
        """`guilds` know what servers have set."""
        self._operator = operator
        self._guilds = guilds
        self._clock = clock

    async def of_job(self, job: Job) -> Limits:
        """Tell the limits of a new job. Raises StoreUnavailable.

        A task made elsewhere spends nothing, so it only counts as in flight; no person's limit binds a session.
        """
        if job.kind is JobKind.TRACK:
            return Limits(in_flight=self._operator.in_flight or None)
        limits = await self.of_place(job.origin.guild_id, job.lane)
        return limits if job.session_id is None else replace(limits, in_flight=None, person=None, person_here=None)

    async def of_place(self, guild_id: int | None, lane: int | None) -> Limits:
        """Tell the limits of whoever spends today in this server (None: in direct messages) on this lane. Raises StoreUnavailable."""
        guild = None if guild_id is None else await self._guilds.of(guild_id)
        return limits_of(self._operator, guild, own_key=lane is not None, now=self._clock.now())


def limits_of(operator: OperatorLimits, guild: GuildSettings | None, *, own_key: bool, now: float) -> Limits:
    """Narrow the operator's limits by the server's (None: no server); with its `own_key`, what is spent a day is the server's affair."""
    person, server, in_all = (None, None, None) if own_key else (operator.person or None, operator.server or None, operator.all or None)
    return Limits(
        in_flight=operator.in_flight or None,
        line=operator.line or None,
        person=person,
        person_here=None if guild is None else guild.daily_per_person,
        server=None if guild is None else narrower(server, guild.daily_per_server),
        all=in_all,
        since=day_begin(now),
    )
