"""/create: make a first track from styles alone."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.requests import TypedCreate
from bot.ui import suggestions
from bot.ui.asking import ask
from bot.ui.client import services

Choices = list[app_commands.Choice[str]]


class Create(commands.Cog):
    """The command whose options are the request's parameters; it spends, so it is off until it is switched on."""

    @app_commands.command(extras={"act": Act.SPEND})
    @app_commands.describe(
        tags="Styles, separated by commas",
        title="Title; without one, the styles name it",
        model="Model; you can leave this out",
    )
    async def create(
        self,
        interaction: discord.Interaction[discord.Client],
        tags: app_commands.Range[str, 1, 1000],
        title: app_commands.Range[str, 1, 300] | None = None,
        model: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Make a first instrumental from styles"""  # noqa: D415 - Discord shows it as a label
        await ask(interaction, TypedCreate(tags=tags, title=title or "", model=model or ""))

    @create.autocomplete("tags")
    async def suggest_tags(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the styles used before, and completions of the last one."""
        used = await services(interaction).clips.tag_sets(interaction.user.id, interaction.guild_id, limit=suggestions.LIMIT)
        return suggestions.tags(current, own="", used=used)

    @create.autocomplete("model")
    async def suggest_model(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the models that the operator has set."""
        return suggestions.models(current, services(interaction).accepting.models)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Create())
