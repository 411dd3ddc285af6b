"""Everything that is announced, once: the reply is kept current by edits, the result is posted.

The job's row is the outbox: `announced < revision` owes an edit, READY owes a result. One task at a time writes for a job,
always from the newest row it knows, so a burst of changes becomes one edit.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.clips import Clip
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Failure, Job, JobState, amend, transition
from bot.domain.quota import Quota
from bot.domain.standing import Standing
from bot.errors import (
    CannotPost,
    DiscordError,
    DiscordUnavailable,
    EncoreError,
    RefusedByDiscord,
    StoreUnavailable,
    TokenExpired,
)
from bot.services.changing import change_surely
from bot.services.edits import Edits
from bot.services.ports.outside import Announcer, Clock
from bot.services.ports.sound import AudioBack
from bot.services.ports.stores import Clips, Jobs
from bot.services.results import Delivered, Results, Way
from bot.services.turns import Turns, pause_after

log = logging.getLogger(__name__)

SETTLE = 2.5
"""Seconds that a reply waits while its job is about to be submitted: most go straight on to the next state."""
LAST_WORDS = 60.0
"""Seconds before the token's end at which a reply that nothing else can reach says how to fetch the result."""


@dataclass(slots=True)
class _Owed:
    """A job that is owed something: its newest row, when to act (monotonic seconds), and what was done in this process."""

    job: Job
    due: float
    recovered: bool = False
    failures: int = 0
    said_last_words: bool = False
    posted: bool = False
    """Its result was posted just now: the reply may not tell of it yet."""
    result_shows: int = 0
    """The revision that the result is known to show."""
    anew: bool = False
    """Its reply is to be shown anew though the row is as it was: its standing has changed."""
    clips: tuple[Clip, ...] | None = None
    """The tracks as they were just saved; None: they have to be read."""


class Delivery:
    """Announces what has changed. `wake` tells it of a change, `step` does all that is due, `run` goes on doing so."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        announcer: Announcer,
        clock: Clock,
        standing: Callable[[Job], Standing],
        server: Callable[[int], Awaitable[GuildSettings]],
        budget: Quota,
        audio: AudioBack,
        on_late: Callable[[Job], Awaitable[None]],
    ) -> None:
        """Start with nothing owed; `recover` brings what an earlier process has left. `server` tells what a guild has set.

        `budget` is that of edits (`edit_budget`), for the whole bot; `on_late` hears of a published job that may have got a late track.
        """
        self._jobs = jobs
        self._clips = clips
        self._announcer = announcer
        self._clock = clock
        self._standing = standing
        self._server = server
        self._audio = audio
        self._on_late = on_late
        self._results = Results(announcer=announcer, clock=clock)
        self._owed: dict[str, _Owed] = {}
        self._turns = Turns(clock=clock, waiting=self._waiting, act=self._deliver)
        self._edits = Edits(announcer=announcer, clock=clock, budget=budget)

    def wake(self, job: Job, clips: Sequence[Clip] | None = None) -> None:
        """Take note of a job's newest row, and of all the tracks that it has now, if they are at hand.

        A session's job has no reply, and its tracks are in the message of its round: nothing of it is delivered here.
        """
        if job.session_id is not None:
            return
        now = self._clock.monotonic()
        settling = job.state in (JobState.QUEUED, JobState.SUBMITTING)
        owed = self._owed.get(job.id)
        if owed is None:
            owed = self._owed[job.id] = _Owed(job, now + SETTLE if settling else now)
        elif job.revision >= owed.job.revision:
            owed.job = replace(job, announced=max(job.announced, owed.job.announced))
            # A job that goes to and fro before its submit must not put off its reply for ever.
            owed.due = min(owed.due, now + SETTLE) if settling else now
        if clips is not None:
            owed.clips = tuple(clips)
        self._turns.moved()

    def answered(self, job: Job, standing: Standing) -> None:
        """Take note that the first answer to a job's person was its reply, in full."""
        self._edits.note(job, standing)

    def refresh(self, job: Job) -> None:
        """Show a waiting job's reply anew, once: its standing has changed, not its row."""
        if job.session_id is not None:
            return
        now = self._clock.monotonic()
        owed = self._owed.setdefault(job.id, _Owed(job, now))
        owed.anew = True
        owed.due = min(owed.due, now + SETTLE)
        self._turns.moved()

    def recover(self, job: Job) -> None:
        """Take over a job of an earlier process, which may have done more than it could note."""
        self._owed[job.id] = _Owed(job, self._clock.monotonic(), recovered=True)
        if job.state is JobState.READY:
            self._results.recover(job)
        self._turns.moved()

    async def run(self) -> None:
        """Announce until `stop`."""
        await self._turns.run()

    def stop(self) -> None:
        """Begin nothing more; what is being sent is sent, then `run` returns."""
        self._turns.stop()

    async def step(self) -> None:
        """Announce all that is due now, one after the other."""
        await self._turns.step()

    def _waiting(self) -> Iterator[tuple[float, str]]:
        return ((owed.due, job_id) for job_id, owed in self._owed.items())

    async def _deliver(self, job_id: str) -> None:
        """Bring one job's messages up to date, and plan what comes next for it."""
        owed = self._owed[job_id]
        try:
            if owed.anew:
                await self._look_again(owed)
            await self._write(owed)
        except (DiscordUnavailable, StoreUnavailable) as error:
            self._later(owed, error)
        except (CannotPost, RefusedByDiscord, TokenExpired) as error:
            # Of all that is announced, only a removal is owed until it is done.
            self._later(owed, error, refused=True)
        except Exception:
            log.exception("job %s: announcing it broke off", job_id)
            self._later(owed, None)
        else:
            self._plan(owed)

    def _later(self, owed: _Owed, error: EncoreError | None, *, refused: bool = False) -> None:
        owed.failures += 1
        owed.due = self._clock.monotonic() + pause_after(owed.failures, refused=refused)
        if owed.failures == 1 and error is not None:
            log.warning("job %s could not be announced, trying again: %s", owed.job.id, error)

    def _plan(self, owed: _Owed) -> None:
        """Forget a job that is owed nothing; keep one that is owed more, or whose token's end wants last words."""
        owed.failures = 0
        job = owed.job
        if job.announced < job.revision or owed.anew or _owes_result(job):
            return
        if self._may_need_last_words(owed):
            # The token ends by the calendar: whoever comes too early, because that was set back, plans anew.
            until_last_words = job.origin.token_expires_at - LAST_WORDS - self._clock.now()
            owed.due = self._clock.monotonic() + max(until_last_words, 0.0)
        else:
            del self._owed[job.id]

    async def _write(self, owed: _Owed) -> None:
        job = owed.job
        if job.removed:
            await self._take_down(owed)
            return
        if _owes_result(job):
            await self._deliver_result(owed)
        elif job.state is JobState.DELIVERED and job.announced < job.revision:
            if owed.result_shows < job.revision:
                await self._show_more(owed)
            if job.result_id is not None and not owed.recovered and not owed.posted:
                # What is new is in the result alone: the reply has told of it before.
                await self._announced(owed, job)
                return
        if owed.job.announced < owed.job.revision or owed.anew or self._last_words_due(owed):
            await self._show_reply(owed)

    async def _look_again(self, owed: _Owed) -> None:
        """Take the newest row: whoever wanted the reply shown anew may not have had it, and what is no longer in line needs no word."""
        current = await self._jobs.get(owed.job.id) or owed.job
        if current.revision >= owed.job.revision:
            owed.job = replace(current, announced=max(current.announced, owed.job.announced))
        owed.anew = current.state is JobState.QUEUED and not current.hidden

    # The reply.

    def _may_need_last_words(self, owed: _Owed) -> bool:
        origin = owed.job.origin
        watched = owed.job.in_flight and not owed.job.hidden
        return watched and not owed.job.reaches_channel and not owed.said_last_words and origin.token_expires_at > 0

    def _last_words_due(self, owed: _Owed) -> bool:
        return self._may_need_last_words(owed) and self._clock.now() >= owed.job.origin.token_expires_at - LAST_WORDS

    async def _show_reply(self, owed: _Owed) -> None:
        job = owed.job
        if job.result_id is not None and job.result_id == job.origin.reply_id:
            await self._announced(owed, job)
            return
        last_words = self._last_words_due(owed)
        standing = replace(self._standing(job), last_words=last_words)
        if self._edits.say_already(job, standing):
            owed.anew = False
            await self._announced(owed, job)
            return
        try:
            await self._edits.reply(job, standing)
        except (CannotPost, TokenExpired, RefusedByDiscord) as error:
            await self._reply_unreachable(owed, error)
            return
        owed.anew = False
        owed.said_last_words = owed.said_last_words or last_words
        if job.failure is Failure.CONTENT and not job.hidden and not job.undeliverable:
            await self._explain(owed, job)
        await self._announced(owed, job)

    async def _explain(self, owed: _Owed, job: Job) -> None:
        """Explain a refusal to its person alone; what could not be said waits under /jobs."""
        try:
            await self._announcer.explain_privately(job)
        except DiscordError as error:
            log.info("job %s: the refusal could not be explained privately (%s); /jobs has it", job.id, error)
            await self._change(owed, lambda current: None if current.hidden else amend(current, undeliverable=True))

    async def _reply_unreachable(self, owed: _Owed, error: DiscordError) -> None:
        """Note that the reply cannot be edited: an end that nobody was told of waits under /jobs."""
        job = owed.job
        log.info("job %s: its reply cannot be reached (%s: %s)", job.id, type(error).__name__, error)
        owed.said_last_words = True
        owed.anew = False
        if job.state in (JobState.FAILED, JobState.UNKNOWN, JobState.STALLED) and not job.undeliverable and not job.hidden:
            await self._change(owed, lambda current: amend(current, undeliverable=True))
        await self._announced(owed, owed.job)

    async def _announced(self, owed: _Owed, shown: Job) -> None:
        if owed.job.announced >= shown.revision:
            return
        if owed.job.in_flight:
            # Another save is about to come, and brings it along.
            self._jobs.shown(shown.id, shown.revision)
        else:
            await self._jobs.announce(shown.id, shown.revision)
        owed.job = replace(owed.job, announced=max(owed.job.announced, shown.revision))

    # The result.

    async def _deliver_result(self, owed: _Owed) -> None:
        """Deliver, point to it in the reply, then note both in one save: a crash before that finds the result and repeats the edit."""
        job = owed.job
        delivered: Delivered | None = None
        server = await self._server_of(job)
        if not job.hidden:
            delivered = await self._results.deliver(job, await self._clips_of(owed), server)
            if delivered is None:
                await self._change(owed, lambda current: None if current.removed else amend(current, undeliverable=True))
                log.warning("job %s: its result could not reach anyone; it waits under /jobs", job.id)
                return
        pointing = self._delivered(job, delivered)
        pointed = pointing is not None and await self._edits.point(pointing, self._standing(pointing))

        def note(current: Job) -> Job | None:
            noted = self._delivered(current, delivered)
            told = pointed and noted is not None and current.revision == job.revision
            return replace(noted, announced=noted.revision) if told and noted is not None else noted

        await self._change(owed, note)
        owed.posted, owed.result_shows = True, job.revision + 1
        if owed.job.removed:
            return
        if delivered is not None and delivered.way is Way.IN_REPLY and (server is None or server.pings):
            await self._edits.ping(job)
        if owed.job.revision > job.revision + 1:
            await self._update_result(owed)

    def _delivered(self, job: Job, delivered: Delivered | None) -> Job | None:
        if job.state is not JobState.READY:
            return None
        now = self._clock.now()
        if delivered is None:
            return transition(job, JobState.DELIVERED, now)
        origin = replace(job.origin, reply_id=delivered.message_id) if delivered.way is Way.IN_REPLY else job.origin
        return transition(
            job,
            JobState.DELIVERED,
            now,
            result_id=delivered.message_id,
            result_direct=delivered.way is Way.DIRECT,
            result_channel_id=delivered.thread_id,
            origin=origin,
        )

    async def _show_more(self, owed: _Owed) -> None:
        """Show what is new where the tracks are: in the publication, and in the result; what was fetched has left none to edit."""
        may_have_more = owed.recovered or owed.clips is not None  # What an earlier process has saved cannot be told from other changes.
        if may_have_more and owed.job.origin.reply_ephemeral and not owed.job.private:
            await self._on_late(owed.job)
        if owed.job.result_id is not None:
            await self._update_result(owed)

    async def _update_result(self, owed: _Owed) -> None:
        """Edit the result: a sibling has arrived late, or will not come any more."""
        server = await self._server_of(owed.job)
        clips = await self._audio.for_message(await self._clips_of(owed))
        await self._edits.result(owed.job, clips, pings=server is None or server.pings)
        owed.result_shows = owed.job.revision

    # A removal.

    async def _take_down(self, owed: _Owed) -> None:
        """Delete the result, and say so in the reply: owed like any other change, until it is done, in whatever process."""
        if owed.job.state is JobState.READY:
            posted = await self._results.earlier(owed.job)
            await self._change(owed, lambda current: self._delivered(current, posted))
        owed.anew = False
        if owed.job.announced < owed.job.revision:
            await self._edits.take_down(owed.job, self._standing(owed.job))
            await self._announced(owed, owed.job)

    async def _server_of(self, job: Job) -> GuildSettings | None:
        """Read what the job's server wants now: a change takes effect with the next result."""
        return None if job.origin.guild_id is None else await self._server(job.origin.guild_id)

    async def _clips_of(self, owed: _Owed) -> Sequence[Clip]:
        return owed.clips if owed.clips is not None else await self._clips.of_task(owed.job.task_id or "")

    async def _change(self, owed: _Owed, step: Callable[[Job], Job | None]) -> None:
        changed = await change_surely(self._jobs, owed.job, step)
        current = changed or await self._jobs.get(owed.job.id) or owed.job
        if current.revision >= owed.job.revision:
            owed.job = replace(current, announced=max(current.announced, owed.job.announced))


def _owes_result(job: Job) -> bool:
    return job.state is JobState.READY and not job.undeliverable
