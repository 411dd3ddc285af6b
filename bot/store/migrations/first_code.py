"""What the first schema has besides tables and their indexes: the index of words, triggers, and a function of PostgreSQL's."""

from alembic import op

_IN_FLIGHT = "state IN ('generating', 'queued', 'submitting')"
_SPENDS = "kind <> 'track' AND state <> 'cancelled' AND (failure IS NULL OR failure NOT IN ('refused', 'content'))"
_SPENT = f"coalesce(jobs.lane, 0) = coalesce(new_lane, 0) AND ({_SPENDS}) AND jobs.created_at >= day_since"
_ASKED = "(kind <> 'track') AND jobs.created_at >= day_since"
_OWN = "(session_id IS NULL)"
_OWN_SUBMIT = "kind <> 'track' AND session_id IS NULL"
_ASKED_BY_USER = f"jobs.user_id = new_user_id AND ({_OWN_SUBMIT}) AND jobs.created_at >= day_since"
_LIMITS = {
    "person": [_ASKED_BY_USER, f"jobs.user_id = new_user_id AND {_OWN} AND {_SPENT}"],
    "person_here": [_ASKED_BY_USER, f"jobs.user_id = new_user_id AND {_OWN} AND jobs.guild_id = new_guild_id AND {_SPENT}"],
    "server": [f"jobs.guild_id = new_guild_id AND {_ASKED}", f"jobs.guild_id = new_guild_id AND {_SPENT}"],
    "all": [f"jobs.lane IS NULL AND {_ASKED}", f"jobs.lane IS NULL AND ({_SPENDS}) AND jobs.created_at >= day_since"],
    "in_flight": [f"jobs.user_id = new_user_id AND {_OWN} AND ({_IN_FLIGHT})"],
    "line": ["jobs.lane IS NOT DISTINCT FROM new_lane AND (state IN ('queued'))"],
}

_CLIP = {
    "clip_id": "TEXT",
    "task_id": "TEXT",
    "variant": "TEXT",
    "title": "TEXT",
    "tags": "TEXT",
    "model": "TEXT",
    "seconds": "DOUBLE PRECISION",
    "audio_name": "TEXT",
    "audio_size": "BIGINT",
    "audio_url": "TEXT",
    "image_name": "TEXT",
    "image_url": "TEXT",
    "parent_id": "TEXT",
    "continued_at": "DOUBLE PRECISION",
    "user_id": "BIGINT",
    "guild_id": "BIGINT",
    "created_at": "DOUBLE PRECISION",
    "search_text": "TEXT",
    "search_words": "TEXT",
}


def create_full_text() -> None:
    """Let words be found: by FTS5, kept by triggers, or by an index of PostgreSQL's (`bot/store/full_text.py`)."""
    if op.get_bind().dialect.name != "sqlite":
        words = "array_to_tsvector(string_to_array(search_words, ' '))"
        op.get_bind().exec_driver_sql(f"CREATE INDEX ix_clips_search_words ON clips USING gin ({words})")
        return
    insert = "INSERT INTO clip_search (clip_id, words) VALUES (NEW.clip_id, NEW.search_words);"
    named = """clip_search MATCH 'clip_id : "' || replace(OLD.clip_id, '"', '""') || '"' AND clip_id = OLD.clip_id"""
    delete = f"DELETE FROM clip_search WHERE rowid IN (SELECT rowid FROM clip_search WHERE {named});"  # noqa: S608 - the words above
    for statement in (
        "CREATE VIRTUAL TABLE clip_search USING fts5(clip_id, words, tokenize = 'ascii')",
        f"CREATE TRIGGER clips_words_new AFTER INSERT ON clips BEGIN {insert} END",
        f"CREATE TRIGGER clips_words_changed AFTER UPDATE OF search_words ON clips BEGIN {delete} {insert} END",
        f"CREATE TRIGGER clips_words_gone AFTER DELETE ON clips BEGIN {delete} END",
    ):
        op.get_bind().exec_driver_sql(statement)


def create_triggers() -> None:
    """Let the clips that a job brings get from its row into their table (`bot/store/unpacking.py`)."""
    names = ", ".join(_CLIP)
    anew = "seconds = excluded.seconds, audio_name = excluded.audio_name, audio_size = excluded.audio_size, audio_url = excluded.audio_url"
    covers = ", ".join(f"{name} = coalesce(excluded.{name}, clips.{name})" for name in ("image_name", "image_url"))
    on_conflict = f"ON CONFLICT (clip_id) DO UPDATE SET {anew}, {covers}"
    if op.get_bind().dialect.name == "sqlite":
        values = ", ".join(f"json_extract(value, '$.{name}')" for name in _CLIP)
        statements = [
            f"""CREATE TRIGGER jobs_unpack_brought AFTER UPDATE OF brought ON jobs WHEN NEW.brought IS NOT NULL
BEGIN
    INSERT INTO clips ({names})
    SELECT {values}
    FROM json_each(NEW.brought) WHERE true
    {on_conflict};
    UPDATE jobs SET brought = NULL WHERE id = NEW.id;
END"""  # noqa: S608 - the names above
        ]
    else:
        typed = ", ".join(f"{name} {kind}" for name, kind in _CLIP.items())
        statements = [
            f"""CREATE OR REPLACE FUNCTION unpack_brought() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clips ({names})
    SELECT {names}
    FROM json_to_recordset(NEW.brought) AS found ({typed})
    {on_conflict};
    NEW.brought := NULL;
    RETURN NEW;
END $$""",  # noqa: S608 - the names above
            """CREATE TRIGGER jobs_unpack_brought BEFORE UPDATE OF brought ON jobs FOR EACH ROW
WHEN (NEW.brought IS NOT NULL) EXECUTE FUNCTION unpack_brought()""",
        ]
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _leaves_room(which: str, limit: str) -> str:
    return f"(SELECT count(*) AS n FROM jobs WHERE {which}) < most_{limit}"  # noqa: S608 - the conditions above


def create_functions() -> None:
    """Let PostgreSQL count in turn (`bot/store/limits.py`)."""
    if op.get_bind().dialect.name == "sqlite":
        return
    within = " AND ".join(
        f"({' OR '.join([f'most_{limit} IS NULL', *(_leaves_room(which, limit) for which in counted)])})"
        for limit, counted in _LIMITS.items()
    )
    op.execute(f"""CREATE OR REPLACE FUNCTION within_limits(new_user_id BIGINT, new_guild_id BIGINT, new_lane BIGINT,
    day_since DOUBLE PRECISION, most_in_flight INTEGER, most_line INTEGER, most_person INTEGER, most_person_here INTEGER,
    most_server INTEGER, most_all INTEGER)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(-107079497248884);
    RETURN {within};
END $$""")
