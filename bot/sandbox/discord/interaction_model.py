"""What an interaction is, and what can come out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.world import JsonObject

if TYPE_CHECKING:
    from bot.sandbox.discord.world import Channel, Guild, Message, User

ACK_SECONDS = 3.0
"""Time to the first answer (page "Receiving and Responding to Interactions")."""
TOKEN_SECONDS = 15 * 60.0
"""Life of an interaction token (same page)."""


class InteractionType(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackType(IntEnum):
    """How the bot may first answer."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


class InteractionState(StrEnum):
    """Where an interaction stands for the person who made it."""

    PENDING = "pending"
    DEFERRED = "deferred"
    ANSWERED = "answered"
    FAILED = "failed"


class InteractionContext(IntEnum):
    """Where an interaction happened."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


@dataclass(slots=True, frozen=True, kw_only=True)
class Choice:
    """One suggestion of an autocomplete answer."""

    name: str
    value: str | float


@dataclass(slots=True, frozen=True, kw_only=True)
class ModalField:
    """One question of a modal; `value` is what it is prefilled with."""

    custom_id: str
    type: Component
    label: str
    value: str
    required: bool
    component: JsonObject


@dataclass(slots=True, frozen=True, kw_only=True)
class Modal:
    """A form on a person's screen."""

    custom_id: str
    title: str
    components: list[JsonObject]
    opened_by: Interaction

    @property
    def fields(self) -> list[ModalField]:
        """List the questions in order."""
        found: list[ModalField] = []
        for line in self.components:
            for component in walk([line]):
                if "custom_id" in component:
                    kind = Component(component["type"])
                    found.append(
                        ModalField(
                            custom_id=component["custom_id"],
                            type=kind,
                            label=component.get("label") or line.get("label") or "",
                            value=component.get("value") or "",
                            required=component.get("required", kind is not Component.CHECKBOX),
                            component=component,
                        )
                    )
        return found


@dataclass(slots=True, eq=False, kw_only=True)
class Interaction:
    """One command, press, choice or submitted modal, from the click to its last follow-up.

    `owners` is Discord's authorizing_integration_owners; `source` the message whose component was used.
    """

    id: int
    token: str
    type: InteractionType
    user: User
    channel: Channel
    guild: Guild | None
    context: InteractionContext
    owners: dict[str, int]
    created_at: float
    data: JsonObject
    source: Message | None = None
    command_name: str = ""
    focused_type: int = 0
    upload_limit: int = 0
    state: InteractionState = InteractionState.PENDING
    failure: str | None = None
    callback: CallbackType | None = None
    original: Message | None = None
    modal: Modal | None = None
    choices: list[Choice] | None = None
    followups: list[Message] = field(default_factory=list["Message"])

    @property
    def only_user_installed(self) -> bool:
        """Tell whether the app came with the person and is not in the guild."""
        return "0" not in self.owners
