"""The last errors of ours, by the reference that people were shown.

They are kept in memory: the log has every one of them, with its traceback, and is what remains after a restart.
"""

import secrets
from collections import deque
from collections.abc import Callable

from bot.domain.overview import Mishap
from bot.services.ports.outside import Clock

KEPT = 50
LONGEST_CAUSE = 200
"""Characters: what went wrong has to fit one line of a message."""


class References:
    """Hands out references, and finds what they stand for."""

    def __init__(self, *, clock: Clock, redact: Callable[[str], str]) -> None:
        """`redact` masks the secrets in a text."""
        self._clock = clock
        self._redact = redact
        self._mishaps: deque[Mishap] = deque(maxlen=KEPT)
        self.since = clock.now()
        """From when on (epoch seconds) they are kept."""

    def note(self, where: str, error: BaseException) -> str:
        """Keep an error, and return the reference (eight hexadecimal digits) by which it is found, here and in the log."""
        reference = secrets.token_hex(4)
        cause = self._redact(_one_line(error))[:LONGEST_CAUSE]
        self._mishaps.append(Mishap(reference=reference, at=self._clock.now(), where=self._redact(where), cause=cause))
        return reference

    def find(self, reference: str) -> Mishap | None:
        """Find what a reference stands for, as it was typed; None if it is not among those that are kept."""
        wanted = reference.strip().strip("`").lower()
        return next((mishap for mishap in self._mishaps if mishap.reference == wanted), None)

    def latest(self, limit: int) -> list[Mishap]:
        """List the last ones, newest first."""
        return list(reversed(self._mishaps))[:limit]


def _one_line(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
