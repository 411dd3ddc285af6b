"""The ready-made world: one guild, two channels, three members and a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from bot.sandbox.discord.loopback import LoopbackDiscord
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.rooms import Room
    from bot.sandbox.discord.world import Guild

MODERATOR = Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.MANAGE_CHANNELS | Permission.KICK_MEMBERS


@dataclass(slots=True, frozen=True, kw_only=True)
class SandboxWorld:
    """Handles of everything in it: Mira and Jo are members, Sam moderates, Robin is in no guild."""

    guild: Guild
    music: Room
    lounge: Room
    owner: Person
    mira: Person
    jo: Person
    sam: Person
    stranger: Person


def build_sandbox_world(discord: LoopbackDiscord) -> SandboxWorld:
    """Fill an empty loopback; call it before the bot connects, or the bot is told of it as it grows."""
    owner = discord.add_user("Olive")
    guild = discord.add_guild("Encore Sandbox", owner)
    moderator = discord.add_role(guild, "Moderator", MODERATOR, mentionable=True)
    mira, jo, sam, stranger = (discord.add_user(name) for name in ("Mira", "Jo", "Sam", "Robin"))
    for person, roles in ((mira, ()), (jo, ()), (sam, (moderator,))):
        discord.add_member(guild, person, *roles)
    return SandboxWorld(
        guild=guild,
        music=discord.add_channel(guild, "music"),
        lounge=discord.add_channel(guild, "lounge"),
        owner=owner,
        mira=mira,
        jo=jo,
        sam=sam,
        stranger=stranger,
    )
