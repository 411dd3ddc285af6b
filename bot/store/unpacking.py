"""How a job's finished clips get from its row into their table: within the statement that writes the row.

`jobs.brought` is an inbox: a save puts the clips there as a JSON array, and a trigger moves them on and empties it. So a job
and its clips are one statement, which is all or nothing by itself, in place of a transaction of several.

A migration that rebuilds `jobs` on SQLite (Alembic's batch mode) drops the trigger with the old table, and has to create it anew.
"""

from typing import Final

from sqlalchemy import DDL, Table, event
from sqlalchemy.dialects import postgresql

_ANEW: Final = ("seconds", "audio_name", "audio_size", "audio_url")
_ANEW_IF_THERE: Final = ("image_name", "image_url")
"""A clip that is known already keeps its maker, lineage and names; its files, addresses and length are written anew. A cover that
could not be fetched this time does not lose the one that is there."""


def unpack_brought(jobs: Table, clips: Table) -> None:
    """Give the tables their triggers whenever they are created from the metadata."""
    event.listen(jobs, "after_create", DDL(_on_sqlite(clips)).execute_if(dialect="sqlite"))
    for statement in _on_postgres(clips):
        event.listen(jobs, "after_create", DDL(statement).execute_if(dialect="postgresql"))


def _on_sqlite(clips: Table) -> str:
    names = clips.columns.keys()
    values = ", ".join(f"json_extract(value, '$.{name}')" for name in names)
    # "WHERE true" tells SQLite's parser that ON belongs to the conflict, not to a join (sqlite.org, "UPSERT").
    return f"""CREATE TRIGGER jobs_unpack_brought AFTER UPDATE OF brought ON jobs WHEN NEW.brought IS NOT NULL
BEGIN
    INSERT INTO clips ({", ".join(names)})
    SELECT {values}
    FROM json_each(NEW.brought) WHERE true
    {_on_conflict()};
    UPDATE jobs SET brought = NULL WHERE id = NEW.id;
END"""  # noqa: S608 - the names of our own columns


def _on_postgres(clips: Table) -> tuple[str, str]:
    names = ", ".join(clips.columns.keys())
    typed = ", ".join(f"{column.name} {column.type.compile(postgresql.dialect())}" for column in clips.columns)
    function = f"""CREATE OR REPLACE FUNCTION unpack_brought() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clips ({names})
    SELECT {names}
    FROM json_to_recordset(NEW.brought) AS found ({typed})
    {_on_conflict()};
    NEW.brought := NULL;
    RETURN NEW;
END $$"""  # noqa: S608 - the names of our own columns
    trigger = """CREATE TRIGGER jobs_unpack_brought BEFORE UPDATE OF brought ON jobs FOR EACH ROW
WHEN (NEW.brought IS NOT NULL) EXECUTE FUNCTION unpack_brought()"""
    return function, trigger


def _on_conflict() -> str:
    anew = [f"{name} = excluded.{name}" for name in _ANEW]
    anew += [f"{name} = coalesce(excluded.{name}, clips.{name})" for name in _ANEW_IF_THERE]
    return f"ON CONFLICT (clip_id) DO UPDATE SET {', '.join(anew)}"
