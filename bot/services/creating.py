"""Whether first tracks may be made in a place: /create spends, so it is off until it is switched on."""

from collections.abc import Awaitable, Callable

from bot.domain.guild_settings import GuildSettings
from bot.errors import CreatingOff


class Creating:
    """The operator's switch and the servers' own, in one answer."""

    def __init__(
        self, *, allowed: bool, settings_of: Callable[[int], Awaitable[GuildSettings]], lane_of: Callable[[int | None], int | None]
    ) -> None:
        """Take the operator's switch, ALLOW_CREATE; `lane_of` tells on whose key a place's jobs run, as `Job.lane` does."""
        self._allowed = allowed
        self._settings_of = settings_of
        self._lane_of = lane_of

    async def check(self, guild_id: int | None) -> None:
        """Let a first track be made here (None: outside of servers). Raises CreatingOff, StoreUnavailable."""
        pays_itself = self._lane_of(guild_id) is not None
        if not self._allowed and not pays_itself:
            raise CreatingOff(by_operator=True)
        if guild_id is not None and not (await self._settings_of(guild_id)).creating:
            raise CreatingOff(by_operator=False)
