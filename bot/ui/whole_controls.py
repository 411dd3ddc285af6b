"""The buttons *Whole track* and *Hear the join*: what they bring is for whoever pressed them alone."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.domain.admission import Act
from bot.domain.viewing import Viewer
from bot.domain.whole_track import Whole
from bot.errors import TooLongToSend
from bot.ui import ids, whole_card
from bot.ui.buttons import TOO_LARGE, Pressed
from bot.ui.cards import REQUEST_LIMIT, Card
from bot.ui.client import encore, services
from bot.ui.sending import files_of, view_of

log = logging.getLogger(__name__)

EDIT_EVERY = 5.0
"""Seconds between two edits that only tell how far it is, at least."""
SMALLEST_LIMIT = 10 * 1024 * 1024
"""Bytes a file that Discord takes everywhere (Uploading Files)."""


class WholeTrack(Pressed, template=ids.template("whole", ids.CLIP)):
    """Join a track with what it grew from."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately, with how far it is, then with the file; where Discord finds that too large, with a smaller one."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        limit = min(interaction.filesize_limit, REQUEST_LIMIT)
        async with Progress(interaction) as progress:
            made = await self._made(interaction, limit, progress)
        try:
            await _show(interaction, whole_card.whole(made))
        except discord.HTTPException as error:
            if error.status != TOO_LARGE:
                raise
            if limit <= SMALLEST_LIMIT:
                raise TooLongToSend(made.seconds, limit) from error
            log.info("interaction %d: a file of %d bytes is too large for Discord", interaction.id, made.size)
            await _show(interaction, whole_card.whole(await self._made(interaction, SMALLEST_LIMIT, lambda _: None)))

    async def _made(self, interaction: discord.Interaction[discord.Client], limit: int, progress: Callable[[float], None]) -> Whole:
        tracks = services(interaction).whole_tracks
        return await tracks.whole(self.about["clip"], _viewer(interaction), max_bytes=limit, on_progress=progress)


class HearTheJoin(Pressed, template=ids.template("join", ids.CLIP)):
    """Let the beginning of a track be heard, with what is before it."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately with twenty seconds."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        limit = min(interaction.filesize_limit, REQUEST_LIMIT)
        made = await services(interaction).whole_tracks.joint(self.about["clip"], _viewer(interaction), max_bytes=limit)
        await _show(interaction, whole_card.joint(made))


ALL: tuple[type[Pressed], ...] = (WholeTrack, HearTheJoin)
"""To be registered at start-up."""


class Progress:
    """Edits how far a join is into the deferred reply, now and then; an async context manager, after which nothing edits any more."""

    def __init__(self, interaction: discord.Interaction[discord.Client], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing said."""
        self._interaction = interaction
        self._monotonic = monotonic
        self._said_at = monotonic()
        self._edit: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Callable[[float], None]:
        """Return what hears which share is done."""
        return self._heard

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Wait for the last edit; where the join came to nothing, take back what the reply said of it."""
        if self._edit is not None:
            await self._edit
            if error is not None:
                await self._try(self._interaction.delete_original_response())

    def _heard(self, share: float) -> None:
        now = self._monotonic()
        if now < self._said_at + EDIT_EVERY or (self._edit is not None and not self._edit.done()):
            return
        self._said_at = now
        self._edit = asyncio.create_task(self._say(share), name=f"progress-{self._interaction.id}")

    async def _say(self, share: float) -> None:
        await self._try(self._interaction.edit_original_response(content=whole_card.progress(share)))

    async def _try(self, request: Awaitable[object]) -> None:
        try:
            await request
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            log.info("interaction %d: how far it is could not be said: %s", self._interaction.id, error or type(error).__name__)


def _viewer(interaction: discord.Interaction[discord.Client]) -> Viewer:
    return Viewer(interaction.user.id, interaction.guild_id)


async def _show(interaction: discord.Interaction[discord.Client], card: Card) -> None:
    """Put a card in place of the deferred reply."""
    await interaction.edit_original_response(
        content=card.content or None,
        embeds=list(card.embeds),
        view=view_of(card),
        attachments=files_of(card, encore(interaction).media_path),
        allowed_mentions=discord.AllowedMentions.none(),
    )
