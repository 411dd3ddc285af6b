"""Posts that were tried: what may have arrived without an answer is looked for before it is sent again.

A message carries a nonce, with which Discord finds it again for a while; past that, the channel is read first.
"""

from enum import Enum

from bot.services.ports.outside import Clock

NONCE_WINDOW = 60.0
"""Seconds for which Discord surely knows a nonce ("the past few minutes", Create Message); past it, history is read first."""


class Look(Enum):
    """Whether to look for an earlier message before one is sent."""

    NOT = "not"
    IF_POSSIBLE = "if_possible"
    """The nonce would decide as well."""
    SURELY = "surely"
    """Nothing else tells any more: who cannot look must not send."""


class Tries:
    """Remembers which messages were tried since when, by their ids."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing tried."""
        self._clock = clock
        self._since: dict[str, float] = {}
        self._recovered: set[str] = set()

    def recover(self, message: str, since: float) -> None:
        """Take note that an earlier process may have sent this, at the earliest at `since` (epoch seconds)."""
        self._since[message] = since
        self._recovered.add(message)

    def recovered(self, message: str) -> bool:
        """Tell whether only an earlier process has tried this so far."""
        return message in self._recovered

    def may_be_there(self, message: str) -> bool:
        """Tell whether this may have arrived."""
        return message in self._since

    def look(self, message: str) -> Look:
        """Tell whether to look for it before it is sent."""
        if self._window_over(message):
            return Look.SURELY
        return Look.IF_POSSIBLE if message in self._recovered else Look.NOT

    def begin(self, message: str, looked: Look) -> None:
        """Take note that it is sent now, after such a look."""
        if message not in self._since or looked is Look.SURELY:
            self._since[message] = self._clock.now()
        self._recovered.discard(message)

    def forget(self, message: str) -> None:
        """Let go of a message that is settled."""
        self._since.pop(message, None)
        self._recovered.discard(message)

    def _window_over(self, message: str) -> bool:
        since = self._since.get(message)
        return since is not None and self._clock.now() - since > NONCE_WINDOW
