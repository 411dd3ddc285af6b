"""What every part of the loopback shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.discord.events import EventHub

if TYPE_CHECKING:
    from bot.sandbox.discord.command_book import CommandBook
    from bot.sandbox.discord.files import FileStore
    from bot.sandbox.discord.gateway import Gateway
    from bot.sandbox.discord.interaction_model import Interaction
    from bot.sandbox.discord.snowflakes import Clock, Snowflakes
    from bot.sandbox.discord.world import User, World


@dataclass(slots=True, frozen=True, kw_only=True)
class Limits:
    """What differs between Discord's published numbers and a test's needs.

    `nonce_seconds` is Discord's "past few minutes"; `late_edits`, when given, is how often a message older than an hour may be
    edited, and `late_edit_retry_seconds` what a refusal says to wait (Discord publishes neither).
    """

    request_bytes: int = 25 * 1024 * 1024
    nonce_seconds: float = 300.0
    late_edits: int | None = None
    late_edit_retry_seconds: float = 5.0


@dataclass(slots=True, eq=False, kw_only=True)
class Core:
    """The shared state: one of each."""

    clock: Clock
    snowflakes: Snowflakes
    world: World
    files: FileStore
    gateway: Gateway
    commands: CommandBook
    limits: Limits
    hub: EventHub
    closed: bool = False
    interactions: dict[int, Interaction] = field(default_factory=dict[int, "Interaction"])
    interactions_by_token: dict[str, Interaction] = field(default_factory=dict[str, "Interaction"])
    nonces: dict[tuple[int, str], tuple[float, int, int]] = field(default_factory=dict[tuple[int, str], tuple[float, int, int]])

    @property
    def bot(self) -> User:
        """Return the bot's account."""
        return self.world.application.bot
