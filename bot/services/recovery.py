"""After a start: every job goes on from where the last process left it."""

import logging
from collections.abc import Callable

from bot.domain.jobs import Job, JobState, transition
from bot.services.accepting import withdrawn
from bot.services.changing import change
from bot.services.delivery import Delivery
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Jobs

log = logging.getLogger(__name__)


async def recover(*, jobs: Jobs, lanes: Lanes, delivery: Delivery, clock: Clock, sessions: Callable[[Job], None]) -> int:
    """Bring every unsettled job back to its lane and the outbox; return how many there are. Raises StoreUnavailable.

    A job caught in SUBMITTING becomes UNKNOWN: whether the provider has it cannot be told, so it is not sent again. One that
    was not acknowledged, as far as was written down, is withdrawn: most likely its person was told that the bot did not answer,
    and if they see "thinking" instead, an edit ends that. `sessions` hears of the jobs of sessions, in place of the outbox.
    """
    await jobs.forget_tokens(clock.now())
    unsettled = await jobs.unsettled()
    for job in unsettled:
        await _take_up(job, jobs=jobs, lanes=lanes, delivery=delivery, sessions=sessions, now=clock.now())
    if unsettled:
        log.info("%d jobs go on from before the start", len(unsettled))
    return len(unsettled)


async def _take_up(job: Job, *, jobs: Jobs, lanes: Lanes, delivery: Delivery, sessions: Callable[[Job], None], now: float) -> None:
    if not job.acknowledged:
        gone = await change(jobs, job, lambda current: withdrawn(current, now))
        if gone is not None:
            lanes.enter(gone)
            delivery.recover(gone)
        return
    if job.state is JobState.SUBMITTING:
        log.warning("job %s was being submitted when the last process ended: its outcome is unknown", job.id)
        job = await change(jobs, job, _unknown(now)) or job
    lanes.enter(job)
    if job.session_id is not None:
        sessions(job)
        return
    owes_reply = job.announced < job.revision
    owes_result = job.state is JobState.READY and not job.undeliverable
    if owes_reply or owes_result or (job.in_flight and not job.reaches_channel):
        delivery.recover(job)


def _unknown(now: float) -> Callable[[Job], Job | None]:
    return lambda job: transition(job, JobState.UNKNOWN, now) if job.state is JobState.SUBMITTING else None
