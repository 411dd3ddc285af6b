"""How many queries jobs may cost, so that no time is bought with more queries than a fixed interval would take."""

import math

FIXED_INTERVAL = 5.0
"""Seconds between queries of a job, as bots usually do it: the measure of what jobs may cost."""
QUERIES_OF_A_TRACK = 19.0
"""Queries that this interval spends on a track of 95 s, the prior's median; for one that is made faster it may be as many."""
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


def fixed_interval(usual: float) -> float:
    """Tell the interval (s) that the cost of jobs of this usual duration (s) is measured by."""
    return min(FIXED_INTERVAL, usual / QUERIES_OF_A_TRACK)


class QueryBudget:
    """Earns what a fixed interval would spend on the same jobs under the same quota, and spends no more at any time."""

    def __init__(self, queries_per_second: float, interval: float = FIXED_INTERVAL) -> None:
        """`queries_per_second` is the quota, `interval` in seconds."""
        self._quota = queries_per_second
        self._possible = queries_per_second / (1 + ROUND_TRIP)
        self._pace = 1 / interval
        self._share = self._pace
        self._balance = 0.0
        self._spent = 0
        self._count = 0
        self._now: float | None = None

    @property
    def _contended(self) -> bool:
        """Tell whether a fixed interval would want more than the quota; it then spends what the quota lets through, as we do at most."""
        return self._count * self._pace > self._quota

    @property
    def _income(self) -> float:
        """Tell how many queries a second a fixed interval spends on the jobs that are watched."""
        return min(self._count * self._pace, self._possible)

    def spend(self, queries: int) -> None:
        """Enter queries that were sent."""
        self._spent += queries

    def watched(self, count: int, now: float) -> None:
        """Enter how many jobs are watched from now on."""
        passed = 0.0 if self._now is None else min(max(now - self._now, 0.0), LOAD_MEMORY)
        if not self._contended:
            self._balance += passed * self._income - self._spent
        self._spent = 0
        if self._count:
            fresh = 1 - math.exp(-passed / LOAD_MEMORY)
            self._share += fresh * (min(self._pace, self._possible / self._count) - self._share)
        self._count, self._now = count, now

    def left(self) -> None:
        """Enter that one job fewer is watched."""
        if not self._contended:
            self._balance += OWN_QUERY
        self._count = max(self._count - 1, 0)

    def open_from(self, now: float) -> float:
        """Tell from when a query can be afforded."""
        if self._balance >= 0.0 or not self._count or self._contended:
            return -math.inf
        return now - self._balance / self._income

    def of_a_job(self, mean_age: float) -> float:
        """Plan the queries for a job that is watched for this long (s) on average."""
        usual = mean_age * min(self._pace, HEADROOM * self._share) + OWN_QUERY
        self._balance = min(self._balance, (RESERVE + SURPLUS * REPAID_IN) * usual)
        return usual * (1 + min(max((self._balance / usual - RESERVE) / REPAID_IN, -DEBT), SURPLUS))
