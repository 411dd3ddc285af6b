"""When each task was last seen unfinished, and first seen finished: what can be told of the lag of its announcement."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.domain.reports import Stage, TaskReport

MOST: Final = 20_000
"""Tasks that are remembered; some are never announced, so the longest untouched go first."""


@dataclass(slots=True)
class Sighting:
    """Monotonic seconds; None: never seen so by this process. `by_query`: a query showed it unfinished, not only its submit."""

    unfinished_at: float | None = None
    by_query: bool = False
    finished_at: float | None = None


class Sightings:
    """The tasks that this process has seen and not yet announced."""

    def __init__(self) -> None:
        """Begin with none."""
        self._seen: OrderedDict[str, Sighting] = OrderedDict()

    def accepted(self, task_id: str, sent_at: float) -> None:
        """Take note of a task that is new: at its submit it was not finished."""
        self._of(task_id).unfinished_at = sent_at

    def reported(self, report: TaskReport, sent_at: float, answered_at: float) -> None:
        """Take note of a query's answer: what it shows was so at some moment between the two times."""
        if report.stage is Stage.FAILED:
            self._seen.pop(report.task_id, None)
            return
        sighting = self._of(report.task_id)
        if not _is_finished(report):
            sighting.unfinished_at, sighting.by_query = sent_at, True
        elif sighting.finished_at is None:
            sighting.finished_at = answered_at

    def pop(self, task_id: str) -> Sighting | None:
        """Hand out what is known of a task that is announced now, and forget it."""
        return self._seen.pop(task_id, None)

    def _of(self, task_id: str) -> Sighting:
        sighting = self._seen.setdefault(task_id, Sighting())
        self._seen.move_to_end(task_id)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)
        return sighting


def _is_finished(report: TaskReport) -> bool:
    """Tell whether nothing more is to come of a task, whatever word stands over its clips."""
    return report.stage.ended or (bool(report.clips) and all(clip.stage.ended for clip in report.clips))
