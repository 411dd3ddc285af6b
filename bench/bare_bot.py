"""The baseline: what discord.py needs to acknowledge `/extend`, or a choice in a select, and nothing else.

Run as `python -m bench.bare_bot`.
"""

import os
from typing import Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.endpoints import use_endpoints


class Extend(commands.Cog):
    """The bot's own command, as far as its acknowledgement."""

    @app_commands.command()
    async def extend(  # noqa: PLR0917 - discord.py hands a command its options
        self,
        interaction: discord.Interaction[discord.Client],
        continue_clip_id: app_commands.Range[str, 1, 300],
        continue_at: app_commands.Range[str, 1, 40],
        tags: app_commands.Range[str, 1, 1000],
        title: app_commands.Range[str, 1, 300] | None = None,
        model: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Continue an instrumental from a start point"""
        await interaction.response.defer(thinking=True)


class Ballot(discord.ui.View):
    """A select whose every choice is answered privately, and kept nowhere."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.select(custom_id="ballot", options=[discord.SelectOption(label=f"Idea {number}") for number in range(1, 6)])
    async def choose(self, interaction: discord.Interaction[discord.Client], select: discord.ui.Select[Self]) -> None:
        await interaction.response.send_message(f"Your vote: {select.values[0]}.", ephemeral=True)


class Poll(commands.Cog):
    """The way to such a select."""

    @app_commands.command()
    async def poll(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Vote for one of five"""
        await interaction.response.send_message("Vote for one of five.", view=Ballot())


class BareBot(commands.AutoShardedBot):
    """The same client as the bot's, with the same intents and as few caches."""

    def __init__(self) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=intents,
            help_command=None,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )

    async def setup_hook(self) -> None:
        await self.add_cog(Extend())
        await self.add_cog(Poll())
        await self.tree.sync()


if __name__ == "__main__":
    use_endpoints(os.environ["DISCORD_API_URL"], os.environ["DISCORD_GATEWAY_URL"])
    BareBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)
