"""Sessions over every service and a real database: what moves and shows them, driven by steps, in the time of the rig."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bot.domain.actors import Actor
from bot.domain.jobs import JobState
from bot.domain.posts import RoundShown, SessionRecap
from bot.domain.reports import Stage
from bot.domain.requests import TypedRequest
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.plans import Plan
from bot.domain.sharing import Place
from bot.errors import DiscordError
from bot.services.sessions.asking import Sessions
from bot.services.sessions.keeping import Keeping
from bot.services.sessions.making import Making
from bot.services.sessions.noticeboard import Noticeboard
from bot.services.sessions.running import Running
from bot.services.sessions.showing import Showing
from bot.store.ledger import Ledger
from bot.store.meta import Meta
from bot.store.sessions import SessionStore
from bot.store.visibility import Visibility
from tests.contract.builders import GUILD, USER
from tests.unit.rig import Rig
from tests.unit.test_posting import finished

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.domain.family import Tree
    from bot.domain.jobs import Job
    from bot.domain.sessions.model import Session
    from bot.domain.standing import LaneCondition, Standing
    from tests.fakes import RecordingPostOffice

T = TypeVar("T")
CHANNEL, THREAD = USER + 2, USER + 700
HOST = Actor(user_id=USER, guild_id=GUILD, moderator=False, channel_id=THREAD, parent_id=CHANNEL)
ANNA, BEN, CLEO = (replace(HOST, user_id=USER + number) for number in (301, 302, 303))
MODERATOR = replace(HOST, user_id=USER + 400, moderator=True)
ROUND = 180.0
EDITS = 5.0
"""Seconds between two edits of a post."""


class FakeVenues:
    """Places that are all there but for what a test says; a thread's id is that of the message that it is opened under."""

    def __init__(self, office: RecordingPostOffice) -> None:
        self._office = office
        self.shut = False
        """No thread can be opened."""
        self.gone: set[int] = set()
        """Threads that were deleted, and people who have left."""
        self.raises: DiscordError | None = None
        """What telling a host meets."""
        self.opened: list[int] = []
        self.told: list[Session] = []

    async def open_thread(self, session: Session, message_id: int) -> int | None:
        del session
        if self.shut:
            return None
        self.opened.append(message_id)
        return message_id

    async def has_thread(self, place_id: int) -> bool:
        return place_id not in self.gone

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        return channel_id not in self.gone and message_id in self._office.up

    async def is_member(self, guild_id: int, user_id: int) -> bool:
        del guild_id
        return user_id not in self.gone

    async def tell_host(self, session: Session) -> None:
        if self.raises is not None:
            raise self.raises
        self.told.append(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingSessions:
    """What `app` puts together for sessions."""

    store: SessionStore
    keeping: Keeping
    showing: Showing
    running: Running
    sessions: Sessions
    memory: Meta


class SessionRig(Rig):
    """A rig with sessions, and what people do in them."""

    venues: FakeVenues

    async def _start(self) -> None:
        await super()._start()
        if not hasattr(self, "venues"):
            self.venues = FakeVenues(self.office)
        self.services.moving = self._put_together()

    def _put_together(self) -> MovingSessions:
        s, clock = self.services, self.clock
        store, memory = SessionStore(self.database, spaced=False), Meta(self.database)

        def changed(session: Session) -> None:
            running.changed(session)

        keeping = Keeping(store=store, on_change=changed)
        visibility = Visibility(self.database)
        showing = Showing(
            keeping=keeping,
            store=store,
            clips=s.clips,
            visibility=visibility,
            standing=self._standing,
            listening=s.listening,  # pyright: ignore[reportArgumentType] - a stand-in
            whole_tracks=s.whole_tracks,  # pyright: ignore[reportArgumentType] - a stand-in
            families=s.families,
            audio=s.audio_back,
            draw=_draw,
        )
        making = Making(
            keeping=keeping,
            jobs=s.jobs,
            clips=s.clips,
            posts=s.posts,
            visibility=visibility,
            lanes=s.lanes,
            allowances=s.allowances,
            removals=s.removals,
            clock=clock,
            model="v3.5",
        )
        running = Running(
            keeping=keeping,
            making=making,
            board=Noticeboard(posts=s.posts, posting=s.posting, venues=self.venues, clock=clock),
            store=store,
            venues=self.venues,
            memory=memory,
            condition=self._condition,
            clock=clock,
        )
        sessions = Sessions(
            keeping=keeping,
            store=store,
            showing=showing,
            clips=s.clips,
            posts=s.posts,
            posting=s.posting,
            sharing=s.sharing,
            ledger=Ledger(self.database),
            allowances=s.allowances,
            lanes=s.lanes,
            removals=s.removals,
            forbidden=s.forbidden,
            venues=self.venues,
            models=("v3.5",),
            on_vote=running.voted,
            clock=clock,
        )
        return MovingSessions(store=store, keeping=keeping, showing=showing, running=running, sessions=sessions, memory=memory)

    async def _standing(self, job_id: str | None) -> Standing | None:
        job = await self.jobs.get(job_id) if job_id else None
        return None if job is None else self.lanes.standing(job)

    def _condition(self, guild_id: int) -> LaneCondition:
        return self.lanes.condition_of(self.lanes.of(guild_id))

    async def restart(self) -> int:
        """End this process without a word, and start the next one; a session's jobs are told of before sessions are recovered."""
        taken_up = await super().restart()
        for job in self.services.session_jobs:
            self.moving.running.heard(job)
        await self.moving.running.recover()
        return taken_up

    @property
    def moving(self) -> MovingSessions:
        assert self.services.moving is not None
        return self.services.moving

    @property
    def sessions(self) -> Sessions:
        return self.moving.sessions

    # The loops.

    async def settle(self) -> None:
        """Do what is due now, and what follows from it; messages are edited at most once in this time."""
        for _ in range(4):
            await _beside(self.moving.running.step(), self.services.posting.step)
            await self.services.posting.step()

    async def meanwhile(self, act: Awaitable[T]) -> T:
        """Do something that waits for a message, and what is due meanwhile."""
        return await _beside(act, self.settle)

    async def later(self, seconds: float) -> None:
        """Let time pass, and do what is due then."""
        self.clock.advance(seconds)
        await self.settle()

    @staticmethod
    def place(channel_id: int, *, bot_lacks: tuple[str, ...] = ()) -> Place:
        return Place(channel_id=channel_id, bot_lacks=bot_lacks)

    # What people do.

    async def begin(self, plan: Plan | None = None, *, in_thread: bool = True, once: str = "draft") -> str:
        """Let the host make a track, and start a session with it; return its id."""
        a, _ = await self.clips.of_task((await finished(self)).task_id or "")
        place = self.place(THREAD if in_thread else CHANNEL)
        plan = replace(plan or Plan(name="Friday"), round_seconds=ROUND)
        session = await self.sessions.start(plan, a.clip_id, HOST, place, in_thread=in_thread, once=once)
        await self.settle()
        return session.id

    async def ideas(self, session_id: str, *people: Actor) -> None:
        """Let people put ideas forward."""
        for person in people:
            await self.sessions.put_forward(session_id, person, TYPED, seq=(await self.now(session_id)).last_seq)

    async def voted(self, session_id: str, votes: Mapping[Actor, str]) -> None:
        for person, choice in votes.items():
            await self.sessions.vote(session_id, person, choice)

    async def host(self, session_id: str, act: HostAct, number: int = 0) -> None:
        """Let the host act, and do what follows."""
        await self.sessions.host(session_id, HOST, act, number=number)
        await self.settle()

    async def ring(self, session_id: str) -> None:
        """Let the time of the step pass."""
        due = (await self.now(session_id)).due
        assert due is not None
        await self.later(due - self.clock.now())

    async def extending(self, plan: Plan | None = None) -> str:
        """Begin a session whose first round waits for the extension of a lone idea."""
        session_id = await self.begin(plan)
        await self.ideas(session_id, ANNA)
        await self.ring(session_id)
        return session_id

    async def make(self, session_id: str, *stages: Stage) -> None:
        """Let the round's extension be made: both, unless told how each ends."""
        job = await self.job(session_id)
        if job.state is JobState.QUEUED:
            await self.submit()
            job = await self.job(session_id)
        self.music.made(job.task_id or "", *(stages or (Stage.DONE, Stage.DONE)), title="Night Train")
        await self.query()
        await self.settle()

    async def takes(self, plan: Plan | None = None) -> str:
        """Begin a session whose first round votes for A or B."""
        session_id = await self.extending(plan)
        await self.make(session_id)
        return session_id

    # What is there now.

    async def now(self, session_id: str) -> Session:
        found = await self.moving.store.get(session_id)
        assert found is not None
        return found

    async def job(self, session_id: str) -> Job:
        """Read the job of the extension that was asked for last."""
        found = await self.jobs.get((await self.now(session_id)).extensions[-1].job_id)
        assert found is not None
        return found

    async def boards(self) -> Sequence[RoundShown]:
        """List what the messages of rounds show that are up, oldest first, once every edit is made."""
        await self.later(EDITS)
        return [content for _, content in self.office.up.values() if isinstance(content, RoundShown)]

    async def recaps(self) -> list[SessionRecap]:
        await self.later(EDITS)
        return [content for _, content in self.office.up.values() if isinstance(content, SessionRecap)]

    @property
    def bought(self) -> int:
        """Count what the provider was asked for, beside the track that the session began with."""
        return len(self.music.submits) - 1


TYPED = TypedRequest(continue_clip_id="", continue_at="0:30", tags="slow strings", title="")


async def _beside(act: Awaitable[T], step: Callable[[], Awaitable[None]]) -> T:
    acting = asyncio.ensure_future(act)
    while not acting.done():
        await step()
        await asyncio.wait({acting}, timeout=0.005)
    return await acting


def _draw(tree: Tree, names: Mapping[int, str]) -> tuple[bytes, str]:
    return b"PNG", f"{len(tree.shown)} tracks of {len(names)} people"
