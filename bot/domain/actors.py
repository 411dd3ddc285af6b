"""Who acts, and where."""

from dataclasses import dataclass
from enum import Enum

from bot.domain.jobs import Job
from bot.domain.viewing import Viewer
from bot.errors import NotAllowed

NOBODY = 0
"""The user_id of what belongs to nobody; Discord's begin far above."""
SOMEONE = "someone"
"""What somebody is called who can't or may not be named."""


class Arrival(Enum):
    """By which installation an interaction reached the bot."""

    SERVER = "server"
    """The bot is a member of this server."""
    DIRECT = "direct"
    """A conversation with the bot itself."""
    USER_INSTALL = "user_install"
    """The person brought the app to a place where the bot is not a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom a moderator acts on: `moderator` is Manage Messages there."""

    user_id: int
    moderator: bool = False
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who runs a command, presses a button or sends a form, and where; ids are Discord's.

    `moderator` is Manage Messages there, `manager` is Manage Server. `joined_at` (epoch seconds) is when the person joined the
    server, if Discord says so.
    """

    user_id: int
    guild_id: int | None
    moderator: bool
    manager: bool = False
    arrival: Arrival = Arrival.SERVER
    channel_id: int = 0
    parent_id: int | None = None
    """The channel of a thread."""
    role_ids: frozenset[int] = frozenset()
    joined_at: float | None = None

    @property
    def viewer(self) -> Viewer:
        """Return who looks, and where."""
        return Viewer(self.user_id, self.guild_id)

    def may_act_on(self, job: Job) -> bool:
        """Tell whether this is the job's person, or a moderator of its server."""
        of_its_server = self.guild_id is not None and self.guild_id == job.origin.guild_id
        return self.user_id == job.origin.user_id or (self.moderator and of_its_server)

    def allowed_on(self, job: Job) -> Job:
        """Return the job, if this person may act on it. Raises NotAllowed."""
        if not self.may_act_on(job):
            msg = f"job {job.id} is somebody else's"
            raise NotAllowed(msg)
        return job
