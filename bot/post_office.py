"""The way of posts into channels: sends, finds, edits and deletes them, and says in our terms what Discord answered."""

from datetime import UTC, datetime

import discord

from bot.discord_terms import translated
from bot.domain.posts import Content, Post, PublishedResult, SharedTrack
from bot.errors import CannotPost, DiscordUnavailable
from bot.messages import Messages, attached_or_linked, is_about
from bot.ui import cards, share_card

HISTORY = 1000
"""Messages since a post was made that are read, a hundred at a time; behind more than these it could be anywhere."""
SLACK = 60.0
"""Seconds by which Discord's clock, which a message's id is made by, may be behind ours."""


class DiscordPostOffice:
    """Fulfils `services.ports.outside.PostOffice` with a bot's connection."""

    def __init__(self, *, bot: discord.Client, messages: Messages) -> None:
        """Write by this bot."""
        self._bot = bot
        self._messages = messages

    async def post(self, post: Post, content: Content) -> int:
        """Post it, as a message that carries `post.nonce`; return the message's id."""
        channel = self._bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)

        async def send(*, attach: bool) -> int:
            card = self._card(post, content, attach=attach)
            return await self._messages.send(channel, card, nonce=post.nonce)

        return await attached_or_linked(send)

    async def find(self, post: Post) -> int | None:
        """Look, in its channel since it was made, for what an earlier run has posted. Raises CannotPost where that cannot be read.

        Without the permission to read history Discord answers with an empty list, not with a refusal: whoever sees nothing at all, and may
        not be sure to see, has not looked.
        """
        found, seen = await translated(self._look(post))
        if found is not None:
            return found
        if seen == HISTORY:
            raise CannotPost("the channel is too busy to be searched")
        if not seen and post.guild_id is not None and self._bot.get_guild(post.guild_id) is None:
            raise DiscordUnavailable("the server is not known yet")
        if not seen and not self._messages.reads_history(post.guild_id, post.channel_id):
            raise CannotPost("the channel's history cannot be read")
        return None

    async def _look(self, post: Post) -> tuple[int | None, int]:
        channel, seen = self._bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id), 0
        after = discord.Object(discord.utils.time_snowflake(datetime.fromtimestamp(post.created_at - SLACK, UTC)))
        async for message in channel.history(limit=HISTORY, after=after):
            seen += 1
            if is_about(message, post.id):
                return message.id, seen
        return None, seen

    async def edit(self, post: Post, content: Content) -> None:
        """Show it as it is now. Raises ReplyGone if somebody has deleted it."""
        message_id = post.message_id
        if message_id is None:
            return
        if isinstance(content, SharedTrack):
            # Votes come in bursts: the audio is not sent again for each.
            await self._messages.retouch(post.channel_id, message_id, self._card(post, content, attach=True))
            return

        async def send(*, attach: bool) -> int:
            return await self._messages.edit(post.channel_id, message_id, self._card(post, content, attach=attach))

        await attached_or_linked(send)

    async def delete(self, post: Post, message_id: int) -> None:
        """Delete its message; one that is gone already is done."""
        await self._messages.delete(post.channel_id, message_id)

    def _card(self, post: Post, content: Content, *, attach: bool) -> cards.Card:
        limit = self._messages.upload_limit(post.guild_id)
        if isinstance(content, PublishedResult):
            clips = self._messages.as_stored(content.clips)
            return cards.result(content.job, clips, upload_limit=limit, attach=attach, pings=False)
        (clip,) = self._messages.as_stored([content.clip])
        return share_card.share(post, content, clip, upload_limit=limit, attach=attach)
