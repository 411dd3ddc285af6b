"""What follows from a session's state: messages, extensions, counts, deadlines. Derived from what was saved, so it may be done twice."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from bot.domain.jobs import Job, JobState
from bot.domain.posts import Post
from bot.domain.sessions import clock as session_clock
from bot.domain.sessions import deadlines, hosting, ideas, rounds
from bot.domain.sessions.model import Pause, Phase, Session
from bot.domain.sessions.posts import seq_of, session_of
from bot.domain.standing import LaneCondition
from bot.errors import Busy, CannotTakePart, DiscordError, DiscordUnavailable, EncoreError, ReplyGone, StoreUnavailable
from bot.services.ports.outside import Clock, Venues
from bot.services.ports.records import Memory
from bot.services.ports.sessions import SessionStore
from bot.services.posting import BETWEEN_EDITS
from bot.services.sessions.keeping import Keeping, Step
from bot.services.sessions.making import Making
from bot.services.sessions.noticeboard import Noticeboard
from bot.services.turns import Turns, pause_after

log = logging.getLogger(__name__)

ALIVE = "sessions:alive"
"""The key under which it is noted when the bot was there last."""
ALIVE_EVERY = 10.0
"""Seconds between two such notes: by so much at most, people get more time after a crash."""
LANES_EVERY = 5.0
"""Seconds between two looks at whether lanes are paused."""
LOOK_AGAIN = 2.0
"""Seconds until what is about to be posted is looked for again."""

_NEEDS_HOST = frozenset({Phase.DECIDING, Phase.STUCK})


@dataclass(slots=True)
class _Watch:
    """What is to be done for a session, and what was done in this process."""

    due: float | None = None
    """When to look at it (monotonic seconds), beside its deadline."""
    not_before: float = 0.0
    failures: int = 0
    heard: dict[str, Job] = field(default_factory=dict[str, Job])
    """Jobs that have changed."""
    unshown: set[str] = field(default_factory=set[str])
    """Jobs whose tracks are in a message that is still to be posted."""
    refused: dict[str, tuple[Post, bool]] = field(default_factory=dict[str, tuple[Post, bool]])
    """Posts that Discord does not take; with each, whether only its message is gone."""
    uncertain: bool = False
    """Some of its tracks may have been taken down."""
    needed: object = None
    """For what its host was needed last."""
    untold: bool = False
    """Its host is to be told that it is paused."""


class Running:
    """Does what follows from changes. `run` goes on until `stop`; `step` does all that is due now."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        making: Making,
        board: Noticeboard,
        store: SessionStore,
        venues: Venues,
        memory: Memory,
        condition: Callable[[int], LaneCondition],
        clock: Clock,
    ) -> None:
        """`condition` tells how the lane of a server stands."""
        self._keeping = keeping
        self._making = making
        self._board = board
        self._store = store
        self._venues = venues
        self._memory = memory
        self._condition = condition
        self._clock = clock
        self._watches: dict[str, _Watch] = {}
        self._turns = Turns(clock=clock, waiting=self._waiting, act=self._look)

    # What others tell.

    def changed(self, session: Session) -> None:
        """Take note of a session that was saved."""
        self._soon(session.id)

    def changed_beside(self, session_ids: Iterable[str]) -> None:
        """Take note of sessions whose rows were changed by others: what is known of them is read anew, and shown anew."""
        for session_id in session_ids:
            self._keeping.forget(session_id)
            self._board.outdated(session_id, everything=True)
            self._soon(session_id)

    def uncertain(self) -> None:
        """Take note that tracks were deleted: every session looks whether its own are there."""
        for session in self._keeping.live:
            self._watch(session.id).uncertain = True
            self._soon(session.id)

    def heard(self, job: Job) -> None:
        """Take note of a session's job that was saved, or whose standing has changed."""
        if job.session_id is not None:
            self._watch(job.session_id).heard[job.id] = job
            self._soon(job.session_id)

    def voted(self, session_id: str) -> None:
        """Take note of a vote: how many there are is shown in a while, together with those that come meanwhile."""
        self._board.outdated(session_id)
        self._soon(session_id, after=BETWEEN_EDITS)

    async def removed(self, task_id: str, guild_id: int | None) -> None:
        """Let sessions go on without a task's tracks, which were taken down, and no message show them. Raises StoreUnavailable."""
        if guild_id is None:
            return
        for session_id in await self._store.showing(guild_id, task_id):
            self._board.outdated(session_id, everything=True)
            self._watch(session_id).uncertain = True
            self._soon(session_id)

    def refused(self, post: Post, error: DiscordError) -> None:
        """Take note of a post that Discord does not take."""
        if session_id := session_of(post.id):
            self._watch(session_id).refused[post.id] = post, isinstance(error, ReplyGone)
            self._soon(session_id)

    def _watch(self, session_id: str) -> _Watch:
        return self._watches.setdefault(session_id, _Watch())

    def _soon(self, session_id: str, *, after: float = 0.0) -> None:
        watch, at = self._watch(session_id), self._clock.monotonic() + after
        watch.due = at if watch.due is None else min(watch.due, at)
        self._turns.moved()

    # The loops.

    async def recover(self) -> int:
        """Take up every session where an earlier process left it; its clocks have stood still. Raises StoreUnavailable."""
        await self._keeping.restore()
        noted = await self._memory.get(ALIVE)
        now = self._clock.now()
        last_alive = now if noted is None else float(noted)
        for session in self._keeping.live:
            self._board.recover(session)
            self._watch(session.id).uncertain = True
            after = await self._keeping.change(session.id, lambda each: session_clock.after_absence(each, last_alive, now))
            self._watch(session.id).untold = after.paused is Pause.AWAY and session.paused is None
            self._soon(session.id)
        await self._memory.set(ALIVE, repr(now))
        return len(self._watches)

    async def run(self) -> None:
        """Go on until `stop`."""
        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(self._stay_alive(), name="sessions-alive"),
                group.create_task(self._watch_lanes(), name="sessions-lanes"),
            ]
            await self._turns.run()
            for task in beside:
                task.cancel()

    def stop(self) -> None:
        """Begin nothing more; what is being done is done, then `run` returns."""
        self._turns.stop()

    async def step(self) -> None:
        """Do all that is due now, one after the other."""
        await self._turns.step()

    async def _stay_alive(self) -> None:
        while True:
            if self._keeping.live:
                try:
                    await self._memory.set(ALIVE, repr(self._clock.now()))
                except StoreUnavailable as error:
                    log.warning("sessions wait for the database: %s", error)
            await asyncio.sleep(ALIVE_EVERY)

    async def _watch_lanes(self) -> None:
        while True:
            await self.look_at_lanes()
            await asyncio.sleep(LANES_EVERY)

    async def look_at_lanes(self) -> None:
        """Let the clocks stand still while their lane is paused, and go on afterwards."""
        for session in self._keeping.live:
            held = self._condition(session.guild_id).stopped
            if session.held != held:
                with suppress(StoreUnavailable, CannotTakePart):
                    await self._change(session.id, lambda each, held=held: session_clock.hold(each, self._clock.now(), held=held))

    # One session.

    def _waiting(self) -> Iterator[tuple[float, str]]:
        ahead = self._clock.monotonic() - self._clock.now()
        deadlines_of = {session.id: session.due + ahead for session in self._keeping.live if session.due is not None}
        for session_id in self._watches.keys() | deadlines_of.keys():
            watch = self._watches.get(session_id) or _Watch()
            due = [at for at in (watch.due, deadlines_of.get(session_id)) if at is not None]
            if due:
                yield max(min(due), watch.not_before), session_id

    async def _look(self, session_id: str) -> None:
        watch = self._watch(session_id)
        watch.due = None
        try:
            session = await self._advance(session_id, watch)
        except CannotTakePart as error:
            log.warning("session %s is looked after no more: %s", session_id, error)
            self._watches.pop(session_id, None)
        except (StoreUnavailable, Busy, DiscordError) as error:
            self._later(session_id, watch, error)
        except Exception:
            log.exception("session %s: looking after it broke off", session_id)
            self._later(session_id, watch, None)
        else:
            watch.failures, watch.not_before = 0, 0.0
            if session.phase is Phase.ENDED and watch.due is None:
                self._watches.pop(session_id, None)
                self._board.forget(session_id)

    def _later(self, session_id: str, watch: _Watch, error: EncoreError | None) -> None:
        watch.failures += 1
        watch.not_before = self._clock.monotonic() + pause_after(watch.failures)
        if watch.failures == 1 and error is not None:
            log.warning("session %s cannot go on, trying again: %s", session_id, error)
        self._soon(session_id)

    async def _advance(self, session_id: str, watch: _Watch) -> Session:
        """Do what is due for a session, from the state that it is in; whatever changes that has it looked at again."""
        await self._hear(watch)
        if watch.uncertain:
            await self._making.drop_removed(await self._keeping.get(session_id))
            watch.uncertain = False
        await self._take_refusals(session_id, watch)
        session = await self._change(session_id, lambda each: deadlines.rung(each, self._clock.now()))
        if session.counting and session.vote_name is not None:
            tally = await self._store.tally(session.id, session.vote_name, without=session.removed)
            removed = session.removed
            session = await self._change(
                # Whoever was removed meanwhile no longer counts: then it is counted once more.
                session_id,
                lambda each: ideas.counted(each, tally, self._clock.now()) if each.removed == removed else each,
            )
            if session.counting:
                self._soon(session_id)
        await self._making.settle(session)
        await self._look_for_host(session, watch)
        session = await self._keeping.get(session_id)
        if session.live and session.place_id is None and session.paused is None:
            await self._open(session)
        else:
            await self._board.show(session)
        if session.phase is Phase.ENDING:
            session = await self._change(session_id, rounds.ended)
        for job_id in tuple(watch.unshown):
            if await self._making.note_delivered(job_id):
                watch.unshown.discard(job_id)
            else:
                self._soon(session_id, after=LOOK_AGAIN)
        if watch.untold:
            await self._tell_host(await self._keeping.get(session_id))
            watch.untold = False
        return session

    async def _change(self, session_id: str, step: Step) -> Session:
        return await self._keeping.change(session_id, step)

    async def _hear(self, watch: _Watch) -> None:
        for job in tuple(watch.heard.values()):
            await self._making.heard(job)
            if job.session_id is not None:
                self._board.outdated(job.session_id)
            if job.state is JobState.READY:
                watch.unshown.add(job.id)
            if watch.heard.get(job.id) is job:
                del watch.heard[job.id]

    async def _open(self, session: Session) -> None:
        """Open the session's thread under the message that announces it; where there can be none, the host is told."""
        place_id = await self._board.open(session)
        if place_id is not None:
            await self._change(session.id, lambda each: rounds.opened(each, place_id, self._clock.now()))
        else:
            await self._lose_place(session.id)

    async def _take_refusals(self, session_id: str, watch: _Watch) -> None:
        """Act on what Discord does not take: a message of the round is posted anew, a place that is lost pauses the session."""
        for post_id, (post, gone) in tuple(watch.refused.items()):
            session = await self._keeping.get(session_id)
            shown = session.current is not None and seq_of(post_id) == session.current.seq
            if shown and session.live and gone:
                await self._post_anew(session_id, seq_of(post_id))
            elif session.live and not gone and (shown or (seq_of(post_id) and post.message_id is None)):
                # Of an open session, each track has a message of its own; an old one that is not edited any more harms nobody.
                await self._lose_place(session_id)
            watch.refused.pop(post_id, None)

    async def _post_anew(self, session_id: str, gone: int) -> None:
        await self._change(session_id, lambda each: rounds.shown_anew(each, gone))

    async def _lose_place(self, session_id: str) -> None:
        before = await self._keeping.get(session_id)
        await self._change(session_id, lambda each: session_clock.pause(each, Pause.PLACE, self._clock.now()))
        if before.paused is not Pause.PLACE:
            self._watch(session_id).untold = True

    async def _tell_host(self, session: Session) -> None:
        """Tell a host that their session is paused, if it still is. Raises DiscordUnavailable."""
        if session.paused is None:
            return
        try:
            await self._venues.tell_host(session)
        except DiscordUnavailable:
            raise
        except DiscordError as error:
            log.info("session %s: its host could not be told that it is paused (%s)", session.id, error)

    async def _look_for_host(self, session: Session, watch: _Watch) -> None:
        """Offer a session that needs its host to the next in line, if the host has left the server."""
        needed = (session.phase, session.last_seq, session.paused) if session.paused or session.phase in _NEEDS_HOST else None
        if needed == watch.needed or needed is None or not session.live or not session.hosted:
            watch.needed = needed
            return
        if not await self._venues.is_member(session.guild_id, session.host_id):
            with suppress(CannotTakePart):
                await self._change(session.id, hosting.step_down)
        watch.needed = needed
