"""A post: a message of ours in a channel that answers no request."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.sessions.model import Round, Session
from bot.domain.standing import Standing
from bot.domain.whole_track import Whole


class PostKind(StrEnum):
    """What a post is there for."""

    SHARE = "share"
    """Somebody shows a track."""
    PUBLICATION = "publication"
    """A result that was private until now."""
    SHOWCASE = "showcase"
    """A track that has reached its server's number of votes."""
    SESSION = "session"
    """A session begins: its thread is opened under this."""
    ROUND = "round"
    """A round of a session, in its thread."""
    RECAP = "recap"
    """What a session came to."""


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
    """Who shares it; for a showcase, whose share has brought it there; NOBODY for a session's."""
    clip_id: str
    task_id: str
    """Both empty for a session's, which shows several tracks in turn."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBegun:
    """What the post that announces a session shows; `source` is None where the track was taken down."""

    session: Session
    source: Clip | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundShown:
    """What the message of a round shows: clips are as they are known now, and left out where they were taken down.

    `turnout` is how many have voted in the vote that is open, None where there is none; `standing` is that of the round's extension
    while it is in line or being made; `waveform` is a PNG of the source with a mark at its end.
    """

    session: Session
    round: Round
    source: Clip | None
    takes: tuple[Clip, ...] = ()
    turnout: int | None = None
    standing: Standing | None = None
    waveform: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecap:
    """What a session came to: its last track joined with all before it, and its family as a picture (PNG, and its words)."""

    session: Session
    best: Clip | None
    whole: Whole | None = None
    family: bytes | None = None
    family_words: str = ""


SessionContent = SessionBegun | RoundShown | SessionRecap
Content = SharedTrack | PublishedResult | SessionContent


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
