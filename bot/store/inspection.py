"""Looking at a database without changing anything in it, also while a bot is using it."""

import asyncio
import fcntl
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from bot.domain.guild_keys import SealedKey
from bot.errors import StoreUnavailable
from bot.store.database import Database
from bot.store.keys import GuildKeys
from bot.store.lock import KEY
from bot.store.outages import outages_translated
from bot.store.urls import is_sqlite, parse_url, sqlite_file

_SQLITE_VERSION: Final = text("SELECT sqlite_version()")
_POSTGRES_VERSION: Final = text("SELECT current_setting('server_version')")
_LOW: Final = 0xFFFF_FFFF
_ADVISORY_LOCK: Final = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND CAST(classid AS bigint) = :high AND CAST(objid AS bigint) = :low"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
)
"""An advisory lock's number stands there in two halves (PostgreSQL, pg_locks)."""


class Schema(StrEnum):
    """How a database's schema compares with this program's."""

    NONE = "none"
    """Nothing has been made yet."""
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"
    """A newer program wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found: the server and its version, the schema, the migrations to come, and whether a bot holds the lock.

    `own_keys` are the servers' own API keys as they are kept; none are read where the schema is not this program's.
    """

    server: str
    schema: Schema
    pending: int
    in_use: bool
    own_keys: tuple[SealedKey, ...] = ()


async def inspect(url: str) -> Inspection:
    """Look at the database. Raises StartupError for an address that cannot be used, StoreUnavailable."""
    parsed = parse_url(url)
    migrations = _known()
    if is_sqlite(parsed):
        file = sqlite_file(parsed)
        _demand_folder(file)
        in_use = await asyncio.to_thread(_file_is_locked, file.with_name(f"{file.name}.lock"))
        if not file.exists():
            return Inspection(server="SQLite", schema=Schema.NONE, pending=len(migrations), in_use=in_use)
        return await _look(url, parsed, migrations, in_use=in_use)
    return await _look(url, parsed, migrations, in_use=None)


async def _look(url: str, parsed: URL, migrations: list[str], *, in_use: bool | None) -> Inspection:
    name, version = ("SQLite", _SQLITE_VERSION) if is_sqlite(parsed) else ("PostgreSQL", _POSTGRES_VERSION)
    # Not opened: that would make the file. A connection makes nothing.
    database = Database(url)
    try:
        with outages_translated():
            async with database.engine.connect() as connection:
                server = f"{name} {(await connection.execute(version)).scalar_one()}"
                heads = await connection.run_sync(_heads)
                if in_use is None:
                    halves = {"high": KEY >> 32 & _LOW, "low": KEY & _LOW}
                    in_use = bool((await connection.execute(_ADVISORY_LOCK, halves)).scalar_one())
        schema, pending = compare(migrations, heads)
        own_keys = await GuildKeys(database).all() if schema is Schema.CURRENT else []
    finally:
        await database.close()
    return Inspection(server=server, schema=schema, pending=pending, in_use=in_use, own_keys=tuple(own_keys))


def compare(known: list[str], found: tuple[str, ...]) -> tuple[Schema, int]:
    """Compare the revisions that this program knows, newest first, with the one found; tell also how many are to come."""
    if not found:
        return Schema.NONE, len(known)
    if not set(found) <= set(known):
        return Schema.NEWER, 0
    pending = min(known.index(revision) for revision in found)
    return (Schema.BEHIND if pending else Schema.CURRENT), pending


def _known() -> list[str]:
    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    return [script.revision for script in scripts.walk_revisions()]


def _heads(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()


def _demand_folder(file: Path) -> None:
    """Raise StoreUnavailable unless the file's folder can be written to, or be made: SQLite keeps its log beside the file."""
    folder = next(parent for parent in file.parents if parent.exists())
    if not folder.is_dir():
        raise StoreUnavailable(f"{folder} is a file, so {file.name} cannot be in it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreUnavailable(f"the folder {folder} cannot be written to")


def _file_is_locked(path: Path) -> bool:
    """Try the lock in the shared mode: it is held for no longer than the question takes."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
