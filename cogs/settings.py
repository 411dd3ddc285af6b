"""/settings: who may use the bot in a server, where, and how much."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.sending import answer_privately
from bot.ui.settings_controls import newest


class Settings(commands.Cog):
    """One private card, for people with Manage Server; the permission is checked again in every press."""

    @app_commands.command(extras={"act": Act.MANAGE})
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    @app_commands.guild_install()
    async def settings(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Set where I can be used here, by whom, and how much"""  # noqa: D415 - Discord shows it as a label
        await answer_privately(interaction, await newest(interaction))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Settings())
