"""The state of every session that goes on: at hand, and changed by one task at a time, each change saved before anybody hears of it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from bot.domain.sessions.model import Phase, Session
from bot.errors import CannotTakePart, SessionRefused, StoreUnavailable
from bot.services.ports.sessions import SessionStore

Step = Callable[[Session], Session]
"""Makes the next state of a session; raises CannotTakePart where it cannot."""


class Keeping:
    """Reads and changes sessions. One process owns the database, so what was saved here is all there is."""

    def __init__(self, *, store: SessionStore, on_change: Callable[[Session], None]) -> None:
        """`on_change` hears of every session that was saved, or may have been."""
        self._store = store
        self._on_change = on_change
        self._known: dict[str, Session] = {}
        self._stale: set[str] = set()
        """Sessions whose row may be another than is known here."""
        self._locks = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def restore(self) -> None:
        """Read what goes on from before the start. Raises StoreUnavailable."""
        self._known = {session.id: session for session in await self._store.live()}

    @property
    def live(self) -> list[Session]:
        """List the sessions that go on, as they were saved last."""
        return list(self._known.values())

    async def add(self, session: Session) -> bool:
        """Insert a session; False where its thread has one. Raises StoreUnavailable."""
        try:
            added = await self._store.add(session)
        except StoreUnavailable:
            self._doubt(session)
            raise
        if added:
            self._keep(session)
        return added

    async def get(self, session_id: str) -> Session:
        """Read a session, one that has ended too. Raises CannotTakePart, StoreUnavailable."""
        known = None if session_id in self._stale else self._known.get(session_id)
        session = known or await self._store.get(session_id)
        if session is None:
            raise CannotTakePart(SessionRefused.NO_SESSION)
        return session

    def forget(self, session_id: str) -> None:
        """Read a session anew when it is changed next: somebody else has written its row."""
        self._stale.add(session_id)

    async def change(self, session_id: str, step: Step) -> Session:
        """Take a step and save what it came to; one that changes nothing is not saved. Raises CannotTakePart, StoreUnavailable."""
        async with self._locks[session_id]:
            while True:
                before = await self._read(session_id)
                after = step(before)
                if after == before:
                    return before
                after = replace(after, revision=before.revision + 1)
                if await self._saved(after):
                    self._keep(after)
                    return after

    async def _read(self, session_id: str) -> Session:
        """Read what the next step is to change; nobody else writes meanwhile."""
        if session_id not in self._stale:
            return await self.get(session_id)
        session = await self._store.get(session_id)
        self._stale.discard(session_id)
        if session is None:
            raise CannotTakePart(SessionRefused.NO_SESSION)
        if session.phase is Phase.ENDED:
            self._known.pop(session_id, None)
        else:
            self._known[session_id] = session
        return session

    async def _saved(self, session: Session) -> bool:
        try:
            saved = await self._store.save(session)
        except StoreUnavailable:
            self._doubt(session)
            raise
        if not saved:
            self._stale.add(session.id)
            stored = await self._store.get(session.id)
            if stored is not None and stored.revision == session.revision - 1:
                raise CannotTakePart(SessionRefused.THREAD_TAKEN)
        return saved

    def _doubt(self, session: Session) -> None:
        """Have a session read by the next one who changes it, and see to it that there is one: whether it was saved cannot be told."""
        self._stale.add(session.id)
        self._on_change(session)

    def _keep(self, session: Session) -> None:
        if session.phase is Phase.ENDED:
            self._known.pop(session.id, None)
            self._locks.pop(session.id, None)
        else:
            self._known[session.id] = session
        self._on_change(session)
