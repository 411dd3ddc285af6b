"""/moderate and the menus of messages and people: take tracks down, block people."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.ui import moderation_words
from bot.ui.asking import actor_of
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.moderation_controls import ask_removal, person_of
from bot.ui.sending import answer_privately
from bot.ui.words import safe_text

LISTED = 60
"""Blocked people that are listed: their mentions fit a message (2000 characters, Message Resource)."""
REMOVE, BLOCK = "Remove track", "Block from Encore"


@app_commands.default_permissions(manage_messages=True)
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class Moderate(commands.GroupCog, group_name="moderate", group_description="Block people from using me on this server"):
    """What people with Manage Messages do."""

    def __init__(self, bot: commands.AutoShardedBot) -> None:
        """Offer the menus beside the commands."""
        self._tree = bot.tree
        self._menus = (
            app_commands.ContextMenu(name=REMOVE, callback=remove_track, extras={"act": Act.WITHDRAW}),
            app_commands.ContextMenu(
                name=BLOCK,
                callback=block_person,
                extras={"act": Act.MANAGE},
                allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
                allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            ),
        )
        self._menus[1].default_permissions = discord.Permissions(manage_messages=True)

    async def cog_load(self) -> None:
        """Put the menus where people find them."""
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take them away."""
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    @app_commands.command(extras={"act": Act.MANAGE})
    @app_commands.describe(person="Who may not use me here any more", reason="For the moderation log; you can leave this out")
    async def block(
        self,
        interaction: discord.Interaction[discord.Client],
        person: discord.User,
        reason: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        """Accept nothing more of a person on this server; what they have under way stays theirs"""  # noqa: D415 - Discord shows it as a label
        await _block(interaction, person, reason or "")

    @app_commands.command(extras={"act": Act.MANAGE})
    @app_commands.describe(person="Who may use me here again")
    async def unblock(self, interaction: discord.Interaction[discord.Client], person: discord.User) -> None:
        """Lift the block of a person on this server"""  # noqa: D415 - as above
        await interaction.response.defer(ephemeral=True, thinking=True)
        was_blocked = await services(interaction).moderation.unblock(person.id, actor_of(interaction))
        await answer_privately(interaction, Card(content=moderation_words.unblocked(person.id, was_blocked=was_blocked)))

    @app_commands.command(extras={"act": Act.MANAGE})
    async def blocked(self, interaction: discord.Interaction[discord.Client]) -> None:
        """See who is blocked on this server"""  # noqa: D415 - as above
        await interaction.response.defer(ephemeral=True, thinking=True)
        people = await services(interaction).moderation.blocked(actor_of(interaction))
        await answer_privately(interaction, Card(content=moderation_words.block_list(people, most=LISTED)))


async def remove_track(interaction: discord.Interaction[discord.Client], message: discord.Message) -> None:
    """Ask whether a message's track is to be removed."""
    await ask_removal(interaction, message)


async def block_person(interaction: discord.Interaction[discord.Client], person: discord.User) -> None:
    """Block a person from their menu."""
    await _block(interaction, person, "")


async def _block(interaction: discord.Interaction[discord.Client], person: discord.User | discord.Member, reason: str) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await services(interaction).moderation.block(person_of(person), actor_of(interaction), safe_text(reason, 200) if reason else "")
    await answer_privately(interaction, Card(content=moderation_words.blocked(person.id)))


async def setup(bot: commands.AutoShardedBot) -> None:
    """Add the family to the bot."""
    await bot.add_cog(Moderate(bot))
