"""How words are found among the clips: FTS5 on SQLite, an index of lexemes on PostgreSQL, both over `clips.search_words`.

The words come folded and divided from `domain.searching`; neither database does anything to them, so both find the same. FTS5's table
names a clip by its id, not by its row: without an INTEGER PRIMARY KEY, VACUUM may number the rows of `clips` anew (sqlite.org, "VACUUM").
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import DDL, Select, Table, bindparam, column, event, select, table, text

FTS: Final = "clip_search"
PG_INDEX: Final = "ix_clips_search_words"
_LEXEMES: Final = "array_to_tsvector(string_to_array(search_words, ' '))"

BY_INDEX: Final = text("SET LOCAL enable_seqscan = off")
"""Tells PostgreSQL, for a transaction, to look words up: its statistics know no beginnings of words, and it would rather read all clips."""

_INSERT: Final = f"INSERT INTO {FTS} (clip_id, words) VALUES (NEW.clip_id, NEW.search_words);"  # noqa: S608 - our own names
# Looked up by the words of its id: to FTS5 a comparison alone is a search of everything.
_NAMED: Final = f"""{FTS} MATCH 'clip_id : "' || replace(OLD.clip_id, '"', '""') || '"' AND clip_id = OLD.clip_id"""
_DELETE: Final = f"DELETE FROM {FTS} WHERE rowid IN (SELECT rowid FROM {FTS} WHERE {_NAMED});"  # noqa: S608 - as above

_fts = table(FTS, column("clip_id"))
_clips = table("clips", column("clip_id"))


def index_words(clips: Table) -> None:
    """Give the table its index of words whenever it is created from the metadata."""
    # The tokenizer "ascii" divides at spaces, as the words are, and takes every character beyond ASCII for a letter.
    on_sqlite = (
        f"CREATE VIRTUAL TABLE {FTS} USING fts5(clip_id, words, tokenize = 'ascii')",
        f"CREATE TRIGGER clips_words_new AFTER INSERT ON clips BEGIN {_INSERT} END",
        f"CREATE TRIGGER clips_words_changed AFTER UPDATE OF search_words ON clips BEGIN {_DELETE} {_INSERT} END",
        f"CREATE TRIGGER clips_words_gone AFTER DELETE ON clips BEGIN {_DELETE} END",
    )
    for statement in on_sqlite:
        event.listen(clips, "after_create", DDL(statement).execute_if(dialect="sqlite"))
    event.listen(clips, "after_drop", DDL(f"DROP TABLE {FTS}").execute_if(dialect="sqlite"))
    on_postgres = DDL(f"CREATE INDEX {PG_INDEX} ON clips USING gin ({_LEXEMES})")
    event.listen(clips, "after_create", on_postgres.execute_if(dialect="postgresql"))


def matching_in_fts(words: Sequence[str]) -> Select[str]:
    """Select the ids of the clips that have words which begin with each of these, on SQLite."""
    wanted = " AND ".join(f'"{word}" *' for word in words)
    return select(_fts.c.clip_id).where(text(f"{FTS} MATCH :words").bindparams(bindparam("words", f"words : ({wanted})")))


def matching_lexemes(words: Sequence[str]) -> Select[str]:
    """Select the same on PostgreSQL."""
    wanted = " & ".join(f"'{word}':*" for word in words)
    matches = text(f"{_LEXEMES} @@ CAST(:words AS tsquery)").bindparams(bindparam("words", wanted))
    return select(_clips.c.clip_id).where(matches)
