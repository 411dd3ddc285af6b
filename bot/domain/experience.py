"""What settled jobs have taught of one model: its durations, and how much of them is spent in the provider's own line."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from bot.domain.durations import Curve, Durations

REMEMBERED = 500
"""Settled jobs that are kept as evidence: twice the longest half-life."""
SHARE_SINKS = 0.05
"""How fast the longest waiting share sinks when jobs leave the provider's line earlier; it rises at once."""
LEAST_SHARE = 0.5
"""No sighting in the provider's line postpones a query beyond twice the age: the line may have become slower."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a settled job showed; ages in seconds."""

    after: float
    """The last age at which it was seen unfinished."""
    by: float | None
    """The age at which it was seen finished; None for one that was given up."""
    waiting: float | None = None
    """The last age at which it was seen in the provider's own line."""

    @classmethod
    def from_state(cls, row: Sequence[float | None]) -> Self:
        """Read `to_state`. Raises ValueError or TypeError."""
        after, by, waiting = (None if age is None else float(age) for age in row)
        if after is None:
            raise ValueError("evidence begins with an age")
        return cls(after, by, waiting)

    def to_state(self) -> list[float | None]:
        """Give it as JSON values."""
        return [None if age is None else round(age, 1) for age in (self.after, self.by, self.waiting)]


@dataclass(slots=True)
class Experience:
    """What is known of the jobs of one model."""

    _durations: Durations = field(default_factory=Durations)
    evidence: deque[Evidence] = field(default_factory=lambda: deque[Evidence](maxlen=REMEMBERED))
    waiting_share: float = 1.0
    """The largest part of its duration for which a job was seen in the provider's line; 1 where that tells nothing."""
    _curve: Curve | None = None
    _remaining: Curve | None = None

    def learn(self, evidence: Evidence) -> None:
        """Take in one settled job."""
        self.evidence.append(evidence)
        self._curve = self._remaining = None
        if evidence.by is None:
            self._durations.outlived(evidence.after)
            return
        self._durations.ended(evidence.after, evidence.by)
        if evidence.waiting is not None and evidence.by > 0.0:
            # The end is about half way between its two sightings.
            share = min(max(2 * evidence.waiting / (evidence.after + evidence.by), LEAST_SHARE), 1.0)
            self.waiting_share = max(share, self.waiting_share - SHARE_SINKS * (self.waiting_share - share))

    def durations(self) -> Curve:
        """Give the distribution of durations."""
        if self._curve is None:
            self._curve = self._durations.curve()
        return self._curve

    def remaining(self) -> Curve:
        """Give the distribution of what is left of a job whose age is not known."""
        if self._remaining is None:
            self._remaining = self.durations().remaining()
        return self._remaining
