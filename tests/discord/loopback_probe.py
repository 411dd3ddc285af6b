"""A small real discord.py bot that uses what the loopback has to carry."""

from __future__ import annotations

import io
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands


class AgainButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"again:1:(?P<key>\w+)"):
    """A button that outlives the process that sent it."""

    def __init__(self, key: str) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:1:{key}"))
        self.key = key

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: Any, /) -> Self:  # noqa: ANN401 - discord.py's signature
        return cls(match["key"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(NoteModal(self.key))


class NoteModal(discord.ui.Modal, title="A note"):
    """A form with a prefilled field."""

    note: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Note", default="hello", max_length=20)

    def __init__(self, key: str) -> None:
        super().__init__(custom_id=f"note:{key}")

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await interaction.response.send_message(f"noted: {self.note.value}", ephemeral=True)


def again(key: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(AgainButton(key))
    return view


class ProbeBot(commands.AutoShardedBot):
    """Few commands, each for one thing the loopback must carry."""

    def __init__(self, *, intents: discord.Intents | None = None, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=intents or discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.05,
            **options,
        )
        self.seen: list[discord.Interaction[Any]] = []
        self.resumed: list[int] = []

    async def setup_hook(self) -> None:
        self.add_dynamic_items(AgainButton)
        own: list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu] = [echo, later, upload, private, silent, quote]
        for command in own:
            self.tree.add_command(command)
        await self.tree.sync()

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.resumed.append(shard_id)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.seen.append(interaction)


@app_commands.command(description="Say it again")
@app_commands.describe(text="What to say", times="How often")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def echo(interaction: discord.Interaction[Any], text: str, times: app_commands.Range[int, 1, 3] = 1) -> None:
    await interaction.response.send_message(" ".join([text] * times), view=again("echo"))


@echo.autocomplete("text")
async def _complete(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=f"{current}!", value=f"{current}-1"),
        app_commands.Choice(name=interaction.namespace.times or "-", value="x"),
    ]


@app_commands.command(description="Think, then answer")
@app_commands.allowed_installs(guilds=True, users=True)
async def later(interaction: discord.Interaction[Any], followups: int = 0) -> None:
    response = await interaction.response.defer(thinking=True)
    assert response is not None
    assert response.message_id is not None
    await interaction.edit_original_response(content=f"done {response.message_id}")
    for number in range(followups):
        await interaction.followup.send(f"more {number}")


@app_commands.command(description="Attach a file")
async def upload(interaction: discord.Interaction[Any], size: int, cover: discord.Attachment | None = None) -> None:
    name = "track.mp3" if cover is None else cover.filename
    await interaction.response.send_message("here", file=discord.File(io.BytesIO(bytes(size)), name, description="a track"))


@app_commands.command(description="Only for you")
async def private(interaction: discord.Interaction[Any]) -> None:
    response = await interaction.response.send_message("psst", ephemeral=True)
    assert isinstance(response.resource, discord.InteractionMessage)
    await interaction.followup.send(f"ephemeral: {response.resource.flags.ephemeral}", ephemeral=True)


@app_commands.command(description="Never answer")
async def silent(interaction: discord.Interaction[Any]) -> None:
    del interaction


@app_commands.context_menu(name="Quote")
async def quote(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(f"{message.author.display_name}: {message.content}")
