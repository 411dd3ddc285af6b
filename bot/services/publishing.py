"""From private to known: what somebody kept to themselves is posted where it was asked for, and the server knows it from then on."""

from bot.domain.jobs import Job, JobState, amend
from bot.domain.posts import Post
from bot.errors import NotAllowed, NotFound, Removed, TooLate
from bot.services.changing import change_surely
from bot.services.delivery import Delivery
from bot.services.ports.people import Posting
from bot.services.ports.stores import Jobs, Posts


class Publishing:
    """Fulfils `services.ports.people.Publishing`.

    The post is owed before the track is known: a process that ends in between has written what was wanted, and the next one makes
    the track known (`restore`). Asking twice owes one post.
    """

    def __init__(self, *, jobs: Jobs, posts: Posts, posting: Posting, delivery: Delivery) -> None:
        """Let `posting` owe the channel one message for a job, however often it is asked to."""
        self._jobs = jobs
        self._posts = posts
        self._posting = posting
        self._delivery = delivery

    async def restore(self) -> None:
        """Let servers know what an earlier process had begun to publish. Raises StoreUnavailable."""
        await self._posts.make_published_known()

    async def own(self, job_id: str, user_id: int) -> Job:
        """Read a job of somebody's own that has tracks. Raises NotFound, NotAllowed, Removed, TooLate."""
        job = await self._jobs.get(job_id)
        if job is None:
            msg = f"there is no job {job_id}"
            raise NotFound(msg)
        if job.origin.user_id != user_id:
            msg = f"job {job_id} is somebody else's"
            raise NotAllowed(msg)
        if job.removed:
            raise Removed
        if job.state not in (JobState.READY, JobState.DELIVERED):
            msg = f"job {job_id} has no tracks to publish"
            raise TooLate(msg)
        return job

    async def publish(self, job: Job) -> Post:
        """Owe the channel of a job its tracks, and let the server know them; the same post each time. Raises Removed, StoreUnavailable."""
        post = await self._posting.publish(job, job.origin.channel_id)
        published = await change_surely(self._jobs, job, _published)
        if published is not None:
            self._delivery.wake(published)
        return post


def _published(job: Job) -> Job | None:
    return amend(job, private=False) if job.private and not job.removed else None
