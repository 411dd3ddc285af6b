"""What the services ask of the database beside requests and tracks: settings, what was spent, and all that is somebody's; as `stores`."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from bot.domain.clips import Clip
from bot.domain.erasing import Erasure
from bot.domain.guild_keys import SealedKey
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job
from bot.domain.preferences import Preferences
from bot.domain.usage import Scope, Usage


class Ledger(Protocol):
    """What was spent. Both raise StoreUnavailable."""

    async def usage(self, scope: Scope, *, today: float, days: int, last: int, top: int) -> Usage:
        """Read what was spent in so many days, up to and with the one that began at `today` (epoch seconds).

        With the `last` requests, and, of a server or of all, who has spent most, up to `top`.
        """
        ...

    async def spent(self, *, since: float, user_id: int | None = None, guild_id: int | None = None, lane: int | None = None) -> int:
        """Count what limits count since then: on the key of this `lane`, by this person, in this server (None: any).

        What sessions have asked for counts in a server and in all, not with a person.
        """
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


class PreferenceStore(Protocol):
    """What people want for themselves. Both raise StoreUnavailable."""

    async def all(self) -> list[Preferences]:
        """Read what differs from the defaults."""
        ...

    async def keep(self, wanted: Preferences) -> None:
        """Write a person's preferences over those that were there."""
        ...


class Erasures(Protocol):
    """Whose data is being deleted, and the statements of it, each of which may be repeated. All raise StoreUnavailable."""

    async def begin(self, wish: Erasure) -> list[str]:
        """Write down that a person's data is to be deleted; preferences and drafts go at once.

        So do they in sessions, each a revision on; returned are the ids of those that were changed.
        """
        ...

    async def under_way(self) -> list[Erasure]:
        """Read whose data is being deleted."""
        ...

    async def jobs_of(self, wish: Erasure) -> list[Job]:
        """Read the jobs of which there is more left than who asked where and when, oldest first."""
        ...

    async def forget_acts(self, wish: Erasure) -> None:
        """Delete a person's favourites and votes, and owe the deletion of what they have posted."""
        ...

    async def made(self, wish: Erasure, task_ids: Collection[str]) -> list[Clip]:
        """Read the tracks of these tasks that the person has made."""
        ...

    async def known_elsewhere(self, wish: Erasure, made: Sequence[Clip]) -> frozenset[str]:
        """Tell which of these tracks others know by a request of their own, or are continuing right now."""
        ...

    async def children(self, clip_ids: Collection[str]) -> dict[str, set[str]]:
        """Read what continues each of these tracks."""
        ...

    async def delete_clips(self, clip_ids: Collection[str]) -> None:
        """Delete tracks with what hangs on them, and owe the deletion of every post that shows one."""
        ...

    async def make_anonymous(self, clip_ids: Collection[str]) -> None:
        """Take name, title and styles off tracks that others have continued, and owe an edit to every post that shows one."""
        ...

    async def forget_titles(self, clip_ids: Collection[str]) -> None:
        """Take the titles of tracks out of the requests that continue them, whosesoever these are."""
        ...

    async def strip(self, wish: Erasure, job_ids: Collection[str], *, today: float, give_up: bool) -> None:
        """Leave of these jobs, if they are at rest, nothing but who asked where and when; of those before `today`, not even who."""
        ...

    async def finish(self, wish: Erasure) -> bool:
        """Note that nothing of a person is left, unless there is; False if it goes on."""
        ...


class Belongings(Protocol):
    """All that is kept of a person. Raises StoreUnavailable."""

    async def of(self, user_id: int) -> dict[str, Any]:
        """Read it, as JSON takes it."""
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
