"""/family, and the controls that lead through a family."""

import asyncio
from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.requests import Source
from bot.domain.starters import Starter
from bot.domain.viewing import Viewer
from bot.ui import cards, family_card, ids, modals
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.sending import answer_privately, put_in_place


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
        await put_in_place(interaction, await _card(interaction, clip_id))


class Onward(Pressed, template=ids.template(family_card.ONWARD, ids.CLIP)):
    """Go on from a track."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in."""
        clip = await services(interaction).families.track(self.about["clip"], viewer_of(interaction))
        known = Source(clip_id=clip.clip_id, variant=clip.variant, title=clip.title, tags=clip.tags, seconds=clip.seconds)
        await interaction.response.send_modal(modals.start_form(Starter(clip.clip_id, known)))


ALL: tuple[type[Pressed], ...] = (Family, Jump, Onward)
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


def viewer_of(interaction: discord.Interaction[discord.Client]) -> Viewer:
    """Tell who looks, and where."""
    return Viewer(interaction.user.id, interaction.guild_id)
