"""How many queries jobs may cost, so that no time is bought with more queries than querying every 5 s would take."""

import math

FIXED_INTERVAL = 5.0
"""Seconds between queries of a job, as bots usually do it: the measure of what jobs may cost."""
OWN_QUERY = 0.5
"""Queries that a fixed interval spends on a job beyond its duration by the interval: between none and one, that notices the end."""
ROUND_TRIP = 0.25
"""Seconds of a usual round trip, during which a slot of the quota is closed besides its window (of about a second)."""
LOAD_MEMORY = 150.0
"""Seconds over which the load is averaged: about a job's life."""
HEADROOM = 1.3
"""How much more than their share of the quota jobs plan for where it is short: urgency then decides, and no slot stays unused."""
RESERVE = 4.0
"""Jobs whose queries are held back."""
REPAID_IN = 40.0
"""Jobs over which a surplus or a debt is evened out."""
SURPLUS, DEBT = 0.3, 0.6
"""Share of its queries by which a job may plan for more, or for less, to even it out."""


class QueryBudget:
    """Earns what a fixed interval would spend on the same jobs under the same quota, and spends no more at any time."""

    def __init__(self, queries_per_second: float) -> None:
        """`queries_per_second` is the quota."""
        self._quota = queries_per_second
        self._share = 1 / FIXED_INTERVAL
        self._balance = 0.0
        self._spent = 0
        self._count = 0
        self._now: float | None = None

    @property
    def _contended(self) -> bool:
        """Tell whether a fixed interval would want more than the quota; it then spends what the quota lets through, as we do at most."""
        return self._count / FIXED_INTERVAL > self._quota

    def spend(self, queries: int) -> None:
        """Enter queries that were sent."""
        self._spent += queries

    def watched(self, count: int, now: float) -> None:
        """Enter how many jobs are watched from now on."""
        passed = 0.0 if self._now is None else min(max(now - self._now, 0.0), LOAD_MEMORY)
        possible = self._quota / (1 + ROUND_TRIP)
        if not self._contended:
            self._balance += passed * min(self._count / FIXED_INTERVAL, possible) - self._spent
        self._spent = 0
        if self._count:
            fresh = 1 - math.exp(-passed / LOAD_MEMORY)
            self._share += fresh * (min(1 / FIXED_INTERVAL, possible / self._count) - self._share)
        self._count, self._now = count, now

    def left(self) -> None:
        """Enter that one job fewer is watched."""
        if not self._contended:
            self._balance += OWN_QUERY
        self._count = max(self._count - 1, 0)

    def open_from(self, now: float) -> float:
        """Tell from when a query can be afforded."""
        if self._balance >= 0.0 or not self._count:
            return -math.inf
        return now - self._balance * FIXED_INTERVAL / self._count

    def of_a_job(self, mean_age: float) -> float:
        """Plan the queries for a job that is watched for this long (s) on average."""
        usual = mean_age * min(1 / FIXED_INTERVAL, HEADROOM * self._share) + OWN_QUERY
        self._balance = min(self._balance, (RESERVE + SURPLUS * REPAID_IN) * usual)
        return usual * (1 + min(max((self._balance / usual - RESERVE) / REPAID_IN, -DEBT), SURPLUS))
