"""The option that names a track: what it offers. The same list for every command that has one."""

import discord

from bot.domain.starters import matching
from bot.ui import suggestions
from bot.ui.client import services


async def suggest(interaction: discord.Interaction[discord.Client], current: str) -> list[suggestions.Choice]:
    """Offer the tracks that this person and this server know, and those to begin with. Raises StoreUnavailable."""
    served, text = services(interaction), current.strip()
    known = await served.clips.known_to(interaction.user.id, interaction.guild_id, text=text, limit=suggestions.LIMIT)
    starters = matching(await served.starters.offered(interaction.guild_id, to=interaction.user.id), text)
    return suggestions.tracks(known, starters, now=interaction.created_at.timestamp(), typed=text)
