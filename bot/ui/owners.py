"""Who operates the bot: the application's owner, or those of its team who may."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord

log = logging.getLogger(__name__)

TRUE_FOR = 60.0
"""Seconds for which the answer counts: whoever leaves the team can use nothing any more a minute later."""
ASK_WITHIN = 1.0
"""Seconds for asking; an interaction has 3 for its first answer (Receiving and Responding)."""
ROLES = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
"""Roles in a team that may act on an application; read-only may not (Teams: Team Member Roles)."""


class Owners:
    """Knows them from the login on, and asks Discord anew when somebody wants to act as one."""

    def __init__(self, ask: Callable[[], Awaitable[discord.AppInfo]], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`ask` reads the application; until it has, or `learn` was told, nobody is an owner."""
        self._ask = ask
        self._monotonic = monotonic
        self._ids: frozenset[int] = frozenset()
        self.name = ""
        """What the owner, or the team, is called; foreign text."""
        self._asked_at: float | None = None

    def learn(self, application: discord.AppInfo) -> None:
        """Take note of who they are now."""
        self._asked_at = self._monotonic()
        self._ids = operators_of(application)
        self.name = application.owner.name if application.team is None else application.team.name

    async def include(self, user_id: int) -> bool:
        """Tell whether this person is one; where Discord does not answer, what was known last counts."""
        if self._asked_at is None or self._monotonic() >= self._asked_at + TRUE_FOR:
            self._asked_at = self._monotonic()
            try:
                async with asyncio.timeout(ASK_WITHIN):
                    self.learn(await self._ask())
            except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
                log.warning("who operates the bot could not be read anew: %s", error or type(error).__name__)
        return user_id in self._ids


def operators_of(application: discord.AppInfo) -> frozenset[int]:
    """List who may operate an application: a team's own account is nobody, so in a team its members do."""
    team = application.team
    if team is None:
        return frozenset({application.owner.id})
    joined = (member for member in team.members if member.membership_state is discord.TeamMembershipState.accepted)
    members = {member.id for member in joined if member.role in ROLES or member.id == team.owner_id}
    return frozenset(members)
