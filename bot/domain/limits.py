"""How much may be spent: the limits that are checked in the transaction that accepts a job.

Days are UTC days: they have the same length everywhere and know no summer time.
"""

from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400
"""Seconds of a UTC day: Unix time counts no leap seconds."""


class Limit(StrEnum):
    """Which limit a request would pass; the words for each are in `ui/words.py`."""

    IN_FLIGHT = "in_flight"
    """One person's jobs in flight."""
    LINE = "line"
    """Jobs in the lane's line."""
    PERSON = "person"
    """One person's submits a day, over all servers."""
    PERSON_HERE = "person_here"
    """One person's submits a day in one server, as that has set it."""
    SERVER = "server"
    """A server's submits a day."""
    ALL = "all"
    """The operator's submits a day, over all servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits that one request is held against; None: no such limit. `since` is the day's begin (epoch seconds).

    Counted is what was spent on the same API key; of the jobs in flight, all. What sessions ask for counts in no limit of a person's.
    """

    in_flight: int | None = None
    line: int | None = None
    person: int | None = None
    person_here: int | None = None
    server: int | None = None
    all: int | None = None
    since: float = 0.0


def day_begin(now: float) -> float:
    """Tell when the UTC day of this moment began (epoch seconds)."""
    return now // DAY * DAY


def day_end(now: float) -> float:
    """Tell when the UTC day of this moment ends, and daily limits are counted anew (epoch seconds)."""
    return day_begin(now) + DAY


def narrower(operators: int | None, servers: int | None) -> int | None:
    """Combine a limit of the operator's with a server's own: the server can only narrow it."""
    given = [limit for limit in (operators, servers) if limit is not None]
    return min(given, default=None)
