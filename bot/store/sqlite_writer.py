"""SQLite's short way for the writes that every request makes: one trip to a thread, whatever the number of rows."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError

from bot.store.engine import PRAGMAS

Value: TypeAlias = "str | float | None"


class SqliteWriter:
    """A connection and a thread of its own.

    Through the usual driver a single statement crosses to its thread and back four or five times (cursor, statement, end of the
    cursor, end of the transaction), and each crossing wakes two threads: that was most of what a request cost.
    """

    def __init__(self, file: Path, *, patience: float, pragmas: Sequence[str] = PRAGMAS) -> None:
        """Prepare; the file is opened by the first write. `patience` (seconds) bounds the waiting for other processes' locks."""
        self._file = file
        self._patience = patience
        self._pragmas = pragmas
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")

    async def execute_each(self, sql: str, rows: Sequence[Sequence[Value]]) -> bool:
        """Execute a statement for each row, in one transaction; False, and nothing is written, unless each takes effect on one row.

        Raises sqlalchemy.exc.DBAPIError.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._execute_each, sql, rows)
        except sqlite3.Error as error:
            # As the usual way raises it; the row, which may hold an interaction's token, is left out.
            raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error

    async def close(self) -> None:
        """Close the connection, and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _execute_each(self, sql: str, rows: Sequence[Sequence[Value]]) -> bool:
        connection = self._connect()
        try:
            return _in_one_transaction(connection, sql, rows)
        except sqlite3.OperationalError:
            # The next write begins anew: the file may be another one by then.
            self._close()
            raise

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            # Without an isolation level the driver never begins a transaction by itself. The file is not created here: whoever opens
            # the database makes it, for its owner alone.
            connection = sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True, timeout=self._patience, isolation_level=None)
            try:
                for pragma in self._pragmas:
                    connection.execute(f"PRAGMA {pragma}")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _in_one_transaction(connection: sqlite3.Connection, sql: str, rows: Sequence[Sequence[Value]]) -> bool:
    if len(rows) == 1:
        return connection.execute(sql, rows[0]).rowcount == 1
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.executemany(sql, rows).rowcount == len(rows):
            connection.execute("COMMIT")
            return True
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return False
