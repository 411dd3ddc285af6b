"""The places of sessions on Discord: threads that are opened and lost, messages that are deleted, people who leave."""

import logging
from collections.abc import Awaitable

import discord

from bot.discord_terms import translated
from bot.domain.sessions.model import Session
from bot.errors import CannotPost, DiscordUnavailable, RefusedByDiscord, ReplyGone
from bot.threads import open_thread
from bot.ui import session_notices

log = logging.getLogger(__name__)

_NOT_THERE = (CannotPost, ReplyGone, RefusedByDiscord)


class DiscordVenues:
    """Fulfils `services.ports.outside.Venues` with a bot's connection."""

    def __init__(self, *, bot: discord.Client) -> None:
        """Ask by this bot."""
        self._bot = bot

    async def open_thread(self, session: Session, message_id: int) -> int | None:
        """Open the session's thread under a message, or find it opened."""
        name = session_notices.thread_name(session)
        return await open_thread(self._bot, guild_id=session.guild_id, channel_id=session.channel_id, message_id=message_id, name=name)

    async def has_thread(self, place_id: int) -> bool:
        """Tell whether a thread is there, archived or not, for the bot to see."""
        return await _is_there(self._bot.fetch_channel(place_id))

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message is still there."""
        return await _is_there(self._bot.get_partial_messageable(channel_id).fetch_message(message_id))

    async def is_member(self, guild_id: int, user_id: int) -> bool:
        """Tell whether somebody is in a server; of a server that is not known (yet), nobody has left."""
        guild = self._bot.get_guild(guild_id)
        return guild is None or await _is_there(guild.fetch_member(user_id))

    async def tell_host(self, session: Session) -> None:
        """Tell a session's host by a direct message, or else where the session was started, that it is paused and why."""
        text = session_notices.told_host(session)
        nonce = f"{session.id}p{session.revision}"
        try:
            channel = await translated(self._bot.create_dm(discord.Object(session.host_id)))
            await translated(channel.send(text, nonce=nonce))
        except (CannotPost, RefusedByDiscord) as error:
            log.info("session %s: its host takes no direct messages (%s)", session.id, error)
            place = self._bot.get_partial_messageable(session.channel_id, guild_id=session.guild_id)
            allowed = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(session.host_id)])
            await translated(place.send(f"<@{session.host_id}> {text}", nonce=nonce, allowed_mentions=allowed))


async def _is_there(request: Awaitable[object]) -> bool:
    """Tell whether what is asked for is there. Raises DiscordUnavailable."""
    try:
        await translated(request)
    except DiscordUnavailable:
        raise
    except _NOT_THERE:
        return False
    return True
