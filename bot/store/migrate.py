"""Bringing a database's schema up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import StartupError
from bot.store.database import Database
from bot.store.outages import outages_translated
from bot.store.urls import is_sqlite, parse_url


async def migrate(url: str) -> None:
    """Upgrade the database to this program's schema, all or nothing; the caller holds the lock.

    Raises StartupError if a newer program wrote it, and StoreUnavailable.
    """
    async with Database(url) as database:
        with outages_translated():
            async with database.engine.connect() as connection:
                if is_sqlite(parse_url(url)):
                    # Rebuilding a table drops it for a moment, which its foreign keys would not let happen.
                    await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                await connection.run_sync(_upgrade)
                await connection.commit()


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if not known.issuperset(found):
        raise StartupError(
            f"This database was written by a newer version of the bot (schema {', '.join(found)}). "
            "Install that version again, or restore the backup that was made before it.",
        )
    command.upgrade(config, "head")
