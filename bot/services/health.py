"""A lane's condition: one outage is one line in the log when it begins and one when it ends."""

import logging

from bot.domain.standing import LaneCondition
from bot.errors import KeyRefused, NotAccepted, NotConnected, OutOfCredits, ProviderError, TooOften

log = logging.getLogger(__name__)

LONGEST_HOLD = 60.0
"""Seconds between tries while the provider is slow or away."""
FIRST_PROBE = 60.0
LONGEST_PROBE = 600.0
"""Seconds between probes while the key or the credits are refused; a probe is the next job in line, and costs nothing if refused."""


class LaneHealth:
    """What stands between the lane and the provider; times are monotonic seconds."""

    def __init__(self, *, base: float) -> None:
        """Take the first wait after a refusal, in seconds; it doubles with each further one."""
        self._base = max(base, 0.1)
        self._hold = 0.0
        self._seen_by_query = False
        self.condition = LaneCondition.WORKING
        self.retry_at = 0.0

    def trouble(self, error: NotAccepted, now: float) -> float:
        """Take note of a submit that was certainly not accepted; return the seconds to hold the quota beside its window."""
        self._seen_by_query = False
        if isinstance(error, KeyRefused):
            self._enter(LaneCondition.KEY_REFUSED, error)
        elif isinstance(error, OutOfCredits):
            self._enter(LaneCondition.NO_CREDITS, error)
        elif isinstance(error, TooOften):
            self._enter(LaneCondition.SLOWED, error)
        else:
            self._enter(LaneCondition.UNREACHABLE, error)
        first, longest = (FIRST_PROBE, LONGEST_PROBE) if self.condition.paused else (self._base, LONGEST_HOLD)
        self._hold = min(max(self._hold * 2, first), longest)
        asked = error.retry_after if isinstance(error, TooOften) else None
        hold = self._hold if asked is None else max(asked, 0.0)
        self.retry_at = now + hold
        return hold if self.condition is LaneCondition.SLOWED else 0.0

    def wait(self, now: float) -> None:
        """Hold back for a moment without a verdict on the provider: something of ours is away."""
        self.retry_at = now + self._base

    def fine(self) -> None:
        """Take note that the provider has answered a submit with a verdict on the job itself."""
        self._leave()

    def query_failed(self, error: ProviderError, now: float) -> None:
        """Take note of a query that brought no report."""
        if self.condition is not LaneCondition.WORKING:
            return
        if isinstance(error, (KeyRefused, OutOfCredits, NotConnected)):
            self.trouble(error, now)
            self._seen_by_query = True

    def query_answered(self) -> None:
        """Take note of a query that was answered: it ends what a query has begun, not what a submit met."""
        if self._seen_by_query:
            self._leave()

    def lift_if_due(self, now: float, *, waiting: int) -> None:
        """Let a pause go when its probe is due and nobody is in line to be the probe: the next request will be it."""
        if self.condition.paused and not waiting and now >= self.retry_at:
            self._leave()

    def _enter(self, condition: LaneCondition, error: ProviderError) -> None:
        if self.condition is not condition:
            level = logging.ERROR if condition.paused else logging.WARNING
            log.log(level, "the lane is %s: %s", condition.value, error)
            self.condition = condition
            self._hold = 0.0

    def _leave(self) -> None:
        if self.condition is not LaneCondition.WORKING:
            log.info("the lane works again (it was %s)", self.condition.value)
        self.condition = LaneCondition.WORKING
        self._hold = 0.0
        self._seen_by_query = False
        self.retry_at = 0.0
