"""The edits of replies and results: within one budget for the whole bot, and only where they say something new."""

import asyncio
import logging
from collections.abc import Sequence

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.quota import Quota
from bot.domain.standing import Standing
from bot.errors import CannotPost, DiscordError, DiscordUnavailable, RefusedByDiscord, ReplyGone, TokenExpired
from bot.services.pacing import slot_of
from bot.services.ports.outside import Announcer, Clock
from bot.services.said import Said

log = logging.getLogger(__name__)

EDITS_PER_SECOND = 20
"""Budget of edits for the whole bot, well below Discord's 50 requests a second (Rate Limits)."""
POINT_WITHIN = 5.0
"""Seconds for the edit with which a reply points to its result: for so long the row that says where that is waits for it."""


def edit_budget(clock: Clock) -> Quota:
    """Make the budget that all edits share; it is open at once, since what an earlier process has edited is a second ago."""
    return Quota(slots=EDITS_PER_SECOND, window=1.0, started=clock.monotonic() - 1.0)


class Edits:
    """Shows jobs and tracks in messages that are there already."""

    def __init__(self, *, announcer: Announcer, clock: Clock, budget: Quota) -> None:
        """Start with nothing said; `budget` is shared with whatever else edits."""
        self._announcer = announcer
        self._clock = clock
        self._said = Said()
        self._budget = budget

    def say_already(self, job: Job, standing: Standing) -> bool:
        """Tell whether the reply would say nothing new."""
        return self._said.has(job, standing)

    def note(self, job: Job, standing: Standing) -> None:
        """Take note of what a reply says now."""
        self._said.note(job, standing)

    async def reply(self, job: Job, standing: Standing) -> None:
        """Show a job in its reply; one that was deleted counts as shown. Raises DiscordError."""
        try:
            async with slot_of(self._budget, self._clock):
                await self._announcer.show_reply(job, standing)
        except ReplyGone:
            log.info("job %s: its reply was deleted", job.id)
        self._said.note(job, standing)

    async def point(self, job: Job, standing: Standing) -> bool:
        """Let the reply say that the job is delivered, before that is noted; False if it has to be said afterwards."""
        if job.result_id is not None and job.result_id == job.origin.reply_id:
            return True
        try:
            async with asyncio.timeout(POINT_WITHIN):
                await self.reply(job, standing)
        except (DiscordUnavailable, TimeoutError):
            return False
        except (CannotPost, TokenExpired, RefusedByDiscord) as error:
            log.info("job %s: its reply cannot be reached (%s: %s)", job.id, type(error).__name__, error)
        return True

    async def ping(self, job: Job) -> None:
        """Mention the person once: the edit itself notifies nobody. A ping that is lost is not sent again."""
        try:
            await self._announcer.ping(job)
        except DiscordError as error:
            log.info("job %s: the ping did not go out (%s)", job.id, error)

    async def take_down(self, job: Job, standing: Standing) -> None:
        """Delete the result, and say in the reply that it was removed. Raises DiscordError while the tracks are still to be seen."""
        async with slot_of(self._budget, self._clock):
            await self._announcer.take_down(job)
        try:
            await self.reply(job, standing)
        except (CannotPost, TokenExpired, RefusedByDiscord) as error:
            if job.result_id is not None and job.result_id == job.origin.reply_id and job.reaches_channel:
                raise
            log.info("job %s: its reply cannot be reached (%s: %s)", job.id, type(error).__name__, error)

    async def result(self, job: Job, clips: Sequence[Clip], *, pings: bool) -> None:
        """Show the tracks in the result as they are now. Raises DiscordUnavailable."""
        try:
            async with slot_of(self._budget, self._clock):
                await self._announcer.update_result(job, clips, pings=pings)
        except (CannotPost, ReplyGone, TokenExpired, RefusedByDiscord) as error:
            log.info("job %s: its result cannot be edited (%s)", job.id, error)
