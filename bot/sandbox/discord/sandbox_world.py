"""The ready-made world: one guild, three channels, its owner, three members, a stranger, and whoever runs the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.discord.people import Person
from bot.sandbox.discord.permissions import NONE, Permission

if TYPE_CHECKING:
    from bot.sandbox.discord.loopback import LoopbackDiscord
    from bot.sandbox.discord.rooms import Room
    from bot.sandbox.discord.world import Guild, Role

MODERATOR = Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.MANAGE_CHANNELS | Permission.KICK_MEMBERS


@dataclass(slots=True, frozen=True, kw_only=True)
class SandboxWorld:
    """Handles of everything in it: Mira is a musician, Jo a member, Sam moderates, Olive owns the server, Robin is in no guild.

    Pat is the application's owner, and a member like others.
    """

    guild: Guild
    music: Room
    lounge: Room
    off_topic: Room
    musicians: Role
    owner: Person
    operator: Person
    mira: Person
    jo: Person
    sam: Person
    stranger: Person


def build_sandbox_world(discord: LoopbackDiscord) -> SandboxWorld:
    """Fill an empty loopback; call it before the bot connects, or the bot is told of it as it grows."""
    owner = discord.add_user("Olive")
    guild = discord.add_guild("Encore Sandbox", owner)
    moderator = discord.add_role(guild, "Moderator", MODERATOR, mentionable=True)
    musicians = discord.add_role(guild, "Musicians", NONE, mentionable=True)
    operator = Person(discord.core, discord.application.owner)
    mira, jo, sam, stranger = (discord.add_user(name) for name in ("Mira", "Jo", "Sam", "Robin"))
    for person, roles in ((mira, (musicians,)), (jo, ()), (sam, (moderator, musicians)), (operator, ())):
        discord.add_member(guild, person, *roles)
    return SandboxWorld(
        guild=guild,
        music=discord.add_channel(guild, "music"),
        lounge=discord.add_channel(guild, "lounge"),
        off_topic=discord.add_channel(guild, "off-topic"),
        musicians=musicians,
        owner=owner,
        operator=operator,
        mira=mira,
        jo=jo,
        sam=sam,
        stranger=stranger,
    )
