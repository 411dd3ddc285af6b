"""/jobs: what of mine is under way, and what could not reach me."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.buttons import jobs_card
from bot.ui.sending import answer_privately


class Jobs(commands.Cog):
    """A person's own requests, with what can be done about them."""

    @app_commands.command(extras={"act": Act.LOOK})
    async def jobs(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See what of yours is under way: cancel, hide, or fetch what could not reach you"""  # noqa: D415 - Discord shows it as a label
        await answer_privately(interaction, await jobs_card(interaction, page=0))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Jobs())
