"""What happens, kept for a while in order, so that every tab of the page can follow and catch up."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.sandbox.discord.events import (
    ChannelChanged,
    CommandsChanged,
    InteractionChanged,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
)
from bot.sandbox.discord.interaction_model import InteractionState
from bot.sandbox.page.message_view import message_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.discord.events import Event
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import JsonObject, Message
    from bot.sandbox.page.scene import Scene

KEPT = 500
"""Events that can be caught up with; whoever missed more reads everything anew."""


@dataclass(slots=True, frozen=True)
class MessageChange:
    """A message came (`new`) or changed; it is written for each person as it is when they read of it."""

    message: Message
    new: bool


@dataclass(slots=True, frozen=True)
class Gone:
    """A message was deleted, or dismissed by the one person of `only`."""

    message: Message
    only: int | None = None


@dataclass(slots=True, frozen=True)
class News:
    """Something that is the same for everybody."""

    name: str
    data: JsonObject


Entry: TypeAlias = MessageChange | Gone | News


class Feed:
    """The latest events; a cursor names the last one that somebody has read, and the feed that it was of."""

    def __init__(self, scene: Scene, kept: int = KEPT) -> None:
        """Listen to the loopback from now on."""
        self._scene = scene
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=kept)
        self._last = 0
        self._epoch = secrets.token_hex(4)
        self._news = asyncio.Event()
        self.closed = False
        self._stop: Callable[[], None] = scene.stage.discord.listen(self._hear)

    @property
    def cursor(self) -> str:
        """Return the cursor of somebody who has read everything."""
        return self._name(self._last)

    def close(self) -> None:
        """End every wait."""
        self._stop()
        self.closed = True
        self._news.set()

    def publish(self, entry: Entry) -> None:
        """Add an event."""
        self._last += 1
        self._entries.append((self._last, entry))
        self._news.set()
        self._news = asyncio.Event()

    def position(self, cursor: str) -> int | None:
        """Return where to go on after `cursor`; None when too much was missed, or another feed is meant."""
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdigit()):
            return None
        oldest = self._entries[0][0] if self._entries else self._last + 1
        return int(number) if oldest - 1 <= int(number) <= self._last else None

    async def wait(self, position: int, seconds: float) -> bool:
        """Wait until there is something after `position`; false when nothing came in time."""
        if self._last > position or self.closed:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def read(self, position: int, person: Person) -> tuple[list[tuple[str, str, JsonObject]] | None, int]:
        """Return what `person` sees of the events after `position`, each as cursor, name and data, and the position that this leads to.

        None in place of the events says that some of them are no longer kept.
        """
        if self.position(self._name(position)) is None:
            return None, self._last
        found: list[tuple[str, str, JsonObject]] = []
        for number, entry in self._entries:
            if number > position and (written := self._written(entry, person)) is not None:
                found.append((self._name(number), *written))
        return found, self._last

    @property
    def last(self) -> int:
        """Return the position of the latest event."""
        return self._last

    def _name(self, number: int) -> str:
        return f"{self._epoch}-{number}"

    def _written(self, entry: Entry, person: Person) -> tuple[str, JsonObject] | None:
        match entry:
            case MessageChange(message, new):
                if not self._scene.sees(person, message):
                    return None
                return "message", {"new": new, "message": message_view(self._scene, person, message)}
            case Gone(message, only):
                if (only or person.id) != person.id or message.viewer_id not in (None, person.id):
                    return None
                return "gone", {"channel": str(message.channel_id), "id": str(message.id)}
            case News(name, data):
                return name, data

    def _publish_replies_to(self, message: Message) -> None:
        """Announce the messages that quote this one: what they quote is not the same any more."""
        channel = self._scene.stage.discord.core.world.channels.get(message.channel_id)
        for other in channel.messages.values() if channel else ():
            if other.reference is message:
                self.publish(MessageChange(other, new=False))

    def _hear(self, event: Event) -> None:
        match event:
            case MessageCreated(message):
                self.publish(MessageChange(message, new=True))
            case MessageUpdated(message):
                self.publish(MessageChange(message, new=False))
                self._publish_replies_to(message)
            case MessageDeleted(message):
                self.publish(Gone(message))
                self._publish_replies_to(message)
            case InteractionChanged(interaction) if interaction.state is InteractionState.FAILED and interaction.original is not None:
                self.publish(MessageChange(interaction.original, new=False))
            case ChannelChanged() | CommandsChanged():
                self.publish(News("state", {}))
            case _:
                pass
