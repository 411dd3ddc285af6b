"""In how many servers the bot is, and where it lacks what posting takes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from bot.errors import RefusedByDiscord
from bot.ops.discord_rest import Channel, DiscordRest, Member, PartialGuild
from bot.ops.findings import Finding, count, look, ok
from bot.ops.permissions import ADMINISTRATOR, VIEW, in_channel, lacking

PAGE: Final = 200
"""Servers that one answer names at most (Get Current User Guilds); the others are left out."""
LOOKED_INTO: Final = 5
"""Servers whose channels are read, with two requests each."""
NAMED: Final = 3
"""Places that are named; the others are counted."""
TEXT_KINDS: Final = frozenset({0, 2, 5, 13})
"""Channels in which messages are posted: text, voice, announcements, stage (Channel Types)."""
ADVICE: Final = (
    "Grant it to the bot's role there. Until then results are edited into the reply instead of posted; "
    "without Create Public Threads, it is sessions and threads for results that are missing."
)


@dataclass(frozen=True, slots=True)
class _Lack:
    place: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Write where, and what."""
        return f"{self.place} lacks {', '.join(self.names)}"


async def check_servers(rest: DiscordRest, *, user_id: int, invitation: str) -> AsyncIterator[Finding]:
    """Look at the servers' permissions, and into the first few servers' channels. Raises DiscordError."""
    guilds = await rest.read(f"/users/@me/guilds?limit={PAGE}", list[PartialGuild])
    if not guilds:
        yield look("servers", "The bot is in none.", f"Invite it: {invitation}")
        return
    number = f"{count(len(guilds), 'server')}{' or more' if len(guilds) == PAGE else ''}"
    lacks = [_Lack(f"“{guild.name}”", tuple(names)) for guild in guilds if (names := lacking(guild.permissions))]
    if lacks:
        yield look(
            "servers",
            f"In {number}; in {len(lacks)} of them something is missing: {_named(lacks)}.",
            f"{ADVICE} Or invite it anew: {invitation}",
        )
    else:
        yield ok("servers", f"In {number}, everywhere with what posting takes.")
    # What a whole server lacks has been said; a channel that hides itself from the bot is meant to.
    sound = [guild for guild in guilds if not lacking(guild.permissions)][:LOOKED_INTO]
    channels = 0
    found: list[_Lack] = []
    for guild in sound:
        seen, lacks_there = await _lacks_in(rest, guild, user_id)
        channels += seen
        found += lacks_there
    if not sound:
        return
    looked = f"Looked at {count(channels, 'channel')} of {count(len(sound), 'server')}"
    if found:
        yield look("channels", f"{looked}: {_named(found)}.", ADVICE)
    else:
        yield ok("channels", f"{looked}: in each that it sees, it may post.")


async def _lacks_in(rest: DiscordRest, guild: PartialGuild, user_id: int) -> tuple[int, list[_Lack]]:
    """Count the channels that the bot sees, and list what is missing in them."""
    try:
        member = await rest.read(f"/guilds/{guild.id}/members/{user_id}", Member)
        channels = await rest.read(f"/guilds/{guild.id}/channels", list[Channel])
    except RefusedByDiscord:
        # It was removed from the server a moment ago.
        return 0, []
    rights = [
        (channel, in_channel(guild.permissions, channel, guild_id=guild.id, roles=member.roles, user_id=user_id))
        for channel in channels
        if channel.type in TEXT_KINDS
    ]
    seen = [(channel, lacking(permissions)) for channel, permissions in rights if permissions & (VIEW | ADMINISTRATOR)]
    return len(seen), [_Lack(f"“{guild.name}” #{channel.name}", tuple(names)) for channel, names in seen if names]


def _named(lacks: list[_Lack]) -> str:
    named = "; ".join(map(str, lacks[:NAMED]))
    return named if len(lacks) <= NAMED else f"{named}; and {len(lacks) - NAMED} more"
