"""What the services ask of the database; `store` fulfils these."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.clips import Clip, KnownClip, StoredAudio
from bot.domain.export import Place
from bot.domain.family import Kin
from bot.domain.jobs import Job
from bot.domain.library import Entry, LibraryPage, Posted, View
from bot.domain.limits import Limits
from bot.domain.posts import Post, TopTrack, Vote
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

    async def private_tasks(self) -> frozenset[str]:
        """Read the tasks of which a job is private."""
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

        That is: in flight, READY, undeliverable, or STALLED and still watched unless it is hidden; nothing of a session.
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

    async def several(self, clip_ids: Collection[str]) -> list[Clip]:
        """Read those of these clips that are known, in the order in which they are named."""
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


class Visibility(Protocol):
    """Who may see which tracks. Raises StoreUnavailable."""

    async def seen(self, clip_ids: Collection[str], viewer: Viewer) -> dict[str, Seen]:
        """Tell what somebody may see of each of these tracks; one that is not known at all is left out."""
        ...


class Library(Protocol):
    """People's libraries. All raise StoreUnavailable."""

    async def page(self, view: View, viewer: Viewer, *, number: int, size: int) -> LibraryPage:
        """Read a page (the first is 0) of what somebody looks at."""
        ...

    async def entry(self, clip_id: str, viewer: Viewer) -> Entry | None:
        """Read one track as this person's list shows it; whether they may see it is another question."""
        ...

    async def posted(self, clip_id: str, task_id: str, viewer: Viewer) -> Posted | None:
        """Find the newest message that shows a track and that this person can open: a post here, or else a result."""
        ...

    async def rename(self, clip_id: str, user_id: int, title: str) -> bool:
        """Give a person's own track another title; False if there is no such track of theirs."""
        ...

    async def toggle_favourite(self, clip_id: str, user_id: int, *, at: float) -> bool:
        """Make a track a favourite, or let it be one no longer; tell which it is now."""
        ...


class Ancestry(Protocol):
    """Where tracks come from. Raises StoreUnavailable."""

    async def path(self, clip_id: str) -> list[Clip]:
        """Read a track and its ancestors, the root first, at most 64; nothing for a track that is not known."""
        ...


class Families(Ancestry, Protocol):
    """Where tracks come from, and what grew from them. Both raise StoreUnavailable."""

    async def of(self, clip_id: str, viewer: Viewer) -> list[Kin]:
        """Read a track's family, at most 500: the path to it, what grew from it, and then what else grew from its ancestors.

        Left out is what the viewer may not see and nothing has grown from.
        """
        ...


class Posts(Protocol):
    """The outbox of messages that answer no request. All raise StoreUnavailable."""

    async def add(self, post: Post) -> bool:
        """Insert a post; False if there is one of this id, or this track has been in this server's showcase before."""
        ...

    async def get(self, post_id: str) -> Post | None:
        """Read one post."""
        ...

    async def showing(self, clip_id: str, task_id: str) -> list[Post]:
        """Read the posts that are up and show a track of this task, newest first: its own, and those of all that a request has brought."""
        ...

    async def owed(self) -> list[Post]:
        """Read every post of which Discord still has to be told something, oldest first."""
        ...

    async def announced(self, post_id: str, revision: int, message_id: int | None = None, *, channel_id: int | None = None) -> None:
        """Note what a message shows, which one it is, and in which channel if that is another one now; nothing goes back."""
        ...

    async def revive_showcases(self, guild_id: int, *, since: float) -> list[Post]:
        """Owe a server's showcase again what it never got since then (epoch seconds), given up or not; return all of it."""
        ...

    async def touch(self, post_id: str) -> bool:
        """Owe a post an edit: what it shows has changed; False if it is neither up nor about to be."""
        ...

    async def renew(self, post_id: str) -> bool:
        """Owe a publication an edit: its request has brought more; False if there is none that is up or about to be."""
        ...

    async def take_down(self, post_id: str) -> bool:
        """Take one post down, and nothing else of its track; False if there is none that is not taken down already."""
        ...

    async def make_published_known(self) -> int:
        """Let servers know the tracks whose publication is owed or there; return how many requests were private all the same."""
        ...

    async def give_up(self, post_id: str) -> None:
        """Note that Discord will never take this: nothing is owed any more, unless it is removed later."""
        ...

    async def remove(self, task_id: str, guild_id: int | None, *, of_user: int | None = None) -> list[str]:
        """Take down the posts of a task in a server, or those of one person; return their ids.

        With everybody's, the votes for its tracks there go too, in the same transaction. Doing so twice is the same as once.
        """
        ...


class Votes(Protocol):
    """Who votes for which track of a server. All raise StoreUnavailable."""

    async def toggle(self, post: Post, user_id: int, *, at: float, showcase: Post | None, needed: int) -> tuple[Vote, list[str]] | None:
        """Let a person's vote for a post's track count, or take it back; owe its posts an edit, all in one transaction.

        Adds the `showcase` if the votes have reached what is `needed` and the track has not been there. Returns the ids of the posts that
        are owed something; None, and no vote changes, if the post is no longer up.
        """
        ...

    async def count(self, guild_id: int | None, clip_id: str) -> int:
        """Count a track's votes."""
        ...

    async def top(self, viewer: Viewer, *, since: float, limit: int) -> list[TopTrack]:
        """Read the tracks of the viewer's server with the most votes since then (epoch seconds) that the viewer may see."""
        ...


class Exports(Protocol):
    """What a person takes with them. Both raise StoreUnavailable."""

    async def of_person(self, viewer: Viewer) -> list[Kin]:
        """Read the tracks that a person's own requests have brought, newest first, of their newest 1000 finished requests."""
        ...

    async def places(self, kin: Sequence[Kin], viewer: Viewer) -> dict[str, Place]:
        """Find, for each track, a message that shows it and that the viewer can reach: its newest result, or else its newest post."""
        ...
