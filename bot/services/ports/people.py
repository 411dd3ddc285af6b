"""What anybody asks of the services, about a request of theirs or one that they are about to make."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.export import Export
from bot.domain.family import Kin, Tree
from bot.domain.jobs import Job, Origin
from bot.domain.library import LibraryPage, OpenEntry, View
from bot.domain.limits import Limits
from bot.domain.posts import Post, TopTrack, Vote
from bot.domain.preferences import Preferences as Wanted
from bot.domain.requests import Source, Typed
from bot.domain.sharing import Period, Place
from bot.domain.standing import Standing
from bot.domain.starters import Starter
from bot.domain.usage import Report, Scope
from bot.domain.viewing import Viewer
from bot.domain.whole_track import OnProgress, Whole


class Accepting(Protocol):
    """What takes requests in; `services.accepting` fulfils it. All raise StoreUnavailable."""

    @property
    def models(self) -> Sequence[str]:
        """The models on offer, the default first."""
        ...

    async def limits(self, guild_id: int | None) -> Limits:
        """Tell what one person may ask for in a place (None: outside of servers)."""
        ...

    async def source(self, clip_id: str, viewer: Viewer) -> Source | None:
        """Return what is known of a track, unless somebody else keeps it to themselves."""
        ...

    async def accept(self, typed: Typed, origin: Origin, *, private: bool = False) -> Job:
        """Check what was typed, against its source if that is known, and insert a job that is not acknowledged yet.

        A `private` one is shown to its person alone. Raises BadOption, NoTrackYet, PrivateTrack, CreatingOff, TooManyInFlight,
        LimitReached, LanePaused, TooLate (a second time), Busy.
        """
        ...

    async def accept_track(self, typed: str, origin: Origin, *, private: bool = False) -> Job:
        """Insert a job that follows a task made elsewhere. Raises BadOption, PrivateTrack, TooManyInFlight, TooLate, Busy."""
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

    async def tracks(self, job_id: str, user_id: int) -> tuple[Job, list[Clip]]:
        """Read a job's tracks for somebody. Raises NotFound, Removed, PrivateTrack."""
        ...

    async def fetched(self, job: Job, message_id: int | None) -> None:
        """Take note that a person has fetched what could not reach them."""
        ...

    def standing(self, job: Job) -> Standing:
        """Tell how a job stands in its lane."""
        ...


class Library(Protocol):
    """What people find in their library, and do to an entry; `services.library` fulfils it. All raise StoreUnavailable."""

    async def page(self, view: View, number: int, viewer: Viewer) -> LibraryPage:
        """Read a page of a list; the first is 0."""
        ...

    async def open(self, clip_id: str, actor: Actor) -> OpenEntry:
        """Open an entry. Raises UnknownTrack, Removed."""
        ...

    async def to_continue(self, clip_id: str, viewer: Viewer) -> Clip:
        """Read a track that somebody is about to continue. Raises UnknownTrack, PrivateTrack, Removed."""
        ...

    async def play(self, clip_id: str, viewer: Viewer) -> Clip:
        """Bring a track's audio into the archive, and return it with its file. Raises UnknownTrack, Removed, AudioGone."""
        ...

    async def toggle_favourite(self, clip_id: str, actor: Actor) -> OpenEntry:
        """Make an entry a favourite, or let it be one no longer. Raises UnknownTrack, Removed."""
        ...

    async def rename(self, clip_id: str, title: str, actor: Actor) -> OpenEntry:
        """Give a person's own track another title. Raises UnknownTrack, Removed, NotAllowed, BadOption, ForbiddenWord."""
        ...


class Preferences(Protocol):
    """What a person wants for themselves; `services.preferences` fulfils it."""

    def of(self, user_id: int) -> Wanted:
        """Tell what a person wants; it is at hand."""
        ...

    async def set_private_first(self, user_id: int, *, on: bool) -> Wanted:
        """Let what a person asks for be shown to them alone, or to everybody. Raises StoreUnavailable."""
        ...


class Publishing(Protocol):
    """What *Publish* asks; `services.publishing` fulfils it. Both raise StoreUnavailable."""

    async def own(self, job_id: str, user_id: int) -> Job:
        """Read a job of somebody's own that has tracks. Raises NotFound, NotAllowed, Removed, TooLate."""
        ...

    async def publish(self, job: Job) -> Post:
        """Owe the channel of a job its tracks, and let the server know them; the same post each time."""
        ...


class Erasing(Protocol):
    """Who has their data deleted; `services.erasing` fulfils it."""

    async def begin(self, user_id: int) -> None:
        """Delete all that is a person's now; return when nothing stops it any more. Raises StoreUnavailable."""
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

    They raise UnknownTrack or Removed for a track that is not to be seen, AudioGone, AudioAway, AudioDamaged, WorkLost and CannotStore.
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


class FamilyTrees(Protocol):
    """Where tracks come from and what grew from them, as somebody sees it; `services.families` fulfils it."""

    async def of(self, clip_id: str, viewer: Viewer) -> Tree:
        """Lay out a track's family. Raises UnknownTrack, Removed, StoreUnavailable."""
        ...

    async def track(self, clip_id: str, viewer: Viewer) -> Clip:
        """Read a track that somebody may see. Raises UnknownTrack, Removed, StoreUnavailable."""
        ...

    async def names(self, kin: Iterable[Kin]) -> Mapping[int, str]:
        """Tell what the people are called who made these tracks, as foreign text; who is not in it is SOMEONE."""
        ...


class Exporting(Protocol):
    """What /export asks; `services.exporting` fulfils it."""

    async def mine(self, viewer: Viewer) -> Export:
        """Gather the tracks that somebody's own requests have brought. Raises StoreUnavailable."""
        ...

    async def family(self, clip_id: str, viewer: Viewer) -> Export:
        """Gather what somebody may see of a track's family. Raises UnknownTrack, Removed, StoreUnavailable."""
        ...


class Posting(Protocol):
    """What brings posts into channels; `services.posting` fulfils it. What is asynchronous raises StoreUnavailable."""

    async def publish(self, job: Job, channel_id: int | None = None) -> Post:
        """Show a result that was private until now, once however often this is called; None: in the channel of its request."""
        ...

    def held_up(self, guild_id: int) -> int:
        """Tell how many tracks a server's showcase does not take."""
        ...

    async def try_showcase(self, guild_id: int) -> None:
        """Try now what a server's showcase never got: its channel was chosen anew. Raises nothing."""
        ...

    async def settled(self, post: Post, *, within: float) -> Post:
        """Wait until a post is up or given up, for so many seconds at most; return it as it is then."""
        ...


class Sharing(Protocol):
    """What people do with finished tracks in front of others; `services.sharing` fulfils it. All raise StoreUnavailable."""

    async def check(self, clip_id: str, actor: Actor, *, publish: bool = False) -> Clip:
        """Let a track be shared where the actor is. Raises OnlyInServers, NotFound, Removed, NotFromHere, NotPublicYet.

        `publish`: the person knows that everybody will see it.
        """
        ...

    async def share(self, clip_id: str, actor: Actor, place: Place, note: str, *, publish: bool = False) -> Post:
        """Post a track, with its audio where that is to be had. Raises what `check` does, CannotShare, ForbiddenWord, CannotStore."""
        ...

    async def vote(self, post_id: str, actor: Actor) -> Vote:
        """Let the actor's vote count, or take it back. Raises NotFound, Removed, OwnTrack."""
        ...

    async def top(self, actor: Actor, period: Period) -> list[TopTrack]:
        """Tell which tracks have the most votes of the period. Raises OnlyInServers."""
        ...


class Unsharing(Protocol):
    """What takes one share down again; `services.unsharing` fulfils it. All raise StoreUnavailable."""

    async def theirs(self, post_id: str, actor: Actor) -> Post | None:
        """Read a share that is not taken down yet, if the actor may do that; else None."""
        ...

    async def find(self, post_id: str, actor: Actor) -> Post:
        """Read a share that the actor may take down. Raises NotFound, NotYourShare."""
        ...

    async def unshare(self, post_id: str, actor: Actor) -> Post:
        """Take a share down; doing so twice is the same as once. Raises NotFound, NotYourShare."""
        ...
