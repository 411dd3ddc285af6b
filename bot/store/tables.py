"""The schema, for both dialects. A change here needs a migration; a test holds the two together.

Times are seconds since the Unix epoch. A job's row is also the outbox of its two messages: with `announced < revision` the
reply is owed an edit, and in state `ready` (and not `undeliverable`) the result is owed.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Enum,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TextClause,
    TypeDecorator,
    text,
)

from bot.domain.jobs import IN_FLIGHT, Failure, JobKind, JobState
from bot.domain.posts import PostKind
from bot.store.full_text import index_words
from bot.store.unpacking import unpack_brought


class Words(TypeDecorator[str]):
    """Text that may come from anywhere, less what PostgreSQL refuses (NUL) and what is no Unicode (lone surrogates)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Leave out what cannot be stored: a job must not become unwritable by what a provider says."""
        del dialect
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """Leave out of a text what no column takes."""
    return text if text.isascii() and "\0" not in text else text.replace("\0", "").encode(errors="replace").decode()


def _one_of(kind: type[StrEnum], name: str) -> Enum:
    def values(members: type[StrEnum]) -> list[str]:
        return [member.value for member in members]

    return Enum(kind, name=name, native_enum=False, create_constraint=True, length=16, values_callable=values)


def _state_in(states: Iterable[JobState]) -> str:
    names = ", ".join(sorted(f"'{state}'" for state in states))
    return f"state IN ({names})"


def _condition(sql: str) -> TextClause:
    # Written out, not bound: SQLite uses a partial index only for a query that repeats the index's condition to the letter.
    return text(f"({sql})")


IS_IN_FLIGHT = _condition(_state_in(IN_FLIGHT))
IS_QUEUED = _condition(_state_in({JobState.QUEUED}))
IS_UNSETTLED = _condition(
    f"{_state_in(IN_FLIGHT)} OR (state = 'ready' AND NOT undeliverable) OR watch_until IS NOT NULL OR announced < revision",
)
_WANTS_LOOKING_AT = f"{_state_in(IN_FLIGHT)} OR state = 'ready' OR undeliverable"
IS_LISTED = _condition(
    f"({_WANTS_LOOKING_AT} OR (state = 'stalled' AND watch_until IS NOT NULL AND NOT hidden)) AND session_id IS NULL",
)
IS_OWN = _condition("session_id IS NULL")
"""What a person has asked for themselves: what is a session's is not among their jobs, and counts against no limit of theirs."""
HAS_TOKEN = _condition("reply_token IS NOT NULL")
HAS_TASK = _condition("task_id IS NOT NULL")
HAS_TAGS = _condition("tags <> '' AND NOT removed")
HAS_PUBLIC_TAGS = _condition("tags <> '' AND NOT removed AND NOT private")
IS_REMOVED = _condition("removed")
IS_PRIVATE = _condition("private")
_TRACKS = f"{_state_in({JobState.READY, JobState.DELIVERED})} AND NOT removed"
HAS_TRACKS = _condition(_TRACKS)
HAS_PUBLIC_TRACKS = _condition(f"{_TRACKS} AND NOT private")
"""What a whole server knows: what somebody keeps to themselves is not among it."""
SUBMITS = _condition("kind <> 'track'")
IS_OWN_SUBMIT = _condition("kind <> 'track' AND session_id IS NULL")
SPENDS = _condition("kind <> 'track' AND state <> 'cancelled' AND (failure IS NULL OR failure NOT IN ('refused', 'content'))")
"""What counts as spent: a job in line too, since it will be; UNKNOWN too, since it may have been; a refusal of the provider's not."""
HAS_AUDIO = _condition("audio_name IS NOT NULL")
HAS_PARENT = _condition("parent_id IS NOT NULL")
IS_SHOWCASE = _condition("kind = 'showcase'")
IS_OWED = _condition("(message_id IS NULL AND NOT removed AND NOT given_up) OR announced < revision")
"""A post that Discord still has to be told of: there is no message yet, or it shows an earlier revision."""
IS_LIVE = _condition("live")
HAS_ENDED = _condition("NOT live")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Words, primary_key=True),
    Column("kind", _one_of(JobKind, "kind"), nullable=False),
    Column("state", _one_of(JobState, "state"), nullable=False),
    Column("interaction_id", BigInteger, nullable=False, unique=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    # Early in the row, as what limits look at first.
    Column("session_id", Words),
    Column("can_post", Boolean, nullable=False),
    Column("upload_limit", BigInteger, nullable=False),
    Column("locale", Words, nullable=False),
    Column("reply_token", Words),
    Column("token_expires_at", Double, nullable=False),
    Column("reply_id", BigInteger),
    Column("reply_ephemeral", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("state_since", Double, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("announced", Integer, nullable=False),
    Column("tags", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("source_id", Words),
    Column("continue_at", Double),
    Column("source_label", Words, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("task_id", Words),
    Column("submitted_at", Double),
    Column("watch_until", Double),
    Column("failure", _one_of(Failure, "failure")),
    Column("provider_words", Words, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("result_id", BigInteger),
    Column("result_direct", Boolean, nullable=False),
    Column("result_channel_id", BigInteger),
    Column("removed", Boolean, nullable=False),
    Column("removed_by", BigInteger),
    Column("private", Boolean, nullable=False),
    Column("lane", BigInteger),
    Column("undeliverable", Boolean, nullable=False),
    # Empty but within the statement that fills it: see `unpacking`.
    Column("brought", JSON(none_as_null=True)),
)


def _index_jobs(name: str, *columns: str, where: TextClause) -> None:
    Index(f"ix_jobs_{name}", *(jobs.c[column] for column in columns), sqlite_where=where, postgresql_where=where)


_index_jobs("unsettled", "created_at", "id", where=IS_UNSETTLED)
# Also what counts a person's jobs in flight: they are among the listed ones.
_index_jobs("listed", "user_id", "created_at", where=IS_LISTED)
_index_jobs("tokens", "token_expires_at", where=HAS_TOKEN)
# What counts the jobs in each key's line.
_index_jobs("queued", "lane", where=IS_QUEUED)
# What was spent, counted and listed. Nothing of it changes in a job's life, so that each state costs no new entry here.
_index_jobs("submits_of_user", "user_id", "created_at", where=IS_OWN_SUBMIT)
_index_jobs("submits_of_guild", "guild_id", "created_at", where=SUBMITS)
_index_jobs("submits_of_lane", "lane", "created_at", where=SUBMITS)
_index_jobs("task", "task_id", "created_at", where=HAS_TASK)
_index_jobs("removed", "task_id", where=IS_REMOVED)
_index_jobs("private", "task_id", where=IS_PRIVATE)
_index_jobs("tags_of_user", "user_id", "created_at", where=HAS_TAGS)
_index_jobs("tags_of_guild", "guild_id", "created_at", where=HAS_PUBLIC_TAGS)
# Who knows which clips: a person, and everybody on a server, know those of the tasks that were finished for them there.
_index_jobs("tracks_of_user", "user_id", "created_at", "task_id", "state", "removed", where=HAS_TRACKS)
_index_jobs("tracks_of_guild", "guild_id", "created_at", "task_id", "state", "removed", "private", where=HAS_PUBLIC_TRACKS)

clips = Table(
    "clips",
    metadata,
    Column("clip_id", Words, primary_key=True),
    Column("task_id", Words, nullable=False),
    Column("variant", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("tags", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("audio_name", Words),
    Column("audio_size", BigInteger, nullable=False),
    Column("audio_url", Words, nullable=False),
    Column("image_name", Words),
    Column("image_url", Words),
    Column("parent_id", Words),
    Column("continued_at", Double),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("created_at", Double, nullable=False),
    # Title, tags and id, folded (`domain.searching`), as autocomplete looks for a part of them.
    Column("search_text", Words, nullable=False),
    # The same, divided into words with a space between them, for the index of `full_text`.
    Column("search_words", Words, nullable=False),
    Index("ix_clips_task", "task_id", "variant"),
    Index("ix_clips_audio", "audio_name", sqlite_where=HAS_AUDIO, postgresql_where=HAS_AUDIO),
    # What a family grows by.
    Index("ix_clips_children", "parent_id", "created_at", sqlite_where=HAS_PARENT, postgresql_where=HAS_PARENT),
)

unpack_brought(jobs, clips)
index_words(clips)

favourites = Table(
    "favourites",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("clip_id", Words, primary_key=True),
    Column("created_at", Double, nullable=False),
    Index("ix_favourites_clip", "clip_id"),
    Index("ix_favourites_time", "user_id", "created_at"),
)

# One vote of a person for a track of a server, wherever there it is posted.
votes = Table(
    "votes",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("clip_id", Words, primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", Double, nullable=False),
    Index("ix_votes_time", "guild_id", "created_at"),
    Index("ix_votes_user", "user_id"),
)

# Messages of ours that answer no request; each row is the outbox of its message, as a job's row is of its two.
posts = Table(
    "posts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("kind", _one_of(PostKind, "kind"), nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("clip_id", Words, nullable=False),
    Column("task_id", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("message_id", BigInteger),
    Column("revision", Integer, nullable=False),
    Column("announced", Integer, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("given_up", Boolean, nullable=False),
    Index("ix_posts_owed", "created_at", sqlite_where=IS_OWED, postgresql_where=IS_OWED),
    Index("ix_posts_clip", "clip_id", "guild_id"),
    Index("ix_posts_task", "task_id"),
    Index("ix_posts_user", "user_id"),
    # A track reaches a server's showcase once.
    Index("ux_posts_showcase", "guild_id", "clip_id", unique=True, sqlite_where=IS_SHOWCASE, postgresql_where=IS_SHOWCASE),
)

# A session is one row, and `state` is all of it (a JSON object of `domain.sessions.model.Session`); beside it is what it is found by,
# and what a vote is held against. Its messages are posts.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("place_id", BigInteger),
    Column("host_id", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("ballot", Words),
    Column("revision", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("state", Words, nullable=False),
    # One session at a time takes place in a thread.
    Index("ux_sessions_place", "place_id", unique=True, sqlite_where=IS_LIVE, postgresql_where=IS_LIVE),
    Index("ix_sessions_place", "place_id", "created_at"),
    Index("ix_sessions_live", "created_at", "id", sqlite_where=IS_LIVE, postgresql_where=IS_LIVE),
    Index("ix_sessions_ended", "guild_id", "ended_at", sqlite_where=HAS_ENDED, postgresql_where=HAS_ENDED),
)

# One vote of a person in a ballot of a session; what it is for stands in the session.
session_votes = Table(
    "session_votes",
    metadata,
    Column("session_id", Words, primary_key=True),
    Column("ballot", Words, primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("choice", Words, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("ix_session_votes_user", "user_id"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("private_first", Boolean, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
)

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    # A JSON object of `domain.guild_settings.GuildSettings`.
    Column("settings", Words, nullable=False),
)

# guild_id 0: blocked by the operator, in every server.
blocks = Table(
    "blocks",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("blocked_by", BigInteger, nullable=False),
    Column("blocked_at", Double, nullable=False),
)

guild_keys = Table(
    "guild_keys",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # Encrypted with ENCRYPTION_KEY.
    Column("sealed", Words, nullable=False),
    Column("added_by", BigInteger, nullable=False),
    Column("added_at", Double, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
