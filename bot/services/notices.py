"""Who waits in line is told once that nothing moves, and once that it does again: not on a blip, and never all at once."""

from collections import deque
from collections.abc import Callable, Iterable
from enum import IntEnum

from bot.domain.jobs import Job
from bot.domain.standing import LaneCondition, Standing
from bot.services.health import LaneHealth

NOTICES_PER_SECOND = 5.0
"""A quarter of the budget of edits: whoever's request has come further is not kept waiting by these."""
SOON = 30.0
"""Seconds before its turn for which a request is not told that the line moves again: its next state will tell."""


class _Word(IntEnum):
    """What there is to be told; of two troubles only the graver one is told after the other."""

    MOVES = 0
    AWAY = 1
    PAUSED = 2


class Notices:
    """Tells those in line of a lane's standstill. `step` does what is due; times are monotonic seconds."""

    def __init__(
        self,
        *,
        health: LaneHealth,
        in_line: Callable[[], Iterable[Job]],
        standing: Callable[[Job], Standing],
        tell: Callable[[Job], None],
    ) -> None:
        """`tell` has a job's reply shown anew, as the job stands by then."""
        self._health = health
        self._in_line = in_line
        self._standing = standing
        self._tell = tell
        self._word = _Word.MOVES
        self._stopped = False
        self._told: dict[str, _Word] = {}
        self._queue: deque[Job] = deque()
        self._open_from = 0.0

    def entered(self, job: Job, now: float) -> None:
        """Take note of a job that has entered the line: its first reply says how it stands."""
        if self._health.shown(now).stopped:
            self._told[job.id] = self._word_at(now)

    def step(self, now: float) -> None:
        """Tell the next one who has not heard yet."""
        word, stopped = self._word_at(now), self._health.shown(now).stopped
        if word is not self._word or (stopped and not self._stopped):
            self._queue = deque(self._in_line())
        if word is not _Word.MOVES and not stopped:
            # It has just got better, and may get worse again: there is nothing to tell until that shows.
            self._queue.clear()
        self._word, self._stopped = word, stopped
        while self._queue and now >= self._open_from:
            job = self._queue.popleft()
            if self._owes(job):
                self._told[job.id] = word
                self._open_from = now + 1 / NOTICES_PER_SECOND
                self._tell(job)
        if not self._queue and word is _Word.MOVES:
            self._told.clear()

    def until_next(self, now: float) -> float | None:
        """Tell the seconds until the next one is to be told; None: nobody is."""
        return max(self._open_from - now, 0.0) if self._queue else None

    def _word_at(self, now: float) -> _Word:
        condition = self._health.shown(now)
        if condition.paused:
            return _Word.PAUSED
        if condition is LaneCondition.UNREACHABLE:
            return _Word.AWAY
        # What comes and goes is one outage, so its end is told only when that is over.
        return self._word if self._health.in_outage else _Word.MOVES

    def _owes(self, job: Job) -> bool:
        told = self._told.get(job.id, _Word.MOVES)
        if self._word is not _Word.MOVES:
            return told < self._word
        standing = self._standing(job)
        return told is not _Word.MOVES and standing.place is not None and (standing.wait or 0.0) > SOON
