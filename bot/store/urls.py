"""Which database an address names."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import StartupError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_EXAMPLES = "Examples: sqlite+aiosqlite:///data/encore.db, postgresql://user:password@host/encore"


def parse_url(text: str) -> URL:
    """Read a database's address and give it the driver that is used here.

    Raises StartupError, which leaves the address out: it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StartupError(f"DATABASE_URL is not a database's address. {_EXAMPLES}") from None
    if url.drivername not in _DRIVERS:
        raise StartupError(f"DATABASE_URL names {url.drivername}, which is not supported. {_EXAMPLES}")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise StartupError(f"DATABASE_URL names no file, so every job would be lost at a restart. {_EXAMPLES}")
    return url


def is_sqlite(url: URL) -> bool:
    """Tell SQLite from PostgreSQL."""
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path:
    """Find the file that a SQLite address names."""
    return Path(url.database or "").absolute()
