"""What the services ask of the database; `store` fulfils these."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.clips import Clip, KnownClip, StoredAudio
from bot.domain.guild_keys import SealedKey
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job
from bot.domain.limits import Limits
from bot.domain.usage import Scope, Usage
from bot.domain.viewing import Seen, Viewer


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

    async def audio_back(self, clip_id: str, audio: StoredAudio) -> None:
        """Note that the archive has a clip's audio again."""
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


class GuildStore(Protocol):
    """What servers have set, and who is blocked. All raise StoreUnavailable."""

    async def get(self, guild_id: int) -> GuildSettings:
        """Read a server's settings; the defaults if it has set nothing."""
        ...

    async def all(self) -> list[GuildSettings]:
        """Read the settings of every server that has set something."""
        ...

    async def save(self, settings: GuildSettings) -> bool:
        """Write the settings; False if the stored revision is not the one before."""
        ...

    async def blocked(self, guild_id: int) -> frozenset[int]:
        """Read who is blocked in a server (0: by the operator, everywhere)."""
        ...

    async def all_blocks(self) -> dict[int, frozenset[int]]:
        """Read the same of every server in which somebody is."""
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


class Drafts(Protocol):
    """What was typed and refused, kept so that it can be mended. All raise StoreUnavailable."""

    async def keep(self, user_id: int, fields: dict[str, str], *, life: float) -> str:
        """Store the typed fields for `life` seconds; return the draft's id, at most 16 characters."""
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


class Families(Protocol):
    """Which clips grew from which. Raises StoreUnavailable."""

    async def path(self, clip_id: str) -> list[Clip]:
        """Read a clip and what it grew from, the root first, as far as that is known, 64 at most; empty if it is not known itself."""
        ...


class Visibility(Protocol):
    """Who may see which tracks. Raises StoreUnavailable."""

    async def seen(self, clip_ids: Collection[str], viewer: Viewer) -> dict[str, Seen]:
        """Tell what somebody may see of each of these tracks; one that is not known at all is left out."""
        ...
