"""Sessions: what the service asks of the database, and what commands and controls ask of the service."""

from collections.abc import Collection
from typing import Protocol

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.posts import Post
from bot.domain.requests import TypedRequest
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Session, Take
from bot.domain.sessions.plans import Plan, Proposal
from bot.domain.sharing import Place


class SessionStore(Protocol):
    """Sessions and the votes of their ballots. All raise StoreUnavailable."""

    async def add(self, session: Session) -> bool:
        """Insert a session at revision 1; False if there is one of this id."""
        ...

    async def save(self, session: Session) -> bool:
        """Write a session over the revision before; False, and nothing is written, if that is not the stored one, or its thread is taken.

        From then on votes count in `session.ballot` alone, and those that were cast before it closed are all there to be counted.
        """
        ...

    async def get(self, session_id: str) -> Session | None:
        """Read one session."""
        ...

    async def live(self) -> list[Session]:
        """Read every session that has not ended, oldest first; one whose recap is owed has not."""
        ...

    async def of_place(self, place_id: int) -> Session | None:
        """Read the session that takes place in a thread, live or the newest that did."""
        ...

    async def showing(self, guild_id: int, task_id: str) -> list[str]:
        """Name a server's sessions, live or not, in which there is a track of a task."""
        ...

    async def ended(self, guild_id: int, *, limit: int) -> list[Session]:
        """Read a server's sessions that have ended, newest first."""
        ...

    async def vote(self, session_id: str, ballot: str, user_id: int, choice: str, *, at: float) -> bool:
        """Let somebody's vote count, in place of an earlier one; False, and no vote changes, if the ballot is not open (any more)."""
        ...

    async def vote_of(self, session_id: str, ballot: str, user_id: int) -> str | None:
        """Read what somebody has voted for."""
        ...

    async def turnout(self, session_id: str, ballot: str) -> int:
        """Count who has voted."""
        ...

    async def tally(self, session_id: str, ballot: str, *, without: Collection[int]) -> dict[str, int]:
        """Count the votes by choice, but for those of some people."""
        ...


class Sessions(Protocol):
    """What people do in sessions; `services.sessions` fulfils it. All raise StoreUnavailable, and CannotTakePart with the reason.

    Ids of rounds are `seq`: what was opened in one round is refused in the next.
    """

    async def propose(self, clip_id: str, actor: Actor) -> Proposal:
        """Check that a session can be started with a track here, and lay out its defaults.

        Raises OnlyInServers, UnknownTrack, Removed, NotFromHere, NotPublicYet.
        """
        ...

    async def start(self, plan: Plan, clip_id: str, actor: Actor, place: Place, *, in_thread: bool, once: str) -> Session:
        """Start a session: in the thread that `place` is, or in a new one that is opened in this channel.

        `once` names the start: asked for twice, it is the same session.
        Raises what `propose` does, CannotShare, ForbiddenWord.
        """
        ...

    async def get(self, session_id: str, actor: Actor) -> Session:
        """Read a session of the actor's server."""
        ...

    async def here(self, actor: Actor) -> Session:
        """Find the live session of the thread in which somebody acts, or else the newest one that was started in the channel."""
        ...

    async def board(self, session: Session) -> Post | None:
        """Find the message of the round that is being played (of an open session: its first), posting it anew where it is gone."""
        ...

    async def track_of(self, post_id: str) -> Clip | None:
        """Find the track that a session's message (its post's id) is about."""
        ...

    async def history(self, actor: Actor) -> list[Session]:
        """List the sessions of the actor's server that have ended, newest first."""
        ...

    async def source(self, session_id: str, actor: Actor, *, seq: int, clip_id: str | None = None) -> tuple[Session, Clip]:
        """Read what an idea, a turn or, with `clip_id`, a request of an open session would continue, for a form. Raises Removed."""
        ...

    async def put_forward(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        """Put an idea forward, or change it. Raises BadOption, ForbiddenWord, Removed."""
        ...

    async def request(self, session_id: str, actor: Actor, typed: TypedRequest, *, seq: int) -> Session:
        """Continue the track as whoever is up, or a track of an open session. Raises BadOption, ForbiddenWord, Removed, MayNotSpend."""
        ...

    async def vote(self, session_id: str, actor: Actor, choice: str) -> Session:
        """Let the actor's vote count: for an idea (its number) or for a track (its clip id)."""
        ...

    async def pick(self, session_id: str, actor: Actor, clip_id: str, *, seq: int) -> Session:
        """Pick A or B of one's own turn."""
        ...

    async def join(self, session_id: str, actor: Actor) -> Session:
        """Stand in line."""
        ...

    async def leave(self, session_id: str, actor: Actor) -> Session:
        """Leave the line."""
        ...

    async def take_over(self, session_id: str, actor: Actor) -> Session:
        """Become the host of a session whose host has stepped down."""
        ...

    async def host(self, session_id: str, actor: Actor, act: HostAct, *, number: int = 0) -> Session:
        """Do what only the host and moderators may; `number` is a person's id, an idea's number, or seconds, as the act has it."""
        ...

    def takes(self, session: Session) -> list[Take]:
        """List the tracks that can be continued in an open session, newest first."""
        ...
