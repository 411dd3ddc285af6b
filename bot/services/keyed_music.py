"""The music API under a key that can be changed, or is not at hand."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.domain.reports import TaskReport
from bot.domain.requests import MusicRequest
from bot.errors import KeyRefused
from bot.services.ports.outside import Music

OpenMusic = Callable[[SecretStr], AbstractAsyncContextManager[Music]]
"""Opens one key's way to the music API."""


@dataclass(slots=True)
class _Way:
    """One key's way, and how many requests are on it."""

    music: Music
    closing: AsyncExitStack
    users: int = 0
    replaced: bool = False


class KeyedMusic:
    """Fulfils the Music port. Without a key every request is refused here, and reaches nobody."""

    def __init__(self, open_music: OpenMusic) -> None:
        """Begin without a key."""
        self._open = open_music
        self._way: _Way | None = None
        self.key: SecretStr | None = None

    async def use(self, key: SecretStr | None) -> None:
        """Send what comes from now on with this key; what is under way ends on the one that it left with."""
        way: _Way | None = None
        if key is not None:
            closing = AsyncExitStack()
            way = _Way(await closing.enter_async_context(self._open(key)), closing)
        before, self._way, self.key = self._way, way, key
        if before is not None:
            before.replaced = True
            await _close_if_unused(before)

    async def submit(self, request: MusicRequest) -> str:
        """Pass a submit on."""
        async with self._on_the_way() as music:
            return await music.submit(request)

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Pass a query on."""
        async with self._on_the_way() as music:
            return await music.task(task_id, slot=slot)

    @asynccontextmanager
    async def _on_the_way(self) -> AsyncGenerator[Music]:
        way = self._way
        if way is None:
            raise KeyRefused("This server's key is not at hand.")
        way.users += 1
        try:
            yield way.music
        finally:
            way.users -= 1
            await _close_if_unused(way)


async def _close_if_unused(way: _Way) -> None:
    if way.replaced and not way.users:
        await way.closing.aclose()
