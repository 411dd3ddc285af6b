"""/help: what to do next."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.first_steps import show_help


class Help(commands.Cog):
    """The way in for whoever has never been here."""

    @app_commands.command(extras={"act": Act.LOOK})
    async def help(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See how to make music here, and start"""  # noqa: D415 - Discord shows it as a label
        await show_help(interaction)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Help())
