"""A post: a message of ours in a channel that answers no request."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.jobs import Job


class PostKind(StrEnum):
    """What a post is there for."""

    SHARE = "share"
    """Somebody shows a track."""
    PUBLICATION = "publication"
    """A result that was private until now."""
    SHOWCASE = "showcase"
    """A track that has reached its server's number of votes."""


class Debt(StrEnum):
    """What Discord still has to be told of a post."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post and how far Discord knows of it. Times are seconds since the Unix epoch.

    `id` stands in the message's buttons; a publication has that of its job, so that there is one. Without a `message_id` the message is
    owed, with `announced < revision` an edit is, or where it is `removed`, a deletion. `given_up`: Discord will never take it.
    """

    id: str
    kind: PostKind
    guild_id: int | None
    channel_id: int
    user_id: int
    """Who shares it; for a showcase, whose share has brought it there."""
    clip_id: str
    task_id: str
    note: str = ""
    created_at: float
    message_id: int | None = None
    revision: int = 1
    announced: int = 0
    removed: bool = False
    given_up: bool = False

    @property
    def owed(self) -> bool:
        """Tell whether Discord still has to be told of it."""
        unsent = self.message_id is None and not self.removed and not self.given_up
        return unsent or self.announced < self.revision

    @property
    def is_up(self) -> bool:
        """Tell whether it is there to be seen, as far as is known."""
        return self.message_id is not None and not self.removed and not self.given_up

    @property
    def nonce(self) -> str:
        """The message's nonce: not the bare id, with which a job's result may have gone into a direct message just before."""
        return f"post-{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTrack:
    """What a share or a showcase shows."""

    clip: Clip
    job_id: str
    """By which the server knows the track: its controls are a result's."""
    credits: tuple[int, ...]
    """Who made the parts, the beginning first."""
    votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResult:
    """What a publication shows: all that a private request has brought."""

    job: Job
    clips: tuple[Clip, ...]


Content = SharedTrack | PublishedResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a press of *Vote* came to: whether the person's vote counts now, and how many do."""

    counts: bool
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopTrack:
    """A track with the votes of a period, and its newest post that is up (None: there is none)."""

    clip: Clip
    votes: int
    post: Post | None
