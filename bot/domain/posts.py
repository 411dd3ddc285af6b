"""A post: a message of ours in a channel that answers no request."""

from dataclasses import dataclass, replace
from enum import StrEnum


class PostKind(StrEnum):
    """What a post is there for."""

    SHARE = "share"
    """Somebody shows a track."""
    PUBLICATION = "publication"
    """A result that was private until now."""
    SHOWCASE = "showcase"
    """A track that has reached its server's number of votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post and how far Discord knows of it. Times are seconds since the Unix epoch.

    `id` is the message's nonce and stands in its buttons. Without a `message_id` the message is owed, with `announced < revision` an
    edit is, or where it is `removed`, a deletion. `given_up`: Discord will never take it.
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


def posted(post: Post, message_id: int) -> Post:
    """Note the message of a post, which shows its newest revision unless it was changed meanwhile."""
    return replace(post, message_id=message_id, announced=post.revision)


def changed(post: Post) -> Post:
    """Owe a post an edit: what it shows is different now."""
    return replace(post, revision=post.revision + 1)
