"""What the controls of a person's own settings do."""

import discord

from bot.domain.actors import Actor, Arrival
from bot.domain.admission import Act
from bot.ui import ids, mine_card
from bot.ui.asking import actor_of
from bot.ui.buttons import Pressed
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.sending import answer_privately, show_in_place
from bot.ui.settings_controls import newest

SWITCH = r"(?P<switch>on|off)"


async def settings(interaction: discord.Interaction[discord.Client]) -> Card:
    """Show whoever manages the server its settings, and everybody else their own. Raises StoreUnavailable."""
    return await newest(interaction) if _manages(actor_of(interaction)) else mine(interaction)


def mine(interaction: discord.Interaction[discord.Client]) -> Card:
    """Show what a person has set for themselves."""
    return mine_card.card(services(interaction).preferences.of(interaction.user.id))


def _manages(actor: Actor) -> bool:
    """Tell whether there is a server here whose settings are theirs: where the bot is not a member there is nothing to set."""
    return actor.manager and actor.arrival is Arrival.SERVER


class Mine(Pressed, template=ids.template(mine_card.MINE)):
    """Show one's own settings to somebody who was shown the server's."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        await answer_privately(interaction, mine(interaction))


class PrivateFirst(Pressed, template=ids.template(mine_card.PRIVATE, SWITCH)):
    """Switch private first on or off."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Change it, and show how it stands."""
        on = self.about["switch"] == "on"
        wanted = await services(interaction).preferences.set_private_first(interaction.user.id, on=on)
        await show_in_place(interaction, mine_card.card(wanted))


ALL: tuple[type[Pressed], ...] = (Mine, PrivateFirst)
"""Every control here, to be registered at start-up."""
