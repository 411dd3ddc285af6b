"""The messages of sessions: which there have to be, and which show something that is no longer so."""

from bot.domain.actors import NOBODY
from bot.domain.posts import Post, PostKind
from bot.domain.sessions.model import Phase, Session
from bot.domain.sessions.posts import opening_post, recap_posts, round_post
from bot.errors import DiscordUnavailable
from bot.services.ports.outside import Clock, Venues
from bot.services.ports.stores import Posts
from bot.services.posting import Posting

OPEN_WITHIN = 5.0
"""Seconds for posting the message under which a thread is opened, before the session is looked at again."""


class Noticeboard:
    """Owes Discord the messages of sessions. What raises StoreUnavailable or DiscordUnavailable may be called again."""

    def __init__(self, *, posts: Posts, posting: Posting, venues: Venues, clock: Clock) -> None:
        """Start with nothing shown."""
        self._posts = posts
        self._posting = posting
        self._venues = venues
        self._clock = clock
        self._shown: dict[str, dict[str, object]] = {}
        """What each post of a session was last owed to show."""
        self._outdated: dict[str, int] = {}
        """How often the round's message has become outdated by what is not in the session's state: votes, and how its job stands."""

    def outdated(self, session_id: str, *, everything: bool = False) -> None:
        """Have the message of the round shown anew; `everything`: and all the others that this process has shown."""
        self._outdated[session_id] = self._outdated.get(session_id, 0) + 1
        if everything:
            self._shown[session_id] = {}

    def recover(self, session: Session) -> None:
        """Take for shown what an earlier process has shown: all but the last two rounds, of which it may have owed an edit."""
        older = (each for each in session.shown[:-2] if each is not session.current)
        self._shown[session.id] = {round_post(session, each.seq): each for each in older}

    def forget(self, session_id: str) -> None:
        """Forget a session that has ended."""
        self._shown.pop(session_id, None)
        self._outdated.pop(session_id, None)

    async def open(self, session: Session) -> int | None:
        """Open the session's thread, or find it opened; None where there can be none. Raises StoreUnavailable, DiscordUnavailable."""
        post = self._post(session, opening_post(session), PostKind.SESSION, session.channel_id)
        await self._posting.add(post)
        post = await self._posting.settled(post, within=OPEN_WITHIN)
        if post.given_up:
            return None
        if post.message_id is None:
            raise DiscordUnavailable(f"the message under which session {session.id} is to be opened is not there yet")
        return await self._venues.open_thread(session, post.message_id)

    async def show(self, session: Session) -> None:
        """Owe Discord every message that is not there yet, and an edit of each that shows something else. Raises StoreUnavailable.

        Of a session that has ended, only what was asked for since (`outdated`): its messages are as they are to stay.
        """
        if session.phase is Phase.ENDED and session.id not in self._shown:
            return
        if session.place_id is not None:
            for each in session.shown:
                now_shown: object = each
                if session.current is not None and each.seq == session.current.seq:
                    now_shown = (session, self._outdated.get(session.id, 0))
                await self._owe(session, round_post(session, each.seq), PostKind.ROUND, session.place_id, now_shown)
        if session.openings:
            told = (session.place_id, session.live, session.host_id)
            await self._owe(session, opening_post(session), PostKind.SESSION, session.channel_id, told)
        if not session.live:
            in_thread, in_channel = recap_posts(session)
            if session.place_id is not None:
                await self._owe(session, in_thread, PostKind.RECAP, session.place_id, session.ending)
            if session.channel_id != session.place_id:
                await self._owe(session, in_channel, PostKind.RECAP, session.channel_id, session.ending)

    async def _owe(self, session: Session, post_id: str, kind: PostKind, channel_id: int, now_shown: object) -> None:
        shown = self._shown.setdefault(session.id, {})
        if shown.get(post_id) == now_shown and post_id in shown:
            return
        if not await self._posting.add(self._post(session, post_id, kind, channel_id)):
            await self._posting.touch(post_id)
        shown[post_id] = now_shown

    def _post(self, session: Session, post_id: str, kind: PostKind, channel_id: int) -> Post:
        return Post(
            id=post_id,
            kind=kind,
            guild_id=session.guild_id,
            channel_id=channel_id,
            user_id=NOBODY,
            clip_id="",
            task_id="",
            created_at=self._clock.now(),
        )
