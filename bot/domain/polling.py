"""Which job to query next: the arithmetic of waiting. Why it is so, and how far from the best possible: `docs/polling.md`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.agenda import Agenda, Plan
from bot.domain.durations import PRIOR_MEDIAN, Curve, Durations, Sighting
from bot.domain.experience import Evidence, Experience
from bot.domain.query_budget import QueryBudget, fixed_interval
from bot.domain.watch import Pick, Watch

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
REPLAN = 0.001
"""Seconds per planned job between two times that all are planned anew: some twenty times what it takes."""
MIDDLE_HALF = (0.25, 0.75)


class ExpectedWaiting:
    """Query the job whose expected unnoticed waiting is largest, once that is worth the price of a query.

    The price keeps a job's queries just below what a fixed interval would spend.
    """

    def __init__(
        self,
        *,
        queries_per_second: float = 2.0,
        deadline: float = 900.0,
        usual: float = PRIOR_MEDIAN,
        learned: dict[str, Experience] | None = None,
    ) -> None:
        """`queries_per_second` is the quota, `deadline` how long (s) a job is usually watched, `usual` the duration (s) to begin with.

        `learned` is what another policy knows of each model's jobs, and learns with this one.
        """
        self._deadline = deadline
        self._usual = usual
        self._queries_per_second = queries_per_second
        self._learned: dict[str, Experience] = {} if learned is None else learned
        self._budget = QueryBudget(queries_per_second, fixed_interval(usual))
        self._models: dict[str, _Model] = {}
        self._plans: dict[str, Plan] = {}
        """Of every job that is followed, also while a query of it is under way."""
        self._agenda = Agenda()
        """The plans of those that wait for a query."""
        self._news: dict[str, Watch] = {}
        """What was learned of jobs and is not planned for yet."""
        self._in_time = 0
        """Jobs among the planned that are not late."""
        self._now = -math.inf
        self._planned_at = -math.inf
        self._replan_at = math.inf

    def beside(self) -> "ExpectedWaiting":
        """Make a policy for another key: with a quota and prices of its own, but what either learns, both know."""
        return ExpectedWaiting(
            queries_per_second=self._queries_per_second, deadline=self._deadline, usual=self._usual, learned=self._learned
        )

    def follow(self, watch: Watch) -> None:
        """Take a job in, or what is new of one: from now on it may be picked."""
        self._news[watch.job_id] = watch

    def asked(self, job_id: str) -> None:
        """Take note that a query of this job is under way: until it is followed anew, it is not picked."""
        self._agenda.drop(job_id)

    def leave(self, job_id: str) -> None:
        """Forget a job: nothing more is to be asked about it."""
        self._news.pop(job_id, None)
        self._forget(job_id)

    def pick(self, now: float) -> Pick | None:
        """Name the job with the largest expected waiting among those due, else the one that is due first."""
        if now < self._now or now >= self._replan_at:
            self._plan_anew(now)
        self._now = now
        for watch in self._news.values():
            self._take_in(watch, now)
        self._news.clear()
        self._budget.watched(self._in_time, now)
        best = self._agenda.first(now)
        if best is None or best.due == math.inf:
            return None
        affordable = self._budget.open_from(now)
        if not best.watch.late:
            # Somebody waits for what is settled at the deadline: that query is sent on credit.
            affordable = min(affordable, best.watch.deadline)
        at = max(best.due, affordable)
        return Pick(best.watch.job_id, at if at <= now else min(at, self._replan_at))

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        """Forget a job, and learn how long it took and what it cost."""
        self._news.pop(watch.job_id, None)
        plan = self._forget(watch.job_id)
        self._budget.spend(1 if plan is None else watch.queries + 1 - plan.watch.queries)
        self._budget.left()
        model = self._model(watch.model)
        if watch.age_known:
            seen, waiting = (None if when is None else when - watch.submitted_at for when in (watch.last_seen, watch.last_waiting))
            age = at - watch.submitted_at
            model.experience.learn(Evidence(seen or 0.0, age, waiting) if ended else Evidence(age, None, waiting))
        model.reckon(self._budget, self._deadline)
        self._replan_at = min(self._replan_at, self._planned_at + REPLAN * len(self._plans))

    def usual(self, model: str, age: float = 0.0, *, age_known: bool = True) -> tuple[float, float]:
        """Tell between which durations (s) the middle half of those jobs end that are unfinished at this age (s) and end in time.

        `age_known` of False is for a task made elsewhere: both age and durations count from when it came under watch. At the deadline
        and beyond both are the age.
        """
        experience = self._model(model).experience
        curve = experience.durations() if age_known else experience.remaining()
        over, by_deadline = curve.at(age)[0], curve.at(self._deadline)[0]
        if age >= self._deadline or by_deadline <= over:
            return age, age
        low, high = (max(curve.age_of(over + part * (by_deadline - over)), age) for part in MIDDLE_HALF)
        return low, high

    def to_state(self) -> dict[str, list[list[float | None]]]:
        """Give what was learned, as JSON values: the latest evidence of each model, which outlives a change of the arithmetic."""
        learned = {name: experience.evidence for name, experience in self._learned.items() if experience.evidence}
        return {name: [each.to_state() for each in evidence] for name, evidence in learned.items()}

    def restore(self, state: Mapping[str, Sequence[Sequence[float | None]]]) -> None:
        """Learn anew from `to_state`, before any policy is made `beside` this one.

        Raises ValueError, and learns nothing, if it is anything else.
        """
        learned: dict[str, Experience] = {}
        try:
            for name, rows in state.items():
                learned[name] = Experience(Durations(self._usual))
                for row in rows:
                    learned[name].learn(Evidence.from_state(row))
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError("what was learned of durations cannot be read") from error
        self._learned = learned
        self._models = {name: self._new_model(name) for name in learned}
        self._replan_at = -math.inf

    def _new_model(self, name: str) -> "_Model":
        model = _Model(self._learned.setdefault(name, Experience(Durations(self._usual))))
        model.reckon(self._budget, self._deadline)
        return model

    def _model(self, name: str) -> "_Model":
        if name not in self._models:
            self._models[name] = self._new_model(name)
        return self._models[name]

    def _forget(self, job_id: str) -> Plan | None:
        self._agenda.drop(job_id)
        plan = self._plans.pop(job_id, None)
        if plan is not None and not plan.watch.late:
            self._in_time -= 1
        return plan

    def _take_in(self, watch: Watch, now: float) -> None:
        """Plan for what is new of a job, and enter what its queries have cost."""
        old = self._forget(watch.job_id)
        if old is not None and not old.watch.late:
            self._budget.spend(watch.queries - old.watch.queries)
        self._in_time += not watch.late
        self._put(watch, now)

    def _plan_anew(self, now: float) -> None:
        """Plan for every job that waits for a query, by what is known now."""
        for plan in self._agenda.clear():
            self._put(plan.watch, now)
        self._planned_at, self._replan_at = now, math.inf

    def _put(self, watch: Watch, now: float) -> None:
        plan = self._plans[watch.job_id] = self._plan(watch, now)
        self._agenda.put(plan)

    def _plan(self, watch: Watch, now: float) -> Plan:
        """Work out when the next query of a job pays."""
        model = self._model(watch.model)
        last = None if watch.last_query is None else min(watch.last_query, now)
        if watch.late:
            last = watch.deadline if last is None else last
            return Plan(watch=watch, due=last + LATE_INTERVAL, sure_from=last, growth=model.price / LATE_INTERVAL)
        if last is None and not watch.age_known:
            return Plan(watch=watch, due=watch.submitted_at, sure_from=watch.submitted_at)
        since, sighting = _sighting(model.experience, watch, now)
        due = min(since + sighting.due(model.price), watch.deadline)
        if last is not None:
            due = max(due, last + (SHORTEST_GAP if watch.last_seen == watch.last_query else RETRY_AFTER))
        return Plan(watch=watch, due=due, sure_from=watch.deadline, since=since, sighting=sighting)


@dataclass(slots=True)
class _Model:
    """What is known of a model's jobs, and the price of querying them in seconds of expected waiting."""

    experience: Experience
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
            price = min(max(self.price * (queries / wanted) ** 2, LOWEST_PRICE), HIGHEST_PRICE)
            if price == self.price:
                break
            self.price = price


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
