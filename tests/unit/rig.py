"""Every service over a real database in a folder, with the outside world scripted: driven by steps, in a time of its own."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from bot.domain.actors import Actor
from bot.domain.jobs import Job, JobState, Origin
from bot.domain.requests import TypedRequest
from bot.services.delivery import SETTLE, Delivery
from bot.services.extending import Extending
from bot.services.finishing import Finishing
from bot.services.lane import Lane
from bot.services.recovery import recover
from bot.store.clips import Clips
from bot.store.drafts import Drafts
from bot.store.jobs import Jobs
from tests.contract.builders import GUILD, USER
from tests.fakes import FakeArchive, FakeClock, MoodyDatabase, RecordingAnnouncer, ScriptedMusic, SteadyPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.domain.clips import Clip
    from bot.domain.watch import Policy
    from bot.services.ports import Announcer, Archive, Clock, Music


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds that a task of the services brings about, for a few seconds of real time at most."""
    for _ in range(500):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


INTERVAL = 4.0
DEADLINE = 900.0
SOURCE = "186001a9-a9e2-487a-bdcc-417914676f24"
REQUESTER = Actor(user_id=USER, guild_id=GUILD, moderator=False)
STRANGER = Actor(user_id=USER + 77, guild_id=GUILD, moderator=False)
MODERATOR = Actor(user_id=USER + 88, guild_id=GUILD, moderator=True)


class Services:
    """What `app` puts together, over a database that is open."""

    def __init__(
        self,
        database: MoodyDatabase,
        *,
        music: Music,
        archive: Archive,
        announcer: Announcer,
        clock: Clock,
        policy: Policy | None = None,
        jobs_per_user: int = 3,
    ) -> None:
        self.jobs = Jobs(database, spaced=False)
        self.clips = Clips(database)
        self.drafts = Drafts(database, clock.now)
        self.finishing = Finishing(
            jobs=self.jobs, clips=self.clips, archive=archive, clock=clock, deadline=DEADLINE, on_change=self._changed
        )
        self.lane = Lane(
            jobs=self.jobs,
            music=music,
            finishing=self.finishing,
            clock=clock,
            policy=policy or SteadyPolicy(),
            submit_interval=INTERVAL,
            queries_per_second=2,
            on_change=self._changed,
            on_standstill=self._stands_still,
        )
        self.delivery = Delivery(jobs=self.jobs, clips=self.clips, announcer=announcer, clock=clock, standing=self.lane.standing)
        self.extending = Extending(
            jobs=self.jobs,
            clips=self.clips,
            lane=self.lane,
            finishing=self.finishing,
            delivery=self.delivery,
            clock=clock,
            models=("v3.5", "v4"),
            jobs_per_user=jobs_per_user,
        )

    def _changed(self, job: Job, tracks: Sequence[Clip] | None = None) -> None:
        self.delivery.wake(job, tracks)

    def _stands_still(self, job: Job) -> None:
        self.delivery.refresh(job)


class Rig:
    """The services, their outside world, and the steps that a test takes with them."""

    def __init__(self, url: str, *, policy: Callable[[], Policy] = SteadyPolicy, jobs_per_user: int = 3) -> None:
        self.url = url
        self.jobs_per_user = jobs_per_user
        self._policy = policy
        self.clock = FakeClock()
        self.music = ScriptedMusic()
        self.archive = FakeArchive()
        self.announcer = RecordingAnnouncer()
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
            archive=self.archive,
            announcer=self.announcer,
            clock=self.clock,
            policy=self._policy(),
            jobs_per_user=self.jobs_per_user,
        )

    async def restart(self) -> int:
        """End this process without a word, start the next one, and let it recover; return how many jobs it took up."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        await self._start()
        s = self.services
        return await recover(jobs=s.jobs, lane=s.lane, delivery=s.delivery, clock=self.clock)

    @property
    def jobs(self) -> Jobs:
        return self.services.jobs

    @property
    def clips(self) -> Clips:
        return self.services.clips

    @property
    def lane(self) -> Lane:
        return self.services.lane

    @property
    def delivery(self) -> Delivery:
        return self.services.delivery

    @property
    def extending(self) -> Extending:
        return self.services.extending

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

    async def accept(self, *, at: str = "1:40", source: str = SOURCE, title: str = "", **origin: Any) -> Job:  # noqa: ANN401 - as above
        """Take a request in, as far as its insert."""
        typed = TypedRequest(continue_clip_id=source, continue_at=at, tags="wave, synthwave", title=title)
        return await self.extending.accept(typed, self.origin(**origin))

    async def ask(self, *, ephemeral: bool = False, **given: Any) -> Job:  # noqa: ANN401 - as above
        """Take a request in, acknowledged."""
        job = await self.accept(**given)
        return await self._acknowledge(job, ephemeral=ephemeral)

    async def track(self, task_id: str, *, ephemeral: bool = False, **origin: Any) -> Job:  # noqa: ANN401 - as above
        """Follow a task made elsewhere."""
        return await self._acknowledge(await self.extending.accept_track(task_id, self.origin(**origin)), ephemeral=ephemeral)

    async def _acknowledge(self, job: Job, *, ephemeral: bool) -> Job:
        await self.extending.acknowledged(job, reply_id=job.origin.interaction_id + 100_000, ephemeral=ephemeral)
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

    async def generating(self, **given: Any) -> Job:  # noqa: ANN401 - as above
        """Bring a request as far as the provider."""
        job = await self.ask(**given)
        await self.submit()
        job = await self.row(job)
        assert job.state is JobState.GENERATING
        return job

    # What is there now.

    async def row(self, job: Job) -> Job:
        found = await self.jobs.get(job.id)
        assert found is not None
        return found

    async def state(self, job: Job) -> JobState:
        return (await self.row(job)).state
