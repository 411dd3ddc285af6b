"""What Alembic runs for each command: on the connection, and in the transaction, of `bot.store.migrate`."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from bot.store.tables import metadata

context.configure(
    connection=cast("Connection", context.config.attributes["connection"]),
    target_metadata=metadata,
    # SQLite cannot alter a column; in batch mode the table is rebuilt instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
