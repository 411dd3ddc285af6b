"""Whether somebody may do something here: the rules of the operator and of the server, in one place for every way in."""

from dataclasses import dataclass
from enum import Enum

from bot.domain.actors import Actor, Arrival
from bot.domain.guild_settings import GuildSettings
from bot.errors import (
    AppElsewhere,
    Blocked,
    DirectMessagesOff,
    MayNotHost,
    MayNotManage,
    MayNotSpend,
    ServerNotAllowed,
    TooNew,
    WrongChannel,
)


class Act(Enum):
    """What somebody is about to do, as far as the rules tell acts apart."""

    LOOK = "look"
    """Whatever spends nothing: lists, buttons that show, autocomplete."""
    SPEND = "spend"
    """Whatever leads to a submit."""
    HOST = "host"
    """Starting a session."""
    MANAGE = "manage"
    """Settings and moderation, which must work wherever they are needed."""
    WITHDRAW = "withdraw"
    """Taking back what one has asked for, which spends nothing and may save: no rule forbids it."""
    OPERATE = "operate"
    """What only the operator may do, wherever they are: ownership decides, and no other rule."""


EVERYWHERE = 0
"""In place of a server's id: a block by the operator, which holds in all of them."""
UNRULED = frozenset((Act.OPERATE, Act.WITHDRAW))
"""Acts that no rule of the operator's or the server's forbids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRules:
    """What the operator has set for every server. `membership` is in seconds."""

    servers: frozenset[int] = frozenset()
    """Servers in which the bot works; empty: all."""
    direct_messages: bool = False
    user_install: bool = False
    membership: float = 0.0
    """So long a person must have been on the server before they may spend."""


def managed_by(actor: Actor) -> int:
    """Tell which server's settings somebody may see and change. Raises MayNotManage for whoever lacks Manage Server."""
    if actor.guild_id is None or not actor.manager:
        raise MayNotManage
    return actor.guild_id


def admit(
    actor: Actor,
    act: Act,
    *,
    rules: OperatorRules,
    guild: GuildSettings | None,
    gone: frozenset[int] = frozenset(),
    blocked: bool,
    now: float,
) -> None:
    """Let the act pass; `gone` are the roles and channels that no longer exist. Raises NotAdmitted, which says which rule forbids it.

    A rule whose role or channels are gone holds on: it would be for nobody to say that now everybody may.
    """
    if act in UNRULED:
        return
    _check_place(actor, rules)
    if act is Act.MANAGE:
        return
    if blocked:
        raise Blocked
    if guild is None:
        return
    if guild.channels and actor.channel_id not in guild.channels and actor.parent_id not in guild.channels:
        raise WrongChannel([channel for channel in guild.channels if channel not in gone])
    if act in (Act.SPEND, Act.HOST):
        _check_spender(actor, rules, guild, gone, now)
    if act is Act.HOST and guild.host_role is not None and guild.host_role not in actor.role_ids and not actor.moderator:
        raise MayNotHost(None if guild.host_role in gone else guild.host_role)


def _check_place(actor: Actor, rules: OperatorRules) -> None:
    if actor.arrival is Arrival.USER_INSTALL and not rules.user_install:
        raise AppElsewhere
    if actor.arrival is Arrival.DIRECT and not rules.direct_messages:
        raise DirectMessagesOff
    if actor.arrival is Arrival.SERVER and rules.servers and actor.guild_id not in rules.servers:
        raise ServerNotAllowed


def _check_spender(actor: Actor, rules: OperatorRules, guild: GuildSettings, gone: frozenset[int], now: float) -> None:
    role = guild.spender_role
    if role in gone:
        if not actor.manager:
            raise MayNotSpend(None)
    elif role is not None and role not in actor.role_ids:
        raise MayNotSpend(role)
    if rules.membership and actor.joined_at is not None and (since := actor.joined_at + rules.membership) > now:
        raise TooNew(since)
