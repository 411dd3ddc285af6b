from dataclasses import fields

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.domain.clips import Clip
from bot.domain.jobs import Job, Origin
from bot.errors import StartupError, StoreUnavailable
from bot.store.database import Database
from bot.store.meta import Meta
from bot.store.migrate import migrate
from bot.store.tables import clips, jobs, metadata

TRIGGERS = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' OR name = 'clip_search'",
    "postgresql": "SELECT pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal "
    "UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'within_limits' "
    "UNION ALL SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_clips_search_words'",
}


def is_compared(_object: object, name: str | None, kind: str, reflected: bool, _against: object) -> bool:
    """Leave out what the metadata cannot hold, and `describe` compares instead: FTS5's tables, and an index of PostgreSQL's alone."""
    ours_alone = (kind == "table" and (name or "").startswith("clip_search")) or (kind == "index" and name == "ix_clips_search_words")
    return not (reflected and ours_alone)


def describe(connection: Connection) -> dict[str, object]:
    """Describe what Alembic does not compare: the conditions of indexes, the checks, the triggers, the function, the index of words."""
    inspector = inspect(connection)
    triggers = sorted(connection.scalars(text(TRIGGERS[connection.dialect.name])))
    assert triggers
    tables: dict[str, object] = {
        table: (
            sorted(
                f"{index['name']} {index['column_names']} {[str(option) for option in index.get('dialect_options', {}).values()]}"
                for index in inspector.get_indexes(table)
            ),
            sorted(str(check) for check in inspector.get_check_constraints(table)),
            inspector.get_pk_constraint(table),
            inspector.get_foreign_keys(table),
        )
        for table in metadata.tables
    }
    return tables | {"triggers": triggers}


def context_of(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"include_object": is_compared})


async def test_the_migrated_schema_is_the_metadatas(url: str) -> None:
    await migrate(url)
    async with Database(url) as database, database.read() as connection:
        differences = await connection.run_sync(lambda sync: compare_metadata(context_of(sync), metadata))
        assert differences == []


async def test_conditions_checks_and_triggers_are_the_metadatas_too(url: str) -> None:
    await migrate(url)
    async with Database(url) as database:
        async with database.engine.connect() as connection:
            migrated = await connection.run_sync(describe)
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            if connection.dialect.name == "postgresql":
                await connection.exec_driver_sql("DROP FUNCTION within_limits")
            await connection.run_sync(metadata.create_all)
        async with database.engine.connect() as connection:
            assert await connection.run_sync(describe) == migrated


async def test_migrating_twice_changes_nothing(url: str) -> None:
    await migrate(url)
    async with Database(url) as database:
        await Meta(database).set("key", "value")
    await migrate(url)
    async with Database(url) as database:
        assert await Meta(database).get("key") == "value"


async def test_a_newer_database_is_refused_in_words(url: str) -> None:
    await migrate(url)
    async with Database(url) as database, database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartupError, match=r"newer version of the bot \(schema 9999\)"):
        await migrate(url)


async def test_a_migration_that_fails_leaves_nothing(url: str) -> None:
    async with Database(url) as database, database.write() as connection:
        # The last table that the first revision creates.
        await connection.exec_driver_sql("CREATE TABLE meta (stranger TEXT)")
    with pytest.raises(Exception, match="already exists"):
        await migrate(url)
    async with Database(url) as database, database.read() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["meta"]


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(StoreUnavailable):
        await migrate("postgresql://postgres@127.0.0.1:1/nothing")


def test_every_field_has_its_column() -> None:
    assert set(jobs.c.keys()) == {field.name for kind in (Job, Origin) for field in fields(kind)} - {"origin"} | {"brought"}
    assert set(clips.c.keys()) == {field.name for field in fields(Clip)} | {"search_text", "search_words"}
