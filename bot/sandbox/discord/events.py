"""What happens, as it happens: for pages, scripts and tests that watch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from bot.sandbox.discord.interaction_model import Interaction, Modal
    from bot.sandbox.discord.record import RecordedRequest
    from bot.sandbox.discord.world import Channel, Message, User


@dataclass(slots=True, frozen=True)
class MessageCreated:
    """A message appeared (an ephemeral one for its `viewer_id` only)."""

    message: Message


@dataclass(slots=True, frozen=True)
class MessageUpdated:
    """A message changed: edited, no longer loading, reacted to."""

    message: Message


@dataclass(slots=True, frozen=True)
class MessageDeleted:
    """A message went."""

    message: Message


@dataclass(slots=True, frozen=True)
class TypingStarted:
    """Somebody types."""

    channel: Channel
    user: User


@dataclass(slots=True, frozen=True)
class InteractionChanged:
    """An interaction was made, deferred, answered or failed."""

    interaction: Interaction


@dataclass(slots=True, frozen=True)
class ModalOpened:
    """A modal opened on the screen of `interaction.user`."""

    interaction: Interaction
    modal: Modal


@dataclass(slots=True, frozen=True)
class ChannelChanged:
    """A channel or thread was made, changed or archived."""

    channel: Channel


@dataclass(slots=True, frozen=True)
class CommandsChanged:
    """Other commands are offered: the bot registered, changed or removed some, came to a guild, or left it."""


@dataclass(slots=True, frozen=True)
class BotReady:
    """A shard of the bot became ready."""

    shard_id: int
    shard_count: int


@dataclass(slots=True, frozen=True)
class RequestAnswered:
    """A REST request of the bot was answered, or its answer withheld."""

    request: RecordedRequest


Event: TypeAlias = (
    MessageCreated
    | MessageUpdated
    | MessageDeleted
    | TypingStarted
    | InteractionChanged
    | ModalOpened
    | ChannelChanged
    | CommandsChanged
    | BotReady
    | RequestAnswered
)


class Subscription:
    """An endless async iterator of events; leaving its `async with` ends it."""

    def __init__(self, hub: EventHub) -> None:
        """Begin to collect the events of `hub` at once."""
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self._stop = hub.listen(self._queue.put_nowait)

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop collecting."""
        self.close()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Wait for the next event."""
        return await self._queue.get()

    def close(self) -> None:
        """Stop collecting."""
        self._stop()


class EventHub:
    """Tell every listener everything, in order."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._listeners: dict[object, Callable[[Event], None]] = {}

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; the returned function ends that."""
        key = object()
        self._listeners[key] = listener

        def stop() -> None:
            self._listeners.pop(key, None)

        return stop

    def publish(self, event: Event) -> None:
        """Tell every listener."""
        for listener in list(self._listeners.values()):
            listener(event)

    async def wait_until(self, condition: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 - the name people expect
        """Wait until `condition` holds, looking again after every event; raises TimeoutError after `timeout` seconds."""
        if condition():
            return
        done = asyncio.Event()

        def look(_: Event) -> None:
            if condition():
                done.set()

        stop = self.listen(look)
        try:
            async with asyncio.timeout(timeout):
                await done.wait()
        finally:
            stop()
