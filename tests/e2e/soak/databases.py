"""The databases that the bot is soaked on, and what can go wrong with each."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.engine import make_url

from tests.e2e.soak.relay import HOST, Relay
from tests.postgres import fresh_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from pathlib import Path

    from bot.sandbox.stage import BotProcess
    from tests.e2e.soak.relay import Way

COMMITTED = (b"UPDATE 1\0", b"INSERT 0 1\0", b"COMMIT\0")
"""Command tags of PostgreSQL ("Message Formats", CommandComplete): what was asked for has happened, in a transaction or for good."""
LOSSES = 4
"""Answers that are lost one after the other."""
LOCK = 1
"""The oldest connection of a process is that of its advisory lock; without it the process ends."""


class Database(Protocol):
    """A database under the soak: `url` is for the bot, `own_url` a way to it that never breaks."""

    name: str
    url: str
    own_url: str

    @property
    def outages(self) -> Mapping[str, Callable[[float], Awaitable[None]]]:
        """Name what can go wrong, each for so many seconds."""
        ...


class SqliteFile:
    """A file; its disk can be full, and somebody else can hold its lock."""

    name = "SQLite"

    def __init__(self, path: Path, bot: BotProcess) -> None:
        self.url = self.own_url = f"sqlite+aiosqlite:///{path}"
        self._path = path
        self._bot = bot

    @property
    def outages(self) -> Mapping[str, Callable[[float], Awaitable[None]]]:
        return {"database: disk full": self._full, "database: locked": self._locked}

    async def _full(self, seconds: float) -> None:
        """Let no write of the bot's process succeed; one that is started meanwhile has a disk.

        A limit on the size of files needs no privileges, and hits what a full file system would spare: blocks that SQLite has already.
        """
        process = self._bot.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            usual = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, usual[1]))
            try:
                await asyncio.sleep(seconds)
            finally:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, usual)

    async def _locked(self, seconds: float) -> None:
        """Hold the write lock, as a backup might."""
        other = sqlite3.connect(self._path, isolation_level=None, timeout=0.0)
        # The bot may hold it just then, or not have made the file yet.
        with contextlib.closing(other), contextlib.suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)


class PostgresBehindRelay:
    """A database on a server; the way to it can break."""

    name = "PostgreSQL"

    def __init__(self, own_url: str, relay: Relay) -> None:
        self.own_url = own_url
        self.url = make_url(own_url).set(host=HOST, port=relay.port, query={}).render_as_string(hide_password=False)
        self._relay = relay

    @property
    def outages(self) -> Mapping[str, Callable[[float], Awaitable[None]]]:
        return {
            "database: gone": self._gone,
            "database: cut off": self._cut,
            "database: held up": self._held,
            # Thrice, since each of the states that a job passes through is written by another part.
            **{f"database: answers lost ({number})": self._lose for number in range(1, 4)},
        }

    async def _gone(self, seconds: float) -> None:
        """Be away; the bot loses its lock, and ends."""
        await self._relay.refuse()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._relay.listen()

    async def _cut(self, seconds: float) -> None:
        """Cut every connection but the lock's, now and again."""
        for _ in range(4):
            self._relay.cut(but=LOCK)
            await asyncio.sleep(seconds / 4)

    async def _held(self, seconds: float) -> None:
        """Let nothing through."""
        self._relay.hold()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._relay.release()

    async def _lose(self, seconds: float) -> None:
        """Let writes happen, and their answers be lost."""
        self._relay.lose_answers(LOSSES, *COMMITTED)
        await asyncio.sleep(seconds)
        self._relay.lose_answers(0)


@asynccontextmanager
async def open_postgres(server_url: str) -> AsyncGenerator[PostgresBehindRelay]:
    """Yield a new database on a server, behind a relay."""
    async with fresh_database(server_url) as own_url, Relay(_way_to(own_url)) as relay:
        yield PostgresBehindRelay(own_url, relay)


def _way_to(url: str) -> Callable[[], Awaitable[Way]]:
    parsed = make_url(url)
    host, port = parsed.host or str(parsed.query.get("host", HOST)), parsed.port or 5432
    if host.startswith("/"):
        return lambda: asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return lambda: asyncio.open_connection(host, port)
