"""The way of posts into channels: sends, finds, edits and deletes them, and says in our terms what Discord answered."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import discord

from bot.discord_terms import translated
from bot.domain.clips import Clip
from bot.domain.posts import Content, Post, PublishedResult, RoundShown, SessionBegun, SessionContent, SessionRecap, SharedTrack
from bot.errors import CannotPost, DiscordUnavailable
from bot.messages import Messages, attached_or_linked, is_about
from bot.ui import cards, recap_card, round_card, session_card, share_card

HISTORY = 1000
"""Messages since a post was made that are read, a hundred at a time; behind more than these it could be anywhere."""
REMEMBERED = 1000
"""Messages of sessions whose files are known: more than change at a time."""
SLACK = 60.0
"""Seconds by which Discord's clock, which a message's id is made by, may be behind ours."""


@dataclass(frozen=True, slots=True)
class _Files:
    """Which files a message of a session was to show when they were last sent, and whether audio was attached or linked then."""

    wanted: tuple[str, ...]
    attach: bool


class DiscordPostOffice:
    """Fulfils `services.ports.outside.PostOffice` with a bot's connection."""

    def __init__(self, *, bot: discord.Client, messages: Messages) -> None:
        """Write by this bot."""
        self._bot = bot
        self._messages = messages
        self._files: dict[str, _Files] = {}
        """By post, of the newest ones of sessions: what is not known (any more) is sent anew."""

    async def post(self, post: Post, content: Content) -> int:
        """Post it, as a message that carries `post.nonce`; return the message's id."""
        channel = self._bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)

        async def send(*, attach: bool) -> int:
            card = self._card(post, content, attach=attach)
            message_id = await self._messages.send(channel, card, nonce=post.nonce)
            self._sent(post, content, attach=attach)
            return message_id

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
        there = self._files.get(post.id)
        if there is not None and there.wanted == self._wanted(post, content):
            await self._messages.retouch(post.channel_id, message_id, self._card(post, content, attach=there.attach))
            self._sent(post, content, attach=there.attach)
            return

        async def send(*, attach: bool) -> int:
            await self._messages.edit(post.channel_id, message_id, self._card(post, content, attach=attach), clips=_clips_of(content))
            self._sent(post, content, attach=attach)
            return message_id

        await attached_or_linked(send)

    async def delete(self, post: Post, message_id: int) -> None:
        """Delete its message; one that is gone already is done."""
        self._files.pop(post.id, None)
        await self._messages.delete(post.channel_id, message_id)

    def _sent(self, post: Post, content: Content, *, attach: bool) -> None:
        """Remember what a message shows now."""
        if not isinstance(content, SessionContent):
            return
        self._files[post.id] = _Files(self._wanted(post, content), attach)
        while len(self._files) > REMEMBERED:
            del self._files[next(iter(self._files))]

    def _wanted(self, post: Post, content: Content) -> tuple[str, ...]:
        card = self._card(post, content, attach=True)
        drawn = (hashlib.sha256(picture.png).hexdigest() for picture in card.pictures)
        return (*(attachment.stored for attachment in card.attachments), *drawn)

    def _card(self, post: Post, content: Content, *, attach: bool) -> cards.Card:
        limit = self._messages.upload_limit(post.guild_id)
        match content:
            case PublishedResult():
                clips = self._messages.as_stored(content.clips)
                return cards.result(content.job, clips, upload_limit=limit, attach=attach, pings=False)
            case SharedTrack():
                (clip,) = self._messages.as_stored([content.clip])
                return share_card.share(post, content, clip, upload_limit=limit, attach=attach)
            case SessionBegun():
                return session_card.begun(post, content)
            case RoundShown():
                takes = tuple(self._messages.as_stored(content.takes))
                there = replace(content, source=self._stored(content.source), takes=takes)
                return round_card.card(post, there, upload_limit=limit, attach=attach)
            case SessionRecap():
                whole = content.whole if content.whole is not None and self._messages.is_stored(content.whole.name) else None
                there = replace(content, best=self._stored(content.best), whole=whole)
                return recap_card.card(post, there, upload_limit=limit, attach=attach)

    def _stored(self, clip: Clip | None) -> Clip | None:
        stored: Sequence[Clip] = self._messages.as_stored([] if clip is None else [clip])
        return next(iter(stored), None)


def _clips_of(content: Content) -> Sequence[Clip]:
    """List the tracks whose audio a message has under their own names."""
    match content:
        case PublishedResult():
            return content.clips
        case RoundShown():
            return content.takes
        case _:
            return ()
