"""A job: one request, from its acceptance to the announced end.

    QUEUED ⇄ SUBMITTING → GENERATING → READY → DELIVERED
       ↓        ↓   ↓         ↓ ↓
    CANCELLED   │ UNKNOWN     │ STALLED
                └→ FAILED ←───┘

A task_id that arrives late is always accepted (UNKNOWN → GENERATING), and so is a late end (STALLED → READY or FAILED).
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypedDict, Unpack

from bot.domain.viewing import Viewer

NEVER_OWED = 2**31 - 1
"""The `announced` of a job that has no reply: no revision reaches it, so that no edit is ever owed. As much as its column holds."""


class JobKind(StrEnum):
    """What was asked for."""

    EXTEND = "extend"
    CREATE = "create"
    """A first track, made from styles alone."""
    TRACK = "track"
    """A task made elsewhere, followed to its end; it never submits."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    GENERATING = "generating"
    READY = "ready"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    FAILED = "failed"
    STALLED = "stalled"


IN_FLIGHT = frozenset({JobState.QUEUED, JobState.SUBMITTING, JobState.GENERATING})

_LEGAL: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SUBMITTING, JobState.CANCELLED}),
    JobState.SUBMITTING: frozenset({JobState.QUEUED, JobState.GENERATING, JobState.UNKNOWN, JobState.FAILED}),
    JobState.GENERATING: frozenset({JobState.READY, JobState.FAILED, JobState.STALLED}),
    JobState.READY: frozenset({JobState.DELIVERED}),
    JobState.STALLED: frozenset({JobState.READY, JobState.FAILED}),
    JobState.UNKNOWN: frozenset({JobState.GENERATING}),
    JobState.DELIVERED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.FAILED: frozenset(),
}


class Failure(StrEnum):
    """Why a job ended without a track; the words for each are in `ui/words.py`."""

    REFUSED = "refused"
    """The provider refuses the parameters."""
    CONTENT = "content"
    """The provider's moderation refuses the content."""
    GENERATION = "generation"
    """The provider gave up while generating."""
    TASK_UNKNOWN = "task_unknown"
    """The provider does not know the task that was asked for."""


class IllegalTransition(Exception):  # noqa: N818 - it reads as what it says
    """A change of state that the picture above does not have: a bug of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The interaction that a job came from, and how its person can be reached.

    `reply_token` is the interaction's token, kept until `token_expires_at` (15 minutes, Discord: Receiving and Responding)
    and hidden from repr. `reply_channel_id`, `reply_id` and `reply_ephemeral` are read from the acknowledgement's answer.
    `can_post` tells whether the bot itself is in the channel (not so for a user-installed app elsewhere).
    """

    interaction_id: int
    user_id: int
    guild_id: int | None
    channel_id: int
    can_post: bool
    upload_limit: int
    """Bytes a file, as the interaction said."""
    locale: str = "en-US"
    reply_token: str | None = None
    token_expires_at: float = 0.0
    reply_id: int | None = None
    reply_ephemeral: bool = False

    @property
    def viewer(self) -> Viewer:
        """Return who looks at tracks when this request is made, and where."""
        return Viewer(self.user_id, self.guild_id)

    @property
    def reaches_channel(self) -> bool:
        """Tell whether a result may be posted where the request was made; else only the token leads back there."""
        return self.can_post and not self.reply_ephemeral

    def __repr__(self) -> str:
        """Leave the token out: a repr ends up in logs."""
        return (
            f"Origin(interaction_id={self.interaction_id}, user_id={self.user_id}, guild_id={self.guild_id}, channel_id={self.channel_id})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request and all that is known of it. Times are seconds since the Unix epoch.

    `revision` rises by one with each change that people may see, and is what a concurrent writer is recognised by.
    `announced` is the revision that the reply last showed: behind `revision`, the reply is owed an edit.
    A job of a session answers no interaction: it is acknowledged from the start, has a made-up `interaction_id`, and NEVER_OWED.
    """

    id: str
    kind: JobKind
    state: JobState
    origin: Origin
    created_at: float
    state_since: float
    revision: int = 0
    announced: int = 0

    tags: str = ""
    title: str = ""
    model: str = ""
    source_id: str | None = None
    continue_at: float | None = None
    source_label: str = ""
    """The source as people know it ("B · Night Train"), as it was at the request; empty for one that was not known."""

    acknowledged: bool = False
    attempts: int = 0
    """How often a submit went out for this job; more than one only after answers that certainly accepted nothing."""
    task_id: str | None = None
    submitted_at: float | None = None
    watch_until: float | None = None
    """Queries go on until then; None: nothing more is expected of the provider."""
    failure: Failure | None = None
    provider_words: str = ""
    hidden: bool = False

    result_id: int | None = None
    """The message that shows the tracks: a channel message, or the reply itself where the bot cannot post."""
    result_direct: bool = False
    """That message is a direct one, since neither the channel nor the reply could be reached."""
    result_channel_id: int | None = None
    """The channel or thread of that message, where it is not the channel of the request."""
    removed: bool = False
    """Taken down by a moderator or by its person: never posted again, and in no list."""
    removed_by: int | None = None
    """Who took it down."""
    private: bool = False
    """Only its person knows its tracks, until they publish them."""
    lane: int | None = None
    """The server whose own API key it runs on; None: the operator's."""
    session_id: str | None = None
    """The session that has asked for it, and announces it, in the name of whose idea or turn it was."""
    undeliverable: bool = False
    """Finished, but every way to its person is closed: it waits under /jobs."""

    @property
    def reaches_channel(self) -> bool:
        """Tell whether its result may be posted where the request was made: not so what its person keeps to themselves."""
        return self.origin.reaches_channel and not self.private

    @property
    def result_place(self) -> int:
        """The channel or thread that the result is in, or belongs in, unless that is a direct message."""
        return self.result_channel_id or self.origin.channel_id

    @property
    def turn(self) -> str | int:
        """Whose turn it takes in line: a session takes turns like one person does."""
        return self.session_id or self.origin.user_id

    @property
    def in_flight(self) -> bool:
        """Tell whether it goes on; unless it is a session's, it counts against its person's cap."""
        return self.state in IN_FLIGHT


class Changes(TypedDict, total=False):
    """The fields that a change may set beside the state."""

    origin: Origin
    tags: str
    title: str
    model: str
    acknowledged: bool
    attempts: int
    task_id: str
    submitted_at: float
    watch_until: float | None
    failure: Failure
    provider_words: str
    hidden: bool
    result_id: int
    result_direct: bool
    result_channel_id: int | None
    removed: bool
    removed_by: int
    private: bool
    undeliverable: bool


def transition(job: Job, to: JobState, now: float, **changes: Unpack[Changes]) -> Job:
    """Return the job in its next state, one revision on; raise IllegalTransition for a step that does not exist."""
    if to not in _LEGAL[job.state]:
        msg = f"job {job.id}: {job.state} → {to}"
        raise IllegalTransition(msg)
    return replace(job, state=to, state_since=now, revision=job.revision + 1, **changes)


def amend(job: Job, **changes: Unpack[Changes]) -> Job:
    """Return the job with other facts in the same state, one revision on."""
    return replace(job, revision=job.revision + 1, **changes)


def called_off(job: Job, now: float) -> Job | None:
    """Take a job out of the line; None if it is not, or no longer, in it."""
    return transition(job, JobState.CANCELLED, now) if job.state is JobState.QUEUED else None


def made_up_interaction(name: str) -> int:
    """Make the `interaction_id` of a job that answers none: the same for the same name, and below all of Discord's."""
    return -1 - (int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 1)
