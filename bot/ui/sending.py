"""From a card to what discord.py sends."""

import asyncio
import io
from collections.abc import Callable, Coroutine
from pathlib import Path

import discord

from bot.ui.cards import Card, Choose, Document, Option, Select

WAIT = 8.0
"""Seconds for which whoever has something posted waits to hear that it is there."""

PATIENCE = 1.5
"""Seconds for which a first answer waits for the work behind it: Discord waits for three, the way there and back included."""


def view_of(card: Card) -> discord.ui.View | None:
    """Build the card's selects and buttons.

    The view is stopped before it is sent: they are answered by custom_id (`ui/buttons.py`), in whatever process is
    running then, so nothing needs to be kept for this message.
    """
    if not card.rows and not card.selects:
        return None
    view = discord.ui.View(timeout=None)
    for number, select in enumerate(card.selects):
        view.add_item(_select(select, row=number))
    for number, row in enumerate(card.rows, start=len(card.selects)):
        for button in row:
            # Not `Button[View](…)`: what Python does for those brackets costs as much as the button.
            item: discord.ui.Button[discord.ui.View] = discord.ui.Button(
                custom_id=button.custom_id, label=button.label, style=button.style, row=number
            )
            view.add_item(item)
    view.stop()
    return view


_TEXT_CHANNELS = [discord.ChannelType.text, discord.ChannelType.news]
_PLACES = [
    *_TEXT_CHANNELS,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]


def _select(select: Select, *, row: int) -> discord.ui.Item[discord.ui.View]:
    if select.choose is Choose.TEXTS:
        return discord.ui.Select[discord.ui.View](
            custom_id=select.custom_id,
            placeholder=select.placeholder,
            min_values=select.least,
            max_values=select.most,
            options=[_option(option, chosen=option.value in select.chosen) for option in select.options],
            row=row,
        )
    if select.choose is Choose.PEOPLE:
        return discord.ui.UserSelect[discord.ui.View](
            custom_id=select.custom_id, placeholder=select.placeholder, min_values=select.least, max_values=select.most, row=row
        )
    chosen = [discord.Object(int(each)) for each in select.chosen]
    if select.choose is Choose.ROLES:
        return discord.ui.RoleSelect[discord.ui.View](
            custom_id=select.custom_id,
            placeholder=select.placeholder,
            min_values=select.least,
            max_values=select.most,
            default_values=chosen,
            row=row,
        )
    return discord.ui.ChannelSelect[discord.ui.View](
        custom_id=select.custom_id,
        placeholder=select.placeholder,
        channel_types=_PLACES if select.choose is Choose.PLACES else _TEXT_CHANNELS,
        min_values=select.least,
        max_values=select.most,
        default_values=chosen,
        row=row,
    )


def _option(option: Option, *, chosen: bool) -> discord.SelectOption:
    return discord.SelectOption(label=option.label, value=option.value, description=option.description or None, default=chosen)


def files_of(card: Card, media_path: Callable[[str], Path]) -> list[discord.File]:
    """Open the card's files; a sent file is closed, so each try needs new ones. Raises FileNotFoundError."""
    return [
        discord.File(media_path(attachment.stored), filename=attachment.filename, description=attachment.description[:1024])
        for attachment in card.attachments
    ]


def mentions_of(card: Card) -> discord.AllowedMentions:
    """Allow the card's own mentions, and no other."""
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(user_id) for user_id in card.mentions], replied_user=False
    )


async def show_in_place(interaction: discord.Interaction[discord.Client], card: Card) -> None:
    """Show a card in place of what its control stood under, as the first answer: of a refusal whose *Fix* was pressed, no word stays."""
    await interaction.response.edit_message(content=card.content or None, embeds=list(card.embeds), view=view_of(card))


async def redraw(interaction: discord.Interaction[discord.Client], card: Card, media_path: Callable[[str], Path] | None = None) -> None:
    """Show a card in place of the one whose control was used, after a defer: as a whole, pictures and files too."""
    files = files_of(card, media_path) if media_path else []
    await interaction.edit_original_response(
        content=card.content or None,
        embeds=list(card.embeds),
        view=view_of(card),
        attachments=[*files, *drawn_of(card)],
        allowed_mentions=mentions_of(card),
    )


def drawn_of(card: Card) -> list[discord.File]:
    """Make files of the card's pictures, as new for each try as those."""
    return [discord.File(io.BytesIO(drawn.png), drawn.filename, description=drawn.description) for drawn in card.pictures]


def _written(document: Document) -> discord.File:
    content = io.BytesIO(document.content) if isinstance(document.content, bytes) else document.content
    return discord.File(content, document.filename, description=document.description)


async def answer_privately(
    interaction: discord.Interaction[discord.Client],
    card: Card,
    media_path: Callable[[str], Path] | None = None,
) -> None:
    """Answer only the person who acted: as the first answer, or as a follow-up if there was one."""
    files = [*(files_of(card, media_path) if media_path else ()), *drawn_of(card), *map(_written, card.documents)]
    view = view_of(card) or discord.utils.MISSING
    if interaction.response.is_done():
        await interaction.followup.send(
            content=card.content, embeds=list(card.embeds), view=view, files=files, ephemeral=True, allowed_mentions=mentions_of(card)
        )
    else:
        await interaction.response.send_message(
            content=card.content or None,
            embeds=list(card.embeds),
            view=view,
            files=files,
            ephemeral=True,
            allowed_mentions=mentions_of(card),
        )


async def promptly(interaction: discord.Interaction[discord.Client], work: Coroutine[object, object, Card]) -> None:
    """Answer privately with what the work brings: in one request where it is quick, else after a defer. Raises what the work does."""
    task = asyncio.create_task(work, name=f"answer-{interaction.id}")
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            await interaction.response.defer(ephemeral=True, thinking=True)
    finally:
        # What was begun is ended, whether or not its person can be told: a vote counts.
        await asyncio.wait({task})
    await answer_privately(interaction, task.result())
