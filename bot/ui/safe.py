"""One guard around everything that people start: whatever raises, they get an answer."""

import logging
from collections.abc import Awaitable

import aiohttp
import discord
from discord import app_commands

from bot.errors import BadOption, EncoreError
from bot.ui import cards, help_card, words
from bot.ui.client import services
from bot.ui.sending import answer_privately

log = logging.getLogger(__name__)

UNKNOWN_INTERACTION = 10062
ALREADY_ACKNOWLEDGED = 40060
"""JSON error codes of Discord."""


async def guarded(interaction: discord.Interaction[discord.Client], act: Awaitable[None]) -> None:
    """Await an act; answer whatever it raises."""
    try:
        await act
    except Exception as error:  # noqa: BLE001 - the person must get an answer; `explain` logs what is not theirs to mend
        await explain(interaction, error)


async def explain(interaction: discord.Interaction[discord.Client], error: BaseException) -> None:
    """Tell the person what is wrong: in words for what they can mend, with a reference for what is ours."""
    if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION:
        log.info("interaction %d was answered too late: %s", interaction.id, error)
        return
    if isinstance(error, discord.HTTPException) and error.code == ALREADY_ACKNOWLEDGED and not interaction.response.is_done():
        # The answer's own answer was lost, and discord.py has repeated what had arrived.
        log.info("interaction %d has its answer already", interaction.id)
        return
    if interaction.client.is_closed():
        log.info("interaction %d cannot be answered any more, the process is ending: %r", interaction.id, error)
        return
    text = words.refusal(error) if isinstance(error, EncoreError) else None
    if text is None:
        reference = services(interaction).references.note(where(interaction), error)
        if isinstance(error, aiohttp.ClientError | discord.DiscordServerError):
            log.error("reference %s: interaction %d broke off: Discord is away (%s)", reference, interaction.id, type(error).__name__)
        else:
            log.error("reference %s: interaction %d broke off", reference, interaction.id, exc_info=error)
        text = words.unexpected(reference)
    elif not isinstance(error, BadOption):
        log.info("interaction %d was refused: %s", interaction.id, error)
    try:
        # What is typed wrongly for a request is answered where *Fix* is offered (`asking`): here it is the operator's, who is not lost.
        rows = help_card.next_step(error) if isinstance(error, EncoreError) and not isinstance(error, BadOption) else ()
        await answer_privately(interaction, cards.Card(content=text, rows=rows))
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as unsent:
        log.info("interaction %d could not be answered: %s", interaction.id, unsent)


def where(interaction: discord.Interaction[discord.Client]) -> str:
    """Name what somebody used: the command as it is typed, or the control's or the form's custom_id."""
    command = interaction.command
    if isinstance(command, app_commands.ContextMenu):
        return command.name
    if command is not None:
        return f"/{command.qualified_name}"
    return str((interaction.data or {}).get("custom_id", interaction.type.name))
