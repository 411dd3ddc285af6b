"""The extensions of sessions: each is a job like any other, but that it answers nobody, and that its session hears of it.

A job's id is named by the session's state, which is saved before: however often it is asked for, there is one.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.jobs import NEVER_OWED, Failure, Job, JobKind, JobState, Origin, called_off, made_up_interaction, transition
from bot.domain.sessions import deadlines, rounds
from bot.domain.sessions.model import Extension, Session, Trouble
from bot.domain.sessions.plans import Take
from bot.domain.sessions.posts import round_post
from bot.domain.viewing import Seen, Viewer
from bot.errors import LimitReached, StoreUnavailable
from bot.services.allowances import Allowances
from bot.services.changing import change
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Clips, Jobs, Posts, Visibility
from bot.services.removals import Removals
from bot.services.sessions.keeping import Keeping

log = logging.getLogger(__name__)

_FAILURES = {Failure.REFUSED: Trouble.REFUSED, Failure.CONTENT: Trouble.CONTENT}
_TROUBLES = {JobState.UNKNOWN: Trouble.UNKNOWN, JobState.STALLED: Trouble.STALLED, JobState.CANCELLED: Trouble.CANCELLED}


class Making:
    """Asks for extensions, and tells sessions what came of them. What raises StoreUnavailable may be called again."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        jobs: Jobs,
        clips: Clips,
        posts: Posts,
        visibility: Visibility,
        lanes: Lanes,
        allowances: Allowances,
        removals: Removals,
        clock: Clock,
        model: str,
    ) -> None:
        """`model` is what extensions are made with."""
        self._keeping = keeping
        self._jobs = jobs
        self._clips = clips
        self._posts = posts
        self._visibility = visibility
        self._lanes = lanes
        self._allowances = allowances
        self._removals = removals
        self._clock = clock
        self._model = model
        self._asked: set[str] = set()
        """Jobs that are known to be there."""
        self._in_doubt: set[str] = set()
        """Jobs that may be there, and are in no line: the answer to their insert was lost."""

    async def settle(self, session: Session) -> None:
        """Have everything asked for that is to be made, and everything called off that is not any more. Raises StoreUnavailable."""
        for extension in session.running:
            if not session.live:
                await self._call_off(session.id, extension.job_id)
            elif extension.job_id not in self._asked:
                await self._ask(session, extension)

    async def _ask(self, session: Session, extension: Extension) -> None:
        """Put the job into its lane's line, unless an earlier process has; what is known of it is heard in either case."""
        job = await self._jobs.get(extension.job_id)
        if job is None:
            job = await self._accepted(session, extension)
        elif job.id in self._in_doubt:
            self._lanes.enter(job)
        self._in_doubt.discard(extension.job_id)
        if job is not None:
            self._asked.add(extension.job_id)
            await self.heard(job)

    async def _accepted(self, session: Session, extension: Extension) -> Job | None:
        source = await self._clips.get(extension.source.clip_id)
        job = self._job(session, extension)
        if source is None or await self._removals.hide(source.task_id, user_id=extension.user_id, guild_id=session.guild_id):
            await self._failed(session.id, extension.job_id, Trouble.SOURCE, gone=extension.source.clip_id)
            return None
        try:
            accepted = await self._jobs.accept(job, limits=await self._allowances.of_job(job))
        except LimitReached as error:
            log.info("session %s: no extension is left today: %s", session.id, error)
            await self._failed(session.id, job.id, Trouble.LIMIT)
            return None
        except StoreUnavailable:
            self._in_doubt.add(job.id)
            raise
        if accepted:
            log.info("session %s asks for extension %s", session.id, job.id)
            self._lanes.enter(job)
        return job if accepted else await self._jobs.get(job.id)

    def _job(self, session: Session, extension: Extension) -> Job:
        now = self._clock.now()
        return Job(
            id=extension.job_id,
            kind=JobKind.EXTEND,
            state=JobState.QUEUED,
            origin=_nowhere(session, extension),
            created_at=now,
            state_since=now,
            revision=1,
            announced=NEVER_OWED,
            tags=extension.tags,
            title=extension.title,
            model=self._model,
            source_id=extension.source.clip_id,
            continue_at=extension.start,
            source_label=f"{extension.source.variant} · {extension.source.title}",
            acknowledged=True,
            session_id=session.id,
            lane=self._lanes.of(session.guild_id),
        )

    async def _failed(self, session_id: str, job_id: str, trouble: Trouble, *, gone: str | None = None) -> None:
        def step(session: Session) -> Session:
            now = self._clock.now()
            if gone is not None:
                session = rounds.lost(session, frozenset({gone}), now)
            return deadlines.failed(session, job_id, trouble, now)

        await self._keeping.change(session_id, step)

    async def _call_off(self, session_id: str, job_id: str) -> None:
        job = await self._jobs.get(job_id)
        if job is None:
            await self._failed(session_id, job_id, Trouble.CANCELLED)
            return
        called = await change(self._jobs, job, lambda current: called_off(current, self._clock.now()))
        if called is not None:
            self._lanes.leave(called)
            await self.heard(called)

    # What came of it.

    async def heard(self, job: Job) -> None:
        """Tell a job's session what has become of it. Raises StoreUnavailable."""
        if job.session_id is None:
            return
        if job.state in (JobState.READY, JobState.DELIVERED):
            takes = [take_of(clip) for clip in self._there(await self._clips.of_task(job.task_id or ""), job)]
            await self._keeping.change(job.session_id, lambda session: self._brought(session, job, takes))
            return
        trouble = _FAILURES.get(job.failure, Trouble.FAILED) if job.failure is not None else _TROUBLES.get(job.state)
        if trouble is not None:
            await self._failed(job.session_id, job.id, trouble)

    def _there(self, clips: Iterable[Clip], job: Job) -> Iterable[Clip]:
        return () if job.removed else clips

    def _brought(self, session: Session, job: Job, takes: list[Take]) -> Session:
        if not takes and not job.removed:
            return deadlines.failed(session, job.id, Trouble.FAILED, self._clock.now())
        return deadlines.brought(session, job.id, takes, self._clock.now())

    async def drop_removed(self, session: Session) -> None:
        """Let a session go on without those of its tracks that were taken down. Raises StoreUnavailable."""
        takes = (session.root, session.head, *(take for each in session.shown for take in each.takes))
        ids = {take.clip_id for take in takes}
        seen = await self._visibility.seen(ids, Viewer(NOBODY, session.guild_id))
        gone = frozenset(clip_id for clip_id in ids if seen.get(clip_id) is not Seen.SHOWN)
        if gone:
            await self._keeping.change(session.id, lambda each: rounds.lost(each, gone, self._clock.now()))

    async def note_delivered(self, job_id: str) -> bool:
        """Note that the message of its round shows what a job has brought; False while that is still to come. Raises StoreUnavailable."""
        job = await self._jobs.get(job_id)
        if job is None or job.state is not JobState.READY or job.session_id is None:
            return True
        session = await self._keeping.get(job.session_id)
        shown = next((each for each in session.shown if each.job_id == job_id), None)
        post = None if shown is None else await self._posts.get(round_post(session, shown.seq))
        if post is not None and post.message_id is None and not post.given_up and not post.removed:
            return False
        message_id = None if post is None else post.message_id

        def step(current: Job) -> Job | None:
            if current.state is not JobState.READY:
                return None
            delivered = transition(current, JobState.DELIVERED, self._clock.now(), result_channel_id=session.place_id)
            return delivered if message_id is None else replace(delivered, result_id=message_id)

        await change(self._jobs, job, step)
        return True


def take_of(clip: Clip) -> Take:
    """Take a track into a session."""
    return Take(clip_id=clip.clip_id, variant=clip.variant, title=clip.title, seconds=clip.seconds, user_id=clip.user_id)


def _nowhere(session: Session, extension: Extension) -> Origin:
    """Make an origin that nobody is answered at."""
    return Origin(
        interaction_id=made_up_interaction(extension.job_id),
        user_id=extension.user_id,
        guild_id=session.guild_id,
        channel_id=session.place_id or session.channel_id,
        can_post=True,
        upload_limit=0,
    )
