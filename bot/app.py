"""Builds everything in order, runs it, and closes it in reverse; the only file that knows every package."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from pydantic import SecretStr

from bot.announcer import DiscordAnnouncer
from bot.clock import SystemClock
from bot.connecting import log_in, stay_connected
from bot.discord_bot import EncoreBot
from bot.domain.admission import OperatorRules
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState
from bot.domain.polling import ExpectedWaiting
from bot.domain.standing import LaneCondition
from bot.endpoints import use_endpoints
from bot.errors import AlreadyRunning, StartupError, StoreUnavailable
from bot.music.client import MusicClient
from bot.operator_line import OperatorLine
from bot.ops.build import Build
from bot.ops.counting import CountingAnnouncer, CountingMusic
from bot.ops.discord_requests import trace_requests
from bot.ops.event_loop import probe_event_loop
from bot.ops.logs import Redactor
from bot.ops.metrics import Metrics
from bot.ops.server import ops_server
from bot.ops.sightings import Sightings
from bot.ops.taking_stock import TakingStock
from bot.services.accepting import Accepting
from bot.services.alerts import Alerts
from bot.services.allowances import Allowances, OperatorLimits
from bot.services.archive import Archive
from bot.services.creating import Creating
from bot.services.delivery import Delivery
from bot.services.finishing import Finishing
from bot.services.forbidden_words import ForbiddenWords
from bot.services.guilds import Guilds
from bot.services.handling import Handling
from bot.services.journal import Journal
from bot.services.lanes import Lanes
from bot.services.moderation import Moderation
from bot.services.operating import Operating
from bot.services.own_keys import OwnKeys
from bot.services.ports.outside import Music
from bot.services.recovery import recover
from bot.services.references import References
from bot.services.remembering import Remembering
from bot.services.removals import Removals
from bot.services.sealing import Seal
from bot.services.sources import Sources
from bot.services.spending import Spending
from bot.services.starters import Starters
from bot.settings import Settings
from bot.stopping import Stop, while_not_stopped
from bot.store.census import Census, count_unsettled
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.guilds import GuildStore
from bot.store.jobs import Jobs
from bot.store.keys import GuildKeys
from bot.store.ledger import Ledger
from bot.store.lock import DatabaseLock, hold_lock
from bot.store.meta import Meta
from bot.store.migrate import migrate

log = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds for finishing what is in hand when told to stop."""
FORGET_TOKENS_EVERY = 60.0
"""Seconds between deletions of expired interaction tokens: none outlives its 15 minutes by more."""
GIGABYTE = 1000**3
HOUR = 3600.0

STOPPED = {
    LaneCondition.UNREACHABLE: "the music service does not answer",
    LaneCondition.KEY_REFUSED: "the music service refuses MUSIC_API_KEY",
    LaneCondition.NO_CREDITS: "the credits at the music service are used up",
    LaneCondition.HELD: "the operator has paused it (/operator resume lets it go on)",
}
"""What the operator is told of a lane that stands still."""


async def run(settings: Settings, redact: Redactor) -> None:
    """Run the bot until it is told to stop. Raises StartupError, StoreUnavailable.

    `redact` is what masks the log: it learns of further secrets.
    """
    stop = Stop.on_signals()
    async with contextlib.AsyncExitStack() as stack:
        lock = await stack.enter_async_context(hold_lock(settings.database_url))
        await migrate(settings.database_url)
        metrics = Metrics(Build.here())
        database = await stack.enter_async_context(Database(settings.database_url, on_statement=metrics.statement_sent))
        trace = trace_requests(metrics, settings.discord_api_url)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30), trace_configs=[trace]))
        encore = await _build(settings, stack, database=database, session=session, metrics=metrics, trace=trace, redact=redact)
        await stack.enter_async_context(ops_server(encore, metrics, host=settings.ops_host, port=settings.ops_port))
        await while_not_stopped(stop, encore.log_in(session))
        if not stop.event.is_set():
            await encore.work(stop, lock)


async def migrate_only(settings: Settings) -> None:
    """Bring the database to this version's schema. Raises StartupError, StoreUnavailable."""
    async with hold_lock(settings.database_url):
        await migrate(settings.database_url)
    log.info("the database is up to date")


def _operator_rules(settings: Settings) -> OperatorRules:
    return OperatorRules(
        servers=frozenset(settings.servers_allowed),
        direct_messages=settings.allow_direct_messages,
        user_install=settings.allow_user_install,
        membership=settings.membership_hours * HOUR,
    )


def _operator_limits(settings: Settings) -> OperatorLimits:
    return OperatorLimits(
        in_flight=settings.jobs_per_user,
        line=settings.longest_queue,
        person=settings.daily_per_person,
        server=settings.daily_per_server,
        all=settings.daily_in_all,
    )


async def _build(
    settings: Settings,
    stack: contextlib.AsyncExitStack,
    *,
    database: Database,
    session: aiohttp.ClientSession,
    metrics: Metrics,
    trace: aiohttp.TraceConfig,
    redact: Redactor,
) -> "Encore":
    clock = SystemClock()
    jobs, clips, memory = Jobs(database), Clips(database), Meta(database)
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
    sightings = Sightings()

    @contextlib.asynccontextmanager
    async def open_music(key: SecretStr) -> AsyncGenerator[Music]:
        async with MusicClient(settings.music_api_url, key) as client:
            yield CountingMusic(client, metrics=metrics, sightings=sightings, clock=clock)

    use_endpoints(settings.discord_api_url, settings.discord_gateway_url)
    bot = EncoreBot(
        media_path=archive.path,
        memory=memory,
        api_url=settings.discord_api_url,
        pinned_gateway=settings.discord_gateway_url is not None,
        http_trace=trace,
        operator_server=settings.operator_server,
    )
    discord_announcer = DiscordAnnouncer(bot=bot, session=session, api_url=settings.discord_api_url, media_path=archive.path, clock=clock)
    announcer = CountingAnnouncer(discord_announcer, metrics=metrics, sightings=sightings, clock=clock)

    def stands_still(job: Job) -> None:
        delivery.refresh(job)

    def changed(job: Job, tracks: Sequence[Clip] | None = None) -> None:
        """Tell delivery, which in turn asks the lane how a job stands: each knows the other, so one of them is named late."""
        metrics.job_changed(job)
        delivery.wake(job, tracks)
        starters.heard(job)

    policy = ExpectedWaiting(
        queries_per_second=settings.music_queries_per_second, deadline=settings.job_deadline, usual=settings.music_usual_seconds
    )
    finishing = Finishing(jobs=jobs, clips=clips, archive=archive, clock=clock, deadline=settings.job_deadline, on_change=changed)
    guilds = Guilds(store=GuildStore(database), rules=_operator_rules(settings), directory=bot, clock=clock)
    journal = Journal(guilds=guilds, notes=discord_announcer)
    operator_line = OperatorLine(bot=bot, journal=journal, channel_id=settings.operator_channel)
    alerts = Alerts(memory=memory, tell=operator_line.tell_of_lane, clock=clock)
    lanes = Lanes(
        jobs=jobs,
        music=await stack.enter_async_context(open_music(settings.music_api_key)),
        open_music=open_music,
        finishing=finishing,
        clock=clock,
        policy=policy,
        policy_beside=policy.beside,
        submit_interval=settings.music_submit_interval,
        queries_per_second=settings.music_queries_per_second,
        on_change=changed,
        on_standstill=stands_still,
        on_pause=alerts.heard,
    )
    stack.push_async_callback(lanes.aclose)
    own_keys = OwnKeys(
        store=GuildKeys(database),
        seal=Seal(settings.encryption_keys) if settings.encryption_keys else None,
        lanes=lanes,
        alerts=alerts,
        open_music=open_music,
        journal=journal,
        clock=clock,
        operators_key=settings.music_api_key,
        mask=redact.learn,
    )
    delivery = Delivery(jobs=jobs, clips=clips, announcer=announcer, clock=clock, standing=lanes.standing, server=guilds.of)
    allowances = Allowances(operator=_operator_limits(settings), guilds=guilds, clock=clock)
    creating = Creating(allowed=settings.allow_create, settings_of=guilds.of, own_key=lanes.has_own)
    starters = Starters(
        jobs=jobs,
        clips=clips,
        lanes=lanes,
        finishing=finishing,
        clock=clock,
        settings_of=guilds.of,
        operators=settings.starter_tracks,
        model=settings.music_models[0],
    )
    removals = Removals(jobs=jobs)
    sources = Sources(clips=clips, jobs=jobs)
    accepting = Accepting(
        jobs=jobs,
        sources=sources,
        lanes=lanes,
        finishing=finishing,
        delivery=delivery,
        clock=clock,
        models=settings.music_models,
        may_create=creating.check,
        allowances=allowances,
        forbidden=ForbiddenWords(operators=settings.forbidden_words, settings_of=guilds.of),
        removals=removals,
    )
    handling = Handling(jobs=jobs, clips=clips, sources=sources, lanes=lanes, delivery=delivery, clock=clock)
    ledger = Ledger(database)
    stock = TakingStock(
        version=Build.here().version,
        clock=clock,
        lane=lanes,
        census=Census(database),
        ledger=ledger,
        metrics=metrics,
        servers=lambda: len(bot.guilds),
        media_bytes=archive.size,
        media_limit=int(settings.media_max_gb * GIGABYTE),
        daily_limit=settings.daily_in_all,
    )
    operating = Operating(
        jobs=jobs, lanes=lanes, delivery=delivery, finishing=finishing, guilds=guilds, memory=memory, clock=clock, look=stock.look
    )
    spending = Spending(ledger=ledger, allowances=allowances, own_key=lanes.has_own, clock=clock)
    moderation = Moderation(jobs=jobs, delivery=delivery, guilds=guilds, journal=journal, removals=removals, clock=clock, leave=lanes.leave)
    bot.serve(
        accepting=accepting,
        handling=handling,
        clips=clips,
        drafts=Drafts(database, clock.now),
        guild_rules=guilds,
        journal=journal,
        own_keys=own_keys,
        starters=starters,
        creating=creating,
        references=References(clock=clock, redact=redact),
        operating=operating,
        spending=spending,
        moderation=moderation,
    )
    return Encore(
        settings=settings,
        database=database,
        jobs=jobs,
        accepting=accepting,
        lanes=lanes,
        own_keys=own_keys,
        alerts=alerts,
        delivery=delivery,
        starters=starters,
        operating=operating,
        remembering=Remembering(policy=policy, memory=memory),
        removals=removals,
        bot=bot,
        clock=clock,
        metrics=metrics,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Encore:
    """The parts that run, once everything is built."""

    settings: Settings
    database: Database
    jobs: Jobs
    accepting: Accepting
    lanes: Lanes
    own_keys: OwnKeys
    alerts: Alerts
    delivery: Delivery
    starters: Starters
    operating: Operating
    remembering: Remembering
    removals: Removals
    bot: EncoreBot
    clock: SystemClock
    metrics: Metrics

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        return self.lanes.condition

    @property
    def own_conditions(self) -> Mapping[LaneCondition, int]:
        """Count the lanes of servers with a key of their own, by condition."""
        return self.lanes.own_conditions()

    async def unsettled(self) -> dict[JobState, int]:
        """Count the jobs that still need something. Raises StoreUnavailable."""
        return await count_unsettled(self.database)

    async def not_ready(self) -> list[str]:
        """Name what keeps the bot from working, in words."""
        reasons: list[str] = []
        if not self.bot.is_ready():
            reasons.append("not connected to Discord")
        since = self.lanes.trouble_since
        if self.lanes.condition.stopped and since is not None:
            reasons.append(f"{STOPPED[self.lanes.condition]}, since {datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC")
        try:
            await self.database.ping()
        except StoreUnavailable:
            reasons.append("the database cannot be reached")
        return reasons

    async def log_in(self, session: aiohttp.ClientSession) -> None:
        """Log in as soon as Discord can be reached. Raises SettingsError for a refused token, StartupError."""
        token = self.settings.discord_token.get_secret_value()
        await log_in(self.bot, session, api_url=self.settings.discord_api_url, token=token)

    async def work(self, stop: Stop, lock: DatabaseLock) -> None:
        """Take up what an earlier process left, connect, and go on until told to stop. Raises StartupError, AlreadyRunning."""
        await self.remembering.restore()
        await self.alerts.restore()
        await self.own_keys.restore()
        await self.operating.restore()
        await self.removals.restore()
        await recover(jobs=self.jobs, lanes=self.lanes, delivery=self.delivery, clock=self.clock)
        try:
            async with asyncio.TaskGroup() as group:
                lanes = group.create_task(self.lanes.run(), name="lanes")
                delivery = group.create_task(self.delivery.run(), name="delivery")
                others = [
                    group.create_task(stay_connected(self.bot), name="gateway"),
                    group.create_task(self._forget_tokens(), name="forget-tokens"),
                    group.create_task(self.remembering.run(), name="remembering"),
                    group.create_task(self.starters.run(), name="starters"),
                    group.create_task(self.alerts.run(), name="alerts"),
                    group.create_task(_give_way(lock), name="lock"),
                    group.create_task(probe_event_loop(self.metrics.event_loop_lag, self.clock), name="event-loop-probe"),
                ]
                await stop.event.wait()
                await self._finish(lanes, delivery)
                await self.bot.close()
                for task in (*others, lanes, delivery):
                    task.cancel()
        finally:
            await self.bot.close()

    async def _finish(self, lanes: asyncio.Task[None], delivery: asyncio.Task[None]) -> None:
        """Accept nothing more, and give what is in hand a while to end."""
        self.accepting.close()
        try:
            async with asyncio.timeout(GRACE):
                self.lanes.stop()
                await lanes
                self.delivery.stop()
                await delivery
                await self.remembering.keep()
        except TimeoutError:
            log.warning("not everything could be finished in %.0f s; the rest goes on at the next start", GRACE)

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
