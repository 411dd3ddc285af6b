"""Whether first tracks may be made in a place: /create spends, so it is off until it is switched on."""

from collections.abc import Awaitable, Callable

from bot.domain.guild_settings import GuildSettings
from bot.errors import CreatingOff


class Creating:
    """The operator's switch and the servers' own, in one answer."""

    def __init__(self, *, allowed: bool, settings_of: Callable[[int], Awaitable[GuildSettings]], own_key: Callable[[int], bool]) -> None:
        """Take the operator's switch, ALLOW_CREATE; `own_key` tells whether a server's jobs run on an API key of its own."""
        self._allowed = allowed
        self._settings_of = settings_of
        self._own_key = own_key

    async def check(self, guild_id: int | None) -> None:
        """Let a first track be made here (None: outside of servers). Raises CreatingOff, StoreUnavailable."""
        pays_itself = guild_id is not None and self._own_key(guild_id)
        if not self._allowed and not pays_itself:
            raise CreatingOff(by_operator=True)
        if guild_id is not None and not (await self._settings_of(guild_id)).creating:
            raise CreatingOff(by_operator=False)
