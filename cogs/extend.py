"""/extend: continue a track from a start point."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.requests import Source, TypedRequest
from bot.ui import suggestions, track_option
from bot.ui.asking import ask, viewer_of
from bot.ui.client import services

Choices = list[app_commands.Choice[str]]


class Extend(commands.Cog):
    """The command whose options are the request's parameters."""

    @app_commands.command(extras={"act": Act.SPEND})
    @app_commands.describe(
        continue_clip_id="Track to continue: pick from the list",
        continue_at="Start point, e.g. 1:40",
        tags="Styles, separated by commas",
        title="Title; without one, the track keeps its own",
        model="Model; you can leave this out",
    )
    async def extend(
        self,
        interaction: discord.Interaction[discord.Client],
        continue_clip_id: app_commands.Range[str, 1, 300],
        continue_at: app_commands.Range[str, 1, 40],
        tags: app_commands.Range[str, 1, 1000],
        title: app_commands.Range[str, 1, 300] | None = None,
        model: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Continue an instrumental from a start point"""  # noqa: D415 - Discord shows it as a label
        typed = TypedRequest(continue_clip_id=continue_clip_id, continue_at=continue_at, tags=tags, title=title or "", model=model or "")
        await ask(interaction, typed)

    @extend.autocomplete("continue_clip_id")
    async def suggest_track(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the tracks that this person and this server know, and those to begin with."""
        return await track_option.suggest(interaction, current)

    @extend.autocomplete("continue_at")
    async def suggest_start(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the end, and round points before it."""
        source = await _source(interaction)
        return suggestions.starts(current, seconds=source.seconds if source else None)

    @extend.autocomplete("tags")
    async def suggest_tags(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the track's own styles, those used before, and completions of the last one."""
        source = await _source(interaction)
        used = await services(interaction).clips.tag_sets(interaction.user.id, interaction.guild_id, limit=suggestions.LIMIT)
        return suggestions.tags(current, own=source.tags if source else "", used=used)

    @extend.autocomplete("model")
    async def suggest_model(self, interaction: discord.Interaction[discord.Client], current: str) -> Choices:
        """Offer the models that the operator has set."""
        return suggestions.models(current, services(interaction).accepting.models)


async def _source(interaction: discord.Interaction[discord.Client]) -> Source | None:
    """Find what is known of the track that is named already."""
    return await services(interaction).accepting.source(interaction.namespace.continue_clip_id or "", viewer_of(interaction))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Extend())
