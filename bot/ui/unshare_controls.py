"""What takes one share down again: the question, and the button that does it."""

import discord

from bot.domain.admission import Act
from bot.ui import ids, share_card
from bot.ui.asking import actor_of
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.sending import answer_privately


class Unshare(Pressed, template=ids.template("unshare", ids.POST)):
    """Want a share to be taken down."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Ask whether that is wanted."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        post = await services(interaction).unsharing.find(self.about["post"], actor_of(interaction))
        await answer_privately(interaction, share_card.unshared(post) if post.removed else share_card.ask_unshare(post))


class TakeDown(Pressed, template=ids.template("unshare-now", ids.POST)):
    """Take a share down: whoever shared it may, whoever made the track, and a moderator."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Do it; the post itself is deleted by its one writer."""
        await interaction.response.defer()
        post = await services(interaction).unsharing.unshare(self.about["post"], actor_of(interaction))
        await interaction.edit_original_response(embeds=list(share_card.unshared(post).embeds), view=None)


ALL: tuple[type[Pressed], ...] = (Unshare, TakeDown)
"""Every control here, to be registered at start-up."""
