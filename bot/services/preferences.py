"""What people want for themselves, at hand without a query: one process owns the database, so what was read or written last is true."""

import asyncio
from dataclasses import replace

from bot.domain.preferences import Preferences as Wanted
from bot.services.ports.records import PreferenceStore


class Preferences:
    """Fulfils `services.ports.people.Preferences`."""

    def __init__(self, *, store: PreferenceStore) -> None:
        """Start with nothing read: `restore` does that."""
        self._store = store
        self._unusual: dict[int, Wanted] = {}
        # Two presses at once are written one after the other, and what is at hand is what was written last.
        self._writing = asyncio.Lock()

    async def restore(self) -> None:
        """Read what differs from the defaults. Raises StoreUnavailable."""
        self._unusual = {wanted.user_id: wanted for wanted in await self._store.all()}

    def of(self, user_id: int) -> Wanted:
        """Tell what a person wants."""
        return self._unusual.get(user_id) or Wanted(user_id=user_id)

    async def set_private_first(self, user_id: int, *, on: bool) -> Wanted:
        """Let what a person asks for be shown to them alone, or to everybody. Raises StoreUnavailable."""
        async with self._writing:
            wanted = replace(self.of(user_id), private_first=on)
            await self._store.keep(wanted)
            self._note(wanted)
        return wanted

    async def forget(self, user_id: int) -> None:
        """Go back to the defaults. Raises StoreUnavailable."""
        async with self._writing:
            await self._store.keep(Wanted(user_id=user_id))
            self._unusual.pop(user_id, None)

    def _note(self, wanted: Wanted) -> None:
        if wanted.usual:
            self._unusual.pop(wanted.user_id, None)
        else:
            self._unusual[wanted.user_id] = wanted
