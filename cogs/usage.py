"""/usage: what was spent, and what is left of today."""

import asyncio
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.usage import OfOperator, OfPerson, OfServer, Scope
from bot.errors import ModeratorsOnly, NotTheOperator
from bot.ui.asking import actor_of
from bot.ui.client import encore, services
from bot.ui.sending import answer_privately
from bot.ui.usage_card import usage_card

Of = Literal["mine", "server", "all"]


class Usage(commands.Cog):
    """What requests have cost: one's own, a server's for its moderators, everything for the operator."""

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.describe(of="Whose: mine, this server's (moderators), or all (the bot's operator)")
    async def usage(self, interaction: discord.Interaction[discord.Client], of: Of = "mine") -> None:
        """See what you have used today and lately, and what is left"""  # noqa: D415 - Discord shows it as a label
        scope = await _scope(interaction, of)
        await interaction.response.defer(ephemeral=True, thinking=True)
        report = await services(interaction).spending.report(scope, interaction.guild_id)
        names = {guild.id: guild.name for guild in interaction.client.guilds} if isinstance(scope, OfOperator) else {}
        await answer_privately(interaction, await asyncio.to_thread(usage_card, report, names))


async def _scope(interaction: discord.Interaction[discord.Client], of: Of) -> Scope:
    """Tell whose spending is asked for. Raises ModeratorsOnly, NotTheOperator."""
    if of == "mine":
        return OfPerson(interaction.user.id)
    if of == "all":
        if not await encore(interaction).owners.include(interaction.user.id):
            raise NotTheOperator
        return OfOperator()
    if interaction.guild_id is None or not actor_of(interaction).moderator:
        raise ModeratorsOnly
    return OfServer(interaction.guild_id)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Usage())
