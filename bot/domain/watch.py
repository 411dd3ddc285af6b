"""What is known of a job that the provider is working on, and what is asked of whoever decides when to query it."""

from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.reports import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of a job that the provider is working on; times are seconds of one clock."""

    job_id: str
    model: str
    submitted_at: float
    deadline: float
    """From then on a query settles something whatever it finds."""
    age_known: bool = True
    """False for a task made elsewhere: `submitted_at` is when it came under watch."""
    late: bool = False
    """It was unfinished at its deadline: it is asked about rarely, and nothing more is learned from it."""
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


class Querying(Protocol):
    """Decides what a query slot is spent on."""

    def follow(self, watch: Watch) -> None:
        """Take a job in, or what is new of one: from now on it may be picked."""
        ...

    def asked(self, job_id: str) -> None:
        """Take note that a query of this job is under way: until it is followed anew, it is not picked."""
        ...

    def leave(self, job_id: str) -> None:
        """Forget a job: nothing more is to be asked about it."""
        ...

    def pick(self, now: float) -> Pick | None:
        """Name the best job for the next slot and when it pays; None when none waits for a query."""
        ...

    def settled(self, watch: Watch, at: float, *, ended: bool) -> None:
        """Forget a job and learn from the query that settled it: one sent `at` found its end, or it was last unfinished `at`.

        `watch` is the job as it was before that query. To be told once a job: one that is then followed on is `late`, and teaches
        nothing more.
        """
        ...


class Policy(Querying, Protocol):
    """Decides what a query slot is spent on, and knows how long jobs take."""

    def usual(self, model: str, age: float = 0.0, *, age_known: bool = True) -> tuple[float, float]:
        """Tell between which durations (s) the middle half of those jobs end that are unfinished at this age (s) and end in time."""
        ...
