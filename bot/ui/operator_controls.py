"""What commands and buttons of the operator have in common: they are admitted by ownership, and answered privately."""

import discord

from bot.domain.admission import Act
from bot.errors import NotTheOperator
from bot.services.ports.operators import Operating
from bot.ui import cards, ids, operator_card
from bot.ui.buttons import Pressed
from bot.ui.client import encore
from bot.ui.sending import mentions_of, view_of


async def admitted(interaction: discord.Interaction[discord.Client]) -> Operating:
    """Let the operator through, whoever else it is: the only way to what they may do. Raises NotTheOperator.

    The first answer is given: whatever follows may take longer than its 3 seconds, since the database may be away. In direct
    messages it stays, elsewhere only the operator sees it.
    """
    client = encore(interaction)
    if not await client.owners.include(interaction.user.id):
        msg = f"person {interaction.user.id} is not the operator"
        raise NotTheOperator(msg)
    if interaction.type is discord.InteractionType.component:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
    return client.services.operating


async def show(interaction: discord.Interaction[discord.Client], card: cards.Card) -> None:
    """Show a card as the answer, or in place of the one whose button was pressed."""
    await interaction.edit_original_response(
        content=card.content or None, embeds=list(card.embeds), view=view_of(card), allowed_mentions=mentions_of(card)
    )


class Refresh(Pressed, template=ids.template("op-stats")):
    """Take stock anew."""

    ACT = Act.OPERATE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the bot as it is now."""
        operating = await admitted(interaction)
        await show(interaction, operator_card.overview(await operating.overview()))


class Pause(Pressed, template=ids.template("op-pause")):
    """Hold the lane, without a reason."""

    ACT = Act.OPERATE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Hold it, and offer to go on."""
        operating = await admitted(interaction)
        await operating.pause("")
        await show(interaction, operator_card.paused(""))


class Resume(Pressed, template=ids.template("op-resume")):
    """Let the lane go on."""

    ACT = Act.OPERATE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Let it."""
        operating = await admitted(interaction)
        await operating.resume()
        await show(interaction, operator_card.resumed())


ALL: tuple[type[Pressed], ...] = (Refresh, Pause, Resume)
"""Every button of the operator's, to be registered at start-up."""
