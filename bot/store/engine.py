"""How each dialect is connected to."""

import logging

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.outages import leave_out_row
from bot.store.urls import is_sqlite

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
"""What every connection to SQLite is told. FULL: a commit waits for the disk, so what was answered outlives a power cut."""
_CONNECTIONS = 4
"""One writes, the others read (SQLite); more would only wait for the same disk."""

_LOGGERS_OF_ROWS = ("aiosqlite", "sqlalchemy.engine.Engine")
"""At DEBUG the one writes each statement's parameters, the other each row that is read, among them interaction tokens."""


def build_engine(url: URL, *, patience: float) -> AsyncEngine:
    """Prepare an engine; `patience` (seconds) bounds the waiting for a connection and for other processes' locks."""
    for logger in _LOGGERS_OF_ROWS:
        logging.getLogger(logger).addFilter(_above_debug)
    engine = _sqlite(url, patience) if is_sqlite(url) else _postgres(url, patience)
    event.listen(engine.sync_engine, "handle_error", leave_out_row)
    return engine


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _sqlite(url: URL, patience: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
        # Without an isolation level the driver never begins a transaction by itself: a statement commits by itself, or BEGIN was said.
        connect_args={"isolation_level": None, "timeout": patience},
    )

    def set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", set_pragmas)
    return engine


def _postgres(url: URL, patience: float) -> AsyncEngine:
    # For libpq, unless the address says otherwise; a server that has vanished is noticed in half a minute, not in the system's two hours.
    defaults = {
        "application_name": "encore",
        "connect_timeout": str(max(2, round(patience))),  # whole seconds, and two at the least
        "keepalives_idle": "15",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
    return create_async_engine(
        url.set(query={**defaults, **url.query}),
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
        pool_pre_ping=True,
    )
