"""From the settings to the end of the process: starts all that was built, and ends it in good order."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.app.discord_side import DiscordSide, face_discord
from bot.app.engine import Engine, build_engine
from bot.app.ground import Ground, lay_ground
from bot.app.offer import Offer, build_offer
from bot.app.workshop import set_up_workshop
from bot.connecting import log_in, stay_connected
from bot.domain.jobs import JobState
from bot.domain.posts import Debt
from bot.domain.standing import LaneCondition
from bot.errors import AlreadyRunning, StoreUnavailable
from bot.ops.event_loop import probe_event_loop
from bot.ops.logs import Redactor
from bot.ops.server import ops_server
from bot.services.recovery import recover
from bot.settings import Settings
from bot.stopping import Stop, while_not_stopped
from bot.store.census import count_owed, count_unsettled
from bot.store.lock import DatabaseLock, hold_lock
from bot.store.migrate import migrate
from bot.ui import key_words

log = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds for finishing what is in hand when told to stop."""
FORGET_TOKENS_EVERY = 60.0
"""Seconds between deletions of expired interaction tokens: none outlives its 15 minutes by more."""


async def run(settings: Settings, redact: Redactor) -> None:
    """Run the bot until it is told to stop. Raises StartupError, StoreUnavailable.

    `redact` is what masks the log: it learns of further secrets.
    """
    stop = Stop.on_signals()
    async with contextlib.AsyncExitStack() as stack:
        lock = await stack.enter_async_context(hold_lock(settings.database_url))
        await migrate(settings.database_url)
        encore = await _build(settings, stack, redact)
        metrics = encore.ground.metrics
        await stack.enter_async_context(ops_server(encore, metrics, host=settings.ops_host, port=settings.ops_port))
        await while_not_stopped(stop, encore.log_in())
        if not stop.event.is_set():
            await encore.work(stop, lock)


async def migrate_only(settings: Settings) -> None:
    """Bring the database to this version's schema. Raises StartupError, StoreUnavailable."""
    async with hold_lock(settings.database_url):
        await migrate(settings.database_url)
    log.info("the database is up to date")


async def _build(settings: Settings, stack: contextlib.AsyncExitStack, redact: Redactor) -> "Encore":
    ground = await lay_ground(settings, stack, redact)
    side = face_discord(ground)
    workshop = set_up_workshop(ground, side, stack)
    engine = await build_engine(ground, side, workshop, stack)
    offer = build_offer(ground, side, workshop, engine)
    side.bot.serve(offer.services)
    return Encore(ground=ground, side=side, engine=engine, offer=offer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encore:
    """The parts that run, once everything is built."""

    ground: Ground
    side: DiscordSide
    engine: Engine
    offer: Offer

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the lane works, and if not, why."""
        return self.engine.lanes.condition

    @property
    def own_conditions(self) -> Mapping[LaneCondition, int]:
        """Count the lanes of servers with a key of their own, by condition."""
        return self.engine.lanes.own_conditions()

    async def unsettled(self) -> dict[JobState, int]:
        """Count the jobs that still need something. Raises StoreUnavailable."""
        return await count_unsettled(self.ground.database)

    async def owed(self) -> dict[Debt, int]:
        """Count the posts of which Discord still has to be told something. Raises StoreUnavailable."""
        return await count_owed(self.ground.database)

    async def not_ready(self) -> list[str]:
        """Name what keeps the bot from working, in words."""
        reasons: list[str] = []
        if not self.side.bot.is_ready():
            reasons.append("not connected to Discord")
        since = self.engine.lanes.trouble_since
        if self.condition.stopped and since is not None:
            reasons.append(f"{key_words.trouble(self.condition)}, since {datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC")
        try:
            await self.ground.database.ping()
        except StoreUnavailable:
            reasons.append("the database cannot be reached")
        return reasons

    async def log_in(self) -> None:
        """Log in as soon as Discord can be reached. Raises SettingsError for a refused token, StartupError."""
        settings = self.ground.settings
        token = settings.discord_token.get_secret_value()
        await log_in(self.side.bot, self.ground.session, api_url=settings.discord_api_url, token=token)

    async def work(self, stop: Stop, lock: DatabaseLock) -> None:
        """Take up what an earlier process left, connect, and go on until told to stop. Raises StartupError, AlreadyRunning."""
        await self.side.guilds.restore()
        await self.engine.restore()
        await self.offer.restore()
        await recover(
            jobs=self.ground.jobs,
            lanes=self.engine.lanes,
            delivery=self.engine.delivery,
            clock=self.ground.clock,
            sessions=self.engine.sessions.heard,
        )
        await self.engine.posting.recover()
        await self.engine.sessions.recover()
        # What is there by now is mostly libraries, and stays: looking through all of it again for garbage holds everybody up for 0.1 s.
        gc.freeze()
        try:
            async with asyncio.TaskGroup() as group:
                lanes = group.create_task(self.engine.lanes.run(), name="lanes")
                delivery = group.create_task(self.engine.delivery.run(), name="delivery")
                posting = group.create_task(self.engine.posting.run(), name="posting")
                sessions = group.create_task(self.engine.sessions.run(), name="sessions")
                others = [
                    group.create_task(stay_connected(self.side.bot), name="gateway"),
                    group.create_task(self._forget_tokens(), name="forget-tokens"),
                    group.create_task(self.engine.remembering.run(), name="remembering"),
                    group.create_task(self.engine.starters.run(), name="starters"),
                    group.create_task(self.engine.alerts.run(), name="alerts"),
                    group.create_task(self.offer.erasing.run(), name="erasing"),
                    group.create_task(_give_way(lock), name="lock"),
                    group.create_task(probe_event_loop(self.ground.metrics.event_loop_lag, self.ground.clock), name="event-loop-probe"),
                ]
                await stop.event.wait()
                await self._finish(lanes, delivery, posting, sessions)
                await self.side.bot.close()
                for task in (*others, lanes, delivery, posting, sessions):
                    task.cancel()
        finally:
            await self.side.bot.close()

    async def _finish(
        self, lanes: asyncio.Task[None], delivery: asyncio.Task[None], posting: asyncio.Task[None], sessions: asyncio.Task[None]
    ) -> None:
        """Accept nothing more, and give what is in hand a while to end."""
        self.offer.accepting.close()
        try:
            async with asyncio.timeout(GRACE):
                self.engine.lanes.stop()
                self.engine.sessions.stop()
                await lanes
                await sessions
                self.engine.delivery.stop()
                self.engine.posting.stop()
                await delivery
                await posting
                await self.engine.remembering.keep()
        except TimeoutError:
            log.warning("not everything could be finished in %.0f s; the rest goes on at the next start", GRACE)

    async def _forget_tokens(self) -> None:
        while True:
            await asyncio.sleep(FORGET_TOKENS_EVERY)
            try:
                await self.ground.jobs.forget_tokens(self.ground.clock.now())
            except StoreUnavailable as error:
                log.warning("expired interaction tokens could not be deleted, trying again in a minute: %s", error)


async def _give_way(lock: DatabaseLock) -> None:
    """End the process when the database's lock is lost: another one may be at work already."""
    await lock.lost()
    raise AlreadyRunning("The connection that held the database's lock was lost; another bot may have taken over.")
