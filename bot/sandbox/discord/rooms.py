"""A channel as people see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Channel, Message


@dataclass(slots=True, frozen=True)
class Room:
    """The handle of a channel, thread, direct message or group."""

    core: Core = field(repr=False)
    channel: Channel

    @property
    def id(self) -> int:
        """Return the channel's id."""
        return self.channel.id

    @property
    def messages(self) -> list[Message]:
        """Return every message, ephemeral ones included, oldest first."""
        return [self.channel.messages[message_id] for message_id in sorted(self.channel.messages)]

    def messages_for(self, person: Person) -> list[Message]:
        """Return what this person sees here, oldest first: nothing without access, ephemeral messages only if meant for them."""
        if Permission.VIEW_CHANNEL not in self.core.world.permissions_of(person.user, self.channel):
            return []
        return [m for m in self.messages if m.viewer_id in (None, person.user.id)]

    async def wait_for(
        self,
        predicate: Callable[[Message], bool],
        timeout: float = 10.0,  # noqa: ASYNC109 - the name people expect
        *,
        person: Person | None = None,
    ) -> Message:
        """Return the first message, present or to come, that meets `predicate`; raises TimeoutError after `timeout` seconds.

        With `person`, only what they see counts.
        """

        def found() -> Message | None:
            visible = self.messages if person is None else self.messages_for(person)
            return next((message for message in visible if predicate(message)), None)

        await self.core.hub.wait_until(lambda: found() is not None, timeout)
        message = found()
        if message is None:
            msg = "the message went as soon as it came"
            raise TimeoutError(msg)
        return message
