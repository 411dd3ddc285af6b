"""A server's own API key: as it is kept, what is told of it, and why one is not taken."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.standing import LaneCondition

LONGEST_KEY = 200
"""Characters; keys of this family have 32 to 64."""
SHORTEST_KEY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """A key as the database has it: encrypted. `added_at` is in epoch seconds."""

    guild_id: int
    sealed: str
    added_by: int
    added_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """What a server's managers are told of its key, which is never shown itself; `waiting` counts the jobs in line on it."""

    added_by: int
    added_at: float
    readable: bool
    """False: it was encrypted with an ENCRYPTION_KEY that the operator no longer has."""
    lane: LaneCondition
    waiting: int


class KeyTrouble(StrEnum):
    """Why a key is not taken; the words for each are in `ui/key_words.py`."""

    OFF = "off"
    """The operator has set no ENCRYPTION_KEY."""
    MALFORMED = "malformed"
    IN_USE = "in_use"
    """Another lane runs on it: the provider's limits are per key, and two lanes would break them."""
    REFUSED = "refused"
    AWAY = "away"
    """The provider could not be asked."""


def problem_of(typed: str) -> KeyTrouble | None:
    """Tell whether what was typed cannot be a key: not in one piece, too short or too long, or with characters no header may have."""
    sound = typed.isascii() and typed.isprintable() and not any(character in " \"'`\\{}" for character in typed)
    return None if sound and SHORTEST_KEY <= len(typed) <= LONGEST_KEY else KeyTrouble.MALFORMED
