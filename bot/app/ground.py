"""What everything else stands on: the database and its stores, the archive, the clock, and the ways out."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.errors import StartupError
from bot.music.client import MusicClient
from bot.ops.build import Build
from bot.ops.counting import CountingMusic
from bot.ops.discord_requests import trace_requests
from bot.ops.logs import Redactor
from bot.ops.metrics import Metrics
from bot.ops.sightings import Sightings
from bot.services.archive import Archive
from bot.services.ports.outside import Music
from bot.settings import Settings
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.meta import Meta
from bot.store.posts import Posts
from bot.store.visibility import Visibility
from bot.store.votes import Votes

GIGABYTE = 1000**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The parts that need nothing but the settings; `session` and `trace` are for Discord."""

    settings: Settings
    redact: Redactor
    build: Build
    metrics: Metrics
    sightings: Sightings
    clock: SystemClock
    database: Database
    jobs: Jobs
    clips: Clips
    visibility: Visibility
    posts: Posts
    votes: Votes
    memory: Meta
    archive: Archive
    session: aiohttp.ClientSession
    trace: aiohttp.TraceConfig

    @contextlib.asynccontextmanager
    async def open_music(self, key: SecretStr) -> AsyncGenerator[Music]:
        """Open the way to the music API with a key."""
        async with MusicClient(self.settings.music_api_url, key) as client:
            yield CountingMusic(client, metrics=self.metrics, sightings=self.sightings, clock=self.clock)


async def lay_ground(settings: Settings, stack: contextlib.AsyncExitStack, redact: Redactor) -> Ground:
    """Open what has to be open; `stack` closes it. Raises StartupError, StoreUnavailable."""
    clock, build = SystemClock(), Build.here()
    metrics = Metrics(build)
    trace = trace_requests(metrics, settings.discord_api_url)
    database = await stack.enter_async_context(Database(settings.database_url, on_statement=metrics.statement_sent))
    session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30), trace_configs=[trace]))
    clips = Clips(database)
    return Ground(
        settings=settings,
        redact=redact,
        build=build,
        metrics=metrics,
        sightings=Sightings(),
        clock=clock,
        database=database,
        jobs=Jobs(database),
        clips=clips,
        visibility=Visibility(database),
        posts=Posts(database),
        votes=Votes(database),
        memory=Meta(database),
        archive=await _open_archive(settings, stack, clips, clock),
        session=session,
        trace=trace,
    )


async def _open_archive(settings: Settings, stack: contextlib.AsyncExitStack, clips: Clips, clock: SystemClock) -> Archive:
    archive = Archive(
        media_dir=settings.media_dir,
        max_bytes=int(settings.media_max_gb * GIGABYTE),
        on_evicted=clips.audio_gone,
        clock=clock,
        hosts=settings.media_hosts,
        allow_private=settings.media_allow_private,
    )
    try:
        return await stack.enter_async_context(archive)
    except OSError as error:
        raise StartupError(f"MEDIA_DIR {settings.media_dir} cannot be used: {error.strerror}.") from error
