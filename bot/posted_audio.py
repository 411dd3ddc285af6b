"""Audio that the bot has posted, read back from its own messages."""

import re

import discord

from bot.discord_terms import translated
from bot.domain.clips import Clip
from bot.domain.jobs import Job


class DiscordPosted:
    """Fulfils `services.ports.outside.Posted`."""

    def __init__(self, *, bot: discord.Client) -> None:
        """Ask by this bot."""
        self._bot = bot

    async def audio(self, job: Job, clip: Clip, *, max_bytes: int) -> bytes | None:
        """Read a track's audio from the message of its job's result; None if there is none of at most so many bytes.

        The message is always read anew: the addresses of attachments expire. They are Discord's own, so no setting about foreign
        hosts applies to them.
        """
        if job.result_id is None or (job.result_id == job.origin.reply_id and job.origin.reply_ephemeral):
            return None
        channel = self._bot.get_partial_messageable(await self._channel_of(job))
        message = await translated(channel.fetch_message(job.result_id))
        found = next((attached for attached in message.attachments if _is_of(attached, clip)), None)
        if found is None or found.size > max_bytes:
            return None
        return await translated(found.read())

    async def _channel_of(self, job: Job) -> int:
        if not job.result_direct:
            return job.result_place
        return (await translated(self._bot.create_dm(discord.Object(job.origin.user_id)))).id


def _is_of(attached: discord.Attachment, clip: Clip) -> bool:
    """Recognise a track's audio by the end of its name (`ui/cards.py`), in which Discord replaces spaces."""
    return re.search(rf"-[ _]{re.escape(clip.variant)}\.(?!jpg$)\w+$", attached.filename) is not None
