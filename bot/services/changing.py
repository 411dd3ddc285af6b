"""Changing a job that others may be changing too, in a database that may not answer."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import stamina

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.errors import StoreUnavailable
from bot.services.ports.stores import Jobs

Step = Callable[[Job], Job | None]
T = TypeVar("T")


async def change(jobs: Jobs, job: Job, step: Step, *, clips: Sequence[Clip] = ()) -> Job | None:
    """Apply `step` to the job and save it, on the newest row each time somebody else was first.

    `step` returns None where the change no longer applies; then so does this. Raises StoreUnavailable; the change may have been saved
    all the same.
    """
    return await _Change(jobs, step, clips, job).attempt()


async def change_surely(jobs: Jobs, job: Job, step: Step, *, clips: Sequence[Clip] = ()) -> Job | None:
    """Do the same, and wait for a database that is away: what the provider has said must not be lost.

    A save whose answer was lost is recognised by what it wrote, so that whoever asked for it hears that it is done.
    """
    return await surely(_Change(jobs, step, clips, job).attempt)


async def surely(act: Callable[[], Awaitable[T]]) -> T:
    """Do what needs the database, as often as it takes until that is there."""
    # Nearly always the first try is the last: the machinery of retries would cost it about as much as the rest of it.
    with contextlib.suppress(StoreUnavailable):
        return await act()
    async for attempt in stamina.retry_context(on=StoreUnavailable, attempts=None, timeout=None, wait_max=10.0):
        with attempt:
            return await act()
    msg = "unreachable: the retries have no end"
    raise AssertionError(msg)


@dataclass(slots=True)
class _Change:
    """One change of one job, however many attempts it takes."""

    jobs: Jobs
    step: Step
    clips: Sequence[Clip]
    current: Job | None
    """The newest row that is known."""
    unanswered: Job | None = None
    """What was sent to the database last, while there is no answer to it."""

    async def attempt(self) -> Job | None:
        if self.unanswered is not None:
            self.current = await self.jobs.get(self.unanswered.id)
            if self.current is not None and _has_been_saved(self.unanswered, stored=self.current):
                return self.current
        while self.current is not None:
            changed = self.step(self.current)
            if changed is None:
                return None
            self.unanswered = changed
            saved = await self.jobs.save(changed, clips=self.clips)
            self.unanswered = None
            if saved:
                return changed
            self.current = await self.jobs.get(changed.id)
        return None


def _has_been_saved(wanted: Job, *, stored: Job) -> bool:
    """Tell whether the stored row is what was wanted, but for what has other writers, and for text, of which not all can be stored."""
    own = replace(stored.origin, reply_token=wanted.origin.reply_token)
    texts = {"tags": wanted.tags, "title": wanted.title, "source_label": wanted.source_label, "provider_words": wanted.provider_words}
    return replace(stored, origin=own, announced=wanted.announced, **texts) == wanted
