"""What people can ask for: the services behind commands and components."""

import contextlib
from dataclasses import dataclass

from bot.app.discord_side import DiscordSide
from bot.app.engine import Engine
from bot.app.ground import GIGABYTE, Ground
from bot.ops.taking_stock import TakingStock
from bot.services.accepting import Accepting
from bot.services.allowances import Allowances, OperatorLimits
from bot.services.audio_back import AudioBack
from bot.services.creating import Creating
from bot.services.forbidden_words import ForbiddenWords
from bot.services.handling import Handling
from bot.services.moderation import Moderation
from bot.services.operating import Operating
from bot.services.references import References
from bot.services.sources import Sources
from bot.services.spending import Spending
from bot.services.whole_tracks import WholeTracks
from bot.settings import Settings
from bot.store.census import Census
from bot.store.drafts import Drafts
from bot.store.families import Families
from bot.store.ledger import Ledger
from bot.ui.client import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What commands and components are given, and those behind it that start and end with the process."""

    services: Services
    accepting: Accepting
    operating: Operating

    async def restore(self) -> None:
        """Read what an earlier process knew, before anything runs. Raises StoreUnavailable."""
        await self.operating.restore()


def build_offer(ground: Ground, side: DiscordSide, engine: Engine, stack: contextlib.AsyncExitStack) -> Offer:
    """Put it together; `stack` ends what has begun when it is closed."""
    settings, clock, jobs, clips = ground.settings, ground.clock, ground.jobs, ground.clips
    lanes, delivery, guilds, journal = engine.lanes, engine.delivery, side.guilds, side.journal
    ledger = Ledger(ground.database)
    sources = Sources(clips=clips, jobs=jobs)
    allowances = Allowances(operator=_operator_limits(settings), guilds=guilds, clock=clock)
    creating = Creating(allowed=settings.allow_create, settings_of=guilds.of, lane_of=lanes.of)
    accepting = Accepting(
        jobs=jobs,
        sources=sources,
        lanes=lanes,
        finishing=engine.finishing,
        delivery=delivery,
        clock=clock,
        models=settings.music_models,
        may_create=creating.check,
        allowances=allowances,
        forbidden=ForbiddenWords(operators=settings.forbidden_words, settings_of=guilds.of),
        removals=engine.removals,
    )
    operating = Operating(
        jobs=jobs,
        lanes=lanes,
        delivery=delivery,
        finishing=engine.finishing,
        guilds=guilds,
        memory=ground.memory,
        clock=clock,
        look=_stock(ground, side, engine, ledger).look,
    )
    services = Services(
        accepting=accepting,
        handling=Handling(jobs=jobs, clips=clips, sources=sources, lanes=lanes, delivery=delivery, clock=clock),
        clips=clips,
        drafts=Drafts(ground.database, clock.now),
        guilds=guilds,
        journal=journal,
        starters=engine.starters,
        creating=creating,
        references=References(clock=clock, redact=ground.redact),
        operating=operating,
        own_keys=engine.own_keys,
        moderation=Moderation(
            jobs=jobs, delivery=delivery, guilds=guilds, journal=journal, removals=engine.removals, clock=clock, leave=lanes.leave
        ),
        spending=Spending(ledger=ledger, allowances=allowances, lane_of=lanes.of, clock=clock),
        whole_tracks=_whole_tracks(ground, side, stack),
    )
    return Offer(services=services, accepting=accepting, operating=operating)


def _whole_tracks(ground: Ground, side: DiscordSide, stack: contextlib.AsyncExitStack) -> WholeTracks:
    audio = AudioBack(clips=ground.clips, jobs=ground.jobs, archive=ground.archive, posted=side.posted, clock=ground.clock)
    tracks = WholeTracks(
        families=Families(ground.clips), visibility=ground.visibility, audio=audio, archive=ground.archive, names=side.names
    )
    stack.push_async_callback(tracks.aclose)
    return tracks


def _operator_limits(settings: Settings) -> OperatorLimits:
    return OperatorLimits(
        in_flight=settings.jobs_per_user,
        line=settings.longest_queue,
        person=settings.daily_per_person,
        server=settings.daily_per_server,
        all=settings.daily_in_all,
    )


def _stock(ground: Ground, side: DiscordSide, engine: Engine, ledger: Ledger) -> TakingStock:
    return TakingStock(
        version=ground.build.version,
        clock=ground.clock,
        lane=engine.lanes,
        census=Census(ground.database),
        ledger=ledger,
        metrics=ground.metrics,
        servers=lambda: len(side.bot.guilds),
        media_bytes=ground.archive.size,
        media_limit=int(ground.settings.media_max_gb * GIGABYTE),
        daily_limit=ground.settings.daily_in_all,
    )
