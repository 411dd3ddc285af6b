"""The way to whoever has to mend a lane: the operator for MUSIC_API_KEY, a server's log channel for its own key."""

import logging

import discord

from bot.discord_terms import translated
from bot.domain.standing import LaneCondition
from bot.errors import CannotPost, RefusedByDiscord
from bot.services.ports.servers import Journal
from bot.ui import key_words, words

log = logging.getLogger(__name__)


class OperatorLine:
    """Tells the operator what needs them, in their channel or by a direct message."""

    def __init__(self, *, bot: discord.Client, journal: Journal, channel_id: int | None) -> None:
        """`channel_id` is OPERATOR_CHANNEL; None: a direct message to the application's owner."""
        self._bot = bot
        self._journal = journal
        self._channel_id = channel_id

    async def tell_of_lane(self, lane: int | None, condition: LaneCondition, said: str, nonce: str) -> None:
        """Tell whoever can mend a lane of its condition, with the provider's words (`services.alerts.Tell`). Raises DiscordError."""
        text = key_words.alert(own_key=lane is not None, condition=condition, said=words.safe_text(said) if said else "")
        if lane is None:
            await self.tell_operator(text, nonce=nonce)
        else:
            await self._journal.note(lane, text)

    async def tell_operator(self, text: str, *, nonce: str) -> None:
        """Send the operator a message; sent again with the same nonce it arrives once, for some minutes. Raises DiscordError."""
        if self._channel_id is not None:
            try:
                await self._send(self._bot.get_partial_messageable(self._channel_id), text, nonce)
            except (CannotPost, RefusedByDiscord) as error:
                log.warning("OPERATOR_CHANNEL cannot be written to (%s): the application's owner is told directly", error)
            else:
                return
        await translated(self._send_directly(text, nonce))

    async def _send_directly(self, text: str, nonce: str) -> None:
        application = await self._bot.application_info()
        # A team's own account reads no messages.
        owner_id = application.owner.id if application.team is None else application.team.owner_id
        if owner_id is None:
            msg = "the application's team has no owner"
            raise CannotPost(msg)
        channel = await self._bot.create_dm(discord.Object(owner_id))
        await self._send(channel, text, nonce)

    async def _send(self, channel: discord.abc.Messageable, text: str, nonce: str) -> None:
        await translated(channel.send(text, nonce=nonce, allowed_mentions=discord.AllowedMentions.none()))
