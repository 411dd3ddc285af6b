"""What a report means for its job: whether it is over, and with what."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.reports import Stage, TaskReport

SIBLING_WAIT = 60.0
"""Seconds that a good clip waits for its sibling before it is delivered alone."""

USUAL_CLIPS = 2
"""Clips a task (the provider's page "Get songs or Instrumental or extend")."""


class Outcome(StrEnum):
    """What to do with the job now."""

    WAIT = "wait"
    READY = "ready"
    FAILED = "failed"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`complete` tells that no further clip can come, so that nothing needs watching any more."""

    outcome: Outcome
    complete: bool


def alone_from(first_good_at: float) -> float:
    """Tell when a good clip no longer waits for its sibling."""
    return first_good_at + SIBLING_WAIT


def fetchable(report: TaskReport, good: AbstractSet[str]) -> list[int]:
    """Name the places of the clips that claim to be done and are not in the archive yet."""
    return [place for place, clip in enumerate(report.clips) if clip.stage is Stage.DONE and clip.clip_id not in good]


def judge(report: TaskReport, good: AbstractSet[str], first_good_at: float | None, *, now: float, deadline: float) -> Verdict:
    """Judge a task by its clips: `good` are those whose audio is in the archive, the first since `first_good_at` (epoch seconds)."""
    pending = [clip for clip in report.clips if clip.clip_id not in good and clip.stage is not Stage.FAILED]
    all_known = report.stage.ended or len(report.clips) >= USUAL_CLIPS
    if good:
        complete = all_known and not pending
        overdue = now >= deadline or (first_good_at is not None and now >= alone_from(first_good_at))
        return Verdict(Outcome.READY if complete or overdue else Outcome.WAIT, complete)
    if report.stage is Stage.FAILED and not any(clip.stage is Stage.DONE for clip in pending):
        return Verdict(Outcome.FAILED, complete=True)
    if report.clips and all_known and not pending:
        return Verdict(Outcome.FAILED, complete=True)
    return Verdict(Outcome.STALLED if now >= deadline else Outcome.WAIT, complete=False)
