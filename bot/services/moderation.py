"""What moderators do: take tracks down, block people. What is theirs, people may take down themselves."""

from collections.abc import Awaitable, Callable, Sequence

from bot.domain.actors import Actor, Person
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState, amend, transition
from bot.domain.sessions.posts import session_of
from bot.errors import BlockRefused, CannotBlock, NotAllowed, NotATrack, NotFound
from bot.services.changing import change
from bot.services.delivery import Delivery
from bot.services.ports.outside import Clock
from bot.services.ports.servers import Guilds, Journal
from bot.services.ports.stores import Jobs
from bot.services.post_contents import known_by
from bot.services.posting import Posting
from bot.services.removals import Removals


class Moderation:
    """Fulfils `services.ports.servers.Moderation`; every act is in the server's moderation log."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        delivery: Delivery,
        guilds: Guilds,
        journal: Journal,
        removals: Removals,
        posting: Posting,
        clock: Clock,
        leave: Callable[[Job], None],
        session_job: Callable[[Job], None],
        on_removed: Callable[[str, int | None], Awaitable[None]],
        track_of: Callable[[str], Awaitable[Clip | None]],
    ) -> None:
        """`leave` takes a cancelled job out of its line, and `session_job` hears of it: a session may wait for it.

        `on_removed` hears of every task (its id) that was taken down in a server; `track_of` finds the track that a session's post
        (its id) is about.
        """
        self._jobs = jobs
        self._delivery = delivery
        self._guilds = guilds
        self._journal = journal
        self._removals = removals
        self._posting = posting
        self._clock = clock
        self._leave = leave
        self._session_job = session_job
        self._on_removed = on_removed
        self._track_of = track_of

    # Tracks.

    async def find(self, job_ids: Sequence[str], interaction_id: int | None, actor: Actor) -> Job:
        """Find the job of a message, by the ids in its buttons or else by the interaction that it answers.

        Raises NotATrack, NotAllowed, StoreUnavailable.
        """
        for job_id in job_ids:
            if (job := await self._jobs.get(job_id) or await self._of_session(job_id, actor)) is not None:
                return actor.allowed_on(job)
        job = None if interaction_id is None else await self._jobs.by_interaction(interaction_id)
        if job is None:
            raise NotATrack
        return actor.allowed_on(job)

    async def _of_session(self, post_id: str, actor: Actor) -> Job | None:
        """Find the job of the track that a session's message is about."""
        clip = await self._track_of(post_id) if session_of(post_id) else None
        return None if clip is None else known_by(await self._jobs.of_task(clip.task_id), actor.guild_id)

    async def remove(self, job_id: str, actor: Actor) -> Job:
        """Take a job's track down, and for a moderator every other post of it in the server; doing so twice is the same as once.

        Shares of it go too: all of them, or the actor's alone where somebody else has asked for the same track.

        Raises NotFound, NotAllowed, StoreUnavailable: some of the posts may be removed all the same.
        """
        job = await self._jobs.get(job_id)
        if job is None:
            msg = f"there is no job {job_id}"
            raise NotFound(msg)
        actor.allowed_on(job)
        theirs, others = await self._posts_of(job, actor)
        if job.task_id is not None:
            # First: what shows a track of which nothing is left would stand there, and nobody could point at it any more.
            await self._posting.remove(job.task_id, job.origin.guild_id, of_user=actor.user_id if others else None)
        for each in theirs:
            await self._take_down(each, actor)
        if job.task_id is not None:
            await self._on_removed(job.task_id, job.origin.guild_id)
        return await self._jobs.get(job_id) or job

    async def _posts_of(self, job: Job, actor: Actor) -> tuple[list[Job], bool]:
        """List the jobs that show the same track here and that the actor may remove, the one itself first; tell whether others remain."""
        of_task = await self._jobs.of_task(job.task_id) if job.task_id else []
        others = [each for each in of_task if each.id != job.id and each.origin.guild_id == job.origin.guild_id]
        theirs = [each for each in others if actor.may_act_on(each)]
        return [job, *theirs], any(not each.removed for each in others if each not in theirs)

    async def _take_down(self, job: Job, actor: Actor) -> None:
        removed = await change(self._jobs, job, lambda current: self._removed(current, actor.user_id))
        if removed is None:
            return
        self._removals.note(removed)
        if removed.state is JobState.CANCELLED:
            self._leave(removed)
            self._session_job(removed)
        self._delivery.wake(removed)
        if removed.origin.guild_id is not None:
            whose = "of their own" if removed.origin.user_id == actor.user_id else f"of <@{removed.origin.user_id}>"
            await self._journal.note(removed.origin.guild_id, f"<@{actor.user_id}> removed the track {whose} (request `{removed.id}`).")

    def _removed(self, job: Job, by: int) -> Job | None:
        if job.removed:
            return None
        if job.state is JobState.QUEUED:
            return transition(job, JobState.CANCELLED, self._clock.now(), removed=True, removed_by=by, hidden=True, undeliverable=False)
        return amend(job, removed=True, removed_by=by, hidden=True, undeliverable=False)

    # People.

    async def block(self, person: Person, actor: Actor, reason: str) -> None:
        """Accept nothing more of a person in the actor's server. Raises NotAllowed, CannotBlock, StoreUnavailable."""
        guild_id = _moderated(actor)
        if person.user_id == actor.user_id:
            raise CannotBlock(BlockRefused.YOURSELF)
        if person.bot:
            raise CannotBlock(BlockRefused.BOT)
        if person.moderator:
            raise CannotBlock(BlockRefused.MODERATOR)
        await self._guilds.block(guild_id, person.user_id, by=actor.user_id)
        why = f" Reason: {reason}" if reason else ""
        await self._journal.note(guild_id, f"<@{actor.user_id}> blocked <@{person.user_id}> from using me here.{why}")

    async def unblock(self, user_id: int, actor: Actor) -> bool:
        """Lift a block; False if there was none. Raises NotAllowed, StoreUnavailable."""
        guild_id = _moderated(actor)
        if user_id not in await self._guilds.blocked(guild_id):
            return False
        await self._guilds.unblock(guild_id, user_id)
        await self._journal.note(guild_id, f"<@{actor.user_id}> lifted the block of <@{user_id}>.")
        return True

    async def blocked(self, actor: Actor) -> list[int]:
        """List who is blocked in the actor's server. Raises NotAllowed, StoreUnavailable."""
        return sorted(await self._guilds.blocked(_moderated(actor)))


def _moderated(actor: Actor) -> int:
    if actor.guild_id is None or not actor.moderator:
        raise NotAllowed("moderation is for those who have Manage Messages")
    return actor.guild_id
