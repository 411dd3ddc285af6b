"""What a person did, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.sandbox.discord.interaction_model import Choice, Interaction, InteractionState, Modal

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.world import Message


class ClientRefusal(Exception):  # noqa: N818 - it is what Discord's own client does not let a person do
    """Discord's client would not send this."""


@dataclass(slots=True, frozen=True)
class InteractionCall:
    """One interaction as its person sees it."""

    core: Core
    interaction: Interaction

    @property
    def id(self) -> int:
        """Return the interaction's id."""
        return self.interaction.id

    @property
    def state(self) -> InteractionState:
        """Return where it stands."""
        return self.interaction.state

    @property
    def failed(self) -> str | None:
        """Return what the client shows of a failure, None while there is none."""
        return self.interaction.failure

    @property
    def response(self) -> Message | Modal | list[Choice] | None:
        """Return what came of it: a message (for a press that updates, the pressed one), a modal or choices."""
        if self.interaction.modal is not None:
            return self.interaction.modal
        return self.interaction.choices if self.interaction.choices is not None else self.interaction.original

    @property
    def message(self) -> Message:
        """Return the answer as a message; raises LookupError when it is none."""
        if self.interaction.original is None:
            msg = f"no message answered: {self.interaction.state}"
            raise LookupError(msg)
        return self.interaction.original

    @property
    def modal(self) -> Modal:
        """Return the answer as a modal; raises LookupError when it is none."""
        if self.interaction.modal is None:
            msg = f"no modal answered: {self.interaction.state}"
            raise LookupError(msg)
        return self.interaction.modal

    @property
    def followups(self) -> list[Message]:
        """Return the follow-ups."""
        return self.interaction.followups

    async def answered(self, timeout: float = 10.0) -> Self:  # noqa: ASYNC109 - the name people expect
        """Wait for the first answer, "… is thinking" included, or for the failure; raises TimeoutError."""
        await self.core.hub.wait_until(lambda: self.interaction.state is not InteractionState.PENDING, timeout)
        return self

    async def settled(self, timeout: float = 10.0) -> Self:  # noqa: ASYNC109 - the name people expect
        """Wait until it no longer thinks either; raises TimeoutError."""
        waiting = (InteractionState.PENDING, InteractionState.DEFERRED)
        await self.core.hub.wait_until(lambda: self.interaction.state not in waiting, timeout)
        return self
