"""What somebody takes with them: tracks, what is told of them, and where they can be heard."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.family import Kin

MOST_TASKS = 1000
"""Finished requests of a person that are taken out, the newest; each has brought two tracks, most likely."""
PROVIDER_KEEPS = 14 * 86400.0
"""Seconds for which the music service keeps a file; its siblings delete after 14 to 15 days."""


class Of(StrEnum):
    """Whose tracks are taken out."""

    MINE = "mine"
    """Those that one's own requests have brought."""
    FAMILY = "family"
    """Those of a track's family that one may see."""


@dataclass(frozen=True, slots=True)
class Place:
    """A message of ours that shows a track."""

    guild_id: int | None
    channel_id: int
    message_id: int

    @property
    def link(self) -> str:
        """The message's address."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A track that is taken out. `made_by` is foreign text, as the clip's own texts are."""

    kin: Kin
    made_by: str
    parent_id: str | None
    """None also where the parent is nothing that the person may see."""
    post: str | None
    """The message that shows it, if one can be reached."""
    audio: str | None
    """The file at the music service, while it is likely to be there."""

    @property
    def clip(self) -> Clip:
        """The track."""
        return self.kin.clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is taken out; `made_at` in epoch seconds. `cut`: there is more than is taken out at once."""

    of: Of
    entries: tuple[Entry, ...]
    made_at: float
    cut: bool = False


def is_address(text: str) -> bool:
    """Tell whether a foreign text is an address that a list may hold: http or https, on one line, without blanks."""
    return text.startswith(("https://", "http://")) and text.isprintable() and not any(character.isspace() for character in text)
