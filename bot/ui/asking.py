"""From an interaction to an accepted job: the same way for a command, a modal and *Try again*."""

import asyncio
import logging
import time
from dataclasses import asdict

import aiohttp
import discord

from bot.domain.actors import Actor
from bot.domain.jobs import Job, Origin
from bot.domain.requests import TypedRequest
from bot.errors import BadOption, StoreUnavailable
from bot.ui import cards, ids, words
from bot.ui.client import encore
from bot.ui.safe import ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION
from bot.ui.sending import answer_privately

log = logging.getLogger(__name__)

TOKEN_LIFE = 15 * 60.0
"""Seconds for which an interaction's token works (Receiving and Responding)."""
DRAFT_LIFE = 24 * 3600.0
"""Seconds for which *Fix* brings back what was typed."""
KEEP_WITHIN = 1.0
"""Seconds for keeping it; the refusal itself does not wait for longer."""


async def ask(interaction: discord.Interaction[discord.Client], typed: TypedRequest) -> None:
    """Accept what was typed and show the reply; what cannot be taken is kept, and *Fix* brings it back. Raises UserError, Busy."""
    requests = encore(interaction).requests
    try:
        request, source = await requests.prepare(typed)
    except BadOption as error:
        await _refuse(interaction, typed, error)
        return
    job = await requests.accept(request, origin_of(interaction), source)
    await acknowledge(interaction, job)


async def ask_track(interaction: discord.Interaction[discord.Client], task_id: str) -> None:
    """Follow a task made elsewhere. Raises UserError, Busy."""
    job = await encore(interaction).requests.accept_track(task_id, origin_of(interaction))
    await acknowledge(interaction, job)


async def acknowledge(interaction: discord.Interaction[discord.Client], job: Job) -> None:
    """Show the reply and let the job go on; withdraw it if Discord no longer waits for an answer."""
    requests = encore(interaction).requests
    try:
        reply_id, ephemeral = await _defer(interaction)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        await requests.abandon(job)
        if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION:
            log.info("job %s was withdrawn: its interaction was answered too late", job.id)
            return
        raise
    await requests.acknowledged(job, reply_id=reply_id, ephemeral=ephemeral)


async def _defer(interaction: discord.Interaction[discord.Client]) -> tuple[int | None, bool]:
    """Defer; return the reply's id and whether it is ephemeral, as Discord has it.

    discord.py does not repeat a request whose connection was reset, so this does: if the first one had arrived, the second
    meets 40060, which counts as acknowledged.
    """
    for last_try in (False, False, True):
        try:
            shown = await interaction.response.defer(thinking=True)
        except (aiohttp.ClientError, TimeoutError):
            if last_try:
                raise
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            return await _shown(interaction)
        else:
            return (shown.message_id, shown.is_ephemeral()) if shown is not None else (None, False)
    msg = "unreachable: the last try returns or raises"
    raise AssertionError(msg)


async def _shown(interaction: discord.Interaction[discord.Client]) -> tuple[int | None, bool]:
    try:
        message = await interaction.original_response()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        log.info("interaction %d is acknowledged, but its reply could not be read: %s", interaction.id, error)
        return None, False
    return message.id, message.flags.ephemeral


async def _refuse(interaction: discord.Interaction[discord.Client], typed: TypedRequest, error: BadOption) -> None:
    rows: tuple[tuple[cards.Button, ...], ...] = ()
    try:
        async with asyncio.timeout(KEEP_WITHIN):
            draft = await encore(interaction).drafts.keep(interaction.user.id, asdict(typed), time.time() + DRAFT_LIFE)
        rows = ((cards.Button(ids.make("fix", draft), "Fix", discord.ButtonStyle.primary),),)
    except (StoreUnavailable, TimeoutError) as away:
        log.warning("interaction %d was refused without a way to mend it: %s", interaction.id, away or "the database is slow")
    await answer_privately(interaction, cards.Card(content=words.refusal(error) or "", rows=rows))


def origin_of(interaction: discord.Interaction[discord.Client]) -> Origin:
    """Read where an interaction came from and how its person can be reached."""
    return Origin(
        interaction_id=interaction.id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        can_post=_bot_is_there(interaction),
        upload_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        reply_token=interaction.token,
        token_expires_at=interaction.created_at.timestamp() + TOKEN_LIFE,
    )


def _bot_is_there(interaction: discord.Interaction[discord.Client]) -> bool:
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    return interaction.is_guild_integration() or interaction.client.get_guild(interaction.guild_id) is not None


def actor_of(interaction: discord.Interaction[discord.Client]) -> Actor:
    """Read who acts; `permissions` are those of the person in the channel."""
    return Actor(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        moderator=interaction.guild_id is not None and interaction.permissions.manage_messages,
    )
