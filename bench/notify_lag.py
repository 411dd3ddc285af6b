"""How long a finished track waits until a query notices it: fixed 5 s, our policy, and an oracle, on a simulated clock.

    python -m bench.notify_lag [--durations FILE] [--rate JOBS_PER_S] [--json]

All three see the same arrivals and durations under the same quotas: one submit every 4 s, two queries a second, a slot
reopening one window after its answer. The lag of a job runs from its true end to the answer of the query that notices it. A job
without an end is queried until an answer to a query past its deadline, then let go; its queries count, its lag does not.
"""

import argparse
import heapq
import json
import math
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.baselines import FixedInterval, Oracle
from bot.domain.polling import ExpectedWaiting
from bot.domain.query_budget import FIXED_INTERVAL
from bot.domain.quota import Quota
from bot.domain.reports import Stage
from bot.domain.watch import Querying, Watch

LOADS = (0.02, 0.1, 0.25)
"""Jobs a second: now and then, busy, and as many as the submit quota lets through."""
SUBMIT_INTERVAL = 4.0
QUERIES_PER_SECOND = 2.0
DEADLINE = 900.0
ROUND_TRIP = (0.1, 0.3)
"""Seconds, uniform; the request arrives half way."""
JOBS = 2000
"""Jobs of a load in all, over its repetitions."""
REPETITIONS = 10
"""At most, with arrivals of their own each; the policy starts from its prior in each."""
MEDIAN, SIGMA, NEVER = 95.0, 0.38, 0.05
"""The reference durations: lognormal, and the share of jobs that never end."""
REFERENCE_JOBS = 667


@dataclass(frozen=True, slots=True)
class Task:
    """A job at the provider; times are seconds of the simulated clock."""

    submitted_at: float
    duration: float
    phase: float
    """How long before the submit the fixed interval's tick was: a ticker's phase is chance, whatever the durations are multiples of."""

    @property
    def ends_at(self) -> float:
        return self.submitted_at + self.duration

    @property
    def deadline(self) -> float:
        return self.submitted_at + DEADLINE


@dataclass(slots=True)
class Figures:
    """What a policy achieved."""

    lags: list[float] = field(default_factory=list[float])
    queries: int = 0
    jobs: int = 0

    def add(self, other: "Figures") -> None:
        self.lags += other.lags
        self.queries += other.queries
        self.jobs += other.jobs

    @property
    def mean(self) -> float:
        return sum(self.lags) / len(self.lags) if self.lags else 0.0

    def quantile(self, share: float) -> float:
        return sorted(self.lags)[min(int(share * len(self.lags)), len(self.lags) - 1)] if self.lags else 0.0

    def as_json(self) -> dict[str, float]:
        numbers = {"mean": self.mean, "p50": self.quantile(0.5), "p95": self.quantile(0.95), "queries": self.queries / self.jobs}
        return {name: round(number, 4) for name, number in numbers.items()}


@dataclass(frozen=True, slots=True, order=True)
class Query:
    """A query under way."""

    answered_at: float
    sent_at: float
    job_id: str

    @property
    def arrived_at(self) -> float:
        return (self.sent_at + self.answered_at) / 2


class Simulation:
    """One policy, one provider, one quota."""

    def __init__(self, policy: Querying, tasks: Sequence[Task], rng: random.Random, *, ticking: bool = False) -> None:
        """`ticking`: queries of a job go on from a tick before its submit (the fixed interval's phase)."""
        self._policy = policy
        self._tasks = tasks
        self._rng = rng
        self._ticking = ticking
        self._now = 0.0
        self._quota = Quota.per_second(QUERIES_PER_SECOND, 0.0)
        self._watched: dict[str, Watch] = {}
        self._under_way: list[Query] = []
        self._submitted = 0
        self.figures = Figures(jobs=len(tasks))

    def run(self) -> Figures:
        """Run until every job is noticed or let go."""
        while self._submitted < len(self._tasks) or self._watched:
            wake = self._send()
            if self._submitted < len(self._tasks):
                wake = min(wake, self._tasks[self._submitted].submitted_at)
            if self._under_way:
                wake = min(wake, self._under_way[0].answered_at)
            self._now = max(self._now, wake)
            while self._under_way and self._under_way[0].answered_at <= self._now:
                self._answer(heapq.heappop(self._under_way))
            while self._submitted < len(self._tasks) and self._tasks[self._submitted].submitted_at <= self._now:
                self._submit()
        return self.figures

    def _send(self) -> float:
        """Send what is due while the quota is open; return when there may be more to send."""
        while (opens := self._quota.opens_at()) is not None:
            if opens > self._now:
                return opens
            pick = self._policy.pick(self._now)
            if pick is None or pick.at > self._now:
                return math.inf if pick is None else pick.at
            self._quota.take(self._now)
            self._policy.asked(pick.job_id)
            heapq.heappush(self._under_way, Query(self._now + self._rng.uniform(*ROUND_TRIP), self._now, pick.job_id))
            self.figures.queries += 1
        return math.inf

    def _answer(self, query: Query) -> None:
        self._quota.give_back(query.answered_at)
        watch = self._watched.pop(query.job_id)
        task = self._tasks[int(query.job_id)]
        ended = query.arrived_at >= task.ends_at
        if not ended and query.arrived_at < task.deadline:
            self._follow(watch.unfinished(query.sent_at, Stage.GENERATING))
            return
        if ended and task.duration <= DEADLINE:
            self.figures.lags.append(query.answered_at - task.ends_at)
        self._policy.settled(watch, query.sent_at, ended=ended)

    def _submit(self) -> None:
        task = self._tasks[self._submitted]
        job_id = str(self._submitted)
        self._submitted += 1
        self._follow(
            Watch(
                job_id=job_id,
                model="v3.5",
                submitted_at=task.submitted_at,
                deadline=task.deadline,
                last_query=task.submitted_at - task.phase if self._ticking else None,
            )
        )

    def _follow(self, watch: Watch) -> None:
        self._watched[watch.job_id] = watch
        self._policy.follow(watch)


def arrivals(durations: Sequence[float], rate: float, rng: random.Random) -> list[Task]:
    """Let the jobs arrive by chance (Poisson) and wait in line for the submit quota."""
    quota = Quota(slots=1, window=SUBMIT_INTERVAL, started=-SUBMIT_INTERVAL)
    wanted_at = 0.0
    tasks: list[Task] = []
    for duration in durations:
        wanted_at += rng.expovariate(rate)
        sent_at = max(wanted_at, quota.opens_at() or 0.0)
        accepted_at = sent_at + rng.uniform(*ROUND_TRIP)
        quota.take(sent_at)
        quota.give_back(accepted_at)
        tasks.append(Task(accepted_at, duration, rng.uniform(0.0, FIXED_INTERVAL)))
    return tasks


def oracle(tasks: Sequence[Task]) -> Oracle:
    """Tell an oracle when each job is over."""
    return Oracle({str(place): min(task.ends_at, task.deadline) for place, task in enumerate(tasks)})


def compare(durations: Sequence[float], rate: float, seed: int) -> dict[str, Figures]:
    """Let the three policies meet the same jobs."""
    tasks = arrivals(durations, rate, random.Random(seed))
    return {
        "fixed": Simulation(FixedInterval(FIXED_INTERVAL), tasks, random.Random(seed), ticking=True).run(),
        "ours": Simulation(ExpectedWaiting(queries_per_second=QUERIES_PER_SECOND, deadline=DEADLINE), tasks, random.Random(seed)).run(),
        "oracle": Simulation(oracle(tasks), tasks, random.Random(seed)).run(),
    }


def measure(samples: Sequence[Sequence[float]], rate: float) -> dict[str, Figures]:
    """Compare on each sample of durations and pool the figures."""
    total: dict[str, Figures] = {}
    for seed, durations in enumerate(samples):
        for name, figures in compare(durations, rate, seed).items():
            total.setdefault(name, Figures()).add(figures)
    return total


def reference(seed: int) -> list[float]:
    """Draw the reference durations."""
    rng = random.Random(seed)
    return [math.inf if rng.random() < NEVER else MEDIAN * math.exp(rng.gauss(0.0, SIGMA)) for _ in range(REFERENCE_JOBS)]


def read_durations(path: Path) -> list[float]:
    """Read one duration (s) a line, `inf` for what never ends. Raises OSError, ValueError."""
    durations = [float(line) for line in path.read_text("utf-8").split()]
    if not durations or not all(duration >= 0.0 for duration in durations):
        msg = "a file of durations holds one number of seconds, or inf, a line"
        raise ValueError(msg)
    return durations


def summary(rate: float, figures: Mapping[str, Figures]) -> dict[str, object]:
    """Put the figures of one load together; the ratio is None where nothing ended."""
    fixed, ours = figures["fixed"].mean, figures["ours"].mean
    return {
        "rate": rate,
        **{name: one.as_json() for name, one in figures.items()},
        "ratio": round(ours / fixed, 4) if fixed else None,
    }


def show(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.notify_lag", description="Lag and queries of the query policy.")
    parser.add_argument("--durations", type=Path, metavar="FILE", help="one duration in seconds a line, inf = never ends")
    parser.add_argument("--rate", type=float, metavar="JOBS_PER_S", help="one load instead of three")
    parser.add_argument("--json", action="store_true", help="print one object a load, and nothing else")
    options = parser.parse_args()
    if options.rate is not None and not options.rate > 0:
        parser.error("--rate must be above 0")
    try:
        given = None if options.durations is None else read_durations(options.durations)
    except (OSError, ValueError) as error:
        parser.error(f"--durations {options.durations}: {error}")
    repetitions = JOBS // REFERENCE_JOBS + 1 if given is None else min(max(round(JOBS / len(given)), 1), REPETITIONS)
    samples = [given or reference(seed) for seed in range(repetitions)]
    ratios: list[str] = []
    for rate in LOADS if options.rate is None else (options.rate,):
        started = time.process_time()
        figures = measure(samples, rate)
        line = summary(rate, figures)
        if options.json:
            show(json.dumps(line))
            continue
        show(f"{rate:g} jobs/s: {repetitions} × {len(samples[0])} jobs, {time.process_time() - started:.1f} s CPU")
        for name, one in figures.items():
            show(
                f"  {name:6}  lag mean {one.mean:6.2f} s  p50 {one.quantile(0.5):6.2f} s  p95 {one.quantile(0.95):6.2f} s"
                f"  queries a job {one.queries / one.jobs:6.2f}"
            )
        ratios.append(f"{'nothing ended' if line['ratio'] is None else line['ratio']} at {rate:g} jobs/s")
    if ratios:
        show(f"mean lag, ours by fixed {FIXED_INTERVAL:g} s: {', '.join(ratios)}")


if __name__ == "__main__":
    main()
