"""The way to the database: connections to read and to write with."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

from sqlalchemy import BigInteger, Connection, Table, event, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StoreUnavailable
from bot.store.engine import build_engine
from bot.store.outages import outages_translated
from bot.store.urls import is_sqlite, parse_url, sqlite_file


class Database:
    """An open database. Everything but the constructor raises StoreUnavailable while the database cannot be used.

    `patience` (seconds) bounds the waiting for a connection and for a lock that another process holds. `on_statement`
    is called with the text of each statement that is sent.
    """

    def __init__(self, url: str, *, patience: float = 5.0, on_statement: Callable[[str], None] | None = None) -> None:
        """Prepare; nothing is connected before `open`. Raises StartupError for an address that cannot be used."""
        self._url = parse_url(url)
        self.engine: AsyncEngine = build_engine(self._url, patience=patience)
        self._transactions = self.engine
        self._statements = self.engine
        self._writer: AbstractAsyncContextManager[None] = nullcontext()
        if is_sqlite(self._url):
            # SQLite has one writer at a time: ours queue here, in order, and never meet its lock.
            self._writer = asyncio.Lock()
            self._transactions = self.engine.execution_options()
            event.listen(self._transactions.sync_engine, "begin", _begin_immediate)
        else:
            self._statements = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        if on_statement is not None:
            _report_statements(self.engine, on_statement)

    def __repr__(self) -> str:
        """Show the address without its password."""
        return f"Database({self._url.render_as_string(hide_password=True)})"

    async def open(self) -> None:
        """Create the SQLite file's folder and connect once."""
        if is_sqlite(self._url):
            file = sqlite_file(self._url)
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                # For its owner alone: interaction tokens are in it. SQLite gives the files beside it the same mode.
                file.touch(mode=0o600)
            except OSError as error:
                raise StoreUnavailable(f"the database's file cannot be opened: {error}") from error
        await self.ping()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        """Open."""
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close."""
        await self.close()

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        async with self.read() as connection:
            await connection.execute(select(1))

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for queries; each sees what was committed before it."""
        with outages_translated():
            async with self._statements.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write_one(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for one writing statement, which commits by itself."""
        with outages_translated():
            async with self._writer, self._statements.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction; it is committed at the end, and undone if anything is raised."""
        with outages_translated():
            async with self._writer, self._transactions.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write_in_turn(self, key: int) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction beside which no other with this key runs, in any process: what it has counted stays true until its commit."""
        async with self.write() as connection:
            if not is_sqlite(self._url):
                await connection.execute(select(func.pg_advisory_xact_lock(literal(key, BigInteger))))
            yield connection

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Begin an INSERT that can be told what to do ON CONFLICT."""
        return sqlite.insert(table) if is_sqlite(self._url) else postgresql.insert(table)


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first and then writes can fail at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _report_statements(engine: AsyncEngine, report: Callable[[str], None]) -> None:
    def on_execute(_connection: Connection, _cursor: object, statement: str, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        report(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", on_execute)
