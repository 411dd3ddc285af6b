"""What the bot may do in a channel, as far as REST tells: the bits and the arithmetic of Discord's page Permissions."""

from collections.abc import Collection
from typing import Final

from bot.ops.discord_rest import Channel, Overwrite

ADMINISTRATOR: Final = 1 << 3
VIEW: Final = 1 << 10
NEEDED: Final = {
    VIEW: "View Channels",
    1 << 11: "Send Messages",
    1 << 38: "Send Messages in Threads",
    1 << 35: "Create Public Threads",
    1 << 14: "Embed Links",
    1 << 15: "Attach Files",
    1 << 16: "Read Message History",
}
"""What posting and sessions take; the names are those of Discord's pages for people, and of README."""
INVITATION: Final = sum(NEEDED)


def lacking(permissions: int) -> list[str]:
    """Name what of the needed ones is not among these."""
    return [] if permissions & ADMINISTRATOR else [name for bit, name in NEEDED.items() if not permissions & bit]


def in_channel(base: int, channel: Channel, *, guild_id: int, roles: Collection[int], user_id: int) -> int:
    """Apply a channel's overwrites to what the roles allow: @everyone's first, then the roles' together, then the member's own."""
    if base & ADMINISTRATOR:
        return base
    everyone = [overwrite for overwrite in channel.permission_overwrites if overwrite.id == guild_id]
    of_roles = [overwrite for overwrite in channel.permission_overwrites if overwrite.id in roles and overwrite.id != guild_id]
    own = [overwrite for overwrite in channel.permission_overwrites if overwrite.id == user_id]
    for overwrites in (everyone, of_roles, own):
        base = _applied(base, overwrites)
    return base


def _applied(base: int, overwrites: list[Overwrite]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        allow |= overwrite.allow
        deny |= overwrite.deny
    return base & ~deny | allow
