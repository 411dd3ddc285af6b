"""The moderation log: one line in the server's log channel for each change."""

import logging

from bot.errors import DiscordError, StoreUnavailable
from bot.services.ports.outside import Notes
from bot.services.ports.servers import Guilds

log = logging.getLogger(__name__)


class Journal:
    """Fulfils the Journal port; the bot's own log has every line too, whatever becomes of the channel."""

    def __init__(self, *, guilds: Guilds, notes: Notes) -> None:
        """`guilds` knows the log channel of each server, `notes` is the way into it."""
        self._guilds = guilds
        self._notes = notes

    async def note(self, guild_id: int, text: str, *, formerly_in: int | None = None) -> None:
        """Post one line to the server's log channel, if it has one; a failure is logged and does no harm.

        The channel that was the log's until now hears of it too: nobody takes the log away unnoticed.
        """
        log.info("server %d: %s", guild_id, text)
        try:
            now_in = (await self._guilds.of(guild_id)).log_channel
        except StoreUnavailable as error:
            log.warning("server %d: its log channel could not be looked up: %s", guild_id, error)
            return
        for channel_id in dict.fromkeys((now_in, formerly_in)):
            if channel_id is not None:
                await self._post(guild_id, channel_id, text)

    async def _post(self, guild_id: int, channel_id: int, text: str) -> None:
        try:
            await self._notes.post_note(channel_id, text)
        except DiscordError as error:
            log.warning("server %d: its log channel %d could not be written to: %r", guild_id, channel_id, error)
