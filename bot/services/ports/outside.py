"""What the services ask of what is outside: time, the music service, its files on disk, and Discord."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.clips import Clip, StoredAudio
from bot.domain.guild_settings import PostingRight
from bot.domain.jobs import Job
from bot.domain.posts import Content, Post
from bot.domain.reports import ClipReport, TaskReport
from bot.domain.requests import MusicRequest
from bot.domain.sessions.model import Session
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

    async def submit(self, request: MusicRequest) -> str:
        """Ask for an extension or a first track, once and without any retry, and return its task_id."""
        ...

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Query a task; every attempt runs inside a `slot()` of its own, so that a lane counts each against the quota."""
        ...


class Archive(Protocol):
    """Finished audio on disk."""

    async def audio(self, report: ClipReport) -> StoredAudio:
        """Download and verify the clip's audio, or find it stored already. Raises AudioError."""
        ...

    async def cover(self, report: ClipReport) -> str | None:
        """Download the clip's cover; return its file name, or None if there is none to be had."""
        ...

    def discard_joined(self) -> None:
        """Delete the files that were joined of several tracks. Raises OSError."""
        ...

    def discard(self, name: str) -> None:
        """Delete a file, if it is there: its track was deleted. Raises OSError."""
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
        """Delete the message that shows the tracks, unless that is the reply, and take their name off our thread; what is gone is done."""
        ...

    async def explain_privately(self, job: Job) -> None:
        """Tell only the person why the provider's moderation refused."""
        ...


class PostOffice(Protocol):
    """The way of posts into channels. Every method raises DiscordError; see its tree in `bot/errors.py`."""

    async def post(self, post: Post, content: Content) -> int:
        """Post it, as a message that carries `post.nonce`; return the message's id."""
        ...

    async def find(self, post: Post) -> int | None:
        """Look, in its channel since it was made, for what an earlier run has posted. Raises CannotPost where that cannot be read."""
        ...

    async def edit(self, post: Post, content: Content) -> None:
        """Show it as it is now. Raises ReplyGone if somebody has deleted it."""
        ...

    async def delete(self, post: Post, message_id: int) -> None:
        """Delete its message; one that is gone already is done."""
        ...


class Venues(Protocol):
    """The places that sessions take place in, and who is there. Every method raises DiscordUnavailable."""

    async def open_thread(self, session: Session, message_id: int) -> int | None:
        """Open the session's thread under a message, or find it opened; return its id, None where there can be none."""
        ...

    async def has_thread(self, place_id: int) -> bool:
        """Tell whether a thread is there, archived or not, for the bot to see."""
        ...

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message is still there."""
        ...

    async def is_member(self, guild_id: int, user_id: int) -> bool:
        """Tell whether somebody is in a server."""
        ...

    async def tell_host(self, session: Session) -> None:
        """Tell a session's host, once, that it is paused and why. Raises DiscordError where they cannot be reached."""
        ...


class Posted(Protocol):
    """What is in the messages that the bot has posted."""

    async def audio(self, job: Job, clip: Clip, *, max_bytes: int) -> bytes | None:
        """Read a track's audio from its job's result; None if there is none of at most so many bytes. Raises DiscordError."""
        ...

    async def audio_of_post(self, post: Post, clip: Clip, *, max_bytes: int) -> bytes | None:
        """Read it from a post that shows the track; the same."""
        ...


class Names(Protocol):
    """What people are called, for pictures and files; messages name them by mention."""

    async def of(self, user_ids: Iterable[int]) -> dict[int, str]:
        """Tell the display name of each, as foreign text; whoever cannot be asked about is called SOMEONE."""
        ...


class Notes(Protocol):
    """The way into a server's log channel."""

    async def post_note(self, channel_id: int, text: str) -> None:
        """Post a line that pings nobody. Raises DiscordError."""
        ...


class Directory(Protocol):
    """What there is in the servers that the bot is a member of, as far as Discord has told."""

    def gone(self, guild_id: int, ids: Iterable[int]) -> frozenset[int]:
        """Tell which of these roles and channels no longer exist; none in a server that is not known (yet)."""
        ...

    def closed(self, guild_id: int, channels: Iterable[int]) -> Mapping[int, PostingRight]:
        """Tell in which of these channels the bot may not post, and what it lacks first; only of those that are known."""
        ...
