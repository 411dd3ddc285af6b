"""An interaction, as far as what answers it uses one; what Discord says to each call is told beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.services.references import References
from tests.contract.builders import GUILD, USER
from tests.fakes import EPOCH, FakeClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.unit.rig import Services


def refused(status: int, code: int) -> discord.HTTPException:
    """Make the error that discord.py raises for an answer."""
    kinds = {404: discord.NotFound, 403: discord.Forbidden, 503: discord.DiscordServerError}
    response = SimpleNamespace(status=status, reason="as told")
    return kinds.get(status, discord.HTTPException)(cast("Any", response), {"code": code, "message": "as told"})


@dataclass
class FakeProcess:
    """The bot, as far as it is still there."""

    user: object | None = field(default=None, kw_only=True)
    closed: bool = field(default=False, kw_only=True)

    def is_closed(self) -> bool:
        return self.closed


@dataclass
class FakeConnection(FakeProcess):
    """The bot, as far as it can answer at all."""

    services: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(references=References(clock=FakeClock(), redact=str)))


@dataclass
class FakeClient(FakeProcess):
    """The bot, as components see it."""

    services: Services
    folder: Path
    guilds_known: tuple[int, ...] = (GUILD,)

    def media_path(self, name: str) -> Path:
        return self.folder / name

    def get_guild(self, guild_id: int) -> object | None:
        return object() if guild_id in self.guilds_known else None


@dataclass
class FakeInteraction:
    """Notes what is answered; `says` are the errors that the next calls meet, in order (None: that one goes through)."""

    client: FakeConnection | FakeClient = field(default_factory=FakeConnection)
    id: int = 42
    user_id: int = USER
    guild_id: int | None = GUILD
    channel_id: int | None = USER + 2
    is_dm: bool = False
    channel: object | None = None
    member: discord.Member | None = None
    """Who acts, where more than their id matters."""
    installed: bool = True
    """Whether the application is installed in the server, not by the person alone."""
    original: object | None = None
    """What asking for the reply brings."""
    says: list[Exception | None] = field(default_factory=list[Exception | None])
    done: bool = False
    answers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    follow_ups: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    defers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    edits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of the reply."""
    deleted: bool = False
    message: discord.Message | None = None
    """What the control stands under."""
    modals: list[discord.ui.Modal] = field(default_factory=list[discord.ui.Modal])
    data: Mapping[str, Any] = field(default_factory=lambda: {"custom_id": "pressed:1:something"})

    filesize_limit = 10 * 1024 * 1024
    locale = discord.Locale.german
    token = "interaction-token"
    created_at = datetime.fromtimestamp(EPOCH, UTC)
    permissions = discord.Permissions.none()
    type = discord.InteractionType.component
    command = None

    @property
    def response(self) -> FakeInteraction:
        return self

    @property
    def followup(self) -> FakeInteraction:
        return self

    @property
    def user(self) -> discord.abc.Snowflake:
        return self.member or discord.Object(self.user_id)

    @property
    def context(self) -> SimpleNamespace:
        return SimpleNamespace(dm_channel=self.is_dm)

    def is_guild_integration(self) -> bool:
        return self.installed

    def is_done(self) -> bool:
        return self.done

    def _met(self, given: dict[str, Any] | None = None) -> None:
        for file in (given or {}).get("files", []):
            file.close()  # sent or refused, discord.py closes what it was given
        error = self.says.pop(0) if self.says else None
        if error is not None:
            raise error

    async def defer(self, **given: Any) -> object:  # noqa: ANN401 - as discord.py takes it
        self.defers.append(given)
        self._met()
        self.done = True
        return SimpleNamespace(message_id=77, is_ephemeral=lambda: False)

    async def original_response(self) -> object:
        if self.original is None:
            raise refused(404, 10008)
        return self.original

    async def send_message(self, **given: Any) -> object:  # noqa: ANN401 - as above
        self._met(given)
        self.done = True
        self.answers.append(given)
        return SimpleNamespace(message_id=77, is_ephemeral=lambda: bool(given.get("ephemeral")))

    async def send(self, **given: Any) -> None:  # noqa: ANN401 - as above
        self._met(given)
        self.follow_ups.append(given)

    async def edit_original_response(self, **given: Any) -> None:  # noqa: ANN401 - as above
        self._met({"files": given.get("attachments", [])})
        self.edits.append(given)

    async def delete_original_response(self) -> None:
        self._met()
        self.deleted = True

    async def send_modal(self, modal: discord.ui.Modal) -> None:
        self.done = True
        self.modals.append(modal)

    @property
    def as_sent(self) -> discord.Interaction[discord.Client]:
        return cast("discord.Interaction[discord.Client]", self)
