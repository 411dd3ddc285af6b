"""One lane for each API key: the operator's, and one for each server that has brought its own."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from bot.domain.jobs import Job, JobState, called_off
from bot.domain.standing import LaneCondition, Standing
from bot.domain.watch import Policy
from bot.errors import LanePaused
from bot.services.changing import change_surely
from bot.services.finishing import Finishing
from bot.services.keyed_music import KeyedMusic, OpenMusic
from bot.services.lane import Lane
from bot.services.ports.outside import Clock, Music
from bot.services.ports.stores import Jobs

log = logging.getLogger(__name__)

OnPause = Callable[[int | None, LaneCondition | None, str], None]
"""Hears of a lane's pause, with the provider's words, and of None when all is well with it; a lane is named as `Job.lane` is."""


@dataclass(slots=True)
class _Own:
    """A server's own lane; `closed` means that its key was removed: nothing new, and it ends when what is being made has ended."""

    guild_id: int
    lane: Lane
    music: KeyedMusic
    closed: bool = False


class Lanes:
    """Routes every job to the lane of its key; all that a Lane can do for a job, this can. Lanes come and go while it runs."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        music: Music,
        open_music: OpenMusic,
        finishing: Finishing,
        clock: Clock,
        policy: Policy,
        policy_beside: Callable[[], Policy],
        submit_interval: float,
        queries_per_second: float,
        on_change: Callable[[Job], None],
        on_standstill: Callable[[Job], None],
        on_pause: OnPause,
    ) -> None:
        """`music` has the operator's key, `open_music` opens the way of another one; the quotas are those of each key.

        `policy` decides the queries of the operator's lane, `policy_beside` makes another one's; for `on_change` and `on_standstill`
        see `Lane`.
        """
        self._jobs = jobs
        self._open_music = open_music
        self._finishing = finishing
        self._clock = clock
        self._policy_beside = policy_beside
        self._submit_interval = submit_interval
        self._queries_per_second = queries_per_second
        self._on_change = on_change
        self._on_standstill = on_standstill
        self._on_pause = on_pause
        self._own: dict[int, _Own] = {}
        self._group: asyncio.TaskGroup | None = None
        self._cancelling: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.operators = self._make(None, music, policy)

    def _make(self, guild_id: int | None, music: Music, policy: Policy) -> Lane:
        def paused(condition: LaneCondition | None, words: str) -> None:
            # What is left in a closed lane is nobody's to mend.
            if self.of(guild_id) == guild_id:
                self._on_pause(guild_id, condition, words)

        return Lane(
            jobs=self._jobs,
            music=music,
            finishing=self._finishing,
            clock=self._clock,
            policy=policy,
            submit_interval=self._submit_interval,
            queries_per_second=self._queries_per_second,
            on_change=self._changed,
            on_standstill=self._on_standstill,
            on_pause=paused,
            name="the lane" if guild_id is None else f"the lane of server {guild_id}",
            own_key=guild_id is not None,
        )

    # Which lane.

    def of(self, guild_id: int | None) -> int | None:
        """Tell on which key a new job from this place runs: None is the operator's, else the server's own."""
        own = None if guild_id is None else self._own.get(guild_id)
        return None if own is None or own.closed else own.guild_id

    def admit(self, guild_id: int | None) -> int | None:
        """Tell the same for a job that is about to be accepted. Raises LanePaused: never does the operator pay for a key that fails."""
        lane = self.of(guild_id)
        condition = self.condition_of(lane)
        if condition.paused:
            why = self.operators.why if lane is None else ""
            raise LanePaused(condition.value, own_key=lane is not None, why=why)
        return lane

    def condition_of(self, lane: int | None) -> LaneCondition:
        """Tell whether the lane of a key works, and if not, why."""
        return self.named(lane).condition

    def waiting_in(self, guild_id: int) -> int:
        """Count the jobs in line on a server's own key."""
        own = self._own.get(guild_id)
        return 0 if own is None else len(own.lane.in_line())

    def uses(self, key: SecretStr, *, but: int) -> bool:
        """Tell whether another server's lane than this one runs on a key."""
        return any(own.music.key == key for own in self._own.values() if own.guild_id != but)

    def own_conditions(self) -> Counter[LaneCondition]:
        """Count the servers' own lanes by condition."""
        return Counter(own.lane.condition for own in self._own.values() if not own.closed)

    def named(self, lane: int | None) -> Lane:
        """Find a lane. One whose key is gone is made, without a key: nothing of it may run on the operator's."""
        if lane is None:
            return self.operators
        if lane not in self._own:
            self._close(self._add(lane))
        return self._own[lane].lane

    def _add(self, guild_id: int) -> _Own:
        music = KeyedMusic(self._open_music)
        own = self._own[guild_id] = _Own(guild_id, self._make(guild_id, music, self._policy_beside()), music)
        self._start(own)
        return own

    # Keys that come and go.

    async def open(self, guild_id: int, key: SecretStr) -> None:
        """Let a server's jobs run on this key from now on: new ones, and all that are in line or being made on one before it."""
        own = self._own.get(guild_id)
        if own is None or own.lane.stopping:
            own = self._add(guild_id)
        await own.music.use(key)
        own.closed = False
        own.lane.go_on()
        own.lane.release()

    def lock(self, guild_id: int, why: str) -> None:
        """Keep a server's jobs where they are: it has a key, but that cannot be read."""
        own = self._own.get(guild_id) or self._add(guild_id)
        own.lane.hold(LaneCondition.KEY_REFUSED, "", self._clock.now())
        self._on_pause(guild_id, LaneCondition.KEY_REFUSED, why)

    async def close(self, guild_id: int) -> int:
        """Take a server's key away; return how many jobs were cancelled.

        What is in line is cancelled; what is being made is watched to its end, as long as this process lives. Later jobs of the
        server run on the operator's key.
        """
        own = self._own.get(guild_id)
        if own is None:
            return 0
        self._close(own)
        waiting = own.lane.in_line()
        for job in waiting:
            await self._cancel(job)
        return len(waiting)

    def _close(self, own: _Own) -> None:
        own.closed = True
        own.lane.hold(LaneCondition.HELD, "", self._clock.now())
        own.lane.end()

    def _changed(self, job: Job) -> None:
        self._on_change(job)
        if job.lane is not None and job.state is JobState.QUEUED:
            # It was sent when its lane was closed, and was not accepted: there is nowhere to send it again.
            self._cancel_if_closed(job)

    def _cancel_if_closed(self, job: Job) -> None:
        own = None if job.lane is None else self._own.get(job.lane)
        if own is None or not own.closed:
            return
        task = asyncio.create_task(self._cancel(job), name=f"cancel-{job.id}")
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    async def _cancel(self, job: Job) -> None:
        """Take a job out of a line that is no more; nothing of it was sent."""
        changed = await change_surely(self._jobs, job, lambda current: called_off(current, self._clock.now()))
        self.leave(job)
        if changed is not None:
            log.info("job %s was cancelled: its server's key is gone", job.id)
            self._on_change(changed)

    # By the operator's hand.

    def hold(self, reason: str, since: float) -> None:
        """Submit nothing more on the operator's key until `release`; `since` is in epoch seconds, `reason` is shown to people."""
        self.operators.hold(LaneCondition.HELD, reason, since)

    def release(self) -> None:
        """Go on, and try at once what the provider has refused."""
        self.operators.release()

    # As a lane.

    @property
    def condition(self) -> LaneCondition:
        """Tell whether the operator's lane works, and if not, why."""
        return self.operators.condition

    @property
    def trouble_since(self) -> float | None:
        """Tell since when (epoch seconds) the operator's lane is not well; None while it is."""
        return self.operators.trouble_since

    def standing(self, job: Job) -> Standing:
        """Tell how a job stands in its lane."""
        return self.named(job.lane).standing(job)

    def expect(self, job: Job) -> Standing | None:
        """Give a job that is about to be acknowledged its place in line; see `Lane.expect`."""
        return self.named(job.lane).expect(job)

    async def enter_at_once(self, job: Job) -> bool:
        """Take in a job whose acknowledgement is not written yet; see `Lane.enter_at_once`."""
        return await self.named(job.lane).enter_at_once(job)

    def enter(self, job: Job) -> None:
        """Take an acknowledged job in; where the key was removed, one in line is cancelled."""
        self.named(job.lane).enter(job)
        if job.state is JobState.QUEUED:
            self._cancel_if_closed(job)

    def leave(self, job: Job) -> None:
        """Take a job out of its line."""
        self.named(job.lane).leave(job)

    async def run(self) -> None:
        """Let every lane work until `stop`, those that are added meanwhile included."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self.operators.run(), name="lane")
                for own in list(self._own.values()):
                    self._start(own)
        finally:
            self._group = None

    def _start(self, own: _Own) -> None:
        if self._group is not None and not self._stopping:
            self._group.create_task(self._run(own), name=f"lane-{own.guild_id}")

    async def _run(self, own: _Own) -> None:
        try:
            await own.lane.run()
        finally:
            if self._own.get(own.guild_id) is own and own.closed:
                del self._own[own.guild_id]
            await own.music.use(None)

    def stop(self) -> None:
        """Start nothing more; what is under way is finished, then `run` returns."""
        self._stopping = True
        for lane in (self.operators, *(own.lane for own in self._own.values())):
            lane.stop()

    async def aclose(self) -> None:
        """Close the servers' ways to the music API."""
        for own in self._own.values():
            await own.music.use(None)
