"""How a job stands at a moment: what the lane knows beyond the job's own row."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.domain.reports import Stage, TaskReport


class LaneCondition(StrEnum):
    """Whether a lane works, and if not, why; the words are in `ui/words.py`."""

    WORKING = "working"
    SLOWED = "slowed"
    """The provider asked for a slower pace."""
    UNREACHABLE = "unreachable"
    """The provider does not answer, or is being maintained."""
    KEY_REFUSED = "key_refused"
    NO_CREDITS = "no_credits"
    HELD = "held"
    """The operator has paused it."""

    @property
    def paused(self) -> bool:
        """Tell whether new requests are refused until somebody acts."""
        return self in (LaneCondition.KEY_REFUSED, LaneCondition.NO_CREDITS, LaneCondition.HELD)

    @property
    def stopped(self) -> bool:
        """Tell whether nobody in line gets any further."""
        return self.paused or self is LaneCondition.UNREACHABLE


class Progress(IntEnum):
    """How far the provider is with a job, as far as queries have shown; of two sightings the larger one counts."""

    ACCEPTED = 0
    IN_LINE = 1
    """Seen in the provider's own line."""
    BEGUN = 2
    ONE_DONE = 3
    """One version is in the archive; the job still waits for the other."""


def progress_in(report: TaskReport) -> Progress:
    """Tell how far a report shows its task to be; that a version is done shows only in the archive."""
    stages = {report.stage, *(clip.stage for clip in report.clips)}
    if stages & {Stage.GENERATING, Stage.DONE}:
        return Progress.BEGUN
    return Progress.IN_LINE if Stage.WAITING in stages else Progress.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A job's place in line (1 is next; None: not in line), what it may expect, and the lane's condition.

    `wait` is in seconds until its turn, `usual` how long (s) jobs like it take from then on, or from their start if it has begun: of
    those that take as long as it has taken so far, a quarter is faster than the first, a quarter slower than the second. None where
    it cannot be told. `as_of` is when (epoch seconds) all this was so, `trouble_since` since when the lane is not well, `why` what the
    operator says of a lane that they hold. `own_key`: the lane runs on the server's own key, so others have to mend it. `last_words`:
    nothing can reach the person after this edit, so it says how to fetch the result.
    """

    place: int | None = None
    wait: float | None = None
    usual: tuple[float, float] | None = None
    progress: Progress = Progress.ACCEPTED
    as_of: float | None = None
    lane: LaneCondition = LaneCondition.WORKING
    trouble_since: float | None = None
    why: str = ""
    own_key: bool = False
    last_words: bool = False
