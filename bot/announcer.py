"""The way to people through Discord: edits replies, posts results, and says in our terms what Discord answered.

Endpoints and codes: Discord's pages Receiving and Responding, Message Resource, Opcodes and Status Codes.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import aiohttp
import discord

from bot.discord_terms import translated
from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.standing import Standing
from bot.errors import CannotPost, DiscordUnavailable, RefusedByDiscord, TokenExpired
from bot.messages import DEFAULT_UPLOAD_LIMIT, Messages, attached_or_linked, is_about
from bot.services.ports.outside import Clock
from bot.threads import open_thread, rename_own_thread
from bot.ui import cards, words
from bot.ui.sending import files_of, mentions_of, view_of

log = logging.getLogger(__name__)

ORIGINAL = "@original"
HISTORY = 1000
"""Messages after a reply that are read, a hundred at a time, for a result of ours; behind more than these it could be anywhere."""
DM_HISTORY = 100


class DiscordAnnouncer:
    """Fulfils the Announcer port with a bot's connection."""

    def __init__(
        self, *, bot: discord.Client, session: aiohttp.ClientSession, api_url: str, media_path: Callable[[str], Path], clock: Clock
    ) -> None:
        """`session` is for the one request that must not be repeated; `media_path` finds a file of the archive."""
        self._bot = bot
        self._session = session
        self._api_url = api_url.rstrip("/")
        self._media_path = media_path
        self._clock = clock
        self._messages = Messages(bot=bot, media_path=media_path)

    # The reply.

    async def show_reply(self, job: Job, standing: Standing) -> None:
        """Edit the reply so that it shows the job as it is."""
        await self._edit_reply(job, cards.reply(job, standing))

    async def result_into_reply(self, job: Job, clips: Sequence[Clip]) -> int:
        """Edit the tracks into the reply; return the message's id."""

        async def send(*, attach: bool) -> int:
            card = cards.result(job, self._messages.as_stored(clips), upload_limit=job.origin.upload_limit, attach=attach, mention=False)
            return await self._edit_reply(job, card)

        return await attached_or_linked(send)

    async def _edit_reply(self, job: Job, card: cards.Card) -> int:
        """Edit through the interaction's token while it lives, then as the bot's own message, which an ephemeral one is not."""
        if self._token_lives(job):
            try:
                return await self._edit_by_token(job, card)
            except TokenExpired:
                log.info("job %s: its interaction's token is used up", job.id)
        if job.origin.reply_ephemeral or job.origin.reply_id is None:
            msg = "the token has expired, and an ephemeral reply has no other address"
            raise TokenExpired(msg)
        return await self._messages.edit(job.origin.channel_id, job.origin.reply_id, card)

    def _token_lives(self, job: Job) -> bool:
        return job.origin.reply_token is not None and self._clock.now() < job.origin.token_expires_at

    async def _edit_by_token(self, job: Job, card: cards.Card) -> int:
        webhook = discord.Webhook.partial(self._bot.application_id or 0, job.origin.reply_token or "", client=self._bot)
        # The reply is named by its alias, not by its id: the id is unknown where Discord's answer to the defer was lost.
        message = await translated(
            webhook.edit_message(
                cast("int", ORIGINAL),
                content=card.content or None,
                embeds=list(card.embeds),
                view=view_of(card),
                attachments=files_of(card, self._media_path),
                allowed_mentions=mentions_of(card),
            )
        )
        return message.id

    async def post_note(self, channel_id: int, text: str) -> None:
        """Post a line into a server's log channel; it pings nobody."""
        await translated(self._bot.get_partial_messageable(channel_id).send(text, allowed_mentions=discord.AllowedMentions.none()))

    async def ping(self, job: Job) -> None:
        """Mention the person below the reply."""
        user_id = job.origin.user_id
        await self._follow_up_once(job, f"<@{user_id}>", ephemeral=job.origin.reply_ephemeral, pings=(user_id,))

    async def explain_privately(self, job: Job) -> None:
        """Tell only the person why the provider's moderation refused."""
        await self._follow_up_once(job, words.moderation(job), ephemeral=True)

    async def _follow_up_once(self, job: Job, content: str, *, ephemeral: bool, pings: Sequence[int] = ()) -> None:
        """Send a follow-up in one request that nothing repeats: follow-ups know no nonce."""
        if not self._token_lives(job):
            msg = "the token has expired"
            raise TokenExpired(msg)
        url = f"{self._api_url}/webhooks/{self._bot.application_id}/{job.origin.reply_token}"
        body = {
            "content": content,
            "allowed_mentions": {"parse": [], "users": [str(user_id) for user_id in pings]},
            "flags": discord.MessageFlags(ephemeral=ephemeral).value,
        }
        try:
            headers = {"User-Agent": self._bot.http.user_agent}
            async with self._session.post(url, json=body, headers=headers, timeout=aiohttp.ClientTimeout(total=10)) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            # The error's text would hold the URL, and with it the token.
            msg = type(error).__name__
            raise DiscordUnavailable(msg) from None
        if status >= 400:  # noqa: PLR2004 - the HTTP boundary of failure
            msg = f"HTTP {status}"
            raise RefusedByDiscord(msg)

    # The result.

    async def open_thread(self, job: Job, clips: Sequence[Clip]) -> int | None:
        """Start a thread under the reply for the job's result, or find it started; return its id, None where there can be none."""
        origin = job.origin
        if origin.guild_id is None or origin.reply_id is None:
            return None
        name = cards.thread_name(job, clips)
        return await open_thread(self._bot, guild_id=origin.guild_id, channel_id=origin.channel_id, message_id=origin.reply_id, name=name)

    def known_thread(self, job: Job) -> int | None:
        """Tell, without a request, the id of the thread under the reply, if there is one."""
        guild = self._bot.get_guild(job.origin.guild_id) if job.origin.guild_id else None
        thread = guild.get_thread(job.origin.reply_id) if guild and job.origin.reply_id else None
        return thread.id if thread else None

    async def post_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> int:
        """Post the tracks where they belong, as a message that carries the job's id as nonce; return the message's id."""
        channel = self._bot.get_partial_messageable(job.result_place, guild_id=job.origin.guild_id)

        async def send(*, attach: bool) -> int:
            card = cards.result(
                job,
                self._messages.as_stored(clips),
                upload_limit=self._messages.upload_limit(job.origin.guild_id),
                attach=attach,
                pings=pings,
            )
            return await self._messages.send(channel, card, nonce=job.id, reference=_reference(job))

        return await attached_or_linked(send)

    async def find_result(self, job: Job) -> int | None:
        """Look behind the reply, or in the thread under it, for a result that an earlier run has posted.

        Without the permission to read history Discord answers with an empty list, not with a refusal. So the look begins at
        the reply itself: whoever sees nothing at all, and may not be sure to see, has not looked. A result to which the reply points
        was posted, even if it is not there any more: whoever deleted it does not want it again.
        """
        channel = self._bot.get_partial_messageable(job.result_place, guild_id=job.origin.guild_id)
        first = job.origin.reply_id or job.origin.interaction_id
        found, seen = await self._look(channel, job, limit=HISTORY, after=discord.Object(first - 1))
        if found is None and seen == HISTORY:
            raise CannotPost("the channel is too busy to be searched")
        if not seen and not self._messages.reads_history(job.origin.guild_id, job.origin.channel_id):
            raise CannotPost("the channel's history cannot be read")
        return found

    async def _look(
        self, channel: discord.abc.Messageable, job: Job, *, limit: int, after: discord.Object | None = None
    ) -> tuple[int | None, int]:
        """Look for the job's result; tell also how many messages there were to see."""

        async def read() -> tuple[int | None, int]:
            seen, pointed = 0, None
            async for message in channel.history(limit=limit, after=after):
                seen += 1
                if message.id == job.origin.reply_id:
                    pointed = cards.pointed_to(message)
                elif is_about(message, job.id):
                    return message.id, seen
            return pointed, seen

        return await translated(read())

    async def _direct_channel(self, job: Job) -> discord.DMChannel:
        return await translated(self._bot.create_dm(discord.Object(job.origin.user_id)))

    async def update_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> None:
        """Edit the posted result: a late sibling has arrived."""
        if job.result_id is None:
            return
        if job.result_id == job.origin.reply_id:
            await self.result_into_reply(job, clips)
            return
        result_id = job.result_id
        channel_id = (await self._direct_channel(job)).id if job.result_direct else job.result_place
        mention = not job.result_direct

        async def send(*, attach: bool) -> int:
            card = cards.result(
                job,
                self._messages.as_stored(clips),
                upload_limit=self._messages.upload_limit(job.origin.guild_id),
                attach=attach,
                mention=mention,
                pings=pings,
            )
            return await self._messages.edit(channel_id, result_id, card, clips=clips)

        await attached_or_linked(send)

    async def take_down(self, job: Job) -> None:
        """Delete the message that shows the tracks, unless that is the reply, and take their name off our thread; what is gone is done."""
        await self._delete_result(job)
        thread_id = job.origin.reply_id if job.result_place == job.origin.reply_id else self.known_thread(job)
        if thread_id is not None:
            await rename_own_thread(self._bot, thread_id, cards.REMOVED_THREAD)

    async def _delete_result(self, job: Job) -> None:
        if job.result_id is None or job.result_id == job.origin.reply_id:
            return
        channel_id = (await self._direct_channel(job)).id if job.result_direct else job.result_place
        await self._messages.delete(channel_id, job.result_id)

    async def send_privately(self, job: Job, clips: Sequence[Clip]) -> int:
        """Send the tracks as a direct message, unless an earlier run has; return the message's id."""
        channel = await self._direct_channel(job)
        found, _ = await self._look(channel, job, limit=DM_HISTORY)
        if found is not None:
            return found

        async def send(*, attach: bool) -> int:
            card = cards.result(job, self._messages.as_stored(clips), upload_limit=DEFAULT_UPLOAD_LIMIT, attach=attach, mention=False)
            return await self._messages.send(channel, card, nonce=job.id)

        return await attached_or_linked(send)


def _reference(job: Job) -> discord.MessageReference | None:
    if job.origin.reply_id is None or job.result_place != job.origin.channel_id:
        return None
    return discord.MessageReference(
        message_id=job.origin.reply_id, channel_id=job.origin.channel_id, guild_id=job.origin.guild_id, fail_if_not_exists=False
    )
