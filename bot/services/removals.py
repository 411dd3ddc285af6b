"""Which tracks were taken down, where: at hand without a query for all those that never were."""

from bot.domain.jobs import Job, JobState, Origin
from bot.errors import Removed
from bot.services.ports.stores import Jobs


class Removals:
    """Knows the tasks of which a job was removed; one process owns the database, so what was read or noted is all there is."""

    def __init__(self, *, jobs: Jobs) -> None:
        """Start with nothing read: `restore` does that, or else the first question."""
        self._jobs = jobs
        self._tasks: set[str] | None = None

    async def restore(self) -> None:
        """Read what was removed before. Raises StoreUnavailable."""
        read = await self._jobs.removed_tasks()
        self._tasks = {*read, *(self._tasks or ())}

    def note(self, job: Job) -> None:
        """Take note of a job that was removed."""
        if self._tasks is not None and job.task_id is not None:
            self._tasks.add(job.task_id)

    async def check(self, task_id: str, origin: Origin) -> None:
        """Let a task's tracks be used by whoever asks, where they ask. Raises Removed, StoreUnavailable."""
        if self._tasks is None:
            await self.restore()
        if self._tasks and task_id in self._tasks and _is_removed(await self._jobs.of_task(task_id), origin):
            raise Removed


def _is_removed(of_task: list[Job], origin: Origin) -> bool:
    """Tell whether this person and this server know the task by removed jobs alone."""
    here = [job for job in of_task if _knows(origin, job)]
    return any(job.removed for job in here) and not any(not job.removed and _has_tracks(job) for job in here)


def _knows(origin: Origin, job: Job) -> bool:
    return job.origin.user_id == origin.user_id or (origin.guild_id is not None and job.origin.guild_id == origin.guild_id)


def _has_tracks(job: Job) -> bool:
    return job.state in (JobState.READY, JobState.DELIVERED)
