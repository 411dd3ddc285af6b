"""What the controls of /privacy do. No rule keeps a person from reading or deleting what is theirs."""

import asyncio

import discord

from bot.domain.admission import Act
from bot.ui import ids, mine_card, privacy_card, words
from bot.ui.buttons import Pressed
from bot.ui.cards import Card
from bot.ui.client import encore, services
from bot.ui.sending import answer_privately, show_in_place


def privacy(interaction: discord.Interaction[discord.Client]) -> Card:
    """Show what is kept, and who runs the bot."""
    client = encore(interaction)
    owner = client.owners.name
    return privacy_card.card(client.operator_contact or (words.safe_text(owner, 100) if owner else ""))


class Privacy(Pressed, template=ids.template(mine_card.PRIVACY)):
    """Show what is kept."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        await answer_privately(interaction, privacy(interaction))


class Export(Pressed, template=ids.template(privacy_card.EXPORT)):
    """Give a person all that is kept of them."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately with a file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await services(interaction).belongings.of(interaction.user.id)
        document = await asyncio.to_thread(
            privacy_card.export,
            kept,
            user_id=interaction.user.id,
            now=interaction.created_at.timestamp(),
            upload_limit=interaction.filesize_limit,
        )
        await answer_privately(interaction, privacy_card.exported(document, kept["left_out"]))


class Ask(Pressed, template=ids.template(privacy_card.ASK)):
    """Ask before anything is deleted."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show what goes and what remains; nothing has happened yet."""
        await show_in_place(interaction, privacy_card.ask_deletion())


class Delete(Pressed, template=ids.template(privacy_card.DELETE)):
    """Delete all that is a person's."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Begin, and say so once nothing stops it any more."""
        await services(interaction).erasing.begin(interaction.user.id)
        await show_in_place(interaction, privacy_card.deleting())


ALL: tuple[type[Pressed], ...] = (Privacy, Export, Ask, Delete)
"""Every control here, to be registered at start-up."""
