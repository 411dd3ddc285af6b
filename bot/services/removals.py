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
        if await self.hide(task_id, user_id=origin.user_id, guild_id=origin.guild_id):
            raise Removed

    async def hide(self, task_id: str, *, user_id: int, guild_id: int | None) -> bool:
        """Tell whether this person and this server (None: none) know a task by removed jobs alone. Raises StoreUnavailable."""
        if self._tasks is None:
            await self.restore()
        if not self._tasks or task_id not in self._tasks:
            return False
        here = [job for job in await self._jobs.of_task(task_id) if _is_known(job, user_id, guild_id)]
        return any(job.removed for job in here) and not any(not job.removed and _has_tracks(job) for job in here)


def _is_known(job: Job, user_id: int, guild_id: int | None) -> bool:
    return job.origin.user_id == user_id or (guild_id is not None and job.origin.guild_id == guild_id)


def _has_tracks(job: Job) -> bool:
    return job.state in (JobState.READY, JobState.DELIVERED)
