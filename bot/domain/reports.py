"""What the music API says of a task, in our terms."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MADE_UP_TASK: Final = "00000000-0000-4000-8000-000000000000"
"""Well-formed, as a task's id on the page "Get songs or Instrumental or extend", and nobody's: whoever is told that it is unknown has
shown a key that is good."""


class Stage(StrEnum):
    """How far a task or a clip is, whatever word the provider used for it."""

    WAITING = "waiting"
    """Accepted, in the provider's own line."""
    GENERATING = "generating"
    """Being generated; a URL may already play and will be replaced."""
    DONE = "done"
    FAILED = "failed"
    UNRECOGNISED = "unrecognised"
    """A word that nobody knows: counts as in progress until the task's deadline."""

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will come."""
        return self in (Stage.DONE, Stage.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """One clip as a query shows it; URLs are foreign text, unchecked."""

    clip_id: str
    stage: Stage
    title: str = ""
    audio_url: str | None = None
    image_url: str | None = None
    duration: float | None = None
    """Seconds as the provider says, not as measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """One task as a query shows it; `clips` keep the provider's order (the first is A)."""

    task_id: str
    stage: Stage
    clips: tuple[ClipReport, ...] = ()
    words: str = ""
    """The provider's own words on a failure, unescaped."""
