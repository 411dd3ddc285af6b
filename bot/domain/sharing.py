"""Where tracks may be shown, and over which time votes are counted."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import CannotShare

MAX_NOTE = 300
"""Characters of a note."""
NEEDED = 3
"""Votes that bring a track into the showcase, unless a server sets another number."""
_DAY = 86_400.0


class Period(StrEnum):
    """The time over which votes are counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


LENGTHS = {Period.DAY: _DAY, Period.WEEK: 7 * _DAY, Period.MONTH: 30 * _DAY}


def since(period: Period, now: float) -> float:
    """Tell when a period that ends now began (epoch seconds)."""
    return now - LENGTHS[period] if period in LENGTHS else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel or thread, and which permissions for a post there the person and the bot lack, as Discord names them."""

    channel_id: int
    person_lacks: tuple[str, ...] = ()
    bot_lacks: tuple[str, ...] = ()

    def check(self) -> None:
        """Let somebody post there. Raises CannotShare, which says who lacks what."""
        if self.person_lacks or self.bot_lacks:
            raise CannotShare(self.channel_id, person_lacks=self.person_lacks, bot_lacks=self.bot_lacks)
