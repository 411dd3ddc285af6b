"""EncoreBot: the connection to Discord, the command tree, and what answers interactions."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

import aiohttp
import discord
import stamina
from discord import app_commands
from discord.ext import commands

from bot.domain.admission import Act
from bot.domain.guild_settings import PostingRight
from bot.endpoints import shards_behind
from bot.errors import NotAdmitted
from bot.services.ports.records import Memory
from bot.ui import (
    buttons,
    continue_controls,
    family_controls,
    first_steps,
    host_controls,
    key_controls,
    library_controls,
    mine_controls,
    modals,
    moderation_controls,
    operator_controls,
    plan_controls,
    privacy_controls,
    publish_controls,
    session_controls,
    session_forms,
    settings_controls,
    sharing_controls,
    suggestions,
    unshare_controls,
    whole_controls,
)
from bot.ui.asking import admit
from bot.ui.client import Services
from bot.ui.owners import Owners
from bot.ui.safe import explain, guarded

log = logging.getLogger(__name__)

COGS = (
    "cogs.extend",
    "cogs.create",
    "cogs.track",
    "cogs.library",
    "cogs.jobs",
    "cogs.settings",
    "cogs.privacy",
    "cogs.help",
    "cogs.usage",
    "cogs.share",
    "cogs.moderate",
    "cogs.operator",
    "cogs.family",
    "cogs.export",
    "cogs.session",
)

CONTROLS = (
    buttons.ALL,
    continue_controls.ALL,
    family_controls.ALL,
    library_controls.ALL,
    publish_controls.ALL,
    first_steps.ALL,
    settings_controls.ALL,
    mine_controls.ALL,
    privacy_controls.ALL,
    key_controls.ALL,
    moderation_controls.ALL,
    operator_controls.ALL,
    sharing_controls.ALL,
    unshare_controls.ALL,
    whole_controls.ALL,
    session_controls.ALL,
    session_forms.ALL,
    plan_controls.ALL,
    host_controls.ALL,
)
"""Every button and select."""

FORMS = (
    *modals.FORMS,
    *library_controls.FORMS,
    *settings_controls.FORMS,
    *key_controls.FORMS,
    *sharing_controls.FORMS,
    *session_forms.FORMS,
    *plan_controls.FORMS,
)
"""Every form."""

T = TypeVar("T")

AWAY = (discord.DiscordServerError, discord.GatewayNotFound, aiohttp.ClientError, TimeoutError)
"""What discord.py raises while Discord is away; GatewayNotFound stands for whatever broke that one request."""


def act_of(command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | None) -> Act:
    """Read what a command amounts to from its `extras`, or its group's; what says nothing of itself is under the strictest."""
    at: app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu | None = command
    while at is not None:
        if "act" in at.extras:
            return at.extras["act"]
        at = None if isinstance(at, app_commands.ContextMenu) else at.parent
    return Act.HOST


class EncoreTree(app_commands.CommandTree["EncoreBot"]):
    """The commands: who may not do what one amounts to is refused, and whatever raises in one is answered."""

    async def interaction_check(self, interaction: discord.Interaction["EncoreBot"], /) -> bool:
        """Let a command, and its suggestions, pass the gate; a refusal is answered here."""
        try:
            await admit(interaction, act_of(interaction.command))
        except Exception as error:  # noqa: BLE001 - what is raised here would be answered by nobody
            if interaction.type is discord.InteractionType.autocomplete:
                await self._refuse_suggestions(interaction, error)
            else:
                await explain(interaction, error)
            return False
        return True

    async def _refuse_suggestions(self, interaction: discord.Interaction["EncoreBot"], error: Exception) -> None:
        """Offer the refusal as the only choice: an autocomplete cannot be answered in any other way."""
        if not isinstance(error, NotAdmitted):
            log.error("the gate broke off for the suggestions of interaction %d", interaction.id, exc_info=error)
            return
        try:
            await interaction.response.autocomplete(suggestions.refused(error))
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as unsent:
            log.info("suggestions of interaction %d could not be refused: %s", interaction.id, unsent)

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
        operator_server: int | None = None,
        operator_contact: str = "",
    ) -> None:
        """Set up the client, whose requests `http_trace` hears of; `serve` is to follow before it logs in.

        /operator is registered in `operator_server`, or else for direct messages.
        """
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
        self.operator_server = operator_server
        self.operator_contact = operator_contact
        self.owners = Owners(self.application_info)

    def serve(self, services: Services) -> None:
        """Take the services that commands and components use; they in turn need this bot, so they come after it."""
        self.services = services

    def media_path(self, name: str) -> Path:
        """Find a file of the archive."""
        return self._media_path(name)

    def gone(self, guild_id: int, ids: Iterable[int]) -> frozenset[int]:
        """Tell which of these roles and channels no longer exist; none in a server that is not known (yet)."""
        guild = self.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return frozenset()
        return frozenset(each for each in ids if guild.get_role(each) is None and guild.get_channel(each) is None)

    def closed(self, guild_id: int, channels: Iterable[int]) -> dict[int, PostingRight]:
        """Tell in which of these channels the bot may not post, and what it lacks first; only of those that are known."""
        guild = self.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return {}
        found = (channel for each in channels if (channel := guild.get_channel(each)) is not None)
        return {channel.id: missing for channel in found if (missing := _missing(channel.permissions_for(guild.me))) is not None}

    async def setup_hook(self) -> None:
        """Load the cogs, register the buttons, and sync the commands if they changed."""
        if self._pinned_gateway:
            self.shard_count = await _patiently(lambda: shards_behind(self))
        if self.application is not None:
            self.owners.learn(self.application)
        for cog in COGS:
            await self.load_extension(cog)
        self.add_dynamic_items(*(control for controls in CONTROLS for control in controls))
        await self._sync_commands()
        await self._sync_operator_server()

    async def launch_shards(self) -> None:
        """Connect every shard, as soon as Discord says how many there are."""
        await _patiently(super().launch_shards)

    async def _sync_commands(self) -> None:
        payload = self._payload(None)
        digest = self._digest(payload)
        if await self._memory.get(self._sync_key) == digest:
            log.debug("the commands are as Discord has them")
            return
        # Not `tree.sync`: nothing needs the answer, and that fails where an answer leaves out what a menu has no use for.
        await _patiently(lambda: self.http.bulk_upsert_global_commands(cast("int", self.application_id), payload=payload))
        await self._memory.set(self._sync_key, digest)
        log.info("synced %d commands", len(payload))

    async def _sync_operator_server(self) -> None:
        """Register what the operator's server alone has, and take it away from the one that was this before."""
        key = f"{self._sync_key}:server"
        before = await self._memory.get(key) or ""
        now = "" if self.operator_server is None else f"{self.operator_server} {self._digest(self._payload(self.operator_server))}"
        if before == now:
            return
        earlier = int(before.split()[0]) if before else None
        if earlier not in (None, self.operator_server):
            await self._register_in(earlier)
        if self.operator_server is None or await self._register_in(self.operator_server):
            await self._memory.set(key, now)

    async def _register_in(self, server: int) -> bool:
        """Make a server's own commands those of the tree; False where Discord does not let the bot."""
        payload = self._payload(server)
        try:
            await _patiently(lambda: self.http.bulk_upsert_guild_commands(cast("int", self.application_id), server, payload=payload))
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("/operator cannot be registered in, or removed from, server %d: is the bot a member? (%s)", server, error)
            return False
        log.info("synced %d commands of server %d", len(payload), server)
        return True

    def _payload(self, server: int | None) -> list[Any]:
        guild = None if server is None else discord.Object(server)
        return [command.to_dict(self.tree) for command in self.tree.get_commands(guild=guild)]

    def _digest(self, payload: list[Any]) -> str:
        text = json.dumps([self.application_id, payload], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer forms; commands and buttons have their own dispatch."""
        if interaction.type is discord.InteractionType.modal_submit:
            await guarded(interaction, modals.submitted(interaction, FORMS))


def _missing(allowed: discord.Permissions) -> PostingRight | None:
    """Tell what keeps the bot from posting, what comes first of it: without a view of a channel, nothing else counts."""
    rights = {
        PostingRight.VIEW: allowed.view_channel,
        PostingRight.SEND: allowed.send_messages,
        PostingRight.EMBED: allowed.embed_links,
        PostingRight.FILES: allowed.attach_files,
    }
    return next((right for right, has in rights.items() if not has), None)


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask Discord for something that the start cannot do without, until it answers."""
    async for attempt in stamina.retry_context(on=AWAY, attempts=None, timeout=None, wait_max=30.0):
        with attempt:
            return await ask()
    msg = "unreachable: the retries have no end"
    raise AssertionError(msg)
