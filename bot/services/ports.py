"""What the services ask of the packages beside them.

`music`, `store`, `announcer` and `services.archive` fulfil these; `app` puts them together.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.actors import Actor
from bot.domain.clips import Clip, KnownClip, StoredAudio
from bot.domain.jobs import Job, Origin
from bot.domain.reports import ClipReport, TaskReport
from bot.domain.requests import ExtendRequest, Source, TypedRequest
from bot.domain.standing import Standing


class Clock(Protocol):
    """Two clocks: one that agrees with the calendar, one that never jumps. Both in seconds."""

    def now(self) -> float:
        """Tell the time since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Tell the time since some fixed moment."""
        ...


class Music(Protocol):
    """The music API. Every method raises ProviderError; see its tree in `bot/errors.py`."""

    async def submit(self, request: ExtendRequest) -> str:
        """Ask for an extension, once and without any retry, and return its task_id."""
        ...

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Query a task; every attempt runs inside a `slot()` of its own, so that a lane counts each against the quota."""
        ...


class Jobs(Protocol):
    """Every job there is; the only truth about them. All raise StoreUnavailable."""

    async def accept(self, job: Job, *, limit: int, unknown_source: bool = False) -> bool:
        """Insert a new job if its person has fewer than `limit` in flight; both are one statement.

        With `unknown_source`, only if its source is neither a clip nor a task that is known: whoever asks has not looked.
        False if its interaction has a job already. Raises TooManyInFlight, KnownSource.
        """
        ...

    async def get(self, job_id: str) -> Job | None:
        """Read one job."""
        ...

    async def by_task(self, task_id: str) -> Job | None:
        """Read the earliest job that has this task."""
        ...

    async def save(self, job: Job, *, clips: Sequence[Clip] = ()) -> bool:
        """Write the job, and with it its finished clips, in one statement.

        False, and nothing is written, if the stored revision is not the one before `job.revision`: somebody else was first.
        A clip that is known already keeps its first maker and gets its file names anew. The job's person and server know the clips
        from now on.
        `announced` never goes back: written is the latest of what the row has, what `job` has, and what `shown` was told.
        """
        ...

    def shown(self, job_id: str, revision: int) -> None:
        """Note that the reply shows this revision: the job's next save writes it, and no statement of its own.

        Until then it is in memory alone. What is lost with a process is one edit, which is repeated.
        """
        ...

    async def announce(self, job_id: str, revision: int) -> None:
        """Write that the reply shows this revision, for a job that nobody is about to save; it never goes back."""
        ...

    async def unsettled(self) -> list[Job]:
        """Read every job that still needs something, oldest first.

        That is: in flight, READY and not undeliverable, still watched, or with an unannounced revision.
        """
        ...

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what /jobs lists of a person, newest first.

        That is: in flight, READY, undeliverable, or STALLED and still watched unless it is hidden.
        """
        ...

    async def forget_tokens(self, before: float) -> int:
        """Delete the interaction tokens that expired before this time (epoch seconds); return how many."""
        ...


class Clips(Protocol):
    """Finished clips and who knows them. All raise StoreUnavailable."""

    async def get(self, clip_id: str) -> Clip | None:
        """Read one clip."""
        ...

    async def of_task(self, task_id: str) -> list[Clip]:
        """Read a task's clips, A first."""
        ...

    async def known_to(self, user_id: int, guild_id: int | None, *, text: str, limit: int) -> list[KnownClip]:
        """Read the clips that this person or this server knows, newest first; `text` filters title, tags and id, ignoring case."""
        ...

    async def tag_sets(self, user_id: int, guild_id: int | None, *, limit: int) -> list[str]:
        """Read the distinct tags used before by this person or server, newest first."""
        ...

    async def audio_gone(self, name: str) -> None:
        """Note that the archive let this file go."""
        ...


class Drafts(Protocol):
    """What was typed and refused, kept so that it can be mended. All raise StoreUnavailable."""

    async def keep(self, user_id: int, fields: dict[str, str], expires_at: float) -> str:
        """Store the typed fields until `expires_at` (epoch seconds); return the draft's id, at most 16 characters."""
        ...

    async def get(self, draft_id: str, user_id: int) -> dict[str, str] | None:
        """Read this person's draft, unless it has expired."""
        ...


class Memory(Protocol):
    """Small texts under keys, kept with the jobs. Both raise StoreUnavailable."""

    async def get(self, key: str) -> str | None:
        """Read a value."""
        ...

    async def set(self, key: str, value: str) -> None:
        """Write a value over what was there."""
        ...


class Archive(Protocol):
    """Finished audio on disk."""

    async def audio(self, report: ClipReport) -> StoredAudio:
        """Download and verify the clip's audio, or find it stored already. Raises AudioError."""
        ...

    async def cover(self, report: ClipReport) -> str | None:
        """Download the clip's cover; return its file name, or None if there is none to be had."""
        ...


class Announcer(Protocol):
    """The way to people. Every method raises DiscordError; see its tree in `bot/errors.py`."""

    async def show_reply(self, job: Job, standing: Standing) -> None:
        """Edit the reply so that it shows the job as it is."""
        ...

    async def post_result(self, job: Job, clips: Sequence[Clip]) -> int:
        """Post the tracks as a channel message that carries the job's id as nonce; return the message's id."""
        ...

    async def find_result(self, job: Job) -> int | None:
        """Look behind the reply for a result that an earlier run has posted. Raises CannotPost where history cannot be read."""
        ...

    async def update_result(self, job: Job, clips: Sequence[Clip]) -> None:
        """Edit the posted result: a late sibling has arrived."""
        ...

    async def result_into_reply(self, job: Job, clips: Sequence[Clip]) -> int:
        """Edit the tracks into the reply, where the bot cannot post; return the message's id."""
        ...

    async def ping(self, job: Job) -> None:
        """Mention the person below the reply, once; never retried."""
        ...

    async def send_privately(self, job: Job, clips: Sequence[Clip]) -> int:
        """Send the tracks as a direct message; return the message's id."""
        ...

    async def explain_privately(self, job: Job) -> None:
        """Tell only the person why the provider's moderation refused."""
        ...


class Requests(Protocol):
    """What commands and components ask of the bot; `services.extending` fulfils it. All raise StoreUnavailable."""

    @property
    def models(self) -> Sequence[str]:
        """The models on offer, the default first."""
        ...

    async def source(self, clip_id: str) -> Source | None:
        """Return what is known of a track."""
        ...

    async def accept(self, typed: TypedRequest, origin: Origin) -> Job:
        """Check what was typed, against its source if that is known, and insert a job that is not acknowledged yet.

        Raises BadOption, TooManyInFlight, LanePaused, TooLate (a second time), Busy.
        """
        ...

    async def accept_track(self, typed: str, origin: Origin) -> Job:
        """Insert a job that follows a task made elsewhere. Raises BadOption, TooManyInFlight, TooLate, Busy."""
        ...

    def expect(self, job: Job) -> Standing | None:
        """Give a new job its place in line; tell how it stands there, None if it goes at once.

        `acknowledged` or `abandon` must follow.
        """
        ...

    async def acknowledged(self, job: Job, *, reply_id: int | None, ephemeral: bool, shown: Standing | None = None) -> None:
        """Take note that Discord shows the reply, and let the job into the lane; `shown` is what the reply says already."""
        ...

    async def abandon(self, job: Job) -> None:
        """Withdraw a job whose reply never came to be."""
        ...

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Take a job out of the line before it is sent. Raises NotFound, NotAllowed, TooLate."""
        ...

    async def hide(self, job_id: str, actor: Actor) -> Job:
        """Post nothing more of a job. Raises NotFound, NotAllowed, TooLate."""
        ...

    async def repeat(self, job_id: str, actor: Actor) -> TypedRequest:
        """Return the request of a job that brought nothing, to be asked anew. Raises NotFound, NotAllowed, TooLate."""
        ...

    async def of_user(self, user_id: int, *, limit: int) -> list[Job]:
        """Read what is in flight for a person, and what could not reach them, newest first."""
        ...

    async def tracks(self, job_id: str) -> tuple[Job, list[Clip]]:
        """Read a job's tracks. Raises NotFound."""
        ...

    async def fetched(self, job: Job, message_id: int | None) -> None:
        """Take note that a person has fetched what could not reach them."""
        ...

    def standing(self, job: Job) -> Standing:
        """Tell how a job stands in its lane."""
        ...
