"""Stand-ins for what lies outside: time, the music service, its files, Discord, and a database that goes away.

Each obeys the contract of `bot/services/ports/` and refuses what it was not told of.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Executable, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.baselines import FixedInterval
from bot.domain.actors import NOBODY, SOMEONE
from bot.domain.clips import Clip, StoredAudio
from bot.domain.guild_settings import PostingRight
from bot.domain.jobs import Job
from bot.domain.posts import Content, Post
from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.requests import ExtendRequest, MusicRequest
from bot.domain.standing import LaneCondition, Standing
from bot.domain.viewing import Viewer
from bot.domain.waveforms import Waveform
from bot.domain.whole_track import Whole
from bot.errors import (
    AudioError,
    AudioGone,
    CannotPost,
    DiscordError,
    EncoreError,
    NotAudio,
    ProviderError,
    StoreUnavailable,
    TaskUnknown,
    UnknownTrack,
)
from bot.store.database import Database, Row
from bot.store.sqlite_writer import SqliteWriter
from bot.store.urls import parse_url, sqlite_file

EPOCH = 1_790_000_000.0


@dataclass(slots=True)
class FakeClock:
    """Time that passes only when a test says so."""

    elapsed: float = 0.0
    set_by: float = 0.0
    """By how many seconds somebody has set the calendar's clock."""

    def now(self) -> float:
        return EPOCH + self.elapsed + self.set_by

    def monotonic(self) -> float:
        return 5_000.0 + self.elapsed

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "time does not run backwards"
        self.elapsed += seconds


class FakeAudioBack:
    """Brings back what a clip says it has, unless that is told to be gone, or it is told what to raise."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.raises: EncoreError | None = None
        self.asked: list[str] = []

    async def audio(self, clip: Clip) -> StoredAudio:
        self.asked.append(clip.clip_id)
        if self.raises is not None:
            raise self.raises
        if clip.audio_name is None or clip.clip_id in self.gone:
            raise AudioGone
        return StoredAudio(name=clip.audio_name, seconds=clip.seconds, size=clip.audio_size)

    async def for_message(self, clips: Iterable[Clip]) -> list[Clip]:
        return list(clips)


class FakeListening:
    """Hears the same in every track, and draws a picture that tells its start point; or is told what to raise."""

    def __init__(self) -> None:
        self.quiet: tuple[float, ...] = (30.25, 61.0)
        self.raises: Exception | None = None

    async def profile(self, clip: Clip) -> Waveform:
        if self.raises is not None:
            raise self.raises
        return Waveform(seconds=clip.seconds, peaks=(0.5, 1.0), quiet=self.quiet)

    async def picture(self, waveform: Waveform, *, start: float) -> bytes:
        assert 0 < start <= waveform.seconds
        return f"a picture with a mark at {start}".encode()


class SteadyPolicy(FixedInterval):
    """A query every 5 s for each job, so that a test can say when the next one goes out."""

    usually: tuple[float, float] = (80.0, 130.0)

    def usual(self, model: str, age: float = 0.0, *, age_known: bool = True) -> tuple[float, float]:
        low, high = self.usually
        return max(low, age), max(high, age)


class MoodyDatabase(Database):
    """A real database that can be told to be away, or to keep a write waiting. SQLite does not wait for the disk."""

    def __init__(self, url: str) -> None:
        self.statements: list[str] = []
        """What was sent, less the control of transactions."""
        super().__init__(url, on_statement=self._note)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine.sync_engine, "connect", _without_fsync)
            self._short_way = SqliteWriter(sqlite_file(parse_url(url)), patience=5.0, pragmas=("foreign_keys = ON", "synchronous = OFF"))

    def _note(self, statement: str) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)

    away: int = 0
    """How many of the next uses fail; less than zero: all of them."""
    gate: asyncio.Event | None = None
    """While it is set here and not open, writes wait for it."""
    writes: int = 0
    """How many there have been."""
    unheard: frozenset[int] = frozenset()
    """Which of them, counted from 1, happen and are not answered: the connection breaks after the commit."""
    ends_at: int | None = None
    """At which of them the process ends, as far as the database can tell: nothing is read or written any more."""
    ends_after: bool = False
    """It still happens."""

    async def _mood(self, *, writes: bool) -> None:
        if writes and self.writes + 1 == self.ends_at and not self.ends_after:
            self.away = -1
        if self.away:
            self.away -= 1
            raise StoreUnavailable("the database is away, as told")
        if writes and self.gate is not None:
            await self.gate.wait()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        await self._mood(writes=False)
        async with super().read() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        await self._mood(writes=True)
        async with super().write() as connection:
            yield connection
        self._answer()

    @asynccontextmanager
    async def write_one(self) -> AsyncGenerator[AsyncConnection]:
        await self._mood(writes=True)
        async with super().write_one() as connection:
            yield connection
        self._answer()

    async def execute_each(self, statement: Executable, rows: Sequence[Row]) -> bool:
        if self._short_way is None:
            return await super().execute_each(statement, rows)
        await self._mood(writes=True)
        done = await super().execute_each(statement, rows)
        self._answer()
        return done

    def _answer(self) -> None:
        self.writes += 1
        if self.writes == self.ends_at:
            self.away = -1
        if self.away or self.writes in self.unheard:
            raise StoreUnavailable("the answer is lost, as told")


def _without_fsync(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


Answer = str | Exception | Callable[[], Awaitable[None]]


class ScriptedMusic:
    """A music service that answers as told: each submit makes a task unless `answers` says otherwise; queries read `reports`."""

    def __init__(self) -> None:
        self.submits: list[MusicRequest] = []
        self.queries: list[str] = []
        self.answers: deque[Answer] = deque()
        """What the next submits bring: a task_id, an error, or what happens before the usual answer."""
        self.reports: dict[str, TaskReport | Exception] = {}
        self._numbers = itertools.count(1)

    @property
    def extensions(self) -> list[ExtendRequest]:
        """Those of the submits that continue a track."""
        return [request for request in self.submits if isinstance(request, ExtendRequest)]

    async def submit(self, request: MusicRequest) -> str:
        self.submits.append(request)
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            return answer
        if answer is not None:
            await answer()
        return f"task-{next(self._numbers):06}"

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        async with slot():
            self.queries.append(task_id)
            report = self.reports.get(task_id, TaskUnknown("no such task"))
            if isinstance(report, Exception):
                raise report
            return report

    def made(self, task_id: str, *stages: Stage, stage: Stage | None = None, words: str = "", title: str = "") -> None:
        """Set a task's report: a clip for each stage; the task is as far as its slowest clip, unless told."""
        clips = tuple(
            ClipReport(
                clip_id=f"{task_id}-clip-{number}",
                stage=each,
                title=title,
                audio_url=f"https://cdn.example/{task_id}-{number}.mp3" if each is Stage.DONE else None,
                image_url=f"https://cdn.example/{task_id}-{number}.png",
            )
            for number, each in enumerate(stages)
        )
        slowest = next((each for each in stages if not each.ended), stages[0] if stages else Stage.WAITING)
        self.reports[task_id] = TaskReport(task_id=task_id, stage=stage or slowest, clips=clips, words=words)


@dataclass(slots=True)
class FakeArchive:
    """An archive in which every clip that is DONE can be had, unless it is `spoilt`."""

    seconds: float = 192.5
    spoilt: dict[str, AudioError] = field(default_factory=dict[str, AudioError])
    fetched: list[str] = field(default_factory=list[str])
    discarded: list[str] = field(default_factory=list[str])
    stuck: OSError | None = None
    """What deleting a file meets."""

    def discard_joined(self) -> None:
        self.discarded.append("_")

    def discard(self, name: str) -> None:
        if self.stuck is not None:
            raise self.stuck
        self.discarded.append(name)

    async def audio(self, report: ClipReport) -> StoredAudio:
        assert report.stage is Stage.DONE, "what plays before the end is replaced"
        if report.clip_id in self.spoilt:
            raise self.spoilt[report.clip_id]
        if report.audio_url is None:
            raise NotAudio("there is no address yet")
        self.fetched.append(report.clip_id)
        return StoredAudio(name=f"{report.clip_id}.mp3", seconds=self.seconds, size=3_000_000)

    async def cover(self, report: ClipReport) -> str | None:
        return f"{report.clip_id}.jpg" if report.image_url else None


class ScriptedWholeTracks:
    """Whole tracks that are there already, as told; what was asked for is noted. One that was not told of is not found."""

    def __init__(self) -> None:
        self.made: dict[str, Whole | EncoreError] = {}
        self.shares: list[float] = []
        """What the progress is before it is there."""
        self.asked: list[tuple[str, Viewer, int]] = []

    async def whole(self, clip_id: str, viewer: Viewer, *, max_bytes: int, on_progress: Callable[[float], None] | None = None) -> Whole:
        self.asked.append((clip_id, viewer, max_bytes))
        for share in self.shares:
            if on_progress is not None:
                on_progress(share)
                await asyncio.sleep(0)
        return self._found(clip_id)

    async def joint(self, clip_id: str, viewer: Viewer, *, max_bytes: int) -> Whole:
        self.asked.append((clip_id, viewer, max_bytes))
        return self._found(clip_id)

    def _found(self, clip_id: str) -> Whole:
        found = self.made.get(clip_id, UnknownTrack(clip_id))
        if isinstance(found, EncoreError):
            raise found
        return found


Way = Literal[
    "show_reply",
    "open_thread",
    "post_result",
    "find_result",
    "update_result",
    "result_into_reply",
    "ping",
    "send_privately",
    "take_down",
    "explain_privately",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message or edit that arrived."""

    way: Way
    job: Job
    clips: tuple[str, ...] = ()
    standing: Standing | None = None


class RecordingAnnouncer:
    """A way to people that notes what arrives, and fails as told."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.raises: dict[Way, DiscordError | list[DiscordError | None]] = {}
        """An error for each call of a way, or one for each of the next calls (None: that one goes through)."""
        self.loses: dict[Way, DiscordError] = {}
        """The next call arrives, but its answer is lost: it raises this, once."""
        self.during: dict[Way, Callable[[], None]] = {}
        """What happens while the next call of a way is under way, once."""
        self.posted: dict[str, int] = {}
        """Channel messages by nonce: a second post with one returns the first message, as Discord does for a while."""
        self.nonces_forgotten = False
        self.takes_threads = True
        self.places: dict[str, int] = {}
        """The channel or thread of a job's posted message."""
        self.thread_known: dict[str, int] = {}
        """The thread under a job's reply, as far as the gateway has told of it."""
        self.pinged: dict[str, bool] = {}
        """Whether the latest version of a job's result notifies its person."""
        self._ids = itertools.count(9_000)

    def ways(self) -> list[Way]:
        return [sent.way for sent in self.sent]

    def of(self, way: Way) -> list[Sent]:
        return [sent for sent in self.sent if sent.way == way]

    def _arrive(self, way: Way, job: Job, clips: Sequence[Clip] = (), standing: Standing | None = None) -> None:
        if happens := self.during.pop(way, None):
            happens()
        error = self.raises.get(way)
        if isinstance(error, list):
            error = error.pop(0) if error else None
        if error is not None:
            raise error
        self.sent.append(Sent(way, job, tuple(clip.variant for clip in clips), standing))
        if lost := self.loses.pop(way, None):
            if way == "post_result":
                self.posted[job.id] = next(self._ids)
            raise lost

    async def show_reply(self, job: Job, standing: Standing) -> None:
        self._arrive("show_reply", job, standing=standing)

    async def open_thread(self, job: Job, clips: Sequence[Clip]) -> int | None:
        self._arrive("open_thread", job, clips)
        return job.origin.reply_id if self.takes_threads else None

    def known_thread(self, job: Job) -> int | None:
        return self.thread_known.get(job.id)

    async def post_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> int:
        self.pinged[job.id] = pings
        self._arrive("post_result", job, clips)
        if job.id not in self.posted or self.nonces_forgotten:
            self.posted[job.id] = next(self._ids)
        return self.posted[job.id]

    async def find_result(self, job: Job) -> int | None:
        self._arrive("find_result", job)
        return self.posted.get(job.id) if self.places.get(job.id, job.result_place) == job.result_place else None

    async def update_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> None:
        self.pinged[job.id] = pings
        self._arrive("update_result", job, clips)

    async def result_into_reply(self, job: Job, clips: Sequence[Clip]) -> int:
        self._arrive("result_into_reply", job, clips)
        return job.origin.reply_id or next(self._ids)

    async def ping(self, job: Job) -> None:
        self._arrive("ping", job)

    async def send_privately(self, job: Job, clips: Sequence[Clip]) -> int:
        self._arrive("send_privately", job, clips)
        return next(self._ids)

    async def take_down(self, job: Job) -> None:
        self._arrive("take_down", job)

    async def explain_privately(self, job: Job) -> None:
        self._arrive("explain_privately", job)


class RecordingPostOffice:
    """Channels into which posts go: a nonce is posted once, and it fails as told, one error for each of the next calls."""

    def __init__(self) -> None:
        self.up: dict[int, tuple[Post, Content]] = {}
        """What stands there, by the message's id, as it was written last."""
        self.calls: list[str] = []
        self.raises: dict[str, list[DiscordError | None]] = {}
        self.loses: DiscordError | None = None
        """The next post arrives, but its answer is lost: it raises this, once."""
        self.nonces_forgotten = False
        self.readable = True
        self._nonces: dict[str, int] = {}
        self._ids = itertools.count(7_000)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        errors = self.raises.get(name, [])
        if errors and (error := errors.pop(0)) is not None:
            raise error

    async def post(self, post: Post, content: Content) -> int:
        self._call("post")
        if post.nonce not in self._nonces or self.nonces_forgotten:
            self._nonces[post.nonce] = next(self._ids)
            self.up[self._nonces[post.nonce]] = (post, content)
        if (lost := self.loses) is not None:
            self.loses = None
            raise lost
        return self._nonces[post.nonce]

    async def find(self, post: Post) -> int | None:
        self._call("find")
        if not self.readable:
            raise CannotPost("history cannot be read, as told")
        return next((message_id for message_id, (up, _) in self.up.items() if up.id == post.id), None)

    async def edit(self, post: Post, content: Content) -> None:
        self._call("edit")
        assert post.message_id is not None
        self.up[post.message_id] = (post, content)

    async def delete(self, post: Post, message_id: int) -> None:
        del post
        self._call("delete")
        self.up.pop(message_id, None)


class EverythingIsThere:
    """A directory of servers whose roles and channels all exist, but for those that `lost` names, and are open but for those in `shut`."""

    def __init__(self) -> None:
        self.lost: set[int] = set()
        self.shut: dict[int, PostingRight] = {}

    def gone(self, guild_id: int, ids: Iterable[int]) -> frozenset[int]:
        del guild_id
        return frozenset(self.lost.intersection(ids))

    def closed(self, guild_id: int, channels: Iterable[int]) -> dict[int, PostingRight]:
        del guild_id
        return {each: self.shut[each] for each in channels if each in self.shut}


class RecordingNotes:
    """Log channels that keep what is posted, or fail with `raises`."""

    def __init__(self) -> None:
        self.posted: list[tuple[int, str]] = []
        self.raises: DiscordError | None = None

    async def post_note(self, channel_id: int, text: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.posted.append((channel_id, text))


class RecordingTidings:
    """A way to whoever has to mend a lane, which keeps what it is told, or fails with `raises`."""

    def __init__(self) -> None:
        self.told: list[tuple[int | None, LaneCondition, str, str]] = []
        self.raises: DiscordError | None = None

    async def tell(self, lane: int | None, condition: LaneCondition, said: str, nonce: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.told.append((lane, condition, said, nonce))


def provider_errors(of: type[ProviderError] = ProviderError) -> list[type[ProviderError]]:
    """List every class of the provider's errors below one, itself included."""
    return [of, *(each for below in of.__subclasses__() for each in provider_errors(below))]


@dataclass(slots=True)
class PlainNames:
    """Calls people by what a test says, and everybody else by their number; notes who was asked about."""

    known: dict[int, str] = field(default_factory=dict[int, str])
    asked: list[list[int]] = field(default_factory=list[list[int]])

    async def of(self, user_ids: Iterable[int]) -> dict[int, str]:
        wanted = list(user_ids)
        self.asked.append(wanted)
        return {each: SOMEONE if each == NOBODY else self.known.get(each, f"person {each}") for each in wanted}
