"""/share and /top: show tracks to others, and see which are liked best."""

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.requests import parse_clip_id
from bot.domain.sharing import MAX_NOTE, Period
from bot.errors import BadOption
from bot.ui import share_card, suggestions
from bot.ui.asking import actor_of
from bot.ui.client import services
from bot.ui.sending import answer_privately
from bot.ui.sharing_controls import WITH_MESSAGES, Chosen, place_of, share

Of = Literal["day", "week", "month", "all"]


class ChannelOption(app_commands.Transformer):
    """A channel or thread as the command names it, with what the person may do there."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Have Discord offer channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Have it offer those that hold messages."""
        return list(WITH_MESSAGES)

    async def transform(self, _interaction: discord.Interaction[discord.Client], value: Chosen, /) -> Chosen:
        """Take it as it is: resolved, it would not know of the person."""
        return value


class Share(commands.Cog):
    """What people show each other."""

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.guild_only()
    @app_commands.describe(
        track="Track to share: pick from the list",
        channel="Where; without one, in this channel",
        note="A word about it",
    )
    async def share(
        self,
        interaction: discord.Interaction[discord.Client],
        track: app_commands.Range[str, 1, 300],
        channel: app_commands.Transform[Chosen, ChannelOption] | None = None,
        note: app_commands.Range[str, 1, MAX_NOTE] | None = None,
    ) -> None:
        """Show a track in a channel, with its makers named and a button to vote for it"""  # noqa: D415 - Discord shows it as a label
        await share(interaction, clip_id_of(track), place_of(interaction, channel), note or "")

    @share.autocomplete("track")
    async def suggest_track(self, interaction: discord.Interaction[discord.Client], current: str) -> list[app_commands.Choice[str]]:
        """Offer the tracks that this person and this server know."""
        text = current.strip()
        known = await services(interaction).clips.known_to(interaction.user.id, interaction.guild_id, text=text, limit=suggestions.LIMIT)
        return suggestions.tracks(known, (), now=interaction.created_at.timestamp(), typed=text)

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.guild_only()
    @app_commands.describe(period="Which votes count: those of the last day, week or month, or all")
    async def top(self, interaction: discord.Interaction[discord.Client], period: Of = "week") -> None:
        """See this server's tracks with the most votes"""  # noqa: D415 - as above
        await interaction.response.defer(ephemeral=True, thinking=True)
        tracks = await services(interaction).sharing.top(actor_of(interaction), Period(period))
        await answer_privately(interaction, share_card.top(tracks, Period(period)))


def clip_id_of(typed: str) -> str:
    """Read which track is meant. Raises BadOption, NoTrackYet."""
    try:
        return parse_clip_id(typed)
    except BadOption as error:
        raise BadOption("track", error.problem, error.example) from error


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Share())
