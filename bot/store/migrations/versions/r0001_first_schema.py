"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_IN_FLIGHT = "state IN ('generating', 'queued', 'submitting')"
_UNSETTLED = f"{_IN_FLIGHT} OR (state = 'ready' AND NOT undeliverable) OR watch_until IS NOT NULL OR announced < revision"
_LISTED = f"{_IN_FLIGHT} OR state = 'ready' OR undeliverable OR (state = 'stalled' AND watch_until IS NOT NULL AND NOT hidden)"
_HAS_TRACKS = "state IN ('delivered', 'ready') AND NOT removed"
_HAS_TAGS = "tags <> '' AND NOT removed"
_IS_PUBLIC = "AND NOT private"
_IS_OWED = "(message_id IS NULL AND NOT removed AND NOT given_up) OR announced < revision"
_SPENDS = "kind <> 'track' AND state <> 'cancelled' AND (failure IS NULL OR failure NOT IN ('refused', 'content'))"
_SPENT = f"coalesce(jobs.lane, 0) = coalesce(new_lane, 0) AND ({_SPENDS}) AND jobs.created_at >= day_since"
_ASKED = "(kind <> 'track') AND jobs.created_at >= day_since"
_LIMITS = {
    "person": [f"jobs.user_id = new_user_id AND {_ASKED}", f"jobs.user_id = new_user_id AND {_SPENT}"],
    "person_here": [
        f"jobs.user_id = new_user_id AND {_ASKED}",
        f"jobs.user_id = new_user_id AND jobs.guild_id = new_guild_id AND {_SPENT}",
    ],
    "server": [f"jobs.guild_id = new_guild_id AND {_ASKED}", f"jobs.guild_id = new_guild_id AND {_SPENT}"],
    "all": [f"jobs.lane IS NULL AND {_ASKED}", f"jobs.lane IS NULL AND ({_SPENDS}) AND jobs.created_at >= day_since"],
    "in_flight": [f"jobs.user_id = new_user_id AND ({_IN_FLIGHT})"],
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


def upgrade() -> None:
    """Create everything."""
    _create_jobs()
    _create_clips()
    _create_full_text()
    _create_triggers()
    _create_functions()
    _create_sharing()
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_expires_at", "drafts", ["expires_at"])
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_settings"),
    )
    op.create_table(
        "blocks",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("blocked_by", sa.BigInteger, nullable=False),
        sa.Column("blocked_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name="pk_blocks"),
    )
    op.create_table(
        "guild_keys",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("added_by", sa.BigInteger, nullable=False),
        sa.Column("added_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_keys"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("interaction_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("can_post", sa.Boolean, nullable=False),
        sa.Column("upload_limit", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("reply_token", sa.Text),
        sa.Column("token_expires_at", sa.Double, nullable=False),
        sa.Column("reply_id", sa.BigInteger),
        sa.Column("reply_ephemeral", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("state_since", sa.Double, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("announced", sa.Integer, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text),
        sa.Column("continue_at", sa.Double),
        sa.Column("source_label", sa.Text, nullable=False),
        sa.Column("acknowledged", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("task_id", sa.Text),
        sa.Column("submitted_at", sa.Double),
        sa.Column("watch_until", sa.Double),
        sa.Column("failure", sa.String(16)),
        sa.Column("provider_words", sa.Text, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("result_id", sa.BigInteger),
        sa.Column("result_direct", sa.Boolean, nullable=False),
        sa.Column("result_channel_id", sa.BigInteger),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("removed_by", sa.BigInteger),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("lane", sa.BigInteger),
        sa.Column("undeliverable", sa.Boolean, nullable=False),
        sa.Column("brought", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("interaction_id", name="uq_jobs_interaction_id"),
        sa.CheckConstraint("kind IN ('extend', 'create', 'track')", name=op.f("ck_jobs_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'submitting', 'generating', 'ready', 'delivered', 'cancelled', 'unknown', 'failed', 'stalled')",
            name=op.f("ck_jobs_state"),
        ),
        sa.CheckConstraint("failure IN ('refused', 'content', 'generation', 'task_unknown')", name=op.f("ck_jobs_failure")),
    )
    _create_partial_index("ix_jobs_unsettled", "jobs", ["created_at", "id"], _UNSETTLED)
    _create_partial_index("ix_jobs_listed", "jobs", ["user_id", "created_at"], _LISTED)
    _create_partial_index("ix_jobs_tokens", "jobs", ["token_expires_at"], "reply_token IS NOT NULL")
    _create_partial_index("ix_jobs_queued", "jobs", ["lane"], "state IN ('queued')")
    _create_partial_index("ix_jobs_submits_of_user", "jobs", ["user_id", "created_at"], "kind <> 'track'")
    _create_partial_index("ix_jobs_submits_of_guild", "jobs", ["guild_id", "created_at"], "kind <> 'track'")
    _create_partial_index("ix_jobs_submits_of_lane", "jobs", ["lane", "created_at"], "kind <> 'track'")
    _create_partial_index("ix_jobs_task", "jobs", ["task_id", "created_at"], "task_id IS NOT NULL")
    _create_partial_index("ix_jobs_removed", "jobs", ["task_id"], "removed")
    _create_partial_index("ix_jobs_private", "jobs", ["task_id"], "private")
    _create_partial_index("ix_jobs_tags_of_user", "jobs", ["user_id", "created_at"], _HAS_TAGS)
    _create_partial_index("ix_jobs_tags_of_guild", "jobs", ["guild_id", "created_at"], f"{_HAS_TAGS} {_IS_PUBLIC}")
    known = ["created_at", "task_id", "state", "removed"]
    _create_partial_index("ix_jobs_tracks_of_user", "jobs", ["user_id", *known], _HAS_TRACKS)
    _create_partial_index("ix_jobs_tracks_of_guild", "jobs", ["guild_id", *known, "private"], f"{_HAS_TRACKS} {_IS_PUBLIC}")


def _create_clips() -> None:
    op.create_table(
        "clips",
        sa.Column("clip_id", sa.Text, nullable=False),
        sa.Column("task_id", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("audio_name", sa.Text),
        sa.Column("audio_size", sa.BigInteger, nullable=False),
        sa.Column("audio_url", sa.Text, nullable=False),
        sa.Column("image_name", sa.Text),
        sa.Column("image_url", sa.Text),
        sa.Column("parent_id", sa.Text),
        sa.Column("continued_at", sa.Double),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("search_words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("clip_id", name="pk_clips"),
    )
    op.create_index("ix_clips_task", "clips", ["task_id", "variant"])
    _create_partial_index("ix_clips_audio", "clips", ["audio_name"], "audio_name IS NOT NULL")
    _create_partial_index("ix_clips_children", "clips", ["parent_id", "created_at"], "parent_id IS NOT NULL")


def _create_full_text() -> None:
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


def _create_sharing() -> None:
    op.create_table(
        "favourites",
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("clip_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "clip_id", name="pk_favourites"),
    )
    op.create_index("ix_favourites_clip", "favourites", ["clip_id"])
    op.create_index("ix_favourites_time", "favourites", ["user_id", "created_at"])
    op.create_table(
        "votes",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("clip_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "clip_id", "user_id", name="pk_votes"),
    )
    op.create_index("ix_votes_time", "votes", ["guild_id", "created_at"])
    op.create_index("ix_votes_user", "votes", ["user_id"])
    op.create_table(
        "posts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("clip_id", sa.Text, nullable=False),
        sa.Column("task_id", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("announced", sa.Integer, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("given_up", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.CheckConstraint("kind IN ('share', 'publication', 'showcase')", name=op.f("ck_posts_kind")),
    )
    _create_partial_index("ix_posts_owed", "posts", ["created_at"], _IS_OWED)
    op.create_index("ix_posts_clip", "posts", ["clip_id", "guild_id"])
    op.create_index("ix_posts_task", "posts", ["task_id"])
    op.create_index("ix_posts_user", "posts", ["user_id"])
    _create_partial_index("ux_posts_showcase", "posts", ["guild_id", "clip_id"], "kind = 'showcase'", unique=True)
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("private_first", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_preferences"),
    )


def _create_triggers() -> None:
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


def _create_functions() -> None:
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


def _create_partial_index(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(f"({condition})")
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
