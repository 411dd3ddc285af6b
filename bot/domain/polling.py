"""Which job to query next: the arithmetic of waiting. Why it is so, and how far from the best possible: `docs/polling.md`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.domain.durations import Curve, Sighting
from bot.domain.experience import Evidence, Experience
from bot.domain.query_budget import FIXED_INTERVAL, QueryBudget
from bot.domain.reports import Stage

LATE_INTERVAL = 600.0
"""Seconds between queries of a job past its deadline: a late end is rare, and a query is not free."""
RETRY_AFTER = 5.0
"""Seconds after a query that brought no answer: the same question at once would hardly get one."""
SHORTEST_GAP = 0.5
"""Seconds between two queries of a job at least, however sure its end is."""
FIRST_PRICE = 0.05
"""Seconds of expected waiting that a query has to be worth, before the price is worked out."""
LOWEST_PRICE, HIGHEST_PRICE = 1e-4, 60.0
PRICE_STEPS = 8
NEAR_ENOUGH = 0.005
"""Relative error of the planned number of queries at which the price is good."""
HARDLY_ANY = 1e-4
"""Share of jobs left at which counting their queries ends."""
PLANS_KEPT = 100
"""Settled jobs after which a plan that was not needed any more is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of a job that the provider is working on; times are seconds of one clock."""

    job_id: str
    model: str
    submitted_at: float
    deadline: float
    age_known: bool = True
    """False for a task made elsewhere: `submitted_at` is when it came under watch."""
    queries: int = 0
    last_query: float | None = None
    last_seen: float | None = None
    """When a query that was answered last found it unfinished."""
    last_waiting: float | None = None
    """When a query last found it in the provider's own line."""
    stage: Stage | None = None

    def unfinished(self, at: float, stage: Stage) -> "Watch":
        """Take note that a query sent at this time found the job unfinished."""
        waiting = at if stage is Stage.WAITING else self.last_waiting
        return replace(self, queries=self.queries + 1, last_query=at, last_seen=at, last_waiting=waiting, stage=stage)

    def unanswered(self, at: float) -> "Watch":
        """Take note that a query sent at this time told nothing."""
        return replace(self, queries=self.queries + 1, last_query=at)


@dataclass(frozen=True, slots=True)
class Pick:
    """The job that is worth the next query, from the moment `at` on."""

    job_id: str
    at: float


class Policy(Protocol):
    """Decides what a query slot is spent on."""

    def pick(self, watches: Iterable[Watch], now: float) -> Pick | None:
        """Name the best job for the next slot and when it pays; None when no query is worth a slot.

        `watches` are the jobs without a query under way.
        """
        ...

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        """Learn from the query, sent at this time, that settled a job: it found the end, or no end past the deadline.

        `watch` is the job as it was before that query. To be told once a job; what becomes of it later teaches nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedInterval:
    """Query each job every `interval` seconds, the longest unqueried first."""

    interval: float = FIXED_INTERVAL

    def pick(self, watches: Iterable[Watch], now: float) -> Pick | None:  # noqa: ARG002 - it needs no clock
        """Name the job whose interval is over first."""
        first = min(watches, key=self._due, default=None)
        return Pick(first.job_id, self._due(first)) if first else None

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        """Learn nothing."""

    def _due(self, watch: Watch) -> float:
        if watch.last_query is None:
            return watch.submitted_at
        return watch.last_query + (self.interval if watch.last_query < watch.deadline else LATE_INTERVAL)


class ExpectedWaiting:
    """Query the job whose expected unnoticed waiting is largest, once that is worth the price of a query.

    The price keeps a job's queries just below what a fixed interval would spend. Plans are kept: give the same Watch object for
    as long as nothing is new about a job.
    """

    def __init__(self, *, queries_per_second: float = 2.0, deadline: float = 900.0) -> None:
        """`queries_per_second` is the quota, `deadline` how long (s) a job is usually watched at most."""
        self._deadline = deadline
        self._budget = QueryBudget(queries_per_second)
        self._models: dict[str, _Model] = {}
        self._plans: dict[str, _Plan] = {}
        self._reckoning = 0
        self._asked: set[str] = set()
        self._now = -math.inf

    def pick(self, watches: Iterable[Watch], now: float) -> Pick | None:
        """Name the job with the largest expected waiting among those due, else the one that is due first."""
        if now < self._now:
            self._reckon_anew()
        self._now = now
        first: _Plan | None = None
        most: _Plan | None = None
        most_urgent = -math.inf
        count = 0
        for watch in watches:
            plan = self._plans.get(watch.job_id)
            if plan is None or plan.watch is not watch or plan.reckoning != self._reckoning:
                plan = self._plan_anew(plan, watch, now)
            if plan.due <= now:
                urgency = plan.urgency(now)
                if urgency > most_urgent:
                    most, most_urgent = plan, urgency
            elif first is None or plan.due < first.due:
                first = plan
            count += not plan.late
            if watch.job_id in self._asked:
                self._asked.discard(watch.job_id)
        self._budget.watched(count + len(self._asked), now)
        best = most or first
        if best is None or best.due == math.inf:
            return None
        at = max(best.due, self._budget.open_from(now))
        if at <= now:
            self._asked.add(best.watch.job_id)
        return Pick(best.watch.job_id, at)

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        """Learn how long the job took and what it cost."""
        plan = self._plans.pop(watch.job_id, None)
        self._asked.discard(watch.job_id)
        self._budget.spend(1 if plan is None else watch.queries + 1 - plan.watch.queries)
        self._budget.left()
        model = self._model(watch.model)
        if watch.age_known:
            seen, waiting = (None if when is None else when - watch.submitted_at for when in (watch.last_seen, watch.last_waiting))
            age = at - watch.submitted_at
            model.experience.learn(Evidence(seen or 0.0, age, waiting) if ended else Evidence(age, None, waiting))
        model.reckon(self._budget, self._deadline)
        self._reckon_anew()

    def to_state(self) -> dict[str, list[list[float | None]]]:
        """Give what was learned, as JSON values: the latest evidence of each model, which outlives a change of the arithmetic."""
        return {name: [evidence.to_state() for evidence in model.experience.evidence] for name, model in self._models.items()}

    def restore(self, state: Mapping[str, Sequence[Sequence[float | None]]]) -> None:
        """Learn anew from `to_state`. Raises ValueError, and learns nothing, if it is anything else."""
        models: dict[str, _Model] = {}
        try:
            for name, rows in state.items():
                models[name] = _Model()
                for row in rows:
                    models[name].experience.learn(Evidence.from_state(row))
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError("what was learned of durations cannot be read") from error
        for model in models.values():
            model.reckon(self._budget, self._deadline)
        self._models = models
        self._reckon_anew()

    def _model(self, name: str) -> "_Model":
        if name not in self._models:
            self._models[name] = _Model()
            self._models[name].reckon(self._budget, self._deadline)
        return self._models[name]

    def _reckon_anew(self) -> None:
        """Make every plan anew at its next use; those without a use for long are of jobs that nobody watches."""
        self._reckoning += 1
        if self._reckoning % PLANS_KEPT == 0:
            oldest = self._reckoning - PLANS_KEPT
            self._plans = {job_id: plan for job_id, plan in self._plans.items() if plan.reckoning >= oldest}

    def _plan_anew(self, old: "_Plan | None", watch: Watch, now: float) -> "_Plan":
        if old is not None and not old.late:
            self._budget.spend(watch.queries - old.watch.queries)
        plan = self._plans[watch.job_id] = self._plan(watch, now)
        return plan

    def _plan(self, watch: Watch, now: float) -> "_Plan":
        """Work out when the next query of a job pays."""
        model = self._model(watch.model)
        last = None if watch.last_query is None else min(watch.last_query, now)
        if last is None and not watch.age_known:
            return _Plan(self._reckoning, watch, watch.submitted_at, sure_from=watch.submitted_at)
        if last is not None and last >= watch.deadline:
            growth = model.price / LATE_INTERVAL
            return _Plan(self._reckoning, watch, last + LATE_INTERVAL, sure_from=last, growth=growth, late=True)
        since, sighting = _sighting(model.experience, watch, now)
        due = min(since + sighting.due(model.price), watch.deadline)
        if last is not None:
            due = max(due, last + (SHORTEST_GAP if watch.last_seen == watch.last_query else RETRY_AFTER))
        return _Plan(self._reckoning, watch, due, sure_from=watch.deadline, since=since, sighting=sighting)


@dataclass(slots=True)
class _Plan:
    """When a job's next query is due, and how urgent it is from then on."""

    reckoning: int
    watch: Watch
    due: float
    sure_from: float
    """From then on the query settles something: each second counts `growth` besides what the sighting lets expect."""
    growth: float = 1.0
    late: bool = False
    since: float = 0.0
    sighting: Sighting | None = None

    def urgency(self, now: float) -> float:
        """Give the expected unnoticed waiting (s)."""
        urgency = self.growth * (now - self.sure_from) if now > self.sure_from else 0.0
        return urgency if self.sighting is None else urgency + self.sighting.waiting(now - self.since)


@dataclass(slots=True)
class _Model:
    """What is known of a model's jobs, and the price of querying them in seconds of expected waiting."""

    experience: Experience = field(default_factory=Experience)
    price: float = FIRST_PRICE

    def reckon(self, budget: QueryBudget, deadline: float) -> None:
        """Work out the price at which a job takes as many queries as the budget gives it."""
        curve = self.experience.durations()
        wanted = budget.of_a_job(curve.mean(deadline))
        for _ in range(PRICE_STEPS):
            queries = expected_queries(curve, self.price, deadline)
            if abs(queries / wanted - 1) < NEAR_ENOUGH:
                break
            # Queries go with the inverse root of the price, as far as the hazard is even between two of them.
            self.price = min(max(self.price * (queries / wanted) ** 2, LOWEST_PRICE), HIGHEST_PRICE)


def expected_queries(curve: Curve, price: float, deadline: float) -> float:
    """Tell how many queries a job takes on average, up to the one that finds its end or the one at the deadline (s)."""
    queries, age, left = 0.0, 0.0, 1.0
    while age < deadline and left > HARDLY_ANY:
        sighting = curve.seen(age)
        left = sighting.left
        queries += left
        age = max(sighting.due(price), age + SHORTEST_GAP)
    return queries


def _sighting(experience: Experience, watch: Watch, now: float) -> tuple[float, Sighting]:
    """Tell from when a job's age counts, and up to which age it is known to be unfinished."""
    since = watch.submitted_at
    seen = since if watch.last_seen is None else min(watch.last_seen, now)
    if since > now:
        # The clock was set back: how old the job is cannot be told, but it was not finished when it was seen last.
        return min(seen, now), experience.remaining().seen(0.0)
    if not watch.age_known:
        return since, experience.remaining().seen(max(seen - since, 0.0))
    # A job that waits in the provider's line at this age has the rest of its duration before it.
    waiting = 0.0 if watch.last_waiting is None else (min(watch.last_waiting, now) - since) / experience.waiting_share
    return since, experience.durations().seen(max(seen - since, waiting, 0.0))
