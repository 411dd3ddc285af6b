"""How a job stands at a moment: what the lane knows beyond the job's own row."""

from dataclasses import dataclass
from enum import StrEnum


class LaneCondition(StrEnum):
    """Whether a lane works, and if not, why; the words are in `ui/words.py`."""

    WORKING = "working"
    SLOWED = "slowed"
    """The provider asked for a slower pace."""
    UNREACHABLE = "unreachable"
    """The provider does not answer, or is being maintained."""
    KEY_REFUSED = "key_refused"
    NO_CREDITS = "no_credits"

    @property
    def paused(self) -> bool:
        """Tell whether new requests are refused until somebody acts."""
        return self in (LaneCondition.KEY_REFUSED, LaneCondition.NO_CREDITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A job's place in line (1 is next; None: not in line), the seconds until its turn, and the lane's condition.

    `last_words`: nothing can reach the person after this edit, so it says how to fetch the result.
    """

    place: int | None = None
    wait: float | None = None
    lane: LaneCondition = LaneCondition.WORKING
    last_words: bool = False
