"""The service of sessions, as far as commands and controls use it: one session in memory, moved by the domain itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.requests import EXAMPLE_ID, Source, build_extension
from bot.domain.sessions import clock, free, hosting, ideas, relay
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Pause
from bot.domain.sessions.plans import Proposal
from bot.errors import CannotTakePart, SessionRefused
from tests.unit.sessions_built import DUE, clip_of, make_session, make_take

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.actors import Actor
    from bot.domain.clips import Clip
    from bot.domain.posts import Post
    from bot.domain.requests import ExtendRequest, TypedRequest
    from bot.domain.sessions.model import Session, Take
    from bot.domain.sessions.plans import Plan
    from bot.domain.sharing import Place

NOW = DUE - 60.0


class FakeSessions:
    """Fulfils `services.ports.sessions.Sessions`; `raises` is what the next call meets, `slow` holds votes up until it is set."""

    def __init__(self) -> None:
        self.session: Session = make_session()
        self.left: int | None = None
        self.there: Post | None = None
        self.ended: list[Session] = []
        self.raises: Exception | None = None
        self.slow: asyncio.Event | None = None
        self.votes: dict[int, str] = {}
        self.started: list[tuple[Plan, str, Place, bool]] = []

    def _met(self) -> None:
        error, self.raises = self.raises, None
        if error is not None:
            raise error

    async def propose(self, clip_id: str, actor: Actor) -> Proposal:
        self._met()
        return Proposal(root=make_take(clip_id), left=self.left)

    async def start(self, plan: Plan, clip_id: str, actor: Actor, place: Place, *, in_thread: bool, once: str) -> Session:
        self._met()
        place.check()
        self.started.append((plan, clip_id, place, in_thread))
        return replace(self.session, plan=plan)

    async def get(self, session_id: str, actor: Actor) -> Session:
        self._met()
        if session_id != self.session.id:
            raise CannotTakePart(SessionRefused.NO_SESSION)
        return self.session

    async def here(self, actor: Actor) -> Session:
        return await self.get(self.session.id, actor)

    async def board(self, session: Session) -> Post | None:
        return self.there

    async def track_of(self, post_id: str) -> Clip | None:
        return None

    async def history(self, actor: Actor) -> list[Session]:
        return self.ended

    async def source(self, session_id: str, actor: Actor, *, seq: int, clip_id: str | None = None) -> tuple[Session, Clip]:
        session = self._round(await self._taking_part(session_id, actor), seq)
        take = session.known(clip_id) if clip_id else session.head
        assert take is not None
        return session, clip_of(take)

    async def _taking_part(self, session_id: str, actor: Actor) -> Session:
        session = await self.get(session_id, actor)
        hosting.check_person(session, actor.user_id, actor.role_ids)
        return session

    def _round(self, session: Session, seq: int) -> Session:
        if session.current is None or not session.current.is_shown_by(seq):
            raise CannotTakePart(SessionRefused.STEP_OVER)
        return session

    def _checked(self, session: Session, typed: TypedRequest) -> ExtendRequest:
        take = (session.known(typed.continue_clip_id) if typed.continue_clip_id else None) or session.head
        filled = replace(typed, continue_clip_id=EXAMPLE_ID)
        return build_extension(filled, source=Source.of(clip_of(take)), models=("v3.5",))

    async def put_forward(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        session = await self._taking_part(session_id, actor)
        asked = self._checked(session, typed)
        self.session = ideas.put_forward(session, actor.user_id, seq=seq, tags=asked.tags, title=asked.title, start=asked.continue_at)
        return self.session

    async def request(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        session = await self._taking_part(session_id, actor)
        asked = self._checked(session, typed)
        given = {"tags": asked.tags, "title": asked.title, "start": asked.continue_at}
        if typed.continue_clip_id:
            self.session = free.request(session, actor.user_id, typed.continue_clip_id, NOW, **given)  # type: ignore[arg-type] - as named
        else:
            self.session = relay.request(session, actor.user_id, NOW, seq=seq, **given)  # type: ignore[arg-type] - as named
        return self.session

    async def vote(self, session_id: str, actor: Actor, choice: str) -> Session:
        session = await self._taking_part(session_id, actor)
        ideas.check_vote(session, actor.user_id, choice)
        if self.slow is not None:
            await self.slow.wait()
        self.votes[actor.user_id] = choice
        return session

    async def pick(self, session_id: str, actor: Actor, clip_id: str, *, seq: int) -> Session:
        session = await self._taking_part(session_id, actor)
        self.session = relay.pick_take(session, actor.user_id, clip_id, NOW, seq=seq)
        return self.session

    async def join(self, session_id: str, actor: Actor) -> Session:
        self.session = relay.join(await self._taking_part(session_id, actor), actor.user_id, NOW)
        return self.session

    async def leave(self, session_id: str, actor: Actor) -> Session:
        self.session = relay.leave(await self.get(session_id, actor), actor.user_id, NOW)
        return self.session

    async def take_over(self, session_id: str, actor: Actor) -> Session:
        self.session = hosting.take_over(await self._taking_part(session_id, actor), actor.user_id)
        return self.session

    async def host(self, session_id: str, actor: Actor, act: HostAct, *, number: int = 0) -> Session:
        session = await self.get(session_id, actor)
        hosting.check_host(session, actor.user_id, moderator=actor.moderator)
        self.session = ACTS[act](session, number)
        return self.session

    def takes(self, session: Session) -> list[Take]:
        return [take for each in reversed(session.past) for take in each.takes] + [session.root]


ACTS: dict[HostAct, Callable[[Session, int], Session]] = {
    HostAct.PAUSE: lambda session, _: clock.pause(session, Pause.HOST, NOW),
    HostAct.RESUME: lambda session, _: clock.resume(session, NOW),
    HostAct.MORE_TIME: lambda session, number: clock.more_time(session, float(number)),
    HostAct.SKIP: lambda session, _: hosting.skip(session, NOW),
    HostAct.REMOVE: lambda session, number: hosting.remove(session, number, NOW),
    HostAct.UNDO: lambda session, _: hosting.undo(session, NOW),
    HostAct.HAND_OVER: hosting.hand_over,
    HostAct.STEP_DOWN: lambda session, _: hosting.step_down(session),
    HostAct.END: lambda session, _: hosting.end(session, NOW),
    HostAct.DECIDE: lambda session, number: hosting.decide(session, number, NOW),
    HostAct.RETRY: lambda session, _: hosting.retry(session, NOW),
    HostAct.NEXT_BEST: lambda session, _: hosting.next_best(session, NOW),
}
