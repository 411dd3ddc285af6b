"""What our query policy is compared with: a fixed interval, as bots usually have it, and an oracle."""

from collections.abc import Mapping

from bot.domain.polling import LATE_INTERVAL
from bot.domain.query_budget import FIXED_INTERVAL
from bot.domain.watch import Pick, Watch


class FixedInterval:
    """Query each job every `interval` seconds, the longest overdue first."""

    def __init__(self, interval: float = FIXED_INTERVAL) -> None:
        self._interval = interval
        self._waiting: dict[str, Watch] = {}

    def follow(self, watch: Watch) -> None:
        self._waiting[watch.job_id] = watch

    def asked(self, job_id: str) -> None:
        del self._waiting[job_id]

    def leave(self, job_id: str) -> None:
        self._waiting.pop(job_id, None)

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        self._waiting.pop(watch.job_id, None)

    def pick(self, now: float) -> Pick | None:
        first = min(self._waiting.values(), key=self._due, default=None)
        return Pick(first.job_id, self._due(first)) if first else None

    def _due(self, watch: Watch) -> float:
        if watch.last_query is None:
            return watch.submitted_at
        return watch.last_query + (LATE_INTERVAL if watch.late else self._interval)


class Oracle(FixedInterval):
    """Query each job when it ends or at its deadline, and never otherwise: it knows these moments (s) by the jobs' ids."""

    def __init__(self, ends: Mapping[str, float]) -> None:
        super().__init__()
        self._ends = ends

    def _due(self, watch: Watch) -> float:
        return self._ends[watch.job_id]
