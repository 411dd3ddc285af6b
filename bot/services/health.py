"""A lane's condition: one outage is one line in the log when it begins and one when it is over."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.standing import LaneCondition
from bot.errors import (
    Ambiguous,
    KeyRefused,
    Maintenance,
    NotAccepted,
    NotConnected,
    OutOfCredits,
    ProviderError,
    TaskUnknown,
    TooOften,
    Unreadable,
)

log = logging.getLogger(__name__)

LONGEST_HOLD = 60.0
"""Seconds between tries while the provider is slow or away."""
FIRST_PROBE = 60.0
LONGEST_PROBE = 600.0
"""Seconds between probes while the key or the credits are refused; a probe is the next job in line, and costs nothing if refused."""

FIRST_REST = 1.0
"""Seconds for which no query goes out after the provider has found them too frequent: a window more than its quota asks for."""

DOUBTS = 2
"""Submits in a row with an unknown outcome from which on the provider counts as away: each further one might cost and bring nothing."""
SIGNS = 3
"""Queries in a row without a usable answer that mean the same; the client has tried each of them three times."""
QUERY_HOLD = 20.0
"""Seconds after such a query for which no submit is tried: who cannot be asked should not be paid."""
LONGEST_WITHOUT_TRY = 300.0
"""Seconds after which one is tried nevertheless: it may be the queries alone that fail."""

NOTICE_AFTER = 15.0
"""Seconds for which the provider has to be away before people are told: a blip is over before they have read of it."""
CALM = 30.0
"""Seconds that the provider has to be well before an outage counts as over: a provider that comes and goes is one outage."""


@dataclass(slots=True)
class _Outage:
    """From the first trouble until the calm after the last; times are monotonic seconds."""

    begun: float
    well_since: float | None = None
    waited: int = 0
    told: list[LaneCondition] = field(default_factory=list[LaneCondition])
    """The conditions that the log has."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a lane is held by somebody's hand, since when (monotonic seconds), and what there is to say of it."""

    condition: LaneCondition
    since: float
    why: str = ""


def nobody(_condition: LaneCondition | None, _words: str) -> None:
    """Hear nothing."""


class LaneHealth:
    """What stands between the lane and the provider; times are monotonic seconds."""

    def __init__(self, *, base: float, name: str = "the lane", on_pause: Callable[[LaneCondition | None, str], None] = nobody) -> None:
        """Take the first wait after a refusal, in seconds; it doubles with each further one. `name` is what the log calls the lane.

        `on_pause` hears, once an outage, that the key or the credits are refused, with the provider's words; and of None when all is
        well: at the outage's end, and at each submit that was answered while there is none.
        """
        self._base = max(base, 0.1)
        self._name = name
        self._on_pause = on_pause
        self._hand: Hold | None = None
        self._hold = 0.0
        self._tried_at = 0.0
        self._doubts = 0
        self._failed_queries = 0
        self._seen_by_query = False
        self._query_rest = 0.0
        self._outage: _Outage | None = None
        self._met = LaneCondition.WORKING
        """The condition as the provider has it, whatever a hand holds."""
        self._since: float | None = None
        self._retry_at = 0.0

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        return self._met if self._hand is None else self._hand.condition

    @property
    def since(self) -> float | None:
        """Tell since when the lane is not well."""
        return self._since if self._hand is None else self._hand.since

    @property
    def why(self) -> str:
        """Tell what whoever holds the lane says of it."""
        return "" if self._hand is None else self._hand.why

    @property
    def retry_at(self) -> float:
        """Tell before when no submit goes out; infinite while a hand holds the lane."""
        return self._retry_at if self._hand is None else math.inf

    # By hand.

    def hold(self, hold: Hold) -> None:
        """Let nothing be submitted until `release`; a second hold takes the place of the first."""
        self._hand = hold

    def release(self) -> None:
        """Go on, and try at once whatever the provider has refused: somebody says that it is mended."""
        self._hand = None
        if self._met.paused:
            self._work()

    @property
    def in_outage(self) -> bool:
        """Tell whether there is trouble, or has been until a moment ago."""
        return self._outage is not None

    def shown(self, now: float) -> LaneCondition:
        """Tell the condition as people should hear of it: a provider that is away may be back in a moment."""
        blip = self.condition is LaneCondition.UNREACHABLE and self.since is not None and now < self.since + NOTICE_AFTER
        return LaneCondition.WORKING if blip else self.condition

    def until_next(self, now: float) -> float | None:
        """Tell the seconds until `tick` or `shown` may have something new to tell by itself; None: nothing is to come."""
        moments: list[float] = []
        if self._outage is not None and self._outage.well_since is not None:
            moments.append(self._outage.well_since + CALM)
        if self.condition is LaneCondition.UNREACHABLE and self.since is not None:
            moments.append(self.since + NOTICE_AFTER)
        return min((moment - now for moment in moments if moment > now), default=None)

    # Submits.

    def trouble(self, error: NotAccepted, now: float) -> float:
        """Take note of a submit that was certainly not accepted; return the seconds to hold the quota beside its window."""
        self._seen_by_query = False
        self._tried_at = now
        return self._back_off(error, now)

    def doubt(self, error: Ambiguous, now: float) -> None:
        """Take note of a submit whose outcome is unknown. The first may be chance; while they follow each other, fewer go out."""
        self._tried_at = now
        self._doubts += 1
        if self._doubts >= DOUBTS or self._failed_queries or self._met is LaneCondition.UNREACHABLE:
            self._seen_by_query = False
            self._back_off(error, now)

    def fine(self, now: float) -> None:
        """Take note that the provider has answered a submit with a verdict on the job itself."""
        self._doubts = 0
        self._failed_queries = 0
        self._leave(now)
        if self._outage is None:
            self._on_pause(None, "")

    def wait(self, now: float) -> None:
        """Hold back for a moment without a verdict on the provider: something of ours is away."""
        self._retry_at = max(self._retry_at, now + self._base)

    # Queries.

    def query_failed(self, error: ProviderError, now: float) -> None:
        """Take note of a query that brought no report."""
        if isinstance(error, TaskUnknown):
            self.query_answered(now)
        elif isinstance(error, (KeyRefused, OutOfCredits)):
            self._begin_by_query(error, now)
        elif isinstance(error, (NotConnected, Maintenance, Unreadable)):
            self._failed_queries += 1
            if self._met is LaneCondition.UNREACHABLE:
                self._retry_at = max(self._retry_at, min(now + QUERY_HOLD, self._tried_at + LONGEST_WITHOUT_TRY))
            elif not isinstance(error, Unreadable) or self._failed_queries >= SIGNS:
                self._begin_by_query(error, now)

    def query_too_often(self, error: TooOften | Unreadable) -> float:
        """Tell how long (s) no query may go out: as long as the provider wants, else longer each time until one is answered."""
        if error.retry_after is not None:
            return max(error.retry_after, 0.0)
        self._query_rest = min(max(self._query_rest * 2, FIRST_REST), LONGEST_HOLD)
        return self._query_rest

    def query_answered(self, now: float) -> None:
        """Take note of a query that was answered.

        It ends what a query has begun, and shows that a provider that could not be connected to is back; not what else a submit met.
        """
        self._failed_queries = 0
        self._query_rest = 0.0
        if self._seen_by_query or (self._met is LaneCondition.UNREACHABLE and not self._doubts):
            self._leave(now)

    def _begin_by_query(self, error: ProviderError, now: float) -> None:
        if self._met is LaneCondition.WORKING:
            self._tried_at = now
            self._back_off(error, now)
            self._seen_by_query = True

    # Time.

    def tick(self, now: float, *, waiting: int) -> None:
        """Let time do its part; `waiting` counts the jobs in line.

        Where nobody is in line to be the next try, the trouble is let go when that is due: the next request will be it. An outage
        is over when all has been well for a while.
        """
        outage = self._outage
        if outage is None:
            return
        if outage.well_since is None:
            outage.waited = max(outage.waited, waiting)
        elif now >= outage.well_since + CALM:
            lasted, what = _spoken(outage.well_since - outage.begun), ", ".join(outage.told)
            log.info("%s works again after %s (it was %s); jobs that waited, at most: %d", self._name, lasted, what, outage.waited)
            self._outage = None
            self._on_pause(None, "")
        by_submit = self._met is not LaneCondition.WORKING and not self._seen_by_query
        if not waiting and now >= self._retry_at and (by_submit or self._met.paused):
            self._work()

    def _back_off(self, error: ProviderError, now: float) -> float:
        """Enter the error's condition and wait, longer each time; return the seconds to hold the quota beside its window."""
        self._enter(_condition_of(error), error, now)
        first, longest = (FIRST_PROBE, LONGEST_PROBE) if self._met.paused else (self._base, LONGEST_HOLD)
        self._hold = min(max(self._hold * 2, first), longest)
        asked = error.retry_after if isinstance(error, TooOften) else None
        hold = self._hold if asked is None else max(asked, 0.0)
        self._retry_at = now + hold
        return hold if self._met is LaneCondition.SLOWED else 0.0

    def _enter(self, condition: LaneCondition, error: ProviderError, now: float) -> None:
        if self._met is not condition:
            self._met = condition
            self._hold = 0.0
        if self._since is None:
            self._since = now
        if self._outage is None:
            self._outage = _Outage(now)
        self._outage.well_since = None
        if condition not in self._outage.told:
            first_pause = condition.paused and not any(told.paused for told in self._outage.told)
            self._outage.told.append(condition)
            log.log(logging.ERROR if condition.paused else logging.WARNING, "%s is %s: %s", self._name, condition.value, error)
            if first_pause:
                self._on_pause(condition, error.words)

    def _leave(self, now: float) -> None:
        if self._outage is not None and self._outage.well_since is None:
            self._outage.well_since = now
        self._work()

    def _work(self) -> None:
        self._met = LaneCondition.WORKING
        self._since = None
        self._hold = 0.0
        self._seen_by_query = False
        self._retry_at = 0.0


def _condition_of(error: ProviderError) -> LaneCondition:
    match error:
        case KeyRefused():
            return LaneCondition.KEY_REFUSED
        case OutOfCredits():
            return LaneCondition.NO_CREDITS
        case TooOften():
            return LaneCondition.SLOWED
        case _:
            return LaneCondition.UNREACHABLE


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
