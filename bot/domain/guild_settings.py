"""What a server has set: where the bot may be used, who may spend, how much, and how results are shown."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.sharing import NEEDED


class ResultsIn(StrEnum):
    """Where finished tracks are posted."""

    CHANNEL = "channel"
    """In the channel of the request, as a reply to it."""
    THREAD = "thread"
    """In a thread under the request."""


class PostingRight(StrEnum):
    """A permission without which the bot cannot post in a channel, as Discord names it there."""

    VIEW = "View Channel"
    SEND = "Send Messages"
    EMBED = "Embed Links"
    FILES = "Attach Files"

    @property
    def is_for_text(self) -> bool:
        """Tell whether text alone takes it, as the log is; a track takes all of them."""
        return self in (PostingRight.VIEW, PostingRight.SEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """One server's settings; empty and None mean: no rule of this server's own.

    Ids are Discord's. Limits are submits a day and can only narrow the operator's. `revision` rises by one with each change.
    """

    guild_id: int
    revision: int = 0
    channels: tuple[int, ...] = ()
    """Channels in which the bot may be used, threads in them included; empty: all."""
    spender_role: int | None = None
    """Only people with this role may spend; None: everybody."""
    host_role: int | None = None
    """Only people with this role, and moderators, may start sessions; None: everybody."""
    results_in: ResultsIn = ResultsIn.CHANNEL
    showcase_channel: int | None = None
    showcase_votes: int = NEEDED
    """Votes that bring a track there."""
    log_channel: int | None = None
    """Where moderation and changes of settings are logged; None: nowhere."""
    pings: bool = True
    """Whether a finished track pings the person who asked for it."""
    daily_per_person: int | None = None
    daily_per_server: int | None = None
    creating: bool = False
    """Whether /create is switched on."""
    words: tuple[str, ...] = ()
    """Words that may not be in tags, titles, notes and names, as they were typed."""
    starters: tuple[str, ...] = ()
    """Task ids and clip ids of tracks that everybody here may continue."""

    @property
    def named(self) -> frozenset[int]:
        """The roles and channels that the settings speak of."""
        single = (self.spender_role, self.host_role, self.showcase_channel, self.log_channel)
        return frozenset((*self.channels, *(each for each in single if each is not None)))

    @property
    def written_to(self) -> frozenset[int]:
        """The channels into which the bot posts of its own accord."""
        return frozenset(each for each in (self.showcase_channel, self.log_channel) if each is not None)
