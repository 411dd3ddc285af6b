"""/library and the menu of messages: find tracks again, and continue what a message shows."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.library import MOST_SEARCHED, Sort, View, Whose
from bot.ui.continue_controls import continue_this
from bot.ui.library_controls import show_library

CONTINUE = "Continue this"

_WHOSE = [
    app_commands.Choice(name="mine", value=Whose.MINE.value),
    app_commands.Choice(name="favourites", value=Whose.FAVOURITES.value),
    app_commands.Choice(name="everyone here", value=Whose.HERE.value),
]
_SORT = [
    app_commands.Choice(name="newest", value=Sort.NEWEST.value),
    app_commands.Choice(name="oldest", value=Sort.OLDEST.value),
    app_commands.Choice(name="title", value=Sort.TITLE.value),
    app_commands.Choice(name="longest", value=Sort.LONGEST.value),
    app_commands.Choice(name="most votes", value=Sort.VOTES.value),
]


class Library(commands.Cog):
    """Finished tracks, one's own and those of everyone on the server."""

    def __init__(self, bot: commands.AutoShardedBot) -> None:
        """Offer the menu beside the command."""
        self._tree = bot.tree
        self._menu = app_commands.ContextMenu(name=CONTINUE, callback=continue_message, extras={"act": Act.SPEND})

    async def cog_load(self) -> None:
        """Put the menu where people find it."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(extras={"act": Act.LOOK})
    @app_commands.describe(
        whose="Whose tracks: yours, your favourites, or everyone's on this server",
        search="Words of a title or of styles; the beginning of each is enough",
        sort="In which order",
    )
    @app_commands.choices(whose=_WHOSE, sort=_SORT)
    async def library(
        self,
        interaction: discord.Interaction[discord.Client],
        whose: str = Whose.MINE.value,
        search: app_commands.Range[str, 1, MOST_SEARCHED] | None = None,
        sort: str = Sort.NEWEST.value,
    ) -> None:
        """Find a finished track: play, continue or share it"""  # noqa: D415 - Discord shows it as a label
        await show_library(interaction, View(whose=Whose(whose), search=(search or "").strip(), sort=Sort(sort)))


async def continue_message(interaction: discord.Interaction[discord.Client], message: discord.Message) -> None:
    """Continue the track of a message."""
    await continue_this(interaction, message)


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Library(bot))
