"""What a server's managers and moderators ask of the services, and the rules of each server."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bot.domain.actors import Actor, Person
from bot.domain.admission import Act
from bot.domain.guild_keys import OwnKey
from bot.domain.guild_settings import GuildSettings, PostingRight
from bot.domain.jobs import Job


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

    def closed(self, settings: GuildSettings) -> Mapping[int, PostingRight]:
        """Tell in which of the channels that the bot is to write to it may not post, and what it lacks first."""
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


class Journal(Protocol):
    """The moderation log of each server; `services.journal` fulfils it."""

    async def note(self, guild_id: int, text: str, *, formerly_in: int | None = None) -> None:
        """Post one line to the server's log channel, if it has one; a failure is logged and does no harm.

        The channel that was the log's until now hears of it too: nobody takes the log away unnoticed.
        """
        ...
