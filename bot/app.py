"""Builds everything in order, runs it, and closes it in reverse; the only file that knows every package."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
import stamina

from bot.announcer import DiscordAnnouncer
from bot.discord_bot import EncoreBot
from bot.domain.jobs import Job
from bot.domain.polling import FixedInterval
from bot.domain.standing import LaneCondition
from bot.endpoints import use_endpoints
from bot.errors import AlreadyRunning, DiscordUnavailable, SettingsError, StartupError, StoreUnavailable
from bot.music.client import MusicClient
from bot.ops.server import ops_server
from bot.services.archive import Archive
from bot.services.delivery import Delivery
from bot.services.extending import Extending
from bot.services.finishing import Finishing
from bot.services.lane import Lane
from bot.services.recovery import recover
from bot.settings import Settings
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.jobs import Jobs
from bot.store.lock import DatabaseLock, hold_lock
from bot.store.meta import Meta
from bot.store.migrate import migrate

log = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds for finishing what is in hand after the first signal."""
FORGET_TOKENS_EVERY = 60.0
"""Seconds between deletions of expired interaction tokens: none outlives its 15 minutes by more."""
GIGABYTE = 1000**3

REFUSED_CLOSES = {4004: "the token", 4013: "the intents", 4014: "the intents (one of them has to be switched on in the Developer Portal)"}
"""Close codes with which the gateway turns a bot away for good (Gateway Close Event Codes)."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Tell the time since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Tell the time since some fixed moment."""
        return time.monotonic()


@dataclass(slots=True)
class Stop:
    """The wish to stop; the first signal makes it, a second one ends the process at once."""

    event: asyncio.Event

    @classmethod
    def on_signals(cls) -> "Stop":
        """Listen for SIGTERM and Ctrl-C."""
        stop = cls(asyncio.Event())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.asked, number)
        return stop

    def asked(self, number: signal.Signals) -> None:
        """Stop in order; asked again, let the signal do what it does by itself."""
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        log.info("%s: finishing what is in hand, for at most %.0f s; once more ends it at once", signal.Signals(number).name, GRACE)
        self.event.set()


async def run(settings: Settings) -> None:
    """Run the bot until it is told to stop. Raises StartupError, StoreUnavailable."""
    stop = Stop.on_signals()
    async with contextlib.AsyncExitStack() as stack:
        lock = await stack.enter_async_context(hold_lock(settings.database_url))
        await migrate(settings.database_url)
        database = await stack.enter_async_context(Database(settings.database_url))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        encore = await _build(settings, stack, database, session)
        await stack.enter_async_context(ops_server(encore, host=settings.ops_host, port=settings.ops_port))
        await _while_not_stopped(stop, encore.login(session))
        if not stop.event.is_set():
            await encore.work(stop, lock)


async def migrate_only(settings: Settings) -> None:
    """Bring the database to this version's schema. Raises StartupError, StoreUnavailable."""
    async with hold_lock(settings.database_url):
        await migrate(settings.database_url)
    log.info("the database is up to date")


async def _build(settings: Settings, stack: contextlib.AsyncExitStack, database: Database, session: aiohttp.ClientSession) -> "Encore":
    clock = SystemClock()
    jobs, clips = Jobs(database), Clips(database)
    archive = Archive(
        media_dir=settings.media_dir,
        max_bytes=int(settings.media_max_gb * GIGABYTE),
        on_evicted=clips.audio_gone,
        clock=clock,
        hosts=settings.media_hosts,
        allow_private=settings.media_allow_private,
    )
    try:
        await stack.enter_async_context(archive)
    except OSError as error:
        raise StartupError(f"MEDIA_DIR {settings.media_dir} cannot be used: {error.strerror}.") from error
    music = await stack.enter_async_context(MusicClient(settings.music_api_url, settings.music_api_key))
    use_endpoints(settings.discord_api_url, settings.discord_gateway_url)
    bot = EncoreBot(
        media_path=archive.path,
        memory=Meta(database),
        api_url=settings.discord_api_url,
        pinned_gateway=settings.discord_gateway_url is not None,
    )
    announcer = DiscordAnnouncer(bot=bot, session=session, api_url=settings.discord_api_url, media_path=archive.path, clock=clock)

    def changed(job: Job) -> None:
        """Tell delivery, which in turn asks the lane how a job stands: each knows the other, so one of them is named late."""
        delivery.wake(job)

    finishing = Finishing(jobs=jobs, clips=clips, archive=archive, clock=clock, deadline=settings.job_deadline, on_change=changed)
    lane = Lane(
        jobs=jobs,
        music=music,
        finishing=finishing,
        clock=clock,
        policy=FixedInterval(),
        submit_interval=settings.music_submit_interval,
        queries_per_second=settings.music_queries_per_second,
        on_change=changed,
    )
    delivery = Delivery(jobs=jobs, clips=clips, announcer=announcer, clock=clock, standing=lane.standing)
    extending = Extending(
        jobs=jobs,
        clips=clips,
        lane=lane,
        finishing=finishing,
        delivery=delivery,
        clock=clock,
        models=settings.music_models,
        jobs_per_user=settings.jobs_per_user,
    )
    bot.serve(requests=extending, clips=clips, drafts=Drafts(database, clock.now))
    return Encore(settings=settings, database=database, jobs=jobs, extending=extending, lane=lane, delivery=delivery, bot=bot, clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encore:
    """The parts that run, once everything is built."""

    settings: Settings
    database: Database
    jobs: Jobs
    extending: Extending
    lane: Lane
    delivery: Delivery
    bot: EncoreBot
    clock: SystemClock

    async def not_ready(self) -> list[str]:
        """Name what keeps the bot from working, in words."""
        reasons: list[str] = []
        if not self.bot.is_ready():
            reasons.append("not connected to Discord")
        if self.lane.condition is not LaneCondition.WORKING:
            reasons.append(f"the lane is {self.lane.condition.value}")
        try:
            await self.database.ping()
        except StoreUnavailable:
            reasons.append("the database cannot be reached")
        return reasons

    async def login(self, session: aiohttp.ClientSession) -> None:
        """Wait until Discord can be reached, log in, and sync the commands. Raises SettingsError for a refused token, StartupError."""
        async for attempt in stamina.retry_context(on=DiscordUnavailable, attempts=None, timeout=None, wait_max=30.0):
            with attempt:
                if attempt.num == 2:  # noqa: PLR2004 - said once, at the first repetition
                    log.warning("Discord cannot be reached at %s: trying on", self.settings.discord_api_url)
                await self._knock(session)
        try:
            await self.bot.login(self.settings.discord_token.get_secret_value())
        except discord.LoginFailure as error:
            raise SettingsError(
                ["DISCORD_TOKEN is refused by Discord: copy it anew from the Developer Portal (Bot, Reset Token)."]
            ) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise StartupError(f"Discord broke the login off ({type(error).__name__}): start again in a moment.") from error

    async def _knock(self, session: aiohttp.ClientSession) -> None:
        """Ask Discord who we are, as the login will: discord.py gives up at the first failure. Raises DiscordUnavailable."""
        token = self.settings.discord_token.get_secret_value()
        headers = {"Authorization": f"Bot {token}", "User-Agent": self.bot.http.user_agent}
        try:
            async with session.get(f"{self.settings.discord_api_url}/users/@me", headers=headers) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DiscordUnavailable(type(error).__name__) from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DiscordUnavailable(f"HTTP {status}")

    async def work(self, stop: Stop, lock: DatabaseLock) -> None:
        """Take up what an earlier process left, connect, and go on until told to stop. Raises StartupError, AlreadyRunning."""
        await recover(jobs=self.jobs, lane=self.lane, delivery=self.delivery, clock=self.clock)
        try:
            async with asyncio.TaskGroup() as group:
                lane = group.create_task(self.lane.run(), name="lane")
                delivery = group.create_task(self.delivery.run(), name="delivery")
                others = [
                    group.create_task(self._connect(), name="gateway"),
                    group.create_task(self._forget_tokens(), name="forget-tokens"),
                    group.create_task(_give_way(lock), name="lock"),
                ]
                await stop.event.wait()
                await self._finish(lane, delivery)
                await self.bot.close()
                for task in (*others, lane, delivery):
                    task.cancel()
        finally:
            await self.bot.close()

    async def _finish(self, lane: asyncio.Task[None], delivery: asyncio.Task[None]) -> None:
        """Accept nothing more, and give what is in hand a while to end."""
        self.extending.close()
        try:
            async with asyncio.timeout(GRACE):
                self.lane.stop()
                await lane
                self.delivery.stop()
                await delivery
        except TimeoutError:
            log.warning("not everything could be finished in %.0f s; the rest goes on at the next start", GRACE)

    async def _connect(self) -> None:
        """Stay connected to the gateway. Raises StartupError where it turns the bot away for good."""
        try:
            await self.bot.connect()
        except discord.PrivilegedIntentsRequired as error:
            raise StartupError("Discord refuses the intents: switch them on in the Developer Portal.") from error
        except discord.ConnectionClosed as error:
            what = REFUSED_CLOSES.get(error.code, "the connection")
            raise StartupError(f"Discord refuses {what} (close code {error.code}).") from error

    async def _forget_tokens(self) -> None:
        while True:
            await asyncio.sleep(FORGET_TOKENS_EVERY)
            try:
                await self.jobs.forget_tokens(self.clock.now())
            except StoreUnavailable as error:
                log.warning("expired interaction tokens could not be deleted, trying again in a minute: %s", error)


async def _give_way(lock: DatabaseLock) -> None:
    """End the process when the database's lock is lost: another one may be at work already."""
    await lock.lost()
    raise AlreadyRunning("The connection that held the database's lock was lost; another bot may have taken over.")


async def _while_not_stopped(stop: Stop, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or stop doing it when told to."""
    working = asyncio.create_task(work, name="login")
    stopped = asyncio.create_task(stop.event.wait(), name="stop")
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
