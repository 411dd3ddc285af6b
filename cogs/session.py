"""/session: a channel grows one track together."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.requests import parse_track
from bot.ui import session_card, track_option
from bot.ui.asking import actor_of
from bot.ui.client import services
from bot.ui.host_controls import show_panel
from bot.ui.plan_controls import begin
from bot.ui.sending import answer_privately
from bot.ui.session_controls import show_board


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class Session(commands.GroupCog, group_name="session", group_description="Grow one track together, in rounds"):
    """Sessions, from their start to what is left of them."""

    @app_commands.command(extras={"act": Act.HOST})
    @app_commands.describe(track="Track to begin with: pick from the list")
    async def start(self, interaction: discord.Interaction[discord.Client], track: app_commands.Range[str, 1, 300]) -> None:
        """Start a session with a track: everything else has a default that you can change"""  # noqa: D415 - Discord shows it as a label
        await begin(interaction, parse_track(track))

    @start.autocomplete("track")
    async def suggest_track(self, interaction: discord.Interaction[discord.Client], current: str) -> list[app_commands.Choice[str]]:
        """Offer the tracks that this person and this server know."""
        return await track_option.suggest(interaction, current)

    @app_commands.command(extras={"act": Act.LOOK})
    async def board(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Go to the newest round of the session here"""  # noqa: D415 - as above
        await show_board(interaction, await services(interaction).sessions.here(actor_of(interaction)))

    @app_commands.command(extras={"act": Act.LOOK})
    async def host(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Steer the session here, as its host or as a moderator"""  # noqa: D415 - as above
        await show_panel(interaction, await services(interaction).sessions.here(actor_of(interaction)))

    @app_commands.command(extras={"act": Act.LOOK})
    async def history(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See the sessions of this server that have ended"""  # noqa: D415 - as above
        await interaction.response.defer(ephemeral=True, thinking=True)
        await answer_privately(interaction, session_card.history(await services(interaction).sessions.history(actor_of(interaction))))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Session())
