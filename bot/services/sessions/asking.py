"""What people do in sessions."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.limits import narrower
from bot.domain.posts import Post
from bot.domain.requests import ExtendRequest, Source, TypedRequest, build_extension
from bot.domain.sessions import free, hosting, ideas, relay, rounds
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import MOST_TAKES, Pause, Session
from bot.domain.sessions.plans import Mode, Plan, Proposal, Take
from bot.domain.sessions.posts import round_post, seq_of
from bot.domain.sharing import Place
from bot.errors import CannotTakePart, OnlyInServers, Removed, SessionRefused
from bot.services.allowances import Allowances
from bot.services.forbidden_words import ForbiddenWords
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock, Venues
from bot.services.ports.records import Ledger
from bot.services.ports.sessions import SessionStore
from bot.services.ports.stores import Clips, Posts
from bot.services.posting import Posting
from bot.services.removals import Removals
from bot.services.sessions.host_acts import ACTS
from bot.services.sessions.keeping import Keeping, Step
from bot.services.sessions.making import take_of
from bot.services.sessions.showing import Showing
from bot.services.sharing import Sharing

LISTED = 10
"""Sessions of a server's history."""
ID_BYTES = 5
"""Half of an id's ten digits."""
BOARD_WITHIN = 8.0
"""Seconds for which whoever looks for the board waits for it to be posted anew."""


class Sessions:
    """Fulfils `services.ports.sessions.Sessions`."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        store: SessionStore,
        showing: Showing,
        clips: Clips,
        posts: Posts,
        posting: Posting,
        sharing: Sharing,
        ledger: Ledger,
        allowances: Allowances,
        lanes: Lanes,
        removals: Removals,
        forbidden: ForbiddenWords,
        venues: Venues,
        models: Sequence[str],
        on_vote: Callable[[str], None],
        clock: Clock,
    ) -> None:
        """`models` are those on offer, the default first; `on_vote` hears of the session in which somebody has voted."""
        self._keeping = keeping
        self._store = store
        self._showing = showing
        self._clips = clips
        self._posts = posts
        self._posting = posting
        self._sharing = sharing
        self._ledger = ledger
        self._allowances = allowances
        self._lanes = lanes
        self._removals = removals
        self._forbidden = forbidden
        self._venues = venues
        self._models = tuple(models)
        self._on_vote = on_vote
        self._clock = clock

    # Starting one, and finding it.

    async def propose(self, clip_id: str, actor: Actor) -> Proposal:
        """Check that a session can be started with a track here, and lay out its defaults."""
        clip = await self._sharing.check(clip_id, actor)
        return Proposal(root=take_of(clip), left=await self._left(_server_of(actor)))

    async def _left(self, guild_id: int) -> int | None:
        """Count what a server may still spend today; None where nothing limits it."""
        lane = self._lanes.of(guild_id)
        limits = await self._allowances.of_place(guild_id, lane)
        left: int | None = None
        if limits.server is not None:
            left = max(limits.server - await self._ledger.spent(since=limits.since, guild_id=guild_id, lane=lane), 0)
        if limits.all is not None:
            left = narrower(left, max(limits.all - await self._ledger.spent(since=limits.since), 0))
        return left

    async def start(self, plan: Plan, clip_id: str, actor: Actor, place: Place, *, in_thread: bool, once: str) -> Session:
        """Start a session: in the thread that `place` is, or in a new one that is opened in this channel."""
        session_id = _id_of(once)
        with suppress(CannotTakePart):
            return await self._keeping.get(session_id)
        proposal = await self.propose(clip_id, actor)
        place.check()
        await self._forbidden.check(actor.guild_id, {"name": plan.name, "theme": plan.theme})
        if not 0 < plan.budget <= proposal.most:
            raise CannotTakePart(SessionRefused.TOO_DEAR, proposal.most)
        now = self._clock.now()
        session = Session(
            id=session_id,
            guild_id=_server_of(actor),
            # Of a thread, the channel that it is in: should the thread go, another one is opened there.
            channel_id=(actor.parent_id if in_thread else None) or place.channel_id,
            host_id=actor.user_id,
            plan=plan,
            root=proposal.root,
            head=proposal.root,
            openings=0 if in_thread else 1,
            revision=1,
            created_at=now,
        ).with_person(actor.user_id)
        if in_thread:
            session = rounds.opened(session, place.channel_id, now)
        if await self._keeping.add(session):
            return session
        try:
            # Pressed twice at once.
            return await self._keeping.get(session_id)
        except CannotTakePart as error:
            raise CannotTakePart(SessionRefused.THREAD_TAKEN) from error

    async def get(self, session_id: str, actor: Actor) -> Session:
        """Read a session of the actor's server."""
        session = await self._keeping.get(session_id)
        if session.guild_id != actor.guild_id:
            raise CannotTakePart(SessionRefused.NO_SESSION)
        return session

    async def here(self, actor: Actor) -> Session:
        """Find the live session of the thread in which somebody acts, or else the newest one that was started in the channel."""
        here = [session for session in self._keeping.live if session.live and session.guild_id == actor.guild_id]
        for session in here:
            if session.place_id == actor.channel_id:
                return session
        started = [session for session in here if session.channel_id in (actor.channel_id, actor.parent_id)]
        if not started:
            raise CannotTakePart(SessionRefused.NO_SESSION)
        return max(started, key=lambda session: session.created_at)

    async def board(self, session: Session) -> Post | None:
        """Find the message of the round that is being played, posting it anew where it is gone."""
        post = await self._board(session)
        if post is None or await self._is_there(post):
            return post
        if (post.message_id is not None or post.given_up) and session.live and session.place_id is not None:
            gone = seq_of(post.id)
            session = await self._keeping.change(session.id, lambda each: rounds.shown_anew(each, gone))
            # Nobody else may have looked at it yet: the other message is owed in a moment.
            due = replace(post, id=round_post(session, rounds.the_round(session).seq), message_id=None, given_up=False)
            post = await self._board(session) or due
        return await self._posting.settled(post, within=BOARD_WITHIN)

    async def _is_there(self, post: Post) -> bool:
        return post.is_up and post.message_id is not None and await self._venues.has_message(post.channel_id, post.message_id)

    async def _board(self, session: Session) -> Post | None:
        return None if session.current is None else await self._posts.get(round_post(session, session.current.seq))

    async def track_of(self, post_id: str) -> Clip | None:
        """Find the track that a session's message is about."""
        return await self._showing.track_of(post_id)

    async def history(self, actor: Actor) -> list[Session]:
        """List the sessions of the actor's server that have ended, newest first."""
        return await self._store.ended(_server_of(actor), limit=LISTED)

    # What people put forward.

    async def source(self, session_id: str, actor: Actor, *, seq: int, clip_id: str | None = None) -> tuple[Session, Clip]:
        """Read what an idea, a turn or, with `clip_id`, a request of an open session would continue, for a form."""
        session = await self._taking_part(session_id, actor)
        current = rounds.the_round(session)
        if session.plan.mode is not Mode.OPEN and not current.is_shown_by(seq):
            raise CannotTakePart(SessionRefused.STEP_OVER)
        if session.plan.mode is Mode.RELAY and current.up != actor.user_id:
            raise CannotTakePart(SessionRefused.NOT_UP)
        take = session.known(clip_id) if clip_id is not None else current.source
        if take is None:
            raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
        return session, await self._clip(take, actor)

    async def _clip(self, take: Take, actor: Actor) -> Clip:
        clip = await self._clips.get(take.clip_id)
        if clip is None or await self._removals.hide(clip.task_id, user_id=actor.user_id, guild_id=actor.guild_id):
            raise Removed
        return clip

    async def put_forward(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        """Put an idea forward, or change it."""
        _, clip = await self.source(session_id, actor, seq=seq)
        wanted = await self._request(typed, clip, actor)

        def step(session: Session) -> Session:
            return ideas.put_forward(session, actor.user_id, seq=seq, tags=wanted.tags, title=wanted.title, start=wanted.continue_at)

        return await self._keeping.change(session_id, step)

    async def request(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        """Continue the track as whoever is up, or a track of an open session."""
        session, clip = await self.source(session_id, actor, seq=seq, clip_id=typed.continue_clip_id or None)
        wanted = await self._request(typed, clip, actor)
        now, tags, title, start = self._clock.now(), wanted.tags, wanted.title, wanted.continue_at

        def step(session: Session) -> Session:
            if session.plan.mode is Mode.OPEN:
                return free.request(session, actor.user_id, clip.clip_id, now, tags=tags, title=title, start=start)
            return relay.request(session, actor.user_id, now, seq=seq, tags=tags, title=title, start=start)

        return await self._keeping.change(session.id, step)

    async def _request(self, typed: TypedRequest, clip: Clip, actor: Actor) -> ExtendRequest:
        wanted = build_extension(
            TypedRequest(continue_clip_id=clip.clip_id, continue_at=typed.continue_at, tags=typed.tags, title=typed.title),
            source=Source.of(clip),
            models=self._models,
        )
        await self._forbidden.check(actor.guild_id, {"tags": wanted.tags, "title": wanted.title})
        return wanted

    # Votes, and the line.

    async def vote(self, session_id: str, actor: Actor, choice: str) -> Session:
        """Let the actor's vote count: for an idea (its number) or for a track (its clip id)."""
        session = await self._taking_part(session_id, actor)
        ballot = ideas.check_vote(session, actor.user_id, choice)
        if not await self._store.vote(session_id, ballot, actor.user_id, choice, at=self._clock.now()):
            raise CannotTakePart(SessionRefused.STEP_OVER)
        self._on_vote(session_id)
        return session

    async def pick(self, session_id: str, actor: Actor, clip_id: str, *, seq: int) -> Session:
        """Pick A or B of one's own turn."""
        return await self._act(
            session_id, actor, lambda session: relay.pick_take(session, actor.user_id, clip_id, self._clock.now(), seq=seq)
        )

    async def join(self, session_id: str, actor: Actor) -> Session:
        """Stand in line."""
        return await self._act(session_id, actor, lambda session: relay.join(session, actor.user_id, self._clock.now()))

    async def leave(self, session_id: str, actor: Actor) -> Session:
        """Leave the line."""
        await self.get(session_id, actor)
        return await self._keeping.change(session_id, lambda session: relay.leave(session, actor.user_id, self._clock.now()))

    async def take_over(self, session_id: str, actor: Actor) -> Session:
        """Become the host of a session whose host has stepped down."""
        return await self._act(session_id, actor, lambda session: hosting.take_over(session, actor.user_id))

    async def _act(self, session_id: str, actor: Actor, step: Step) -> Session:
        await self._taking_part(session_id, actor)
        return await self._keeping.change(session_id, step)

    async def _taking_part(self, session_id: str, actor: Actor) -> Session:
        session = await self.get(session_id, actor)
        hosting.check_person(session, actor.user_id, actor.role_ids)
        return session

    # What the host does.

    async def host(self, session_id: str, actor: Actor, act: HostAct, *, number: int = 0) -> Session:
        """Do what only the host and moderators may."""
        session = await self.get(session_id, actor)
        hosting.check_host(session, actor.user_id, moderator=actor.moderator)
        replaced = act is HostAct.RESUME and session.paused is Pause.PLACE and await self._place_is_gone(session)

        def step(current: Session) -> Session:
            hosting.check_host(current, actor.user_id, moderator=actor.moderator)
            acted = ACTS[act](current, self._clock.now(), number)
            if act is not HostAct.RESUME or session.paused is not Pause.PLACE:
                return acted
            return rounds.unplaced(acted) if replaced else rounds.shown_anew(acted)

        return await self._keeping.change(session_id, step)

    async def _place_is_gone(self, session: Session) -> bool:
        return session.place_id is None or not await self._venues.has_thread(session.place_id)

    def takes(self, session: Session) -> list[Take]:
        """List the tracks that can be continued in an open session, newest first."""
        made = [take for each in session.past for take in each.takes]
        return [*made[::-1][: MOST_TAKES - 1], session.root]


def _server_of(actor: Actor) -> int:
    if actor.guild_id is None:
        raise OnlyInServers
    return actor.guild_id


def _id_of(once: str) -> str:
    """Make a session's id of ten hex digits, by what names its start."""
    return hashlib.blake2b(once.encode(), digest_size=ID_BYTES).hexdigest()
