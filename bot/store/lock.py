"""One active process a database: two would submit, and pay, twice."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import cast

import psycopg
from sqlalchemy import BigInteger, func, literal, select, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import AlreadyRunning, StartupError
from bot.store.engine import build_engine
from bot.store.outages import outages_translated
from bot.store.urls import is_sqlite, parse_url, sqlite_file

KEY = -0x656E636F7265
"""The advisory lock's number: "encore" in ASCII, and negative, so that it never meets a snowflake that is locked some day."""
_NOTICE_A_VANISHED_CLIENT = text(
    "SELECT set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '3', false)",
)
"""Else a host that lost its power would hold the lock for the two hours after which the server's system gives up."""
_ADVICE = "Stop it first, or give this one its own database (DATABASE_URL)."


class DatabaseLock:
    """The right to be the only active process, for as long as it is not lost."""

    def __init__(self) -> None:
        """Begin unlost."""
        self._lost = asyncio.Event()

    async def lost(self) -> None:
        """Return when the lock is gone with its connection: another process may have begun. A file's lock is never lost."""
        await self._lost.wait()

    def set_lost(self) -> None:
        """Tell whoever waits."""
        self._lost.set()


@asynccontextmanager
async def hold_lock(url: str) -> AsyncGenerator[DatabaseLock]:
    """Hold the database's lock; the system or the server releases it if the process dies.

    SQLite: an exclusive flock on the file `<database>.lock`. PostgreSQL: an advisory lock of a session of its own, so the
    address must lead to the server itself or to a pooler in session mode.
    Raises AlreadyRunning, StartupError for an unusable address or folder, StoreUnavailable.
    """
    parsed = parse_url(url)
    async with _hold_file(parsed) if is_sqlite(parsed) else _hold_session(parsed) as lock:
        yield lock


@asynccontextmanager
async def _hold_file(url: URL) -> AsyncGenerator[DatabaseLock]:
    file = sqlite_file(url)
    path = file.with_name(f"{file.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartupError(f"The database's folder cannot be used: {error}") from error
    # The file stays when the lock goes: deleting it would let two processes lock two files of the same name.
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            raise AlreadyRunning(f"Another bot (process {holder or 'unknown'}) is using {file}. {_ADVICE}") from None
        try:
            os.truncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise StartupError(f"The database's folder cannot be written: {error}") from error
        yield DatabaseLock()
    finally:
        os.close(descriptor)


@asynccontextmanager
async def _hold_session(url: URL) -> AsyncGenerator[DatabaseLock]:
    engine = build_engine(url, patience=5.0)
    lock = DatabaseLock()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        with outages_translated():
            connection = await stack.enter_async_context(engine.connect())
            # Closed, not given back: the lock ends with the session.
            stack.push_async_callback(connection.invalidate)
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_NOTICE_A_VANISHED_CLIENT)
            taken = await connection.scalar(select(func.pg_try_advisory_lock(literal(KEY, BigInteger))))
        if not taken:
            raise AlreadyRunning(f"Another bot is using the database {url.render_as_string(hide_password=True)}. {_ADVICE}")
        watch = asyncio.create_task(_watch(connection, lock), name="database-lock")
        try:
            yield lock
        finally:
            watch.cancel()
            await asyncio.wait([watch])


async def _watch(connection: AsyncConnection, lock: DatabaseLock) -> None:
    driver = cast("psycopg.AsyncConnection", (await connection.get_raw_connection()).driver_connection)
    with suppress(psycopg.Error):
        # Nothing is ever notified: this ends with the connection.
        async for _ in driver.notifies():
            pass
    lock.set_lost()
