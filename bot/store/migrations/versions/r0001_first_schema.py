"""The first schema."""

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.first_code import create_full_text, create_functions, create_triggers

revision = "0001"
down_revision = None

_IN_FLIGHT = "state IN ('generating', 'queued', 'submitting')"
_UNSETTLED = f"{_IN_FLIGHT} OR (state = 'ready' AND NOT undeliverable) OR watch_until IS NOT NULL OR announced < revision"
_STALLED = "(state = 'stalled' AND watch_until IS NOT NULL AND NOT hidden)"
_LISTED = f"({_IN_FLIGHT} OR state = 'ready' OR undeliverable OR {_STALLED}) AND session_id IS NULL"
_HAS_TRACKS = "state IN ('delivered', 'ready') AND NOT removed"
_HAS_TAGS = "tags <> '' AND NOT removed"
_IS_PUBLIC = "AND NOT private"
_IS_OWED = "(message_id IS NULL AND NOT removed AND NOT given_up) OR announced < revision"
_OWN_SUBMIT = "kind <> 'track' AND session_id IS NULL"


def upgrade() -> None:
    """Create everything."""
    _create_jobs()
    _create_clips()
    create_full_text()
    create_triggers()
    create_functions()
    _create_sharing()
    _create_sessions()
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
        sa.Column("session_id", sa.Text),
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
    _create_partial_index("ix_jobs_submits_of_user", "jobs", ["user_id", "created_at"], _OWN_SUBMIT)
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
        sa.CheckConstraint("kind IN ('share', 'publication', 'showcase', 'session', 'round', 'recap')", name=op.f("ck_posts_kind")),
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


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("place_id", sa.BigInteger),
        sa.Column("host_id", sa.BigInteger, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("ballot", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    _create_partial_index("ux_sessions_place", "sessions", ["place_id"], "live", unique=True)
    op.create_index("ix_sessions_place", "sessions", ["place_id", "created_at"])
    _create_partial_index("ix_sessions_live", "sessions", ["created_at", "id"], "live")
    _create_partial_index("ix_sessions_ended", "sessions", ["guild_id", "ended_at"], "NOT live")
    op.create_table(
        "session_votes",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("ballot", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "ballot", "user_id", name="pk_session_votes"),
    )
    op.create_index("ix_session_votes_user", "session_votes", ["user_id"])


def _create_partial_index(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(f"({condition})")
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
