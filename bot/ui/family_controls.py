"""/family, and the controls that lead through a family."""

import asyncio
from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.ui import cards, family_card, ids
from bot.ui.asking import viewer_of
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.sending import answer_privately, redraw


class Family(Pressed, template=ids.template(cards.FAMILY, ids.CLIP)):
    """Show where a track comes from and what grew from it."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        await show_family(interaction, self.about["clip"])


class Jump(Pressed, template=ids.template(family_card.JUMP)):
    """Go to another track of the family."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Draw the family anew around it, in place of what is there."""
        clip_id = str((interaction.data or {}).get("values", [""])[0])
        await interaction.response.defer()
        await redraw(interaction, await _card(interaction, clip_id))


ALL: tuple[type[Pressed], ...] = (Family, Jump)
"""Every control here, to be registered at start-up."""


async def show_family(interaction: discord.Interaction[discord.Client], clip_id: str) -> None:
    """Answer privately with a track's family. Raises UnknownTrack, Removed, StoreUnavailable."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await answer_privately(interaction, await _card(interaction, clip_id))


async def _card(interaction: discord.Interaction[discord.Client], clip_id: str) -> cards.Card:
    families = services(interaction).families
    tree = await families.of(clip_id, viewer_of(interaction))
    drawn, kin = family_card.drawn(tree)
    return await asyncio.to_thread(family_card.card, tree, drawn, await families.names(kin))
