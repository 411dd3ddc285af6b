"""What people are called: asked of Discord when a picture or a file needs it, and kept in memory alone."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable

import discord

from bot.discord_terms import translated
from bot.domain.actors import NOBODY, SOMEONE
from bot.errors import DiscordError
from bot.services.ports.outside import Clock

log = logging.getLogger(__name__)

MOST = 2000
"""Names in memory."""
TRUE_FOR = 3600.0
"""Seconds for which a name counts: whoever takes another one is called by it within the hour."""
ASK_WITHIN = 5.0
"""Seconds for asking: a picture does not wait for longer."""


class DiscordNames:
    """Fulfils `services.ports.outside.Names`."""

    def __init__(self, *, bot: discord.Client, clock: Clock) -> None:
        """Ask by this bot; nothing is known yet."""
        self._bot = bot
        self._clock = clock
        self._known: OrderedDict[int, tuple[str, float]] = OrderedDict()

    async def of(self, user_ids: Iterable[int]) -> dict[int, str]:
        """Tell the display name of each; SOMEONE for who belongs to nobody, is gone, or cannot be asked about in time."""
        wanted = set(user_ids)
        unknown = sorted(each for each in wanted if each != NOBODY and self._recall(each) is None)
        async with asyncio.TaskGroup() as group:
            for each in unknown:
                group.create_task(self._ask(each), name=f"name-of-{each}")
        return {each: self._recall(each) or SOMEONE for each in wanted}

    def _recall(self, user_id: int) -> str | None:
        name, until = self._known.get(user_id, ("", 0.0))
        return name if self._clock.monotonic() < until else None

    async def _ask(self, user_id: int) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                user = await translated(self._bot.fetch_user(user_id))
        except (DiscordError, TimeoutError) as error:
            log.info("the name of %d could not be read: %s", user_id, error or type(error).__name__)
            return
        self._known[user_id] = (user.display_name, self._clock.monotonic() + TRUE_FOR)
        self._known.move_to_end(user_id)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
