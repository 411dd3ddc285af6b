"""Which of a driver's errors mean that the database cannot be used, and none that quotes a row."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreUnavailable

_SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    },
)
_PRIMARY_CODE = 0xFF
"""The low byte of an extended result code (sqlite.org, "Result and Error Codes")."""

_POSTGRES_OUTAGES = (
    # Every connection lost or refused, no resources, shutting down, locked too long (PostgreSQL, appendix A: classes 08, 53, 55, 57, 58).
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # A standby after a failover.
    psycopg.errors.ReadOnlySqlTransaction,
)


@contextmanager
def outages_translated() -> Generator[None]:
    """Raise StoreUnavailable for an outage; an error that is a bug of ours stays what it is."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("the database is busy: no connection came free in time") from error
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        raise StoreUnavailable(f"the database cannot be used: {str(error.orig).strip()}") from error


def _is_outage(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # Errors of the sqlite3 module itself carry no code.
        code: int | None = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & _PRIMARY_CODE in _SQLITE_OUTAGES
    return isinstance(cause, _POSTGRES_OUTAGES)


def leave_out_row(context: ExceptionContext) -> None:
    """Cut an error of PostgreSQL down to its first line: its detail quotes the failing row, and a row may hold an interaction's token."""
    cause = context.original_exception
    if not isinstance(cause, psycopg.Error) or cause.diag.message_primary is None:
        return
    whole, primary = str(cause), cause.diag.message_primary
    cause.args = (primary,)
    if (outer := context.sqlalchemy_exception) is not None:
        outer.args = (str(outer.args[0]).replace(whole, primary), *outer.args[1:])
