"""The way of a finished track to its person, tried from the best down.

Message, in a thread under the reply where the server wants that → edit into the reply, with one ping → direct message → none: it
waits under /jobs.
A posted message carries the job's id as its nonce and in its buttons, so that a post whose answer was lost is found again; a thread
has the id of the message it is under, so that it is found again as well.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.domain.jobs import Job
from bot.errors import CannotPost, RefusedByDiscord, ReplyGone, TokenExpired
from bot.services.ports.outside import Announcer, Clock
from bot.services.tries import Look, Tries

log = logging.getLogger(__name__)


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
    thread_id: int | None = None
    """The thread that it was posted in, if that is not where the request was made."""


_Act = Callable[[Job, Sequence[Clip]], Awaitable[Delivered]]


class Results:
    """Delivers results; remembers which posts were tried, since an answer may be lost."""

    def __init__(self, *, announcer: Announcer, clock: Clock) -> None:
        """Start with nothing tried."""
        self._announcer = announcer
        self._tries = Tries(clock)
        self._threads: dict[str, int | None] = {}
        """The thread in which a post was tried, None for the channel: what servers set meanwhile does not move it."""

    def recover(self, job: Job) -> None:
        """Take note that an earlier process may have posted this result, at the earliest when it became READY."""
        self._tries.recover(job.id, job.state_since)

    async def deliver(self, job: Job, clips: Sequence[Clip], server: GuildSettings | None = None) -> Delivered | None:
        """Deliver by the first way that Discord takes; None if there is none. Raises DiscordUnavailable: try again later.

        `server` says where results belong and whether they ping; None outside of servers.
        """
        for way, act in self._ladder(job, server):
            try:
                delivered = await act(job, clips)
            except (CannotPost, ReplyGone, TokenExpired, RefusedByDiscord) as error:
                log.info("job %s: its result cannot be %s (%s: %s)", job.id, way.value, type(error).__name__, error)
                continue
            self._forget(job)
            return delivered
        self._forget(job)
        return None

    async def earlier(self, job: Job) -> Delivered | None:
        """Find what a try has posted whose answer was lost, if there was one. Raises DiscordUnavailable: try again later."""
        found: Delivered | None = None
        if self._tries.may_be_there(job.id) and job.reaches_channel:
            try:
                found = await self._find(job, self._threads.get(job.id), surely=False)
            except (ReplyGone, TokenExpired, RefusedByDiscord) as error:
                log.info("job %s: whether it was posted cannot be told (%s: %s)", job.id, type(error).__name__, error)
        self._forget(job)
        return found

    def _forget(self, job: Job) -> None:
        self._tries.forget(job.id)
        self._threads.pop(job.id, None)

    def _ladder(self, job: Job, server: GuildSettings | None) -> list[tuple[Way, _Act]]:
        async def post(job: Job, clips: Sequence[Clip]) -> Delivered:
            return await self._post(job, clips, server)

        async def into_reply(job: Job, clips: Sequence[Clip]) -> Delivered:
            return Delivered(Way.IN_REPLY, await self._announcer.result_into_reply(job, clips))

        async def directly(job: Job, clips: Sequence[Clip]) -> Delivered:
            return Delivered(Way.DIRECT, await self._announcer.send_privately(job, clips))

        private: list[tuple[Way, _Act]] = [(Way.IN_REPLY, into_reply), (Way.DIRECT, directly)]
        return [(Way.POSTED, post), *private] if job.reaches_channel else private

    async def _post(self, job: Job, clips: Sequence[Clip], server: GuildSettings | None) -> Delivered:
        look = self._tries.look(job.id)
        if job.id not in self._threads:
            in_thread = server is not None and server.results_in is ResultsIn.THREAD
            self._threads[job.id] = await self._announcer.open_thread(job, clips) if in_thread else None
        thread_id = self._threads[job.id]
        if look is not Look.NOT:
            found = await self._find(job, thread_id, surely=look is Look.SURELY)
            if found is not None:
                return found
        self._tries.begin(job.id, look)
        pings = server is None or server.pings
        if thread_id is not None:
            try:
                message_id = await self._announcer.post_result(replace(job, result_channel_id=thread_id), clips, pings=pings)
            except (CannotPost, RefusedByDiscord) as error:
                log.info("job %s: its thread takes no result (%s: %s)", job.id, type(error).__name__, error)
                self._threads[job.id] = None
            else:
                return Delivered(Way.POSTED, message_id, thread_id)
        return Delivered(Way.POSTED, await self._announcer.post_result(job, clips, pings=pings))

    async def _find(self, job: Job, thread_id: int | None, *, surely: bool) -> Delivered | None:
        """Look for an earlier post; where history cannot be read, the nonce decides, and past its window CannotPost does."""
        for place in self._places(job, thread_id):
            try:
                message_id = await self._announcer.find_result(replace(job, result_channel_id=place))
            except CannotPost:
                if surely and place == thread_id:
                    raise
                continue
            if message_id is not None:
                return Delivered(Way.POSTED, message_id, place)
        return None

    def _places(self, job: Job, thread_id: int | None) -> tuple[int | None, ...]:
        """Say where an earlier post may be, the likely place first; None is the channel.

        This process knows where it has tried. An earlier one had the server's settings of its time, or met other permissions.
        """
        if not self._tries.recovered(job.id):
            return (thread_id,)
        return tuple(dict.fromkeys((thread_id, self._announcer.known_thread(job), None)))
