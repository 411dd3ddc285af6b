"""/track: take in a task made elsewhere, or look at one again."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui.asking import ask_track


class Track(commands.Cog):
    """The way to a first track to continue."""

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.describe(task_id="Task id, as the music service or a reply of mine shows it")
    async def track(self, interaction: discord.Interaction[discord.Client], task_id: app_commands.Range[str, 1, 300]) -> None:
        """Show a task's tracks here, and follow it to its end if it is still being made"""  # noqa: D415 - Discord shows it as a label
        await ask_track(interaction, task_id)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Track())
