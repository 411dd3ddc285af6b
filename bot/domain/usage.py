"""What was spent: by day, by outcome, and by whom. Counted from the jobs themselves, so that nothing can disagree with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Failure, Job, JobState
from bot.domain.limits import Limit


class Outcome(StrEnum):
    """What became of a request that was to cost something; the words for each are in `ui/usage_card.py`."""

    DELIVERED = "delivered"
    BEING_MADE = "being_made"
    IN_LINE = "in_line"
    STALLED = "stalled"
    FAILED = "failed"
    """After the provider had accepted it."""
    UNKNOWN = "unknown"
    """Nobody can tell whether the provider accepted it."""
    REFUSED = "refused"
    CANCELLED = "cancelled"


FREE = frozenset({Outcome.REFUSED, Outcome.CANCELLED})
"""What was not charged and counts against no limit, as `store.tables.SPENDS` has it."""

_OF_STATE = {
    JobState.QUEUED: Outcome.IN_LINE,
    JobState.SUBMITTING: Outcome.BEING_MADE,
    JobState.GENERATING: Outcome.BEING_MADE,
    JobState.READY: Outcome.DELIVERED,
    JobState.DELIVERED: Outcome.DELIVERED,
    JobState.CANCELLED: Outcome.CANCELLED,
    JobState.UNKNOWN: Outcome.UNKNOWN,
    JobState.FAILED: Outcome.FAILED,
    JobState.STALLED: Outcome.STALLED,
}


def outcome_of(state: JobState, failure: Failure | None) -> Outcome:
    """Tell what became of a job."""
    return Outcome.REFUSED if failure in (Failure.REFUSED, Failure.CONTENT) else _OF_STATE[state]


@dataclass(frozen=True, slots=True)
class OfPerson:
    """What one person has spent."""

    user_id: int


@dataclass(frozen=True, slots=True)
class OfServer:
    """What was spent in one server, on whichever key."""

    guild_id: int


@dataclass(frozen=True, slots=True)
class OfOperator:
    """What was spent on the operator's key, wherever."""


Scope = OfPerson | OfServer | OfOperator


@dataclass(frozen=True, slots=True)
class Spender:
    """A person or a server (`id`), and how many submits they have caused."""

    id: int
    spent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was spent in some days, the last of which is today. Times are seconds since the Unix epoch."""

    days: Mapping[float, int]
    """Submits that count, by the begin of their UTC day, oldest first; a day without any is there with 0."""
    outcomes: Mapping[Outcome, int]
    last: Sequence[Job]
    """The newest requests, newest first."""
    people: Sequence[Spender] = ()
    servers: Sequence[Spender] = ()

    @property
    def spent(self) -> int:
        """Add up what counts."""
        return sum(self.days.values())


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is `used` today of what is `allowed` by a limit; None: as much as one likes."""

    limit: Limit
    used: int
    allowed: int | None

    @property
    def left(self) -> int | None:
        """Tell what is left; nothing where a limit was lowered below what is used."""
        return None if self.allowed is None else max(0, self.allowed - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody sees with /usage; the allowances are counted anew at `resets_at` (epoch seconds)."""

    scope: Scope
    usage: Usage
    allowances: Sequence[Allowance]
    resets_at: float
