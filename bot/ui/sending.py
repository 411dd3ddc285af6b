"""From a card to what discord.py sends."""

from collections.abc import Callable
from pathlib import Path

import discord

from bot.ui.cards import Card


def view_of(card: Card) -> discord.ui.View | None:
    """Build the card's buttons.

    The view is stopped before it is sent: the buttons are answered by custom_id (`ui/buttons.py`), in whatever process is
    running then, so nothing needs to be kept for this message.
    """
    if not card.rows:
        return None
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(card.rows):
        for button in row:
            view.add_item(
                discord.ui.Button[discord.ui.View](custom_id=button.custom_id, label=button.label, style=button.style, row=number)
            )
    view.stop()
    return view


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


async def answer_privately(
    interaction: discord.Interaction[discord.Client], card: Card, media_path: Callable[[str], Path] | None = None
) -> None:
    """Answer only the person who acted: as the first answer, or as a follow-up if there was one."""
    files = files_of(card, media_path) if media_path else []
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
