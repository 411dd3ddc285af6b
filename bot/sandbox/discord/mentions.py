"""Who a message mentions, and who is notified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import JsonObject, Message, User

if TYPE_CHECKING:
    from bot.sandbox.discord.world import Channel, World

USER = re.compile(r"<@!?(\d{15,20})>")
ROLE = re.compile(r"<@&(\d{15,20})>")


@dataclass(slots=True, frozen=True)
class Mentions:
    """What allowed_mentions lets through."""

    users: list[User]
    roles: list[int]
    everyone: bool


@dataclass(slots=True, frozen=True)
class _Allowed:
    """The allowed_mentions of a body; without any, everything is parsed."""

    body: JsonObject | None

    def kind(self, kind: str) -> bool:
        return self.body is None or kind in (self.body.get("parse") or [])

    def one(self, kind: str, snowflake: int) -> bool:
        listed = cast("list[object]", (self.body or {}).get(kind) or [])
        return self.kind(kind) or str(snowflake) in map(str, listed)

    @property
    def replied_user(self) -> bool:
        return self.body is None or bool(self.body.get("replied_user", False))


def resolve(world: World, channel: Channel, message: Message, allowed_mentions: object) -> Mentions:
    """Find the mentions in a message's content and text displays that `allowed_mentions` lets through."""
    allowed = _Allowed(cast("JsonObject", allowed_mentions) if isinstance(allowed_mentions, dict) else None)
    text = "\n".join(
        [message.content, *(str(c.get("content")) for c in walk(message.components) if c.get("type") == Component.TEXT_DISPLAY)]
    )
    named = dict.fromkeys(map(int, USER.findall(text)))
    users = [world.users[snowflake] for snowflake in named if snowflake in world.users and allowed.one("users", snowflake)]
    if message.reference is not None and allowed.replied_user and message.reference.author not in users:
        users.append(message.reference.author)
    guild = world.guild_of(channel)
    roles = (
        [] if guild is None else [r for r in dict.fromkeys(map(int, ROLE.findall(text))) if r in guild.roles and allowed.one("roles", r)]
    )
    may = Permission.MENTION_EVERYONE in world.permissions_of(message.author, channel)
    everyone = may and allowed.kind("everyone") and ("@everyone" in text or "@here" in text)
    return Mentions(users, roles, everyone)


def notified(world: World, channel: Channel, author: User, mentions: Mentions) -> frozenset[int]:
    """Return the ids of the people whom these mentions notify: those who can see the channel, not the author, no bots."""
    guild = world.guild_of(channel)
    people = {user.id for user in mentions.users}
    if guild is None:
        people |= {user.id for user in channel.recipients}
    else:
        may = Permission.MENTION_EVERYONE in world.permissions_of(author, channel)
        called = {role_id for role_id in mentions.roles if may or guild.roles[role_id].mentionable}
        people |= {member.user.id for member in guild.members.values() if mentions.everyone or called & member.role_ids}
    return frozenset(
        snowflake
        for snowflake in people - {author.id}
        if not world.users[snowflake].bot and Permission.VIEW_CHANNEL in world.permissions_of(world.users[snowflake], channel)
    )
