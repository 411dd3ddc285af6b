"""The way of a finished track to its person, tried from the best down.

Channel message → edit into the reply, with one ping → direct message → none: it waits under /jobs.
A channel message carries the job's id as its nonce and in its buttons, so that a post whose answer was lost is found again.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.errors import CannotPost, RefusedByDiscord, ReplyGone, TokenExpired
from bot.services.ports import Announcer, Clock

log = logging.getLogger(__name__)

NONCE_WINDOW = 60.0
"""Seconds for which Discord surely knows a nonce ("the past few minutes", Create Message); past it, history is read first."""


class Way(StrEnum):
    """How a result reached its person."""

    POSTED = "posted"
    IN_REPLY = "in_reply"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where the result is now."""

    way: Way
    message_id: int


class Results:
    """Delivers results; remembers which posts were tried, since an answer may be lost."""

    def __init__(self, *, announcer: Announcer, clock: Clock) -> None:
        """Start with nothing tried."""
        self._announcer = announcer
        self._clock = clock
        self._tried_at: dict[str, float] = {}
        self._recovered: set[str] = set()

    def recover(self, job: Job) -> None:
        """Take note that an earlier process may have posted this result, at the earliest when it became READY."""
        self._tried_at[job.id] = job.state_since
        self._recovered.add(job.id)

    async def deliver(self, job: Job, clips: Sequence[Clip]) -> Delivered | None:
        """Deliver by the first way that Discord takes; None if there is none. Raises DiscordUnavailable: try again later."""
        for way, act in self._ladder(job):
            try:
                message_id = await act(job, clips)
            except (CannotPost, ReplyGone, TokenExpired, RefusedByDiscord) as error:
                log.info("job %s: its result cannot be %s (%s: %s)", job.id, way.value, type(error).__name__, error)
                continue
            self._forget(job)
            return Delivered(way, message_id)
        self._forget(job)
        return None

    def _forget(self, job: Job) -> None:
        self._tried_at.pop(job.id, None)
        self._recovered.discard(job.id)

    def _ladder(self, job: Job) -> list[tuple[Way, Callable[[Job, Sequence[Clip]], Awaitable[int]]]]:
        in_reply = (Way.IN_REPLY, self._announcer.result_into_reply)
        direct = (Way.DIRECT, self._announcer.send_privately)
        if job.origin.reaches_channel:
            return [(Way.POSTED, self._post), in_reply, direct]
        return [in_reply, direct]

    async def _post(self, job: Job, clips: Sequence[Clip]) -> int:
        tried_at = self._tried_at.get(job.id)
        window_over = tried_at is not None and self._clock.now() - tried_at > NONCE_WINDOW
        if job.id in self._recovered or window_over:
            found = await self._find(job, surely=window_over)
            if found is not None:
                return found
        if tried_at is None or window_over:
            self._tried_at[job.id] = self._clock.now()
        self._recovered.discard(job.id)
        return await self._announcer.post_result(job, clips)

    async def _find(self, job: Job, *, surely: bool) -> int | None:
        """Look for an earlier post; where history cannot be read, the nonce decides, and past its window CannotPost does."""
        try:
            return await self._announcer.find_result(job)
        except CannotPost:
            if surely:
                raise
            return None
