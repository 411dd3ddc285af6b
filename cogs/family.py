"""/family: where a track comes from, and what grew from it."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.requests import parse_track
from bot.ui import track_option
from bot.ui.family_controls import show_family


class Family(commands.Cog):
    """A track among its ancestors, siblings and descendants."""

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.describe(track="Track: pick from the list")
    async def family(self, interaction: discord.Interaction[discord.Client], track: app_commands.Range[str, 1, 300]) -> None:
        """See where a track comes from and what grew from it"""  # noqa: D415 - Discord shows it as a label
        await show_family(interaction, parse_track(track))

    @family.autocomplete("track")
    async def suggest_track(self, interaction: discord.Interaction[discord.Client], current: str) -> list[app_commands.Choice[str]]:
        """Offer the tracks that this person and this server know."""
        return await track_option.suggest(interaction, current)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Family())
