"""Messages of ours in channels: sent once by their nonce, edited and deleted wherever they are, found again by their buttons."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

import discord

from bot.discord_terms import translated
from bot.domain.clips import Clip
from bot.errors import CannotPost, TooLargeForDiscord
from bot.threads import in_open_thread
from bot.ui import ids
from bot.ui.cards import Card
from bot.ui.sending import drawn_of, files_of, mentions_of, view_of

log = logging.getLogger(__name__)

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes a file where no boost raises it (Uploading Files)."""


class Messages:
    """What whoever writes into channels has in common. What asks Discord raises DiscordError."""

    def __init__(self, *, bot: discord.Client, media_path: Callable[[str], Path]) -> None:
        """Write by this bot; `media_path` finds a file of the archive."""
        self._bot = bot
        self._media_path = media_path

    async def send(
        self, channel: discord.abc.Messageable, card: Card, *, nonce: str, reference: discord.MessageReference | None = None
    ) -> int:
        """Send a card; return the message's id, which for a nonce that Discord knows is the earlier message's."""
        message = await translated(
            channel.send(
                content=card.content,
                embeds=list(card.embeds),
                files=self._files(card),
                view=cast("discord.ui.View", view_of(card)),
                nonce=nonce,
                allowed_mentions=mentions_of(card),
                reference=cast("discord.MessageReference", reference),
                silent=card.silent,
            )
        )
        return message.id

    async def edit(self, channel_id: int, message_id: int, card: Card, *, clips: Sequence[Clip] = ()) -> int:
        """Show a card in a message of ours; return its id.

        Of those of the `clips` whose audio is not here, the message keeps what it has: that may be the last copy there is.
        """
        message = self._bot.get_partial_messageable(channel_id).get_partial_message(message_id)
        missing = [clip for clip in self.as_stored(clips) if clip.audio_name is None]
        kept = await _audio_in(message, missing) if missing else []

        async def edit() -> None:
            await message.edit(
                content=card.content or None,
                embeds=list(card.embeds),
                view=view_of(card),
                attachments=[*kept, *self._files(card)],
                allowed_mentions=mentions_of(card),
            )

        await translated(in_open_thread(self._bot, channel_id, edit))
        return message_id

    async def retouch(self, channel_id: int, message_id: int, card: Card) -> None:
        """Show a card's text and controls in a message of ours, and leave its files as they are.

        An edit that does not speak of attachments keeps them (Edit Message), but it replaces all embeds or none: they are left alone where
        one refers to a file, which no edit without files can bring.
        """
        message = self._bot.get_partial_messageable(channel_id).get_partial_message(message_id)
        embeds = discord.utils.MISSING if any(map(_refers_to_files, card.embeds)) else list(card.embeds)

        async def edit() -> None:
            await message.edit(content=card.content or None, embeds=embeds, view=view_of(card), allowed_mentions=mentions_of(card))

        await translated(in_open_thread(self._bot, channel_id, edit))

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is done."""
        message = self._bot.get_partial_messageable(channel_id).get_partial_message(message_id)

        async def delete() -> None:
            try:
                await message.delete()
            except discord.NotFound as error:
                log.info("message %d was gone already (%s)", message_id, error)

        await translated(in_open_thread(self._bot, channel_id, delete))

    def _files(self, card: Card) -> list[discord.File]:
        return [*files_of(card, self._media_path), *drawn_of(card)]

    def as_stored(self, clips: Sequence[Clip]) -> list[Clip]:
        """Take out what the archive has let go of in the meantime."""
        return [
            replace(
                clip,
                audio_name=clip.audio_name if clip.audio_name and self.is_stored(clip.audio_name) else None,
                image_name=clip.image_name if clip.image_name and self.is_stored(clip.image_name) else None,
            )
            for clip in clips
        ]

    def is_stored(self, name: str) -> bool:
        """Tell whether the archive still has a file."""
        return self._media_path(name).exists()

    def upload_limit(self, guild_id: int | None) -> int:
        """Tell how many bytes a file may have there."""
        guild = self._bot.get_guild(guild_id) if guild_id else None
        return guild.filesize_limit if guild else DEFAULT_UPLOAD_LIMIT

    def reads_history(self, guild_id: int | None, channel_id: int) -> bool:
        """Tell whether the bot is sure to see what was posted in a channel; not where it does not know the server (yet)."""
        guild = self._bot.get_guild(guild_id) if guild_id else None
        if guild is None:
            return guild_id is None
        channel = guild.get_channel_or_thread(channel_id)
        return channel is not None and channel.permissions_for(guild.me).read_message_history


def _refers_to_files(embed: discord.Embed) -> bool:
    return any(str(picture.url or "").startswith("attachment://") for picture in (embed.image, embed.thumbnail))


async def _audio_in(message: discord.PartialMessage, clips: Sequence[Clip]) -> list[discord.Attachment]:
    """List what a message has of tracks; nothing where it cannot be read."""
    try:
        there = (await translated(message.fetch())).attachments
    except CannotPost as error:
        log.info("what message %d has cannot be read (%s)", message.id, error)
        return []
    return [attached for attached in there if any(is_audio_of(attached, clip) for clip in clips)]


def is_audio_of(attached: discord.Attachment, clip: Clip) -> bool:
    """Recognise a track's audio by the end of its name (`ui/cards.py`), in which Discord replaces spaces."""
    return re.search(rf"-[ _]{re.escape(clip.variant)}\.(?!jpg$)\w+$", attached.filename) is not None


def is_about(message: discord.Message, mark: str) -> bool:
    """Tell whether one of a message's buttons is about the job or the post with this id."""
    components = [child for row in message.components if isinstance(row, discord.ActionRow) for child in row.children]
    custom_ids = [child.custom_id for child in components if isinstance(child, discord.Button) and child.custom_id]
    return any(ids.mentions_job(custom_id, mark) for custom_id in custom_ids)


class _Send(Protocol):
    async def __call__(self, *, attach: bool) -> int: ...


async def attached_or_linked(send: _Send) -> int:
    """Send with the audio attached; with links where Discord finds that too large."""
    try:
        return await send(attach=True)
    except TooLargeForDiscord as error:
        log.info("a message goes out with links: %s", error)
    return await send(attach=False)
