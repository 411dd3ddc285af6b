"""/settings: for everybody, what they want for themselves; for managers, who may use the bot in a server, where, and how much."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.mine_controls import settings
from bot.ui.sending import answer_privately


class Settings(commands.Cog):
    """One private card; what is the server's needs Manage Server, which is checked again in every press."""

    @app_commands.command(extras={"act": Act.MANAGE})
    async def settings(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Set what you want for yourself; with Manage Server, also where and how I can be used here"""  # noqa: D415 - Discord shows it as a label
        await answer_privately(interaction, await settings(interaction))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Settings())
