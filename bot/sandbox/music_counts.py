"""What reached the provider: every arrival is kept, and the page's rate limits are kept over them."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.music_wire import SUBMITS, Endpoint

if TYPE_CHECKING:
    from bot.sandbox.music_wire import Body


class SlidingWindow:
    """At most `limit` arrivals in any `seconds`; refused ones do not count. No seconds means no limit."""

    def __init__(self, limit: int, seconds: float) -> None:
        """Begin with an empty window."""
        self.limit = limit
        self.seconds = seconds
        self._arrivals: deque[float] = deque()

    def admit(self, now: float) -> float:
        """Admit an arrival and return 0.0, or return the seconds after which one would be admitted."""
        while self._arrivals and now - self._arrivals[0] >= self.seconds:
            self._arrivals.popleft()
        if len(self._arrivals) >= self.limit and self.seconds > 0:
            return self._arrivals[0] + self.seconds - now
        self._arrivals.append(now)
        return 0.0


@dataclass(slots=True)
class Arrival:
    """One request: when it came (the provider's clock, seconds), and what became of it.

    `outcome` is `accepted` (a submit), `answered` (a query), `violation` (of a rate limit), `unauthorized`, `refused`, or `faulted` when
    a fault struck and nothing was accepted; `fault` names the fault that struck, before or after. `key` is what it was sent with.
    """

    at: float
    endpoint: Endpoint
    body: Body | None = None
    outcome: str = ""
    fault: str = ""
    task_id: str = ""
    key: str = ""


@dataclass(slots=True)
class Counts:
    """Everything that reached the provider's three endpoints, in order; `unknown` lists requests to addresses it does not have."""

    log: list[Arrival] = field(default_factory=list[Arrival])
    unknown: list[str] = field(default_factory=list[str])

    @property
    def submits(self) -> int:
        """Count the submits that arrived, whatever became of them."""
        return sum(arrival.endpoint in SUBMITS for arrival in self.log)

    @property
    def queries(self) -> int:
        """Count the queries that arrived, whatever became of them."""
        return sum(arrival.endpoint is Endpoint.QUERY for arrival in self.log)

    @property
    def violations(self) -> int:
        """Count the arrivals that broke a rate limit."""
        return self.outcomes["violation"]

    @property
    def outcomes(self) -> Counter[str]:
        """Count the arrivals by outcome."""
        return Counter(arrival.outcome for arrival in self.log)

    @property
    def accepted(self) -> list[Arrival]:
        """List the submits that were accepted, and so charged."""
        return [arrival for arrival in self.log if arrival.outcome == "accepted"]

    def arrivals(self, *endpoints: Endpoint) -> list[float]:
        """List when requests to these endpoints came."""
        return [arrival.at for arrival in self.log if arrival.endpoint in endpoints]

    def bodies(self, *endpoints: Endpoint) -> list[Body]:
        """List the bodies that were read from requests to these endpoints, whatever became of them."""
        return [arrival.body for arrival in self.log if arrival.endpoint in endpoints and arrival.body is not None]

    def accepted_twice(self) -> list[Body]:
        """List the bodies that were accepted more than once: submits that were sent again."""
        bodies = [arrival.body for arrival in self.accepted]
        return [body for index, body in enumerate(bodies) if body is not None and body in bodies[:index]]
