"""/export: take tracks with you, as a list or as audio."""

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.export import Of
from bot.ui import track_option
from bot.ui.export_answer import Form, answer

What = Literal["mine", "family"]
Forms = Literal["M3U8", "JSON", "zip"]


class Export(commands.Cog):
    """The way out: one's own tracks, or a track's family."""

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.describe(
        what="Which: mine, or the family of a track",
        track="For a family: pick a track from the list",
        form="M3U8 (a playlist), JSON (for other programs), or zip (the audio)",
    )
    async def export(
        self,
        interaction: discord.Interaction[discord.Client],
        what: What | None = None,
        track: app_commands.Range[str, 1, 300] | None = None,
        form: Forms = "M3U8",
    ) -> None:
        """Take tracks with you: a playlist, a list for other programs, or the audio"""  # noqa: D415 - Discord shows it as a label
        of = Of(what) if what else Of.FAMILY if track else Of.MINE
        await answer(interaction, of, track or "", Form(form))

    @export.autocomplete("track")
    async def suggest_track(self, interaction: discord.Interaction[discord.Client], current: str) -> list[app_commands.Choice[str]]:
        """Offer the tracks that this person and this server know."""
        return await track_option.suggest(interaction, current)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Export())
