"""What a post shows: read anew each time, so that nothing is shown that may no longer be."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.domain.actors import NOBODY
from bot.domain.jobs import Job, JobState
from bot.domain.posts import Content, Post, PostKind, PublishedResult, SessionContent, SharedTrack
from bot.domain.sessions.posts import session_of
from bot.domain.viewing import Seen, Viewer
from bot.services.accepting import PRIVATE_LABEL
from bot.services.ports.sound import AudioBack
from bot.services.ports.stores import Ancestry, Clips, Jobs, Visibility, Votes


class PostContents:
    """Finds what posts show."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        votes: Votes,
        families: Ancestry,
        visibility: Visibility,
        audio: AudioBack,
        sessions: Callable[[Post], Awaitable[SessionContent | None]],
    ) -> None:
        """Read from these; `sessions` reads what a session's post shows."""
        self._jobs = jobs
        self._clips = clips
        self._votes = votes
        self._families = families
        self._visibility = visibility
        self._audio = audio
        self._sessions = sessions

    async def of(self, post: Post) -> Content | None:
        """Read what a post shows now; None if that may not be shown there. Raises StoreUnavailable."""
        if session_of(post.id):
            return await self._sessions(post)
        return await self._result(post) if post.kind is PostKind.PUBLICATION else await self._track(post)

    async def _result(self, post: Post) -> PublishedResult | None:
        job = await self._jobs.get(post.id)
        clips = await self._clips.of_task(post.task_id)
        if job is None or job.removed or not clips:
            return None
        # The post is owed a moment before the job is known to the server, and says already what is true then.
        shown = replace(await self._with_public_source(job), private=False)
        return PublishedResult(job=shown, clips=tuple(await self._audio.for_message(clips)))

    async def _with_public_source(self, job: Job) -> Job:
        """Take the name off the source of a result, if everybody is about to read it and only its person knows that track."""
        if job.source_id is None:
            return job
        seen = await self._visibility.seen([job.source_id], Viewer(NOBODY, job.origin.guild_id))
        return replace(job, source_label=PRIVATE_LABEL) if seen.get(job.source_id) is Seen.PRIVATE else job

    async def _track(self, post: Post) -> SharedTrack | None:
        # As somebody sees it who has nothing to do with it: what the server may know.
        seen = await self._visibility.seen([post.clip_id], Viewer(NOBODY, post.guild_id))
        path = await self._families.path(post.clip_id)
        job = known_by(await self._jobs.of_task(post.task_id), post.guild_id)
        if seen.get(post.clip_id) is not Seen.SHOWN or not path or job is None:
            return None
        return SharedTrack(
            clip=path[-1],
            job_id=job.id,
            credits=tuple(dict.fromkeys(clip.user_id for clip in path)),
            votes=await self._votes.count(post.guild_id, post.clip_id),
        )


def known_by(of_task: list[Job], guild_id: int | None) -> Job | None:
    """Choose the job by which a server knows a task: one of its own, else one of nobody's, which are starters."""
    there = [job for job in of_task if job.state in (JobState.READY, JobState.DELIVERED) and not job.removed and not job.private]
    own = [job for job in there if job.origin.guild_id == guild_id]
    return next(iter(own), None) or next((job for job in there if job.origin.user_id == NOBODY), None)
