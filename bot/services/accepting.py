"""Taking in what people ask for: a new job, or one that follows a task made elsewhere."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace

from bot.domain.actors import NOBODY
from bot.domain.jobs import Job, JobKind, JobState, Origin, amend, called_off, transition
from bot.domain.limits import Limits
from bot.domain.requests import (
    ExtendRequest,
    Source,
    Typed,
    TypedCreate,
    build_request,
    parse_clip_id,
    parse_task_id,
)
from bot.domain.standing import Standing
from bot.domain.viewing import Viewer
from bot.errors import (
    BadOption,
    Busy,
    KnownSource,
    LimitReached,
    Restarting,
    StoreUnavailable,
    TooLate,
    TooManyInFlight,
)
from bot.services.allowances import Allowances
from bot.services.changing import change_surely, surely
from bot.services.delivery import Delivery
from bot.services.discretion import Discretion
from bot.services.finishing import Finishing
from bot.services.forbidden_words import ForbiddenWords
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Jobs
from bot.services.removals import Removals
from bot.services.sources import Sources

log = logging.getLogger(__name__)

READ_WITHIN = 0.8
ACCEPT_WITHIN = 1.5
"""Seconds for looking up the source and for inserting: together below the 3 of the first answer (Receiving and Responding)."""

PRIVATE_LABEL = "a private track"
"""What a source is called in a request that everybody sees, where its own name is not theirs to see."""

_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 10


def new_job_id() -> str:
    """Make an id of ten unmistakable letters and digits (50 bits): short enough for a nonce and for reading out."""
    return "".join(_ID_LETTERS[byte % len(_ID_LETTERS)] for byte in secrets.token_bytes(_ID_LENGTH))


class Accepting:
    """Fulfils `services.ports.people.Accepting`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        sources: Sources,
        lanes: Lanes,
        finishing: Finishing,
        delivery: Delivery,
        clock: Clock,
        models: Sequence[str],
        may_create: Callable[[int | None], Awaitable[None]],
        allowances: Allowances,
        forbidden: ForbiddenWords,
        removals: Removals,
        discretion: Discretion,
        new_id: Callable[[], str] = new_job_id,
    ) -> None:
        """`models` are those on offer, the default first; `may_create` raises CreatingOff for a place without first tracks."""
        self._jobs = jobs
        self._sources = sources
        self._lanes = lanes
        self._finishing = finishing
        self._delivery = delivery
        self._clock = clock
        self._may_create = may_create
        self._allowances = allowances
        self._forbidden = forbidden
        self._removals = removals
        self._discretion = discretion
        self._new_id = new_id
        self._cleaning: set[asyncio.Task[None]] = set()
        self._closed = False
        self.models = tuple(models)

    def close(self) -> None:
        """Accept nothing more: the process is about to end."""
        self._closed = True

    # What people are shown before they ask.

    async def limits(self, guild_id: int | None) -> Limits:
        """Tell what one person may ask for in a place (None: outside of servers). Raises StoreUnavailable."""
        return await self._allowances.of_place(guild_id, self._lanes.of(guild_id))

    async def source(self, clip_id: str, viewer: Viewer) -> Source | None:
        """Return what is known of a track, unless somebody else keeps it to themselves. Raises StoreUnavailable."""
        source = await self._sources.find(clip_id)
        return source if source is not None and await self._discretion.allows(source.task_id, viewer) else None

    # A new job: `accept`, `expect`, then Discord's acknowledgement, then `acknowledged` or `abandon`.

    async def accept(self, typed: Typed, origin: Origin, *, private: bool = False) -> Job:
        """Check what was typed, against its source if that is known, and insert a job that is not acknowledged yet.

        A `private` one is shown to its person alone. Raises BadOption, NoTrackYet, ForbiddenWord, Removed, PrivateTrack, CreatingOff,
        TooManyInFlight, LimitReached, LanePaused, TooLate (a second time), Busy.
        """
        until = asyncio.get_running_loop().time() + READ_WITHIN + ACCEPT_WITHIN
        if isinstance(typed, TypedCreate):
            await self._check_creating(origin)
            return await self._accept(typed, origin, None, until=until, private=private)
        clip_id = parse_clip_id(typed.continue_clip_id)
        source = self._sources.recall(clip_id)
        if source is None:
            # What is not in memory is not known at all, most likely. The insert makes sure of that, which saves looking beforehand.
            with contextlib.suppress(BadOption, KnownSource):
                return await self._accept(typed, origin, None, until=until, private=private, unsure=True)
            source = await self._look_up(clip_id)
        return await self._accept(typed, origin, source, until=until, private=private)

    async def _look_up(self, clip_id: str) -> Source | None:
        async with _read_in_time("the source"):
            return await self._sources.look_up(clip_id)

    async def _check_creating(self, origin: Origin) -> None:
        async with _read_in_time("the server's settings"):
            await self._may_create(origin.guild_id)

    async def _check_task(self, task_id: str, origin: Origin) -> None:
        """Let a task's tracks be used by whoever asks. Raises Removed, PrivateTrack, StoreUnavailable, Busy."""
        async with _read_in_time("what was removed here, and what is private"):
            await self._removals.check(task_id, origin)
            await self._discretion.check(task_id, origin.viewer)

    async def _named(self, source: Source, origin: Origin, *, private: bool) -> Source:
        """Take the name off a source that only the person who continues it for everybody to see knows by it."""
        async with _read_in_time("whether the source is private"):
            known = private or await self._discretion.allows(source.task_id, Viewer(NOBODY, origin.guild_id))
        return source if known else replace(source, variant="", title="")

    async def _accept(
        self, typed: Typed, origin: Origin, source: Source | None, *, until: float, private: bool, unsure: bool = False
    ) -> Job:
        if source is not None:
            await self._check_task(source.task_id, origin)
            source = await self._named(source, origin, private=private)
        request = build_request(typed, source=source, models=self.models)
        async with _read_in_time("the words that are not allowed here"):
            await self._forbidden.check(origin.guild_id, {"tags": request.tags, "title": request.title})
        lane = self._lanes.admit(origin.guild_id)
        now = self._clock.now()
        extends = request if isinstance(request, ExtendRequest) else None
        job = Job(
            id=self._new_id(),
            kind=JobKind.EXTEND if extends else JobKind.CREATE,
            state=JobState.QUEUED,
            origin=origin,
            created_at=now,
            state_since=now,
            revision=1,
            tags=request.tags,
            title=request.title,
            model=request.model,
            source_id=extends.continue_clip_id if extends else None,
            continue_at=extends.continue_at if extends else None,
            source_label=_label(source),
            private=private,
            lane=lane,
        )
        await self._insert(job, until=until, unknown_source=unsure)
        return job

    async def accept_track(self, typed: str, origin: Origin, *, private: bool = False) -> Job:
        """Insert a job that follows a task made elsewhere. Raises BadOption, Removed, PrivateTrack, TooManyInFlight, TooLate, Busy."""
        task_id = parse_task_id(typed)
        await self._check_task(task_id, origin)
        now = self._clock.now()
        job = Job(
            id=self._new_id(),
            kind=JobKind.TRACK,
            state=JobState.GENERATING,
            origin=origin,
            created_at=now,
            state_since=now,
            revision=1,
            model=self.models[0],
            task_id=task_id,
            private=private,
            lane=self._lanes.of(origin.guild_id),
        )
        job = replace(job, watch_until=self._finishing.deadline_of(job))
        self._discretion.heard(job)
        await self._insert(job, until=asyncio.get_running_loop().time() + ACCEPT_WITHIN)
        return job

    async def _insert(self, job: Job, *, until: float, unknown_source: bool = False) -> None:
        if self._closed:
            raise Restarting
        insert = asyncio.create_task(self._insert_within_limits(job, unknown_source=unknown_source), name=f"accept-{job.id}")
        done, _ = await asyncio.wait({insert}, timeout=min(ACCEPT_WITHIN, until - asyncio.get_running_loop().time()))
        if not done or isinstance(insert.exception(), StoreUnavailable):
            cleaning = asyncio.create_task(self._undo(insert, job), name=f"undo-{job.id}")
            self._cleaning.add(cleaning)
            cleaning.add_done_callback(self._cleaning.discard)
        if not done:
            msg = f"job {job.id} was not stored in time"
            raise Busy(msg)
        if not insert.result():
            msg = f"interaction {job.origin.interaction_id} has a job already"
            raise TooLate(msg)

    async def _insert_within_limits(self, job: Job, *, unknown_source: bool) -> bool:
        limits = await self._allowances.of_job(job)
        return await self._jobs.accept(job, limits=limits, unknown_source=unknown_source)

    async def _undo(self, insert: asyncio.Task[bool], job: Job) -> None:
        """Withdraw a job whose insert came too late for its person, or was not answered: it may be stored all the same."""
        try:
            stored = await insert
        except StoreUnavailable:
            stored = True
        except (KnownSource, TooManyInFlight, LimitReached, Busy):
            return
        except Exception:
            log.exception("job %s: the late insert failed; nothing was accepted", job.id)
            return
        if stored:
            await surely(lambda: self.abandon(job))

    def expect(self, job: Job) -> Standing | None:
        """Give a new job its place in line; tell how it stands there, None if it goes at once."""
        return self._lanes.expect(job)

    async def acknowledged(self, job: Job, *, reply_id: int | None, ephemeral: bool, shown: Standing | None = None) -> None:
        """Take note that Discord shows the reply, and let the job into the lane; return when that is written.

        `shown` is how the job stands, if the reply says it already.
        """
        # Whatever Discord's answer says: what is private is never looked for, or edited, as a message of the channel.
        origin = replace(job.origin, reply_id=reply_id, reply_ephemeral=ephemeral or job.private)

        def step(current: Job) -> Job:
            if current.state is JobState.SUBMITTING:
                # Its claim was written, but not answered, so nothing was sent.
                return transition(current, JobState.QUEUED, self._clock.now(), acknowledged=True, origin=origin)
            acknowledged = amend(current, acknowledged=True, origin=origin)
            told = shown is not None and current.revision == job.revision
            return replace(acknowledged, announced=acknowledged.revision) if told else acknowledged

        noted = replace(job, acknowledged=True, origin=origin)
        if shown is not None:
            noted = replace(noted, announced=job.revision)
            self._delivery.answered(noted, shown)
        if await self._lanes.enter_at_once(noted):
            return
        changed = await change_surely(self._jobs, job, step)
        if changed is None or changed.state is JobState.CANCELLED:
            self._lanes.leave(job)
        if changed is None:
            return
        if changed.kind is JobKind.TRACK and (finished := await self._finishing.from_library(changed)) is not None:
            changed = finished
        self._lanes.enter(changed)
        self._delivery.wake(changed)

    async def abandon(self, job: Job) -> None:
        """Withdraw a job whose reply never came to be; nothing is owed to anyone."""
        changed = await change_surely(self._jobs, job, lambda current: withdrawn(current, self._clock.now()))
        if changed is not None:
            await self._jobs.announce(changed.id, changed.revision)
            self._lanes.leave(changed)
            # A task made elsewhere goes on: followed silently, it stops counting against its person when it ends.
            self._lanes.enter(changed)


def _label(source: Source | None) -> str:
    if source is None:
        return ""
    return source.label if source.variant else PRIVATE_LABEL


@contextlib.asynccontextmanager
async def _read_in_time(what: str) -> AsyncGenerator[None]:
    """Give a reading so long that the person is still answered in time. Raises Busy."""
    try:
        async with asyncio.timeout(READ_WITHIN):
            yield
    except TimeoutError as error:
        msg = f"{what} could not be read within {READ_WITHIN} s"
        raise Busy(msg) from error


def withdrawn(job: Job, now: float) -> Job | None:
    """Withdraw a job that was never acknowledged: out of the line, or followed silently; None if it was acknowledged after all."""
    if job.acknowledged:
        return None
    return called_off(job, now) or amend(job, hidden=True)
