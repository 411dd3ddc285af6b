"""What the services ask of the packages beside them.

`music`, `store`, `announcer` and `services.archive` fulfil these; `app` puts them together.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.actors import Actor, Person
from bot.domain.admission import Act
from bot.domain.clips import Clip, KnownClip, StoredAudio
from bot.domain.guild_keys import OwnKey, SealedKey
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job, Origin
from bot.domain.limits import Limits
from bot.domain.overview import Mishap, Overview
from bot.domain.reports import ClipReport, TaskReport
from bot.domain.requests import MusicRequest, Source, Typed
from bot.domain.standing import Standing
from bot.domain.starters import Starter
from bot.domain.usage import Report, Scope, Usage


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

    async def submit(self, request: MusicRequest) -> str:
        """Ask for an extension or a first track, once and without any retry, and return its task_id."""
        ...

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Query a task; every attempt runs inside a `slot()` of its own, so that a lane counts each against the quota."""
        ...


class Jobs(Protocol):
    """Every job there is; the only truth about them. All raise StoreUnavailable."""

    async def accept(self, job: Job, *, limits: Limits, unknown_source: bool = False) -> bool:
        """Insert a new job if it is within its limits; both are one statement.

        With `unknown_source`, only if its source is neither a clip nor a task that is known: whoever asks has not looked.
        False if its interaction has a job already. Raises TooManyInFlight, LimitReached, KnownSource, Busy.
        """
        ...

    async def get(self, job_id: str) -> Job | None:
        """Read one job."""
        ...

    async def by_task(self, task_id: str) -> Job | None:
        """Read the earliest job that has this task."""
        ...

    async def by_interaction(self, interaction_id: int) -> Job | None:
        """Read the job of an interaction."""
        ...

    async def of_task(self, task_id: str) -> list[Job]:
        """Read every job that has this task, oldest first."""
        ...

    async def removed_tasks(self) -> frozenset[str]:
        """Read the tasks of which a job was removed."""
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


class Ledger(Protocol):
    """What was spent. Both raise StoreUnavailable."""

    async def usage(self, scope: Scope, *, today: float, days: int, last: int, top: int) -> Usage:
        """Read what was spent in so many days, up to and with the one that began at `today` (epoch seconds).

        With the `last` requests, and, of a server or of all, who has spent most, up to `top`.
        """
        ...

    async def spent(self, *, since: float, user_id: int | None = None, guild_id: int | None = None, lane: int | None = None) -> int:
        """Count what limits count since then: on the key of this `lane`, by this person, in this server (None: any)."""
        ...


class Spending(Protocol):
    """What /usage asks; `services.spending` fulfils it. Raises StoreUnavailable."""

    async def report(self, scope: Scope, guild_id: int | None) -> Report:
        """Tell what was spent lately, and what is left of today where the person asks (None: in direct messages)."""
        ...


class GuildStore(Protocol):
    """What servers have set, and who is blocked. All raise StoreUnavailable."""

    async def get(self, guild_id: int) -> GuildSettings:
        """Read a server's settings; the defaults if it has set nothing."""
        ...

    async def save(self, settings: GuildSettings) -> bool:
        """Write the settings; False if the stored revision is not the one before."""
        ...

    async def blocked(self, guild_id: int) -> frozenset[int]:
        """Read who is blocked in a server (0: by the operator, everywhere)."""
        ...

    async def block(self, guild_id: int, user_id: int, *, by: int, at: float) -> None:
        """Block a person in a server; blocking twice is the same as once."""
        ...

    async def unblock(self, guild_id: int, user_id: int) -> None:
        """Lift a block, if there is one."""
        ...


class GuildKeys(Protocol):
    """The servers' own API keys, encrypted. All raise StoreUnavailable."""

    async def all(self) -> list[SealedKey]:
        """Read every key."""
        ...

    async def get(self, guild_id: int) -> SealedKey | None:
        """Read a server's key."""
        ...

    async def keep(self, key: SealedKey) -> None:
        """Write a server's key over the one that was there."""
        ...

    async def remove(self, guild_id: int) -> bool:
        """Delete a server's key; False if there is none."""
        ...


class OwnKeys(Protocol):
    """What a server's managers do with its own API key; `services.own_keys` fulfils it. All raise StoreUnavailable."""

    @property
    def enabled(self) -> bool:
        """Tell whether servers can bring a key: the operator has to have set ENCRYPTION_KEY."""
        ...

    async def about(self, guild_id: int) -> OwnKey | None:
        """Tell what there is to tell of a server's key; None if it has none."""
        ...

    async def keep(self, actor: Actor, typed: str) -> None:
        """Try a key, and let the server's jobs run on it from now on. Raises MayNotManage, KeyNotTaken."""
        ...

    async def remove(self, actor: Actor) -> int:
        """Let go of the server's key; return how many jobs in line were cancelled. Raises MayNotManage."""
        ...


class Directory(Protocol):
    """What there is in the servers that the bot is a member of, as far as Discord has told."""

    def gone(self, guild_id: int, ids: Iterable[int]) -> frozenset[int]:
        """Tell which of these roles and channels no longer exist; none in a server that is not known (yet)."""
        ...


class Guilds(Protocol):
    """What servers have set, and who may do what there; `services.guilds` fulfils it. All raise StoreUnavailable."""

    async def of(self, guild_id: int) -> GuildSettings:
        """Tell what a server has set."""
        ...

    async def change(self, actor: Actor, step: Callable[[GuildSettings], GuildSettings]) -> tuple[GuildSettings, GuildSettings]:
        """Apply `step` to the newest settings of the actor's server; return them before and after. Raises MayNotManage."""
        ...

    def gone(self, settings: GuildSettings) -> frozenset[int]:
        """Tell which of the roles and channels that a server has set no longer exist."""
        ...

    async def admit(self, actor: Actor, act: Act) -> None:
        """Let somebody do something here. Raises NotAdmitted, which says which rule forbids it."""
        ...

    async def blocked(self, guild_id: int) -> frozenset[int]:
        """Tell who is blocked in a server (0: by the operator, everywhere)."""
        ...

    async def block(self, guild_id: int, user_id: int, *, by: int) -> None:
        """Block a person."""
        ...

    async def unblock(self, guild_id: int, user_id: int) -> None:
        """Lift a block."""
        ...


class Notes(Protocol):
    """The way into a server's log channel."""

    async def post_note(self, channel_id: int, text: str) -> None:
        """Post a line that pings nobody. Raises DiscordError."""
        ...


class Journal(Protocol):
    """The moderation log of each server; `services.journal` fulfils it."""

    async def note(self, guild_id: int, text: str, *, formerly_in: int | None = None) -> None:
        """Post one line to the server's log channel, if it has one; a failure is logged and does no harm.

        The channel that was the log's until now hears of it too: nobody takes the log away unnoticed.
        """
        ...


class Starters(Protocol):
    """Tracks that everybody in a place may begin with."""

    async def offered(self, guild_id: int | None) -> Sequence[Starter]:
        """List the starters of a place (None: outside of servers), the server's first. Raises StoreUnavailable."""
        ...


class Creating(Protocol):
    """Whether first tracks may be made."""

    async def check(self, guild_id: int | None) -> None:
        """Let a first track be made in this place (None: outside of servers). Raises CreatingOff, StoreUnavailable."""
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

    async def open_thread(self, job: Job, clips: Sequence[Clip]) -> int | None:
        """Start a thread under the reply for the job's result, or find it started; return its id, None where there can be none."""
        ...

    def known_thread(self, job: Job) -> int | None:
        """Tell, without a request, the id of the thread under the reply, if there is one."""
        ...

    async def post_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> int:
        """Post the tracks where `job.result_place` says, as a message that carries the job's id as nonce; return the message's id.

        Without `pings` the person is named, and not notified.
        """
        ...

    async def find_result(self, job: Job) -> int | None:
        """Look, in `job.result_place` behind the reply, for a result that an earlier run has posted.

        Raises CannotPost where history cannot be read.
        """
        ...

    async def update_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> None:
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

    async def take_down(self, job: Job) -> None:
        """Delete the message that shows the tracks, unless that is the reply; one that is gone already is done."""
        ...

    async def explain_privately(self, job: Job) -> None:
        """Tell only the person why the provider's moderation refused."""
        ...


class Accepting(Protocol):
    """What takes requests in; `services.accepting` fulfils it. All raise StoreUnavailable."""

    @property
    def models(self) -> Sequence[str]:
        """The models on offer, the default first."""
        ...

    async def limits(self, guild_id: int | None) -> Limits:
        """Tell what one person may ask for in a place (None: outside of servers)."""
        ...

    async def source(self, clip_id: str) -> Source | None:
        """Return what is known of a track."""
        ...

    async def accept(self, typed: Typed, origin: Origin) -> Job:
        """Check what was typed, against its source if that is known, and insert a job that is not acknowledged yet.

        Raises BadOption, NoTrackYet, CreatingOff, TooManyInFlight, LimitReached, LanePaused, TooLate (a second time), Busy.
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


class Handling(Protocol):
    """What people do with the jobs that are there; `services.handling` fulfils it. All raise StoreUnavailable."""

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Take a job out of the line before it is sent. Raises NotFound, NotAllowed, TooLate."""
        ...

    async def hide(self, job_id: str, actor: Actor) -> Job:
        """Post nothing more of a job. Raises NotFound, NotAllowed, TooLate."""
        ...

    async def repeat(self, job_id: str, actor: Actor) -> Typed:
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


class Moderation(Protocol):
    """What moderators do; `services.moderation` fulfils it. All raise StoreUnavailable."""

    async def find(self, job_ids: Sequence[str], interaction_id: int | None, actor: Actor) -> Job:
        """Find the job of a message, by the ids in its buttons or else by the interaction that it answers.

        Raises NotATrack, NotAllowed.
        """
        ...

    async def remove(self, job_id: str, actor: Actor) -> Job:
        """Take a job's track down, and for a moderator every other post of it in the server. Raises NotFound, NotAllowed."""
        ...

    async def block(self, person: Person, actor: Actor, reason: str) -> None:
        """Accept nothing more of a person in the actor's server. Raises NotAllowed, CannotBlock."""
        ...

    async def unblock(self, user_id: int, actor: Actor) -> bool:
        """Lift a block; False if there was none. Raises NotAllowed."""
        ...

    async def blocked(self, actor: Actor) -> list[int]:
        """List who is blocked in the actor's server. Raises NotAllowed."""
        ...


class References(Protocol):
    """The last errors of ours, by the reference that people were shown; `services.references` fulfils it."""

    @property
    def since(self) -> float:
        """Tell from when on (epoch seconds) they are kept."""
        ...

    def note(self, where: str, error: BaseException) -> str:
        """Keep an error, and return its reference."""
        ...

    def find(self, reference: str) -> Mishap | None:
        """Find what a reference stands for, as it was typed; None if it is not among those that are kept."""
        ...

    def latest(self, limit: int) -> list[Mishap]:
        """List the last ones, newest first."""
        ...


class Operating(Protocol):
    """What the operator does to the bot while it runs; `services.operating` fulfils it. All that is awaited may raise StoreUnavailable."""

    async def pause(self, reason: str) -> None:
        """Hold the operator's lane until `resume`, restarts included; `reason` (may be empty) is shown to people."""
        ...

    async def resume(self) -> None:
        """Let it go on."""
        ...

    async def attach(self, job_id: str, typed_task: str) -> Job:
        """Give an UNKNOWN job its task, once, and follow it from there. Raises BadOption, NotFound, CannotAttach."""
        ...

    async def block(self, user_id: int, *, by: int) -> None:
        """Take nothing from a person any more, on any server."""
        ...

    async def unblock(self, user_id: int) -> bool:
        """Lift that; False if there was nothing to lift."""
        ...

    async def blocked(self) -> list[int]:
        """List who is blocked everywhere."""
        ...

    async def overview(self) -> Overview:
        """Take stock of the bot."""
        ...
