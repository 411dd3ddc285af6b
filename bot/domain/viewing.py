"""Who looks at tracks, and what they may see of each."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, and the server in which they look (None: outside of servers)."""

    user_id: int
    guild_id: int | None


class Seen(Enum):
    """What somebody may see of a track."""

    SHOWN = "shown"
    """All of it: it is theirs, or known on this server, or belongs to nobody."""
    PRIVATE = "private"
    """That there is one: somebody keeps it to themselves, or it is from elsewhere."""
    REMOVED = "removed"
    """That there was one: it was taken down here."""
