"""What people can ask for: the services behind commands and components."""

from dataclasses import dataclass

from bot.app.discord_side import DiscordSide
from bot.app.engine import Engine
from bot.app.ground import GIGABYTE, Ground
from bot.app.workshop import Workshop
from bot.ops.taking_stock import TakingStock
from bot.services.accepting import Accepting
from bot.services.creating import Creating
from bot.services.erasing import Erasing
from bot.services.exporting import Exporting
from bot.services.forbidden_words import ForbiddenWords
from bot.services.handling import Handling
from bot.services.library import Library
from bot.services.moderation import Moderation
from bot.services.operating import Operating
from bot.services.preferences import Preferences
from bot.services.publishing import Publishing
from bot.services.references import References
from bot.services.sessions.asking import Sessions
from bot.services.sharing import Sharing
from bot.services.sources import Sources
from bot.services.spending import Spending
from bot.services.unsharing import Unsharing
from bot.store.belongings import Belongings
from bot.store.census import Census
from bot.store.drafts import Drafts
from bot.store.erasures import Erasures
from bot.store.exports import Exports
from bot.store.ledger import Ledger
from bot.store.library import Library as LibraryStore
from bot.store.preferences import PreferenceStore
from bot.ui.client import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What commands and components are given, and those behind it that start and end with the process."""

    services: Services
    accepting: Accepting
    operating: Operating
    preferences: Preferences
    publishing: Publishing
    erasing: Erasing

    async def restore(self) -> None:
        """Read what an earlier process knew, before anything runs. Raises StoreUnavailable."""
        await self.operating.restore()
        await self.preferences.restore()
        await self.publishing.restore()


def build_offer(ground: Ground, side: DiscordSide, workshop: Workshop, engine: Engine) -> Offer:
    """Put it together."""
    settings, clock, jobs, clips = ground.settings, ground.clock, ground.jobs, ground.clips
    lanes, delivery, guilds, journal = engine.lanes, engine.delivery, side.guilds, side.journal
    ledger = Ledger(ground.database)
    sources = Sources(clips=clips, jobs=jobs)
    publishing = Publishing(jobs=jobs, posts=ground.posts, posting=engine.posting, delivery=delivery)
    preferences = Preferences(store=PreferenceStore(ground.database))
    erasing = _erasing(ground, engine, sources, preferences)
    allowances = engine.allowances
    creating = Creating(allowed=settings.allow_create, settings_of=guilds.of, lane_of=lanes.of)
    forbidden = ForbiddenWords(operators=settings.forbidden_words, settings_of=guilds.of)
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
        forbidden=forbidden,
        removals=engine.removals,
        discretion=engine.discretion,
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
    sharing = Sharing(
        jobs=jobs,
        clips=clips,
        posts=ground.posts,
        votes=ground.votes,
        visibility=ground.visibility,
        posting=engine.posting,
        audio=workshop.audio,
        forbidden=forbidden,
        settings_of=guilds.of,
        on_change=delivery.wake,
        on_vote=ground.metrics.voted,
        clock=clock,
    )
    services = Services(
        accepting=accepting,
        handling=Handling(
            jobs=jobs,
            clips=clips,
            sources=sources,
            lanes=lanes,
            delivery=delivery,
            clock=clock,
            session_job=engine.sessions.heard,
        ),
        library=Library(
            store=LibraryStore(ground.database),
            jobs=jobs,
            clips=clips,
            visibility=ground.visibility,
            discretion=engine.discretion,
            audio=workshop.audio,
            forbidden=forbidden,
            sources=sources,
            clock=clock,
        ),
        listening=workshop.listening,
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
            jobs=jobs,
            delivery=delivery,
            guilds=guilds,
            journal=journal,
            removals=engine.removals,
            posting=engine.posting,
            clock=clock,
            leave=lanes.leave,
            session_job=engine.sessions.heard,
            on_removed=engine.sessions.removed,
            track_of=engine.kept.showing.track_of,
        ),
        spending=Spending(ledger=ledger, allowances=allowances, lane_of=lanes.of, clock=clock),
        preferences=preferences,
        publishing=publishing,
        erasing=erasing,
        belongings=Belongings(ground.database),
        families=workshop.families,
        exporting=Exporting(store=Exports(ground.database), families=workshop.families, clock=clock),
        posting=engine.posting,
        sharing=sharing,
        unsharing=Unsharing(posts=ground.posts, clips=clips, posting=engine.posting, journal=journal),
        whole_tracks=workshop.whole_tracks,
        sessions=_sessions(ground, side, engine, sharing, forbidden),
    )
    return Offer(
        services=services,
        accepting=accepting,
        operating=operating,
        preferences=preferences,
        publishing=publishing,
        erasing=erasing,
    )


def _sessions(ground: Ground, side: DiscordSide, engine: Engine, sharing: Sharing, forbidden: ForbiddenWords) -> Sessions:
    return Sessions(
        keeping=engine.kept.keeping,
        store=engine.kept.store,
        showing=engine.kept.showing,
        clips=ground.clips,
        posts=ground.posts,
        posting=engine.posting,
        sharing=sharing,
        ledger=Ledger(ground.database),
        allowances=engine.allowances,
        lanes=engine.lanes,
        removals=engine.removals,
        forbidden=forbidden,
        venues=side.venues,
        models=ground.settings.music_models,
        on_vote=engine.sessions.voted,
        clock=ground.clock,
    )


def _erasing(ground: Ground, engine: Engine, sources: Sources, preferences: Preferences) -> Erasing:
    async def posts_changed() -> None:
        engine.sessions.uncertain()
        await engine.posting.recover()

    return Erasing(
        store=Erasures(ground.database),
        jobs=ground.jobs,
        delivery=engine.delivery,
        preferences=preferences,
        removals=engine.removals,
        sources=sources,
        archive=ground.archive,
        clock=ground.clock,
        leave=engine.lanes.leave,
        posts_changed=posts_changed,
        sessions_changed=engine.sessions.changed_beside,
        session_job=engine.sessions.heard,
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
