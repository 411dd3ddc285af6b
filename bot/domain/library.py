"""The library: whose tracks somebody looks at, in which order, and what a list shows of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.viewing import Viewer

PAGE = 5
"""Entries a page."""
LAST_PAGE = 199
"""Pages are turned no further: whoever looks for something older searches for it."""
MOST_LOOKED_AT = 2_000
"""Finished requests, or favourites, of which a list is put in order and searched for words that many tracks have: the newest ones."""
MOST_SEARCHED = 100
"""Characters of a search."""


class Whose(StrEnum):
    """Which tracks are listed."""

    MINE = "mine"
    FAVOURITES = "favourites"
    HERE = "here"
    """What everyone on this server knows."""


class Sort(StrEnum):
    """In which order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    LONGEST = "longest"
    VOTES = "votes"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What somebody looks at."""

    whose: Whose = Whose.MINE
    search: str = ""
    sort: Sort = Sort.NEWEST

    def to_fields(self) -> dict[str, str]:
        """Lay it out as a draft."""
        return {"whose": self.whose.value, "search": self.search, "sort": self.sort.value}

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> "View":
        """Read it from a draft."""
        return cls(whose=Whose(fields["whose"]), search=fields["search"], sort=Sort(fields["sort"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A track in somebody's library. `since` (epoch seconds) is when they got to know it, or chose it as a favourite."""

    clip: Clip
    since: float
    votes: int
    favourite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPage:
    """A page of a list; `more` tells that another one follows."""

    number: int
    entries: tuple[Entry, ...]
    more: bool
    older: bool = False
    """There is something older than the newest `MOST_LOOKED_AT`, which were all that was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The message that shows a track."""

    guild_id: int | None
    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEntry:
    """A track that somebody has opened, with what they may do to it."""

    entry: Entry
    viewer: Viewer
    posted: Posted | None
    removable: str | None
    """The job by which this person may remove the track here; None: they may not."""

    @property
    def own(self) -> bool:
        """Tell whether the track is this person's: then they may name it anew."""
        return self.entry.clip.user_id == self.viewer.user_id
