"""Time as the loopback knows it, and the ids made from it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000
"""First millisecond of 2015 (reference page of Discord's API, "Snowflakes")."""


class Clock:
    """Tell the time, and jump when told to."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        """Read seconds since 1970 from `base`."""
        self._base = base
        self._offset = 0.0

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return self._base() + self._offset

    def jump(self, seconds: float) -> None:
        """Move `seconds` ahead; going back raises ValueError, since ids must keep rising."""
        if seconds < 0:
            msg = "the clock only goes forward"
            raise ValueError(msg)
        self._offset += seconds


class Snowflakes:
    """Make ids that carry their time and never repeat or fall."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the time of every id from `clock`, in seconds since 1970."""
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        """Return the next id."""
        now = int(self._clock() * 1000) - DISCORD_EPOCH_MS
        self._last = max(now << 22, self._last + 1)
        return self._last


def seconds_of(snowflake: int) -> float:
    """Return the time of an id, in seconds since 1970."""
    return ((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000


def timestamp(seconds: float) -> str:
    """Write seconds since 1970 as Discord writes them: ISO 8601 with microseconds and offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
