"""What people do with the jobs that are there: look at them, call them off, ask anew, fetch what could not reach them."""

from collections.abc import Callable
from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind, JobState, amend, called_off, transition
from bot.domain.requests import Typed, TypedCreate, TypedRequest, exact_seconds
from bot.domain.standing import Standing
from bot.errors import NotFound, PrivateTrack, Removed, TooLate
from bot.services.changing import change
from bot.services.delivery import Delivery
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Clips, Jobs
from bot.services.sources import Sources


class Handling:
    """Fulfils `services.ports.people.Handling`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        sources: Sources,
        lanes: Lanes,
        delivery: Delivery,
        clock: Clock,
        session_job: Callable[[Job], None],
    ) -> None:
        """Let `sources` remember the tracks that people look at: these are the ones they continue.

        `session_job` hears of every job that was called off: a session may wait for it.
        """
        self._jobs = jobs
        self._clips = clips
        self._sources = sources
        self._lanes = lanes
        self._delivery = delivery
        self._clock = clock
        self._session_job = session_job

    # Acts.

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Take a job out of the line before it is sent. Raises NotFound, NotAllowed, TooLate."""
        job = await self._job(job_id, actor)
        changed = await change(self._jobs, job, lambda current: called_off(current, self._clock.now()))
        if changed is None:
            msg = f"job {job_id} is no longer in line"
            raise TooLate(msg)
        self._lanes.leave(changed)
        self._delivery.wake(changed)
        self._session_job(changed)
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

    async def repeat(self, job_id: str, actor: Actor) -> Typed:
        """Return an UNKNOWN, FAILED or STALLED job's request, to be asked anew. Raises NotFound, NotAllowed, Removed, TooLate."""
        job = await self._job(job_id, actor)
        if job.removed:
            raise Removed
        if job.kind is JobKind.TRACK or job.state not in (JobState.UNKNOWN, JobState.FAILED, JobState.STALLED):
            msg = f"job {job_id} needs no repetition"
            raise TooLate(msg)
        if job.kind is JobKind.CREATE:
            return TypedCreate(tags=job.tags, title=job.title, model=job.model)
        return TypedRequest(
            continue_clip_id=job.source_id or "",
            continue_at=exact_seconds(job.continue_at) if job.continue_at is not None else "",
            tags=job.tags,
            title=job.title,
            model=job.model,
        )

    # What people look at.

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what is in flight for a person, and what could not reach them, newest first."""
        return await self._jobs.of_user(user_id, limit=limit)

    def standing(self, job: Job) -> Standing:
        """Tell how a job stands in its lane."""
        return self._lanes.standing(job)

    async def tracks(self, job_id: str, user_id: int) -> tuple[Job, list[Clip]]:
        """Read a job's tracks for somebody. Raises NotFound, Removed, PrivateTrack."""
        job = await self._jobs.get(job_id)
        if job is not None and job.removed:
            raise Removed
        if job is not None and job.private and job.origin.user_id != user_id:
            raise PrivateTrack
        clips = await self._clips.of_task(job.task_id) if job is not None and job.task_id else []
        if job is None or not clips:
            msg = f"job {job_id} has no tracks"
            raise NotFound(msg)
        self._sources.remember(clips)
        return job, clips

    async def fetched(self, job: Job, message_id: int | None) -> None:
        """Take note that a person has fetched what could not reach them."""

        def step(current: Job) -> Job | None:
            if current.removed:
                return None
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
        return actor.allowed_on(job)
