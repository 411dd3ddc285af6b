"""How fast a line moves, and so how long it is until one's turn."""

from dataclasses import dataclass, field

FIRST_TRIP = 1.0
"""Seconds from a request's leaving to its answer that are expected before there was any."""
NEWEST = 0.2
"""Weight of the newest round trip in their mean."""


@dataclass(slots=True)
class Pace:
    """The pace of requests that leave one `interval` (seconds) after the answer to the one before; times are monotonic seconds."""

    interval: float
    trip: float = FIRST_TRIP
    """Seconds that a round trip takes on average."""
    _left: float | None = field(init=False, default=None)

    def left(self, now: float) -> None:
        """Take note that a request is leaving."""
        self._left = now

    def answered(self, now: float) -> None:
        """Take note that it was answered, or abandoned."""
        if self._left is not None:
            self.trip += NEWEST * (now - self._left - self.trip)
            self._left = None

    def wait(self, place: int, now: float, *, opens_at: float | None, not_before: float) -> float:
        """Tell the seconds until the turn of this place in line (1 is next).

        `opens_at` is when the quota opens (None: the answer is still awaited), `not_before` what the provider wants besides.
        """
        if opens_at is None:
            expected = now if self._left is None else max(self._left + self.trip, now)
            opens_at = expected + self.interval
        return max(opens_at, not_before, now) - now + (place - 1) * (self.interval + self.trip)
