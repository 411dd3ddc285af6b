"""Sessions, and who has voted for what in their ballots."""

import json
from collections.abc import Collection, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.sessions.model import Phase, Session
from bot.store.database import Database, Row
from bot.store.grouping import Grouped
from bot.store.tables import HAS_ENDED, IS_LIVE, clips, session_votes, sessions

VOTES_EVERY = 0.1
"""Seconds from one write of votes to the next: a whole channel votes within seconds, and all who do so in this time share a write."""

_STATE: Final = TypeAdapter(Session)
_FOUND_BY: Final = ("id", "guild_id", "channel_id", "place_id", "host_id", "ballot", "revision", "created_at", "ended_at")


class SessionStore:
    """Fulfils `services.ports.sessions.SessionStore`."""

    def __init__(self, database: Database, *, spaced: bool = True) -> None:
        """Use this database. Unless `spaced`, votes are written as they come, for tests that cast one after the other."""
        self._database = database
        cast = database.insert(session_votes)
        anew = {"choice": cast.excluded.choice, "created_at": cast.excluded.created_at}
        self._cast = cast.on_conflict_do_update(index_elements=session_votes.primary_key, set_=anew)
        self._voted = Grouped(self._vote_all, name="session-votes", spacing=VOTES_EVERY if spaced else 0.0)

    async def add(self, session: Session) -> bool:
        """Insert a session at its first revision; False if there is one of this id, or its thread is taken."""
        new = self._database.insert(sessions).values(to_row(session)).on_conflict_do_nothing().returning(sessions.c.id)
        async with self._database.write_one() as connection:
            return await connection.scalar(new) is not None

    async def save(self, session: Session) -> bool:
        """Write a session over the revision before; False, and nothing is written, if that is not the stored one, or its thread is taken.

        Where it closes a ballot, this waits for the votes that are being written: they hold the row (`vote`).
        """
        before = (sessions.c.id == session.id, sessions.c.revision == session.revision - 1)
        try:
            async with self._database.write_one() as connection:
                return (await connection.execute(update(sessions).where(*before).values(to_row(session)))).rowcount > 0
        except IntegrityError:
            return False

    async def get(self, session_id: str) -> Session | None:
        """Read one session."""
        return await self._first(select(sessions.c.state).where(sessions.c.id == session_id))

    async def live(self) -> list[Session]:
        """Read every session that has not ended, oldest first; one whose recap is owed has not."""
        return await self._all(select(sessions.c.state).where(IS_LIVE).order_by(sessions.c.created_at, sessions.c.id))

    async def of_place(self, place_id: int) -> Session | None:
        """Read the session that takes place in a thread, live or the newest that did."""
        there = select(sessions.c.state).where(sessions.c.place_id == place_id)
        return await self._first(there.order_by(sessions.c.live.desc(), sessions.c.created_at.desc()).limit(1))

    async def ended(self, guild_id: int, *, limit: int) -> list[Session]:
        """Read a server's sessions that have ended, newest first."""
        over = select(sessions.c.state).where(sessions.c.guild_id == guild_id, HAS_ENDED)
        return await self._all(over.order_by(sessions.c.ended_at.desc()).limit(limit))

    async def showing(self, guild_id: int, task_id: str) -> list[str]:
        """Name a server's sessions, live or not, in which there is a track of a task."""
        async with self._database.read() as connection:
            tracks = (await connection.scalars(select(clips.c.clip_id).where(clips.c.task_id == task_id))).all()
            if not tracks:
                return []
            # Looked for in the text: tracks are taken down rarely, and no index is worth what it costs at each step of every session.
            there = or_(*(sessions.c.state.contains(f'"{track}"', autoescape=True) for track in tracks))
            return list((await connection.scalars(select(sessions.c.id).where(sessions.c.guild_id == guild_id, there))).all())

    async def _first(self, query: Select[str]) -> Session | None:
        return next(iter(await self._all(query)), None)

    async def _all(self, query: Select[str]) -> list[Session]:
        async with self._database.read() as connection:
            return [to_session(state) for state in (await connection.scalars(query)).all()]

    # Votes.

    async def vote(self, session_id: str, ballot: str, user_id: int, choice: str, *, at: float) -> bool:
        """Let somebody's vote count, in place of an earlier one; False, and no vote changes, if the ballot is not open (any more)."""
        vote = {"session_id": session_id, "ballot": ballot, "user_id": user_id, "choice": choice, "created_at": at}
        return await self._voted(vote)

    async def _vote_all(self, votes: Sequence[Row]) -> list[bool]:
        """Write the votes whose ballot is open; of several of one person, the one that came last."""
        last = {(vote["session_id"], vote["ballot"], vote["user_id"]): vote for vote in votes}
        asked = select(sessions.c.id, sessions.c.ballot).where(sessions.c.id.in_({vote["session_id"] for vote in votes}))
        # The rows are held until the votes are written: who closes a ballot waits, and then counts them; who has closed it is waited for.
        # In one order everywhere, so that two writers cannot wait for each other. SQLite has one writer at a time by itself.
        held = asked.order_by(sessions.c.id).with_for_update(read=True)
        async with self._database.write() as connection:
            ballots = {tuple(row) for row in (await connection.execute(held)).all()}
            counted = [dict(last[key]) for key in sorted(last) if key[:2] in ballots]
            if counted:
                await connection.execute(self._cast, counted)
        return [(vote["session_id"], vote["ballot"]) in ballots for vote in votes]

    async def vote_of(self, session_id: str, ballot: str, user_id: int) -> str | None:
        """Read what somebody has voted for."""
        mine = (session_votes.c.session_id == session_id, session_votes.c.ballot == ballot, session_votes.c.user_id == user_id)
        async with self._database.read() as connection:
            return await connection.scalar(select(session_votes.c.choice).where(*mine))

    async def turnout(self, session_id: str, ballot: str) -> int:
        """Count who has voted."""
        cast = (session_votes.c.session_id == session_id, session_votes.c.ballot == ballot)
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(session_votes).where(*cast)) or 0

    async def tally(self, session_id: str, ballot: str, *, without: Collection[int]) -> dict[str, int]:
        """Count the votes by choice, but for those of some people."""
        cast = (session_votes.c.session_id == session_id, session_votes.c.ballot == ballot, session_votes.c.user_id.not_in(without))
        counted = select(session_votes.c.choice, func.count()).where(*cast).group_by(session_votes.c.choice)
        async with self._database.read() as connection:
            return dict((await connection.execute(counted)).all())


def to_row(session: Session) -> dict[str, Any]:
    """Lay a session out as one row."""
    # Not the adapter's own JSON: that refuses a lone surrogate, which may come from anywhere. The column leaves it out.
    state = json.dumps(_STATE.dump_python(session, mode="json"), ensure_ascii=False)
    return {name: getattr(session, name) for name in _FOUND_BY} | {"live": session.phase is not Phase.ENDED, "state": state}


def to_session(state: str) -> Session:
    """Read a session off its row."""
    return _STATE.validate_json(state)
