"""/privacy: what is kept of whoever asks, and the ways to have it, or to have it deleted."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.privacy_controls import privacy
from bot.ui.sending import answer_privately


class Privacy(commands.Cog):
    """One private card; it works wherever a command does, also for whoever is blocked."""

    @app_commands.command(extras={"act": Act.WITHDRAW})
    async def privacy(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See what I keep of you and who runs me; export it, or have it deleted"""  # noqa: D415 - Discord shows it as a label
        await answer_privately(interaction, privacy(interaction))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Privacy())
