"""The thread under a message: started once, found again, opened again, named anew.

Codes and rules: Discord's pages Threads, Channels Resource (Start Thread from Message), Opcodes and Status Codes.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from bot.discord_terms import translated
from bot.errors import CannotPost, RefusedByDiscord, ReplyGone

log = logging.getLogger(__name__)

T = TypeVar("T")

THREAD_EXISTS = 160004
ARCHIVED = 50083
"""JSON error codes of Discord."""
ARCHIVED_AFTER = 1440
"""Minutes of silence after which Discord folds the thread away; a new message opens it again."""


async def open_thread(bot: discord.Client, *, guild_id: int, channel_id: int, message_id: int, name: str) -> int | None:
    """Start the thread under a message, or find it started; return its id, which is the message's.

    None where there can be none: in a thread, in a channel of another kind, without the permissions. Raises DiscordUnavailable.
    """
    if not _may_be(bot.get_guild(guild_id), channel_id):
        return None
    try:
        await translated(_start(bot, channel_id, message_id, name))
    except (CannotPost, ReplyGone, RefusedByDiscord) as error:
        log.info("no thread under message %s (%s: %s)", message_id, type(error).__name__, error)
        return None
    return message_id


def _may_be(guild: discord.Guild | None, channel_id: int) -> bool:
    """Tell whether it is worth a request: just after a start the guild is not known yet, and Discord is asked."""
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if guild is None or channel is None:
        return True
    rights = channel.permissions_for(guild.me)
    return isinstance(channel, discord.TextChannel) and rights.create_public_threads and rights.send_messages_in_threads


async def _start(bot: discord.Client, channel_id: int, message_id: int, name: str) -> None:
    # Not PartialMessage.create_thread: that needs the guild to be known.
    try:
        await bot.http.start_thread_with_message(channel_id, message_id, name=name, auto_archive_duration=ARCHIVED_AFTER)
    except discord.HTTPException as error:
        if error.code != THREAD_EXISTS:
            raise


async def in_open_thread(bot: discord.Client, channel_id: int, act: Callable[[], Awaitable[T]]) -> T:
    """Change a message in `channel_id`, once more after opening that where it is an archived thread. Raises discord.HTTPException."""
    try:
        return await act()
    except discord.HTTPException as error:
        if error.code != ARCHIVED:
            raise
    thread = await bot.fetch_channel(channel_id)
    if isinstance(thread, discord.Thread):
        await thread.edit(archived=False)
    return await act()


async def rename_own_thread(bot: discord.Client, thread_id: int, name: str) -> None:
    """Give a thread that the bot has started another name, which also opens it; others keep theirs. Raises DiscordUnavailable."""
    try:
        thread = await translated(bot.fetch_channel(thread_id))
        if isinstance(thread, discord.Thread) and bot.user is not None and thread.owner_id == bot.user.id and thread.name != name:
            await translated(thread.edit(name=name, archived=False))
    except (CannotPost, ReplyGone, RefusedByDiscord) as error:
        log.info("thread %s keeps its name (%s: %s)", thread_id, type(error).__name__, error)
