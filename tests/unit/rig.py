"""Every service over a real database in a folder, with the outside world scripted: driven by steps, in a time of its own."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.admission import OperatorRules
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.posts import Post, SessionContent, Vote
from bot.domain.reports import Stage
from bot.domain.requests import TypedRequest
from bot.domain.viewing import Viewer
from bot.services.accepting import Accepting
from bot.services.alerts import Alerts
from bot.services.allowances import Allowances, OperatorLimits
from bot.services.creating import Creating
from bot.services.delivery import SETTLE, Delivery
from bot.services.discretion import Discretion
from bot.services.edits import edit_budget
from bot.services.erasing import Erasing
from bot.services.exporting import Exporting
from bot.services.families import FamilyTrees
from bot.services.finishing import Finishing
from bot.services.forbidden_words import ForbiddenWords
from bot.services.guilds import Guilds
from bot.services.handling import Handling
from bot.services.journal import Journal
from bot.services.lane import Lane
from bot.services.lanes import Lanes
from bot.services.library import Library
from bot.services.moderation import Moderation
from bot.services.operating import Operating
from bot.services.own_keys import OwnKeys
from bot.services.post_contents import PostContents
from bot.services.posting import Posting
from bot.services.preferences import Preferences
from bot.services.publishing import Publishing
from bot.services.recovery import recover
from bot.services.references import References
from bot.services.removals import Removals
from bot.services.sealing import Seal, make_key
from bot.services.sharing import Sharing
from bot.services.sources import Sources
from bot.services.spending import Spending
from bot.services.starters import Starters
from bot.services.unsharing import Unsharing
from bot.store.belongings import Belongings
from bot.store.clips import Clips
from bot.store.drafts import Drafts
from bot.store.erasures import Erasures
from bot.store.exports import Exports
from bot.store.families import Families
from bot.store.guilds import GuildStore
from bot.store.jobs import Jobs
from bot.store.keys import GuildKeys
from bot.store.ledger import Ledger
from bot.store.library import Library as LibraryStore
from bot.store.meta import Meta
from bot.store.posts import Posts
from bot.store.preferences import PreferenceStore
from bot.store.visibility import Visibility
from bot.store.votes import Votes
from tests.contract.builders import GUILD, USER
from tests.fakes import (
    EverythingIsThere,
    FakeArchive,
    FakeAudioBack,
    FakeClock,
    FakeListening,
    MoodyDatabase,
    PlainNames,
    RecordingAnnouncer,
    RecordingNotes,
    RecordingPostOffice,
    RecordingTidings,
    ScriptedMusic,
    ScriptedWholeTracks,
    SteadyPolicy,
)
from tests.unit.fake_sessions import FakeSessions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from bot.domain.clips import Clip
    from bot.domain.overview import Overview
    from bot.domain.watch import Policy
    from bot.errors import DiscordError
    from bot.services.keyed_music import OpenMusic
    from bot.services.ports.outside import Announcer, Archive, Clock, Directory, Music, Notes, PostOffice
    from tests.unit.session_rig import MovingSessions


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds that a task of the services brings about, for half a minute of real time at most."""
    for _ in range(3000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


async def nothing_to_see() -> Overview:
    """Stand for the operator's look at the bot: `app` gathers that from places that are not here."""
    raise AssertionError("nobody looks here")


INTERVAL = 4.0
OPERATORS_KEY = SecretStr("operators-key-0123456789")
DEADLINE = 900.0
FORBIDDEN = ("verboten*",)
"""The operator's forbidden words."""
SOURCE = "186001a9-a9e2-487a-bdcc-417914676f24"
REQUESTER = Actor(user_id=USER, guild_id=GUILD, moderator=False)
VIEWER = Viewer(USER, GUILD)
STRANGER = Actor(user_id=USER + 77, guild_id=GUILD, moderator=False)
MODERATOR = Actor(user_id=USER + 88, guild_id=GUILD, moderator=True)


class Services:
    """What `app` puts together, over a database that is open."""

    moving: MovingSessions | None = None
    """What moves sessions on, where a test has it."""
    posts_told: int = 0

    def __init__(
        self,
        database: MoodyDatabase,
        *,
        music: Music,
        open_music: OpenMusic,
        archive: Archive,
        announcer: Announcer,
        office: PostOffice,
        clock: Clock,
        policy: Policy | None = None,
        limits: OperatorLimits | None = None,
        rules: OperatorRules | None = None,
        directory: Directory | None = None,
        notes: Notes | None = None,
        may_create: bool = True,
        sealed_with: str | None = None,
        starters: Sequence[str] = (),
    ) -> None:
        self.jobs = Jobs(database, spaced=False)
        self.clips = Clips(database)
        self.drafts = Drafts(database, clock.now)
        self.finishing = Finishing(
            jobs=self.jobs, clips=self.clips, archive=archive, clock=clock, deadline=DEADLINE, on_change=self._changed
        )
        self.tidings = RecordingTidings()
        self.alerts = Alerts(memory=Meta(database), tell=self.tidings.tell, clock=clock)
        self.lanes = Lanes(
            jobs=self.jobs,
            music=music,
            open_music=open_music,
            finishing=self.finishing,
            clock=clock,
            policy=policy or SteadyPolicy(),
            policy_beside=SteadyPolicy,
            submit_interval=INTERVAL,
            queries_per_second=2,
            on_change=self._changed,
            on_standstill=self._stands_still,
            on_pause=self.alerts.heard,
        )
        self.lane = self.lanes.operators
        self.guilds = Guilds(
            store=GuildStore(database), rules=rules or OperatorRules(), directory=directory or EverythingIsThere(), clock=clock
        )
        self.notes = RecordingNotes()
        self.journal = Journal(guilds=self.guilds, notes=notes or self.notes)
        self.masked: list[str] = []
        self.own_keys = OwnKeys(
            store=GuildKeys(database),
            seal=None if sealed_with is None else Seal((sealed_with,)),
            lanes=self.lanes,
            alerts=self.alerts,
            open_music=open_music,
            journal=self.journal,
            clock=clock,
            operators_key=OPERATORS_KEY,
            mask=self.masked.append,
        )
        self.session_jobs: list[Job] = []
        """The jobs of sessions that sessions have heard of."""
        self.sessions_told: list[str] = []
        """The ids of the sessions that were changed beside them."""
        budget = edit_budget(clock)
        self.posts, self.votes, visibility = Posts(database), Votes(database), Visibility(database)
        self.listening, self.audio_back = FakeListening(), FakeAudioBack()
        contents = PostContents(
            jobs=self.jobs,
            clips=self.clips,
            votes=self.votes,
            families=Families(database),
            visibility=visibility,
            audio=self.audio_back,
            sessions=self._session_post,
        )
        self.posts_ended: list[Post] = []
        self.posts_refused: list[Post] = []
        self.votes_heard: list[Vote] = []
        self.posting = Posting(
            posts=self.posts,
            clips=self.clips,
            office=office,
            clock=clock,
            budget=budget,
            read=contents.of,
            settings_of=self.guilds.of,
            on_end=self.posts_ended.append,
            on_refused=self._post_refused,
        )
        self.delivery = Delivery(
            jobs=self.jobs,
            clips=self.clips,
            announcer=announcer,
            clock=clock,
            standing=self.lanes.standing,
            server=self.guilds.of,
            budget=budget,
            audio=self.audio_back,
            on_late=self.posting.renew,
        )
        self.creating = Creating(allowed=may_create, settings_of=self.guilds.of, lane_of=self.lanes.of)
        self.removals = Removals(jobs=self.jobs)
        self.starters = Starters(
            jobs=self.jobs,
            clips=self.clips,
            lanes=self.lanes,
            finishing=self.finishing,
            clock=clock,
            removals=self.removals,
            settings_of=self.guilds.of,
            operators=starters,
            model="v3.5",
        )
        self.discretion = Discretion(jobs=self.jobs)
        self.preferences = Preferences(store=PreferenceStore(database))
        self.allowances = Allowances(operator=limits or OperatorLimits(in_flight=3), guilds=self.guilds, clock=clock)
        self.forbidden = ForbiddenWords(operators=FORBIDDEN, settings_of=self.guilds.of)
        self.sharing = Sharing(
            jobs=self.jobs,
            clips=self.clips,
            posts=self.posts,
            votes=self.votes,
            visibility=visibility,
            posting=self.posting,
            audio=self.audio_back,
            forbidden=self.forbidden,
            settings_of=self.guilds.of,
            on_change=self._changed,
            on_vote=self.votes_heard.append,
            clock=clock,
        )
        self.unsharing = Unsharing(posts=self.posts, clips=self.clips, posting=self.posting, journal=self.journal)
        self.sources = Sources(clips=self.clips, jobs=self.jobs)
        self.accepting = Accepting(
            jobs=self.jobs,
            sources=self.sources,
            lanes=self.lanes,
            finishing=self.finishing,
            delivery=self.delivery,
            clock=clock,
            models=("v3.5", "v4"),
            may_create=self.creating.check,
            allowances=self.allowances,
            forbidden=self.forbidden,
            removals=self.removals,
            discretion=self.discretion,
        )
        self.handling = Handling(
            jobs=self.jobs,
            clips=self.clips,
            sources=self.sources,
            lanes=self.lanes,
            delivery=self.delivery,
            clock=clock,
            session_job=self._session_job,
        )
        self.library = Library(
            store=LibraryStore(database),
            jobs=self.jobs,
            clips=self.clips,
            visibility=Visibility(database),
            discretion=self.discretion,
            audio=self.audio_back,
            forbidden=self.forbidden,
            sources=self.sources,
            clock=clock,
        )
        self.spending = Spending(ledger=Ledger(database), allowances=self.allowances, lane_of=self.lanes.of, clock=clock)
        self.publishing = Publishing(jobs=self.jobs, posts=self.posts, posting=self.posting, delivery=self.delivery)
        self.erasing = Erasing(
            store=Erasures(database),
            jobs=self.jobs,
            delivery=self.delivery,
            preferences=self.preferences,
            removals=self.removals,
            sources=self.sources,
            archive=archive,
            clock=clock,
            leave=self.lanes.leave,
            posts_changed=self._posts_changed,
            sessions_changed=self.sessions_told.extend,
            session_job=self._session_job,
        )
        self.belongings = Belongings(database)
        self.names = PlainNames()
        self.families = FamilyTrees(families=Families(database), visibility=Visibility(database), names=self.names)
        self.exporting = Exporting(store=Exports(database), families=self.families, clock=clock)
        self.whole_tracks = ScriptedWholeTracks()
        self.sessions = FakeSessions()
        self._staff(database, clock)

    def _staff(self, database: MoodyDatabase, clock: Clock) -> None:
        """Put together what the operator and moderators are served by."""
        self.references = References(clock=clock, redact=str)
        self.operating = Operating(
            jobs=self.jobs,
            lanes=self.lanes,
            delivery=self.delivery,
            finishing=self.finishing,
            guilds=self.guilds,
            memory=Meta(database),
            clock=clock,
            look=nothing_to_see,
        )
        self.tracks_removed: list[str] = []
        self.moderation = Moderation(
            jobs=self.jobs,
            delivery=self.delivery,
            guilds=self.guilds,
            journal=self.journal,
            removals=self.removals,
            posting=self.posting,
            clock=clock,
            leave=self.lanes.leave,
            session_job=self._session_job,
            on_removed=self._track_removed,
            track_of=self._track_of,
        )

    def _changed(self, job: Job, tracks: Sequence[Clip] | None = None) -> None:
        self.delivery.wake(job, tracks)
        if self.moving is not None:
            self.moving.running.heard(job)
        self.starters.heard(job)
        self.discretion.heard(job)

    def _session_job(self, job: Job) -> None:
        if job.session_id is not None:
            self.session_jobs.append(job)
        if self.moving is not None:
            self.moving.running.heard(job)

    async def _track_of(self, post_id: str) -> Clip | None:
        return None if self.moving is None else await self.moving.showing.track_of(post_id)

    async def _track_removed(self, task_id: str, guild_id: int | None) -> None:
        self.tracks_removed.append(task_id)
        if self.moving is not None:
            await self.moving.running.removed(task_id, guild_id)

    async def _posts_changed(self) -> None:
        self.posts_told += 1
        await self.posting.recover()

    def _stands_still(self, job: Job) -> None:
        self.delivery.refresh(job)

    async def _session_post(self, post: Post) -> SessionContent | None:
        return None if self.moving is None else await self.moving.showing.of(post)

    def _post_refused(self, post: Post, error: DiscordError) -> None:
        self.posts_refused.append(post)
        if self.moving is not None:
            self.moving.running.refused(post, error)


class Rig:
    """The services, their outside world, and the steps that a test takes with them."""

    def __init__(self, url: str, *, policy: Callable[[], Policy] = SteadyPolicy, limits: OperatorLimits | None = None) -> None:
        self.url = url
        self.may_create = True
        self.starters: Sequence[str] = ()
        self.sealed_with: str | None = make_key()
        """The operator's ENCRYPTION_KEY."""
        self.musics: dict[str, ScriptedMusic] = {}
        """The music service as each key of a server meets it."""
        self.limits = limits
        self._policy = policy
        self.clock = FakeClock()
        self.music = ScriptedMusic()
        self.archive = FakeArchive()
        self.announcer = RecordingAnnouncer()
        self.office = RecordingPostOffice()
        self._stack = AsyncExitStack()
        self._interactions = itertools.count(USER + 5_000)
        self.database: MoodyDatabase
        self.services: Services

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        self.database = await self._stack.enter_async_context(MoodyDatabase(self.url))
        self.services = Services(
            self.database,
            music=self.music,
            open_music=self._open_music,
            archive=self.archive,
            announcer=self.announcer,
            office=self.office,
            clock=self.clock,
            policy=self._policy(),
            limits=self.limits,
            may_create=self.may_create,
            sealed_with=self.sealed_with,
            starters=self.starters,
        )
        await self.services.removals.restore()
        await self.services.discretion.restore()
        await self.services.preferences.restore()

    async def restart(self) -> int:
        """End this process without a word, start the next one, and let it recover; return how many jobs it took up."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        await self._start()
        s = self.services
        await s.alerts.restore()
        await s.own_keys.restore()
        await s.publishing.restore()
        await s.posting.recover()
        return await recover(jobs=s.jobs, lanes=s.lanes, delivery=s.delivery, clock=self.clock, sessions=s.session_jobs.append)

    @asynccontextmanager
    async def _open_music(self, key: SecretStr) -> AsyncGenerator[Music]:
        yield self.musics.setdefault(key.get_secret_value(), ScriptedMusic())

    @property
    def jobs(self) -> Jobs:
        return self.services.jobs

    @property
    def clips(self) -> Clips:
        return self.services.clips

    @property
    def lanes(self) -> Lanes:
        return self.services.lanes

    @property
    def lane(self) -> Lane:
        return self.services.lane

    @property
    def delivery(self) -> Delivery:
        return self.services.delivery

    @property
    def accepting(self) -> Accepting:
        return self.services.accepting

    @property
    def handling(self) -> Handling:
        return self.services.handling

    # What people do.

    def origin(self, **given: Any) -> Origin:  # noqa: ANN401 - any field of an origin
        usual = Origin(
            interaction_id=next(self._interactions),
            user_id=USER,
            guild_id=GUILD,
            channel_id=USER + 2,
            can_post=True,
            upload_limit=10 * 1024 * 1024,
            reply_token="interaction-token",
            token_expires_at=self.clock.now() + 900.0,
        )
        return replace(usual, **given)

    async def accept(
        self,
        *,
        at: str = "1:40",
        source: str = SOURCE,
        title: str = "",
        private: bool = False,
        **origin: Any,  # noqa: ANN401 - as above
    ) -> Job:
        """Take a request in, as far as its insert."""
        typed = TypedRequest(continue_clip_id=source, continue_at=at, tags="wave, synthwave", title=title)
        return await self.accepting.accept(typed, self.origin(**origin), private=private)

    async def ask(self, *, ephemeral: bool = False, **given: Any) -> Job:  # noqa: ANN401 - as above
        """Take a request in, acknowledged."""
        job = await self.accept(**given)
        return await self._acknowledge(job, ephemeral=ephemeral or job.private)

    async def track(self, task_id: str, *, ephemeral: bool = False, **origin: Any) -> Job:  # noqa: ANN401 - as above
        """Follow a task made elsewhere."""
        return await self._acknowledge(await self.accepting.accept_track(task_id, self.origin(**origin)), ephemeral=ephemeral)

    async def _acknowledge(self, job: Job, *, ephemeral: bool) -> Job:
        await self.accepting.acknowledged(job, reply_id=job.origin.interaction_id + 100_000, ephemeral=ephemeral)
        return await self.row(job)

    # What the loops do.

    async def submit(self) -> bool:
        """Let a whole interval pass, and submit."""
        self.clock.advance(INTERVAL)
        return await self.lane.submit_one()

    async def query(self, *, after: float = 5.0) -> bool:
        """Let some time pass (seconds), and query."""
        self.clock.advance(after)
        return await self.lane.query_one()

    async def announce(self, *, after: float = SETTLE) -> None:
        """Let some time pass (seconds), and announce what is due."""
        self.clock.advance(after)
        await self.delivery.step()

    async def post(self, *, after: float = 0.0) -> None:
        """Let some time pass (seconds), and post what is due."""
        self.clock.advance(after)
        await self.services.posting.step()

    async def generating(self, **given: Any) -> Job:  # noqa: ANN401 - as above
        """Bring a request as far as the provider."""
        job = await self.ask(**given)
        await self.submit()
        job = await self.row(job)
        assert job.state is JobState.GENERATING
        return job

    async def ready(self, **given: Any) -> Job:  # noqa: ANN401 - as above
        """Bring a request as far as its two tracks."""
        job = await self.generating(**given)
        self.music.made(job.task_id or "", Stage.DONE, Stage.DONE)
        await self.query()
        return await self.row(job)

    # What is there now.

    async def row(self, job: Job) -> Job:
        found = await self.jobs.get(job.id)
        assert found is not None
        return found

    async def state(self, job: Job) -> JobState:
        return (await self.row(job)).state
