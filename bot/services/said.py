"""What the replies of those in line say already, so that nothing is said twice."""

from bot.domain.jobs import Job, JobState
from bot.domain.standing import LaneCondition, Standing


class Said:
    """Remembers, for each job that is shown in line, what its reply says of the lane.

    While a lane stands still it tries the first job in line again and again, and each try takes that job to and fro.
    """

    def __init__(self) -> None:
        """Start with nothing said: after a start, each reply is written at its next change."""
        self._said: dict[str, LaneCondition] = {}

    def has(self, job: Job, standing: Standing) -> bool:
        """Tell whether the reply would say nothing new."""
        said = self._said.get(job.id)
        if said is None or job.hidden or standing.last_words:
            return False
        return (job.state is JobState.QUEUED and standing.lane is said) or (job.state is JobState.SUBMITTING and said.stopped)

    def note(self, job: Job, standing: Standing) -> None:
        """Take note of what the reply says now."""
        if job.state is JobState.QUEUED:
            self._said[job.id] = standing.lane
        else:
            self._said.pop(job.id, None)
