"""Which job's query is due, and which of those due is the most urgent: without a look at every job."""

import itertools
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace

from bot.domain.durations import Sighting
from bot.domain.watch import Watch

STEEPEST = 2.0
"""Seconds by which a plan's urgency rises in a second at most: one for the expected waiting, one past the deadline."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """When a job's next query is due, and how urgent it is from then on; times are seconds of one clock."""

    watch: Watch
    due: float
    sure_from: float
    """From then on the query settles something: each second counts `growth` besides what the sighting lets expect."""
    growth: float = 1.0
    since: float = 0.0
    """From when the sighting's ages count."""
    sighting: Sighting | None = None

    def urgency(self, now: float) -> float:
        """Give the expected unnoticed waiting (s)."""
        urgency = self.growth * (now - self.sure_from) if now > self.sure_from else 0.0
        return urgency if self.sighting is None else urgency + self.sighting.waiting(now - self.since)


class Agenda:
    """The plans that wait for their queries.

    Those not due are in a heap by when they are. Those due are in a heap by how urgent they can be at most, from when each was last
    looked at: urgency rises no faster than STEEPEST, so the order of these bounds does not change with time, and only plans whose bound
    beats the best urgency have to be looked at again. Entries of plans that were replaced are dropped when they come up.
    """

    def __init__(self) -> None:
        """Start with nothing planned."""
        self._plans: dict[str, Plan] = {}
        self._ahead: list[tuple[float, int, Plan]] = []
        self._due: list[tuple[float, int, Plan]] = []
        self._numbers = itertools.count()

    def put(self, plan: Plan) -> None:
        """Take a plan in, instead of the job's last one."""
        self._plans[plan.watch.job_id] = plan
        heappush(self._ahead, (plan.due, next(self._numbers), plan))

    def drop(self, job_id: str) -> None:
        """Let a job's plan go, if there is one."""
        self._plans.pop(job_id, None)

    def clear(self) -> list[Plan]:
        """Let every plan go, and return them."""
        plans = list(self._plans.values())
        for each in (self._plans, self._ahead, self._due):
            each.clear()
        return plans

    def first(self, now: float) -> Plan | None:
        """Give the most urgent plan of those due, else the one that is due first. Time must not run backwards between two `clear`."""
        while self._ahead and (self._ahead[0][0] <= now or not self._stands(self._ahead[0][2])):
            plan = heappop(self._ahead)[2]
            if self._stands(plan):
                heappush(self._due, (_rank(plan, now), next(self._numbers), plan))
        while self._due:
            _, number, plan = self._due[0]
            if not self._stands(plan):
                heappop(self._due)
                continue
            heapreplace(self._due, (_rank(plan, now), number, plan))
            if self._due[0][2] is plan:
                return plan
        return self._ahead[0][2] if self._ahead else None

    def _stands(self, plan: Plan) -> bool:
        return self._plans.get(plan.watch.job_id) is plan


def _rank(plan: Plan, now: float) -> float:
    """Give what, taken from `STEEPEST * later`, is the most that the plan's urgency can be by then; lowest goes first."""
    return STEEPEST * now - plan.urgency(now)
