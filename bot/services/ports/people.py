"""What anybody asks of the services, about a request of theirs or one that they are about to make."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.jobs import Job, Origin
from bot.domain.limits import Limits
from bot.domain.requests import Source, Typed
from bot.domain.standing import Standing
from bot.domain.starters import Starter
from bot.domain.usage import Report, Scope
from bot.domain.viewing import Viewer
from bot.domain.whole_track import Whole

OnProgress = Callable[[float], None]


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


class Starters(Protocol):
    """Tracks that everybody in a place may begin with."""

    async def offered(self, guild_id: int | None, *, to: int) -> Sequence[Starter]:
        """List the starters for a person in a place (None: outside of servers), the server's first. Raises StoreUnavailable."""
        ...


class Creating(Protocol):
    """Whether first tracks may be made."""

    async def check(self, guild_id: int | None) -> None:
        """Let a first track be made in this place (None: outside of servers). Raises CreatingOff, StoreUnavailable."""
        ...


class WholeTracks(Protocol):
    """Tracks with all that they grew from; `services.whole_tracks` fulfils it. Both raise StoreUnavailable.

    They raise NotFound or Removed for a track that is not to be seen, AudioGone, AudioAway, AudioDamaged, CannotStore and Restarting.
    `on_progress` hears, in the event loop, which share is done. `max_bytes` is what the file may have.
    """

    async def whole(self, clip_id: str, viewer: Viewer, *, max_bytes: int, on_progress: OnProgress | None = None) -> Whole:
        """Join a track with what it grew from, as far as that is to be had. Raises TooLongToSend."""
        ...

    async def joint(self, clip_id: str, viewer: Viewer, *, max_bytes: int) -> Whole:
        """Let ten seconds before and behind the beginning of a track be heard. Raises NothingToJoin."""
        ...


class Spending(Protocol):
    """What /usage asks; `services.spending` fulfils it. Raises StoreUnavailable."""

    async def report(self, scope: Scope, guild_id: int | None) -> Report:
        """Tell what was spent lately, and what is left of today where the person asks (None: in direct messages)."""
        ...
