"""The way to the database: connections to read and to write with."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

from sqlalchemy import ClauseElement, Connection, Dialect, Executable, Table, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler

from bot.errors import StoreUnavailable
from bot.store.engine import build_engine
from bot.store.full_text import BY_INDEX
from bot.store.outages import outages_translated
from bot.store.sqlite_writer import SqliteWriter, Value
from bot.store.tables import storable
from bot.store.urls import is_sqlite, parse_url, sqlite_file

Row: TypeAlias = Mapping[str, Any]


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
        self._short_way: SqliteWriter | None = None
        self._on_statement = on_statement
        self._compiled: dict[Executable, _Compiled] = {}
        if is_sqlite(self._url):
            self._short_way = SqliteWriter(sqlite_file(self._url), patience=patience)
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
        if self._short_way is not None:
            await self._short_way.close()
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
    async def search(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for queries about words, which PostgreSQL is to look up whatever it takes for cheaper."""
        if is_sqlite(self._url):
            async with self.read() as connection:
                yield connection
            return
        with outages_translated():
            async with self._transactions.begin() as connection:
                await connection.execute(BY_INDEX)
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

    async def execute_each(self, statement: Executable, rows: Sequence[Row]) -> bool:
        """Execute a statement for every row, in one transaction; False, and nothing is written, unless each takes effect on one row.

        `statement` is one of a few that live as long as the database is open.
        """
        if self._short_way is not None:
            compiled = self._compile(statement, rows[0])
            if self._on_statement is not None:
                self._on_statement(compiled.sql)
            with outages_translated():
                async with self._writer:
                    return await self._short_way.execute_each(compiled.sql, [compiled.bind(row) for row in rows])
        if len(rows) == 1:
            async with self.write_one() as connection:
                return (await connection.execute(statement, rows[0])).rowcount == 1
        with suppress(_NotEach):
            async with self.write() as connection:
                if (await connection.execute(statement, rows)).rowcount == len(rows):
                    return True
                raise _NotEach
        return False

    def _compile(self, statement: Executable, row: Row) -> "_Compiled":
        if statement not in self._compiled:
            self._compiled[statement] = _Compiled.of(statement, row, self.engine.dialect)
        return self._compiled[statement]

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Begin an INSERT that can be told what to do ON CONFLICT."""
        return sqlite.insert(table) if is_sqlite(self._url) else postgresql.insert(table)


class _NotEach(Exception):  # noqa: N818 - it undoes a transaction, and goes no further
    """One of the rows would not take effect."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as SQLite's own driver takes it: with places for values, and the values' names in their order."""

    sql: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, statement: Executable, row: Row, dialect: Dialect) -> "_Compiled":
        compiled = cast("ClauseElement", statement).compile(dialect=dialect, column_keys=list(row))
        return cls(str(compiled), tuple(cast("SQLCompiler", compiled).positiontup or ()))

    def bind(self, row: Row) -> list[Value]:
        return [value if (value := row[name]) is None or type(value) in _AS_THEY_ARE else _bound(value) for name in self.names]


_AS_THEY_ARE = frozenset({int, float, bool})
"""Types of values that are taken as they are: most of them, and asking the next one costs a call."""


def _bound(value: Any) -> Value:  # noqa: ANN401 - any column's
    """Do what the columns' types would: leave out what cannot be stored, and write JSON."""
    if isinstance(value, str):
        return storable(value)
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads first and then writes can fail at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _report_statements(engine: AsyncEngine, report: Callable[[str], None]) -> None:
    def on_execute(_connection: Connection, _cursor: object, statement: str, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        report(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", on_execute)
