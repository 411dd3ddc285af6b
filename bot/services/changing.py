"""Changing a job that others may be changing too."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import stamina

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.errors import StoreUnavailable
from bot.services.ports import Jobs

Step = Callable[[Job], Job | None]
T = TypeVar("T")


async def change(jobs: Jobs, job: Job, step: Step, *, clips: Sequence[Clip] = ()) -> Job | None:
    """Apply `step` to the job and save it, on the newest row each time somebody else was first.

    `step` returns None where the change no longer applies; then so does this. Raises StoreUnavailable.
    """
    current: Job | None = job
    while current is not None:
        changed = step(current)
        if changed is None or await jobs.save(changed, clips=clips):
            return changed
        current = await jobs.get(job.id)
    return None


async def change_surely(jobs: Jobs, job: Job, step: Step, *, clips: Sequence[Clip] = ()) -> Job | None:
    """Do the same, and wait for a database that is away: what the provider has said must not be lost."""
    return await surely(lambda: change(jobs, job, step, clips=clips))


async def surely(act: Callable[[], Awaitable[T]]) -> T:
    """Do what needs the database, as often as it takes until that is there."""
    async for attempt in stamina.retry_context(on=StoreUnavailable, attempts=None, timeout=None, wait_max=10.0):
        with attempt:
            return await act()
    msg = "unreachable: the retries have no end"
    raise AssertionError(msg)
