"""What the bot counts and measures, in Prometheus' terms; docs/operating.md has the table and the alerts.

Names and units: Prometheus' page "Metric and label naming". Every label takes few values: never an id, a title or a token.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Metric, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from bot.domain.jobs import Job, JobState
from bot.domain.overview import Lag
from bot.domain.posts import Debt, Post, PostKind, Vote
from bot.domain.standing import LaneCondition
from bot.errors import StoreUnavailable
from bot.ops.build import Build

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

_LAG = (0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 60, 120, 300)
_LINE = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600)
_SLOT = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_LOOP = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
"""Upper bounds of the histograms' buckets, in seconds."""

POSTED: Final = "posted"
GIVEN_UP: Final = "given_up"
CAST: Final = "cast"
TAKEN_BACK: Final = "taken_back"


class Vitals(Protocol):
    """What is asked of the bot when somebody looks."""

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        ...

    @property
    def own_conditions(self) -> Mapping[LaneCondition, int]:
        """Count the lanes of servers with a key of their own, by condition."""
        ...

    async def not_ready(self) -> list[str]:
        """Name what keeps the bot from working, in words; empty when it works."""
        ...

    async def unsettled(self) -> Mapping[JobState, int]:
        """Count the jobs that still need something. Raises StoreUnavailable."""
        ...

    async def owed(self) -> Mapping[Debt, int]:
        """Count the posts of which Discord still has to be told something. Raises StoreUnavailable."""
        ...


class Metrics:
    """The instruments of one process, in a registry of their own."""

    def __init__(self, build: Build) -> None:
        """Start everything at zero."""
        self.registry = CollectorRegistry()
        self.submits = self._counter("submits", "Submits to the music API, by what came of them.", "outcome")
        self.queries = self._counter("queries", "Queries of the music API, retries included, by what came of them.", "outcome")
        self.line_wait = self._histogram(
            "line_wait_seconds",
            "From a request's acceptance to its first submit: the line, the quota, and whatever the lane was held up by.",
            _LINE,
        )
        self.query_slot_wait = self._histogram(
            "query_slot_wait_seconds", "How long a query that was due waited for a slot of the quota.", _SLOT
        )
        self.lag_upper = self._histogram(
            "announcement_lag_upper_bound_seconds",
            "At most so long after it was finished at the provider was a track announced: counted from the last request whose answer"
            " showed it unfinished (since=query), or from its submit where no query did (since=submit). The provider tells no time of"
            " finishing, so the true lag lies between this and the lower bound. Tracks that were finished before this process began"
            " to watch them are left out.",
            _LAG,
            "since",
        )
        self.lag_lower = self._histogram(
            "announcement_lag_lower_bound_seconds",
            "At least so long after it was finished at the provider was a track announced: counted from the first answer that showed it"
            " finished. It is the bot's own part: download, check, post.",
            _LAG,
        )
        self.deliveries = self._counter("deliveries", "Messages and edits to people, by way and by what came of them.", "way", "outcome")
        self.posts = self._counter(
            "posts", "Messages that answer no request, by what they show and what became of them.", "kind", "outcome"
        )
        self.votes = self._counter("votes", "Presses of Vote, by what they did.", "act")
        self._begin_posts()
        self.discord_requests = self._counter(
            "discord_requests",
            "Requests to Discord, each try of a retried one, by route template and HTTP status (none: no answer).",
            "method",
            "route",
            "status",
        )
        self.sql_statements = self._counter("sql_statements", "Statements sent to the database.")
        self.event_loop_lag = self._histogram(
            "event_loop_lag_seconds", "How much later than asked for a probe of the event loop woke up; one probe a second.", _LOOP
        )
        self._jobs = self._gauge("jobs", "Jobs that still need something, by state, read from the database at the scrape.", "state")
        self._owed = self._gauge(
            "posts_owed",
            "Posts of which Discord still has to be told something, by what that is, read from the database at the scrape.",
            "debt",
        )
        self._lane = self._gauge("lane_condition", "1 for the condition that the lane is in, 0 for the others.", "condition")
        self._own_lanes = self._gauge("own_key_lanes", "Lanes of servers with an API key of their own, by condition.", "condition")
        self._ready = self._gauge("ready", "1 while /readyz answers 200.")
        info = Info("encore_build", "The versions that run.", registry=self.registry)
        info.info({"version": build.version, "python": build.python, "discord_py": build.discord_py})
        ProcessCollector(registry=self.registry)

    def _begin_posts(self) -> None:
        """Show what can be counted of posts and votes from the start."""
        for kind in PostKind:
            for outcome in (POSTED, GIVEN_UP):
                self.posts.labels(kind.value, outcome)
        for act in (CAST, TAKEN_BACK):
            self.votes.labels(act)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"encore_{name}", words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"encore_{name}", words, labels, registry=self.registry)

    def _histogram(self, name: str, words: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"encore_{name}", words, labels, buckets=bounds, registry=self.registry)

    def statement_sent(self, _statement: str) -> None:
        """Count a statement to the database."""
        self.sql_statements.inc()

    @property
    def lag(self) -> Lag | None:
        """Tell how late tracks were announced, at most, on average over this process's life; None before the first one."""
        sums = {"sum": 0.0, "count": 0.0}
        for metric in self.lag_upper.collect():
            for sample in metric.samples:
                kind = sample.name.rpartition("_")[2]
                if kind in sums:
                    sums[kind] += sample.value
        return Lag(seconds=sums["sum"] / sums["count"], tracks=int(sums["count"])) if sums["count"] else None

    def job_changed(self, job: Job) -> None:
        """Take note of a saved change: a first submit ends the wait in line."""
        if job.state is JobState.SUBMITTING and job.attempts == 1:
            self.line_wait.observe(max(job.state_since - job.created_at, 0.0))

    def post_ended(self, post: Post) -> None:
        """Count a post that is there now, or is given up before it was."""
        self.posts.labels(post.kind.value, GIVEN_UP if post.given_up else POSTED).inc()

    def voted(self, vote: Vote) -> None:
        """Count a press of *Vote*."""
        self.votes.labels(CAST if vote.counts else TAKEN_BACK).inc()

    async def scrape(self, vitals: Vitals) -> bytes:
        """Write everything in Prometheus' text format; what only the bot can tell is asked now, so that nothing is spent on it before."""
        reasons, *_ = await asyncio.gather(vitals.not_ready(), self._count_jobs(vitals), self._count_posts(vitals))
        self._ready.set(not reasons)
        for condition in LaneCondition:
            self._lane.labels(condition.value).set(condition is vitals.condition)
            self._own_lanes.labels(condition.value).set(vitals.own_conditions.get(condition, 0))
        return generate_latest(_Described(self.registry))

    async def _count_jobs(self, vitals: Vitals) -> None:
        """Count the jobs, or show no number at all: an old one would be taken for true."""
        try:
            found = await vitals.unsettled()
        except StoreUnavailable:
            self._jobs.clear()
            return
        for state in JobState:
            self._jobs.labels(state.value).set(found.get(state, 0))

    async def _count_posts(self, vitals: Vitals) -> None:
        """Count the posts that are owed something, or show no number at all, as of the jobs."""
        try:
            found = await vitals.owed()
        except StoreUnavailable:
            self._owed.clear()
            return
        for debt in Debt:
            self._owed.labels(debt.value).set(found.get(debt, 0))


class _Described:
    """A registry without the `_created` samples, which the text format would show as metrics of their own that nobody describes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        """Yield every metric."""
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
