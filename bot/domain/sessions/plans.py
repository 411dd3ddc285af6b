"""What the host of a session sets before it starts."""

from dataclasses import dataclass
from enum import StrEnum

MINUTE = 60.0

ROUNDS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
"""Numbers of rounds on offer."""
ROUND_SECONDS = tuple(minutes * MINUTE for minutes in (1, 2, 3, 5, 10, 15, 30, 60, 240, 1440))
"""Lengths of a round on offer, in seconds."""
MOST_BUDGET = 50
"""Extensions that one session may spend at most."""
MAX_NAME = 60
MAX_THEME = 200
"""Characters."""
DEFAULT_ROUNDS = 3
DEFAULT_SECONDS = 3 * MINUTE
SPARE = 2
"""Extensions beyond one a round that a budget has by default: some fail."""
SHORTEST_VOTE = MINUTE
"""Seconds for a vote on ideas, at least: people come back to their phones."""
TAKES_SECONDS = MINUTE
"""Seconds for choosing A or B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A track of a session's family; `seconds` is its length, `user_id` who made it."""

    clip_id: str
    variant: str
    title: str
    seconds: float
    user_id: int


class Mode(StrEnum):
    """How a session takes turns."""

    IDEAS = "ideas"
    """Everybody puts forward an idea a round, and the one with the most votes is extended."""
    RELAY = "relay"
    """People stand in line, and whoever is up continues the track."""
    OPEN = "open"
    """Anybody continues any track of the family, and a vote finds the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the host has set. Times are in seconds, `budget` in extensions."""

    name: str
    theme: str = ""
    mode: Mode = Mode.IDEAS
    rounds: int = DEFAULT_ROUNDS
    round_seconds: float = DEFAULT_SECONDS
    role_id: int | None = None
    """Who may take part: only people with this role; None: everybody."""
    budget: int = DEFAULT_ROUNDS + SPARE
    pings: bool = True
    """Whether whoever is up is notified."""

    @property
    def vote_seconds(self) -> float:
        """Tell how long a vote on ideas is: half of what thinking of one gets."""
        return max(self.round_seconds / 2, SHORTEST_VOTE)

    @property
    def open_seconds(self) -> float:
        """Tell how long an open session takes: it has no rounds of its own, so theirs are added up."""
        return self.rounds * self.round_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a session would start with; `left` is what the server may still spend today (None: no limit)."""

    root: Take
    left: int | None = None

    @property
    def most(self) -> int:
        """Tell the largest budget that can be set."""
        return MOST_BUDGET if self.left is None else max(min(MOST_BUDGET, self.left), 0)


def usual_budget(rounds: int, left: int | None) -> int:
    """Choose a budget for so many rounds; `left` is what the server may still spend today (None: no limit)."""
    usual = min(rounds + SPARE, MOST_BUDGET)
    return usual if left is None else max(min(usual, left), 0)
