"""Audio that the bot has posted, read back from its own messages."""

import discord

from bot.discord_terms import translated
from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.posts import Post
from bot.messages import is_audio_of


class DiscordPosted:
    """Fulfils `services.ports.outside.Posted`."""

    def __init__(self, *, bot: discord.Client) -> None:
        """Ask by this bot."""
        self._bot = bot

    async def audio(self, job: Job, clip: Clip, *, max_bytes: int) -> bytes | None:
        """Read a track's audio from the message of its job's result; None if there is none of at most so many bytes."""
        if job.result_id is None or (job.result_id == job.origin.reply_id and job.origin.reply_ephemeral):
            return None
        return await self._read(await self._channel_of(job), job.result_id, clip, max_bytes)

    async def audio_of_post(self, post: Post, clip: Clip, *, max_bytes: int) -> bytes | None:
        """Read it from a post that shows the track; the same."""
        return None if post.message_id is None else await self._read(post.channel_id, post.message_id, clip, max_bytes)

    async def _read(self, channel_id: int, message_id: int, clip: Clip, max_bytes: int) -> bytes | None:
        """Read it from a message, anew each time: the addresses of attachments expire.

        They are Discord's own, so no setting about foreign hosts applies to them.
        """
        message = await translated(self._bot.get_partial_messageable(channel_id).fetch_message(message_id))
        found = next((attached for attached in message.attachments if is_audio_of(attached, clip)), None)
        if found is None or found.size > max_bytes:
            return None
        return await translated(found.read())

    async def _channel_of(self, job: Job) -> int:
        if not job.result_direct:
            return job.result_place
        return (await translated(self._bot.create_dm(discord.Object(job.origin.user_id)))).id
