"""EncoreBot: the connection to Discord, the command tree, and what answers interactions."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import aiohttp
import discord
import stamina
from discord import app_commands
from discord.ext import commands

from bot.endpoints import shards_behind
from bot.services.ports import Clips, Drafts, Memory, Requests
from bot.ui import buttons, modals
from bot.ui.safe import explain, guarded

log = logging.getLogger(__name__)

COGS = ("cogs.extend", "cogs.track", "cogs.jobs")

T = TypeVar("T")

AWAY = (discord.DiscordServerError, discord.GatewayNotFound, aiohttp.ClientError, TimeoutError)
"""What discord.py raises while Discord is away; GatewayNotFound stands for whatever broke that one request."""


class EncoreTree(app_commands.CommandTree["EncoreBot"]):
    """The commands; whatever raises in one is answered."""

    async def on_error(self, interaction: discord.Interaction["EncoreBot"], error: app_commands.AppCommandError, /) -> None:
        """Answer in words, or with a reference."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if interaction.type is discord.InteractionType.autocomplete:
            log.error("autocomplete of %s broke off", interaction.command and interaction.command.name, exc_info=cause)
            return
        await explain(interaction, cause)


class EncoreBot(commands.AutoShardedBot):
    """A client that knows the services; the cogs and the components find them here."""

    def __init__(
        self,
        *,
        media_path: Callable[[str], Path],
        memory: Memory,
        api_url: str,
        pinned_gateway: bool,
        http_trace: aiohttp.TraceConfig,
    ) -> None:
        """Set up the client, whose requests `http_trace` hears of; `serve` is to follow before it logs in."""
        intents = discord.Intents.none()
        intents.guilds = True
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=intents,
            tree_cls=EncoreTree,
            help_command=None,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=http_trace,
        )
        self._media_path = media_path
        self._memory = memory
        self._sync_key = f"commands:{api_url}"
        self._pinned_gateway = pinned_gateway

    def serve(self, *, requests: Requests, clips: Clips, drafts: Drafts) -> None:
        """Take the services that commands and components use; they in turn need this bot, so they come after it."""
        self.requests = requests
        self.clips = clips
        self.drafts = drafts

    def media_path(self, name: str) -> Path:
        """Find a file of the archive."""
        return self._media_path(name)

    async def setup_hook(self) -> None:
        """Load the cogs, register the buttons, and sync the commands if they changed."""
        if self._pinned_gateway:
            self.shard_count = await _patiently(lambda: shards_behind(self))
        for cog in COGS:
            await self.load_extension(cog)
        self.add_dynamic_items(*buttons.ALL)
        await self._sync_commands()

    async def launch_shards(self) -> None:
        """Connect every shard, as soon as Discord says how many there are."""
        await _patiently(super().launch_shards)

    async def _sync_commands(self) -> None:
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        text = json.dumps([self.application_id, commands_now], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if await self._memory.get(self._sync_key) == digest:
            log.debug("the commands are as Discord has them")
            return
        synced = await _patiently(self.tree.sync)
        await self._memory.set(self._sync_key, digest)
        log.info("synced %d commands", len(synced))

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer forms; commands and buttons have their own dispatch."""
        if interaction.type is discord.InteractionType.modal_submit:
            await guarded(interaction, modals.submitted(interaction))


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask Discord for something that the start cannot do without, until it answers."""
    async for attempt in stamina.retry_context(on=AWAY, attempts=None, timeout=None, wait_max=30.0):
        with attempt:
            return await ask()
    msg = "unreachable: the retries have no end"
    raise AssertionError(msg)
