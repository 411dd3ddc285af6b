"""What people ask for: a new job, an imported task, and the acts on a job."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind, JobState, Origin, amend, transition
from bot.domain.requests import EXAMPLE_ID, ExtendRequest, Source, TypedRequest, build_request, exact_seconds, parse_clip_id, parse_task_id
from bot.domain.standing import Standing
from bot.errors import BadOption, Busy, LanePaused, NotAllowed, NotFound, Restarting, TooLate
from bot.services.changing import change, change_surely
from bot.services.delivery import Delivery
from bot.services.finishing import Finishing
from bot.services.lane import Lane
from bot.services.ports import Clips, Clock, Jobs

log = logging.getLogger(__name__)

READ_WITHIN = 0.8
ACCEPT_WITHIN = 1.5
"""Seconds for looking up the source and for the insert: together below the 3 of the first answer (Receiving and Responding)."""

_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 10


def new_job_id() -> str:
    """Make an id of ten unmistakable letters and digits (50 bits): short enough for a nonce and for reading out."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


class Extending:
    """Accepts requests and acts on jobs."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        lane: Lane,
        finishing: Finishing,
        delivery: Delivery,
        clock: Clock,
        models: Sequence[str],
        jobs_per_user: int,
        new_id: Callable[[], str] = new_job_id,
    ) -> None:
        """`models` are those on offer, the default first; `jobs_per_user` caps what one person has in flight."""
        self._jobs = jobs
        self._clips = clips
        self._lane = lane
        self._finishing = finishing
        self._delivery = delivery
        self._clock = clock
        self._jobs_per_user = jobs_per_user
        self._new_id = new_id
        self._cleaning: set[asyncio.Task[None]] = set()
        self._closed = False
        self.models = tuple(models)

    def close(self) -> None:
        """Accept nothing more: the process is about to end."""
        self._closed = True

    # A new job, in three steps: prepare and accept, then Discord's acknowledgement, then `acknowledged` or `abandon`.

    async def prepare(self, typed: TypedRequest) -> tuple[ExtendRequest, Source | None]:
        """Check what was typed, against the source if it is known. Raises BadOption, Busy."""
        clip_id = parse_clip_id(typed.continue_clip_id)
        try:
            async with asyncio.timeout(READ_WITHIN):
                source = await self._source(clip_id)
        except TimeoutError as error:
            msg = f"the source was not read within {READ_WITHIN} s"
            raise Busy(msg) from error
        return build_request(typed, source=source, models=self.models), source

    async def _source(self, clip_id: str) -> Source | None:
        clip = await self._clips.get(clip_id)
        if clip is not None:
            return source_of(clip)
        if await self._jobs.by_task(clip_id) is None:
            return None
        clips = await self._clips.of_task(clip_id)
        example = clips[0].clip_id if clips else EXAMPLE_ID
        problem = "That is a task's id, and a task has two tracks: pick A or B from the list, or copy a track's id under More."
        raise BadOption("continue_clip_id", problem, example)

    async def accept(self, request: ExtendRequest, origin: Origin, source: Source | None = None) -> Job:
        """Insert a job that is not acknowledged yet. Raises TooManyInFlight, LanePaused, TooLate (a second time), Busy."""
        if self._lane.condition.paused:
            raise LanePaused(self._lane.condition.value)
        now = self._clock.now()
        job = Job(
            id=self._new_id(),
            kind=JobKind.EXTEND,
            state=JobState.QUEUED,
            origin=origin,
            created_at=now,
            state_since=now,
            revision=1,
            tags=request.tags,
            title=request.title,
            model=request.model,
            source_id=request.continue_clip_id,
            continue_at=request.continue_at,
            source_label=source.label if source else "",
        )
        await self._insert(job)
        return job

    async def accept_track(self, typed: str, origin: Origin) -> Job:
        """Insert a job that follows a task made elsewhere. Raises BadOption, TooManyInFlight, TooLate, Busy."""
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
            task_id=parse_task_id(typed),
        )
        job = replace(job, watch_until=self._finishing.deadline_of(job))
        await self._insert(job)
        return job

    async def _insert(self, job: Job) -> None:
        if self._closed:
            raise Restarting
        insert = asyncio.create_task(self._jobs.accept(job, limit=self._jobs_per_user), name=f"accept-{job.id}")
        done, _ = await asyncio.wait({insert}, timeout=ACCEPT_WITHIN)
        if not done:
            cleaning = asyncio.create_task(self._undo(insert, job), name=f"undo-{job.id}")
            self._cleaning.add(cleaning)
            cleaning.add_done_callback(self._cleaning.discard)
            msg = f"job {job.id} was not stored within {ACCEPT_WITHIN} s"
            raise Busy(msg)
        if not insert.result():
            msg = f"interaction {job.origin.interaction_id} has a job already"
            raise TooLate(msg)

    async def _undo(self, insert: asyncio.Task[bool], job: Job) -> None:
        """Withdraw a job whose insert came too late for its person."""
        try:
            stored = await insert
        except Exception:
            log.exception("job %s: the late insert failed; nothing was accepted", job.id)
            return
        if stored:
            await self.abandon(job)

    async def acknowledged(self, job: Job, *, reply_id: int | None, ephemeral: bool) -> None:
        """Take note that Discord shows the reply, and let the job into the lane. Raises StoreUnavailable."""
        origin = replace(job.origin, reply_id=reply_id, reply_ephemeral=ephemeral)
        changed = await change_surely(self._jobs, job, lambda current: amend(current, acknowledged=True, origin=origin))
        if changed is None:
            return
        if changed.kind is JobKind.TRACK and (finished := await self._finishing.from_library(changed)) is not None:
            changed = finished
        self._lane.enter(changed)
        self._delivery.wake(changed)

    async def abandon(self, job: Job) -> None:
        """Withdraw a job whose reply never came to be; nothing is owed to anyone."""
        changed = await change_surely(self._jobs, job, lambda current: withdrawn(current, self._clock.now()))
        if changed is not None:
            await self._jobs.announce(changed.id, changed.revision)
            # A task made elsewhere goes on: followed silently, it stops counting against its person when it ends.
            self._lane.enter(changed)

    # Acts on a job.

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Take a job out of the line before it is sent. Raises NotFound, NotAllowed, TooLate."""
        job = await self._job(job_id, actor)
        changed = await change(
            self._jobs,
            job,
            lambda current: transition(current, JobState.CANCELLED, self._clock.now()) if current.state is JobState.QUEUED else None,
        )
        if changed is None:
            msg = f"job {job_id} is no longer in line"
            raise TooLate(msg)
        self._lane.leave(changed)
        self._delivery.wake(changed)
        return changed

    async def hide(self, job_id: str, actor: Actor) -> Job:
        """Post nothing more of a job; its tracks still reach the library. Raises NotFound, NotAllowed, TooLate."""
        job = await self._job(job_id, actor)
        changed = await change(
            self._jobs,
            job,
            lambda current: None if current.state is JobState.DELIVERED else amend(current, hidden=True, undeliverable=False),
        )
        if changed is None:
            msg = f"job {job_id} is delivered already"
            raise TooLate(msg)
        self._delivery.wake(changed)
        return changed

    async def repeat(self, job_id: str, actor: Actor) -> TypedRequest:
        """Return an UNKNOWN, FAILED or STALLED job's request, to be asked anew. Raises NotFound, NotAllowed, TooLate."""
        job = await self._job(job_id, actor)
        if job.kind is not JobKind.EXTEND or job.state not in (JobState.UNKNOWN, JobState.FAILED, JobState.STALLED):
            msg = f"job {job_id} needs no repetition"
            raise TooLate(msg)
        return TypedRequest(
            continue_clip_id=job.source_id or "",
            continue_at=exact_seconds(job.continue_at) if job.continue_at is not None else "",
            tags=job.tags,
            title=job.title,
            model=job.model,
        )

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what is in flight for a person, and what could not reach them, newest first."""
        return await self._jobs.of_user(user_id, limit=limit)

    def standing(self, job: Job) -> Standing:
        """Tell how a job stands in its lane."""
        return self._lane.standing(job)

    async def tracks(self, job_id: str) -> tuple[Job, list[Clip]]:
        """Read a job's tracks. Raises NotFound."""
        job = await self._jobs.get(job_id)
        clips = await self._clips.of_task(job.task_id) if job is not None and job.task_id else []
        if job is None or not clips:
            msg = f"job {job_id} has no tracks"
            raise NotFound(msg)
        return job, clips

    async def fetched(self, job: Job, message_id: int | None) -> None:
        """Take note that a person has fetched what could not reach them."""

        def step(current: Job) -> Job | None:
            if current.state is JobState.READY:
                delivered = transition(current, JobState.DELIVERED, self._clock.now(), undeliverable=False)
                return delivered if message_id is None else replace(delivered, result_id=message_id)
            return amend(current, undeliverable=False) if current.undeliverable else None

        changed = await change(self._jobs, job, step)
        if changed is not None:
            await self._jobs.announce(changed.id, changed.revision)

    async def _job(self, job_id: str, actor: Actor) -> Job:
        job = await self._jobs.get(job_id)
        if job is None:
            msg = f"there is no job {job_id}"
            raise NotFound(msg)
        if not actor.may_act_on(job):
            msg = f"job {job_id} is somebody else's"
            raise NotAllowed(msg)
        return job


def source_of(clip: Clip) -> Source:
    """Tell what a request needs to know of its source."""
    return Source(clip_id=clip.clip_id, variant=clip.variant, title=clip.title, tags=clip.tags, seconds=clip.seconds)


def withdrawn(job: Job, now: float) -> Job | None:
    """Withdraw a job that was never acknowledged: out of the line, or followed silently; None if it was acknowledged after all."""
    if job.acknowledged:
        return None
    if job.state is JobState.QUEUED:
        return transition(job, JobState.CANCELLED, now)
    return amend(job, hidden=True)
