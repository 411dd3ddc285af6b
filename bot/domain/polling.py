"""Which job to query next: the arithmetic of waiting."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.reports import Stage

LATE_INTERVAL = 600.0
"""Seconds between queries of a job past its deadline: a late end is rare, and a query is not free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of a job that the provider is working on; times are seconds of one clock."""

    job_id: str
    model: str
    submitted_at: float
    deadline: float
    last_query: float | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """The job that is worth the next query, from the moment `at` on."""

    job_id: str
    at: float


class Policy(Protocol):
    """Decides what a query slot is spent on."""

    def pick(self, watches: Iterable[Watch], now: float) -> Pick | None:
        """Name the best job for the next slot and when it pays; None when no query is worth a slot."""
        ...


@dataclass(frozen=True, slots=True)
class FixedInterval:
    """Query each job every `interval` seconds, the longest unqueried first."""

    interval: float = 5.0

    def pick(self, watches: Iterable[Watch], now: float) -> Pick | None:
        """Name the job whose interval is over first."""
        first = min(watches, key=self._due, default=None)
        return Pick(first.job_id, self._due(first)) if first else None

    def _due(self, watch: Watch) -> float:
        if watch.last_query is None:
            return watch.submitted_at
        return watch.last_query + (self.interval if watch.last_query < watch.deadline else LATE_INTERVAL)
