"""What works by itself: the lanes, which bring jobs to their tracks, the delivery of these, and what goes on beside."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.app.discord_side import DiscordSide
from bot.app.ground import Ground
from bot.app.sessions import Kept, keep_sessions, run_sessions
from bot.app.workshop import Workshop
from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.polling import ExpectedWaiting
from bot.domain.posts import Post
from bot.domain.sessions.model import Session
from bot.errors import DiscordError
from bot.services.alerts import Alerts
from bot.services.allowances import Allowances, OperatorLimits
from bot.services.delivery import Delivery
from bot.services.discretion import Discretion
from bot.services.edits import edit_budget
from bot.services.finishing import Finishing
from bot.services.lanes import Lanes
from bot.services.own_keys import OwnKeys
from bot.services.post_contents import PostContents
from bot.services.posting import Posting
from bot.services.remembering import Remembering
from bot.services.removals import Removals
from bot.services.sealing import Seal
from bot.services.sessions.running import Running
from bot.services.starters import Starters
from bot.settings import Settings
from bot.store.keys import GuildKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The services that move jobs on, and those that keep these going."""

    finishing: Finishing
    lanes: Lanes
    own_keys: OwnKeys
    alerts: Alerts
    delivery: Delivery
    removals: Removals
    posting: Posting
    starters: Starters
    remembering: Remembering
    discretion: Discretion
    allowances: Allowances
    kept: Kept
    sessions: Running

    async def restore(self) -> None:
        """Read what an earlier process knew, before anything runs. Raises StoreUnavailable."""
        await self.remembering.restore()
        await self.alerts.restore()
        await self.own_keys.restore()
        await self.removals.restore()
        await self.discretion.restore()


async def build_engine(ground: Ground, side: DiscordSide, workshop: Workshop, stack: contextlib.AsyncExitStack) -> Engine:
    """Put it together; nothing of it runs yet, and `stack` closes its ways to the music API."""
    settings, clock, jobs, clips = ground.settings, ground.clock, ground.jobs, ground.clips

    def stands_still(job: Job) -> None:
        delivery.refresh(job)
        sessions.heard(job)

    def changed(job: Job, tracks: Sequence[Clip] | None = None) -> None:
        """Tell delivery, which in turn asks the lane how a job stands: each knows the other, so one of them is named late."""
        ground.metrics.job_changed(job)
        delivery.wake(job, tracks)
        sessions.heard(job)
        starters.heard(job)
        discretion.heard(job)

    def session_changed(session: Session) -> None:
        sessions.changed(session)

    def post_refused(post: Post, error: DiscordError) -> None:
        sessions.refused(post, error)

    discretion = Discretion(jobs=jobs)
    policy = ExpectedWaiting(
        queries_per_second=settings.music_queries_per_second, deadline=settings.job_deadline, usual=settings.music_usual_seconds
    )
    finishing = Finishing(jobs=jobs, clips=clips, archive=ground.archive, clock=clock, deadline=settings.job_deadline, on_change=changed)
    alerts = Alerts(memory=ground.memory, tell=side.operator_line.tell_of_lane, clock=clock)
    lanes = Lanes(
        jobs=jobs,
        music=await stack.enter_async_context(ground.open_music(settings.music_api_key)),
        open_music=ground.open_music,
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
    budget = edit_budget(clock)
    kept = keep_sessions(ground, workshop, lanes, on_change=session_changed)
    contents = PostContents(
        jobs=jobs,
        clips=clips,
        votes=ground.votes,
        families=workshop.ancestry,
        visibility=ground.visibility,
        audio=workshop.audio,
        sessions=kept.showing.of,
    )
    posting = Posting(
        posts=ground.posts,
        clips=clips,
        office=side.post_office,
        clock=clock,
        budget=budget,
        read=contents.of,
        settings_of=side.guilds.of,
        on_end=ground.metrics.post_ended,
        on_refused=post_refused,
    )
    delivery = Delivery(
        jobs=jobs,
        clips=clips,
        announcer=side.announcer,
        clock=clock,
        standing=lanes.standing,
        server=side.guilds.of,
        budget=budget,
        audio=workshop.audio,
        on_late=posting.renew,
    )
    removals = Removals(jobs=jobs)
    allowances = Allowances(operator=_operator_limits(settings), guilds=side.guilds, clock=clock)
    sessions = run_sessions(ground, side, kept, lanes=lanes, posting=posting, allowances=allowances, removals=removals)
    starters = Starters(
        jobs=jobs,
        clips=clips,
        lanes=lanes,
        finishing=finishing,
        clock=clock,
        removals=removals,
        settings_of=side.guilds.of,
        operators=settings.starter_tracks,
        model=settings.music_models[0],
    )
    own_keys = OwnKeys(
        store=GuildKeys(ground.database),
        seal=Seal(settings.encryption_keys) if settings.encryption_keys else None,
        lanes=lanes,
        alerts=alerts,
        open_music=ground.open_music,
        journal=side.journal,
        clock=clock,
        operators_key=settings.music_api_key,
        mask=ground.redact.learn,
    )
    return Engine(
        finishing=finishing,
        lanes=lanes,
        own_keys=own_keys,
        alerts=alerts,
        delivery=delivery,
        removals=removals,
        posting=posting,
        starters=starters,
        remembering=Remembering(policy=policy, memory=ground.memory),
        discretion=discretion,
        allowances=allowances,
        kept=kept,
        sessions=sessions,
    )


def _operator_limits(settings: Settings) -> OperatorLimits:
    return OperatorLimits(
        in_flight=settings.jobs_per_user,
        line=settings.longest_queue,
        person=settings.daily_per_person,
        server=settings.daily_per_server,
        all=settings.daily_in_all,
    )
