"""What commands and components find on `interaction.client`."""

from pathlib import Path
from typing import Protocol, cast

import discord

from bot.services.ports import Clips, Drafts, Requests


class EncoreClient(Protocol):
    """The bot, as commands and components see it."""

    requests: Requests
    clips: Clips
    drafts: Drafts

    def media_path(self, name: str) -> Path:
        """Find a file of the archive."""
        ...


def encore(interaction: discord.Interaction[discord.Client]) -> EncoreClient:
    """Return the bot behind an interaction."""
    return cast("EncoreClient", interaction.client)
