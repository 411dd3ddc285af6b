"""What commands and components find on `interaction.client`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import discord

from bot.services.ports.operators import Operating, References
from bot.services.ports.people import (
    Accepting,
    Creating,
    Erasing,
    Exporting,
    FamilyTrees,
    Handling,
    Library,
    Posting,
    Preferences,
    Publishing,
    Sharing,
    Spending,
    Starters,
    Unsharing,
    WholeTracks,
)
from bot.services.ports.records import Belongings, Drafts
from bot.services.ports.servers import Guilds, Journal, Moderation, OwnKeys
from bot.services.ports.sessions import Sessions
from bot.services.ports.sound import Listening
from bot.services.ports.stores import Clips
from bot.ui.owners import Owners


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the services offer to commands and components: a new one is named here, and `app` puts it in."""

    accepting: Accepting
    handling: Handling
    library: Library
    listening: Listening
    clips: Clips
    drafts: Drafts
    guilds: Guilds
    journal: Journal
    starters: Starters
    creating: Creating
    references: References
    operating: Operating
    own_keys: OwnKeys
    moderation: Moderation
    spending: Spending
    preferences: Preferences
    publishing: Publishing
    erasing: Erasing
    belongings: Belongings
    families: FamilyTrees
    exporting: Exporting
    posting: Posting
    sharing: Sharing
    unsharing: Unsharing
    whole_tracks: WholeTracks
    sessions: Sessions


class EncoreClient(Protocol):
    """The bot, as commands and components see it."""

    services: Services
    owners: Owners
    operator_server: int | None
    """Where /operator is registered; None: in direct messages."""

    operator_contact: str
    """How people reach whoever runs the bot; empty: not said."""

    def media_path(self, name: str) -> Path:
        """Find a file of the archive."""
        ...


def encore(interaction: discord.Interaction[discord.Client]) -> EncoreClient:
    """Return the bot behind an interaction."""
    return cast("EncoreClient", interaction.client)


def services(interaction: discord.Interaction[discord.Client]) -> Services:
    """Return what the bot behind an interaction offers."""
    return encore(interaction).services
