"""What the provider knows: its tasks, their clips, and its customers; in memory only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.sandbox.music_counts import SlidingWindow
from bot.sandbox.music_faults import Outcome
from bot.sandbox.music_tasks import COMPLETE, Clip, Task
from bot.sandbox.music_wire import Refusal
from bot.sandbox.song import dice
from bot.sandbox.tape import FULL_LENGTH, SHORT_LENGTH, Take, first_take, next_take

if TYPE_CHECKING:
    from bot.sandbox.music_wire import Body, Submission

SAMPLE_CLIP_ID = "186001a9-a9e2-487a-bdcc-417914676f24"  # of the page's sample body, which continues it from second 100
SAMPLE_TAGS, SAMPLE_TITLE = "tropical house, wave, synthwave", "crazy and wild"
PRELOADED_LENGTH = (120.0, 140.0)
CLIPS_PER_TASK = 2
HEAD_START = 0.92  # the quicker clip's share of a task's generation time


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicSettings:
    """How the provider behaves. Ranges are seconds; a `submit_interval` or `queries_per_second` of 0 lifts that limit.

    The limits are those of the page "Rate Limiting and Status Code". `credits` of None never run out. `preload` names clips that the
    provider has from the start, as finished tasks. A `port` of 0 is any that is free.
    """

    key: str = "sandbox-key"
    port: int = 0
    generation: tuple[float, float] = (20.0, 60.0)
    length: tuple[float, float] = FULL_LENGTH
    submit_interval: float = 4.0
    queries_per_second: int = 2
    credits: int | None = None
    preload: tuple[str, ...] = (SAMPLE_CLIP_ID,)
    seed: int = 1
    cache_bytes: int = 64 * 1024 * 1024

    @classmethod
    def fast(cls) -> MusicSettings:
        """Behave as ever, but take six seconds a task, and make shorter clips."""
        return cls(generation=(6.0, 6.0), length=SHORT_LENGTH)

    @property
    def usual_seconds(self) -> float:
        """Tell how long a task usually takes, as the bot's MUSIC_USUAL_SECONDS may say it: not less than 5."""
        return max(sum(self.generation) / 2, 5.0)


@dataclass(slots=True)
class Account:
    """One customer: a key, with rate limits and credits of its own (None: they never run out)."""

    key: str
    credits: int | None
    submits: SlidingWindow
    queries: SlidingWindow

    @classmethod
    def of(cls, settings: MusicSettings, key: str, credits_left: int | None) -> Account:
        """Open an account with the usual limits."""
        per_second = settings.queries_per_second
        submits, queries = SlidingWindow(1, settings.submit_interval), SlidingWindow(per_second, 1.0 if per_second else 0.0)
        return cls(key, credits_left, submits, queries)


class Library:
    """The tasks by id, and the clips by id."""

    def __init__(self, settings: MusicSettings, now: float) -> None:
        """Begin with the preloaded clips, finished by `now` on the provider's clock."""
        self.tasks: dict[str, Task] = {}
        self.clips: dict[str, tuple[Task, Clip]] = {}
        self._settings = settings
        self._dice = dice("provider", settings.seed)
        for clip_id in settings.preload:
            self._preload(clip_id, now)

    def check(self, submission: Submission, account: Account, now: float) -> None:
        """Raise Refusal when the clip to continue or the account's credits do not allow this submit."""
        if submission.source is not None:
            if submission.source not in self.clips:
                raise Refusal(400, "continue_clip_id does not exist")
            task, clip = self.clips[submission.source]
            if task.clip_status(clip, now) != COMPLETE:
                raise Refusal(400, "The clip to continue is not complete")
            if submission.continue_at >= clip.take.length:
                raise Refusal(400, "continue_at must be less than the duration of the clip to continue")
        if account.credits is not None and account.credits < 1:
            raise Refusal(402, "Insufficient credits, please top up")

    def accept(self, submission: Submission, account: Account, body: Body, outcome: Outcome, now: float) -> Task:
        """Charge the account a credit and begin the task of a submit that `check` let pass."""
        seed = self._dice.getrandbits(32)
        takes = [self._plan(submission, seed, variant, outcome) for variant in range(CLIPS_PER_TASK)]
        if account.credits is not None:
            account.credits -= 1
        slowest = self._dice.uniform(*self._settings.generation)
        quicker = self._dice.randrange(CLIPS_PER_TASK)
        clips = tuple(
            Clip(
                id=self._id(),
                index=index,
                title=submission.title,
                take=take,
                pace=slowest * (HEAD_START if index == quicker else 1.0),
                late_by=outcome.late_by if index in outcome.late else 0.0,
            )
            for index, take in enumerate(takes)
        )
        return self._add(
            Task(
                id=self._id(),
                accepted_at=now,
                created_at=datetime.now(UTC),
                tags=submission.tags,
                clips=clips,
                outcome=outcome,
                body=body,
            )
        )

    def _plan(self, submission: Submission, seed: int, variant: int, outcome: Outcome) -> Take:
        between = self._settings.length
        if submission.source is None:
            return first_take(submission.tags, seed, variant, between=between)
        source = self.clips[submission.source][1].take
        held = outcome.holds_source
        return next_take(source, submission.continue_at, submission.tags, seed, variant, between=between, holds_source=held)

    def _preload(self, clip_id: str, now: float) -> None:
        """Add a clip as A of a finished task; B's and the task's ids follow from its own."""
        sibling, task_id = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{clip_id}/{role}")) for role in ("sibling", "task"))
        seed = dice("preloaded", clip_id).getrandbits(32)
        clips = tuple(
            Clip(id=name, index=index, title=SAMPLE_TITLE, take=first_take(SAMPLE_TAGS, seed, index, between=PRELOADED_LENGTH), pace=1.0)
            for index, name in enumerate((clip_id, sibling))
        )
        self._add(
            Task(
                id=task_id,
                accepted_at=now - 1.0,
                created_at=datetime.now(UTC),
                tags=SAMPLE_TAGS,
                clips=clips,
                outcome=Outcome(),
                body={},
            )
        )

    def _add(self, task: Task) -> Task:
        self.tasks[task.id] = task
        self.clips.update({clip.id: (task, clip) for clip in task.clips})
        return task

    def _id(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
