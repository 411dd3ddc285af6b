"""Whose tracks are private: those of everybody else are refused as sources, and shown to nobody.

At hand without a query for all those that never were private, as `removals` knows which ones were taken down.
"""

from bot.domain.jobs import Job, JobState
from bot.domain.viewing import Viewer
from bot.errors import PrivateTrack
from bot.services.ports.stores import Jobs

_HAS_TRACKS = (JobState.READY, JobState.DELIVERED)


class Discretion:
    """Knows the tasks of which a job was private, if only for a while; the jobs themselves tell who may see them now."""

    def __init__(self, *, jobs: Jobs) -> None:
        """Start with nothing read: `restore` does that, or else the first question."""
        self._jobs = jobs
        self._tasks: set[str] | None = None

    async def restore(self) -> None:
        """Read what is private. Raises StoreUnavailable."""
        read = await self._jobs.private_tasks()
        self._tasks = {*read, *(self._tasks or ())}

    def heard(self, job: Job) -> None:
        """Take note of a job that was saved."""
        if self._tasks is not None and job.private and job.task_id is not None:
            self._tasks.add(job.task_id)

    async def allows(self, task_id: str, viewer: Viewer) -> bool:
        """Tell whether somebody may see a task's tracks, as far as these are private. Raises StoreUnavailable."""
        if self._tasks is None:
            await self.restore()
        if not self._tasks or task_id not in self._tasks:
            return True
        of_task = await self._jobs.of_task(task_id)
        # Where nothing is private any more, the task is as any other: whoever has its id may use it.
        return not any(job.private for job in of_task) or any(_knows(viewer, job) for job in of_task)

    async def check(self, task_id: str, viewer: Viewer) -> None:
        """Let a task's tracks be used by whoever asks, where they ask. Raises PrivateTrack, StoreUnavailable."""
        if not await self.allows(task_id, viewer):
            raise PrivateTrack


def _knows(viewer: Viewer, job: Job) -> bool:
    if job.removed:
        return False
    if job.origin.user_id == viewer.user_id:
        return True
    return not job.private and job.state in _HAS_TRACKS and viewer.guild_id is not None and job.origin.guild_id == viewer.guild_id
