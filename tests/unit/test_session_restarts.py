"""A process that ends at any write of a session's life: the next one goes on, loses nothing, and does nothing twice."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.domain.posts import PostKind
from bot.domain.reports import Stage
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Ending, Phase, Session, Trouble
from bot.domain.sessions.plans import Plan
from bot.errors import StoreUnavailable
from tests.unit.session_rig import ANNA, BEN, CHANNEL, CLEO, HOST, ROUND, SessionRig
from tests.unit.test_posting import finished

PLAN = Plan(name="Friday", rounds=1, round_seconds=ROUND, budget=3)
STRIDE = 5
"""Of the writes whose answer may be lost, every fifth is tried."""
FIRST = (1, 3)
"""At these writes the process ends, each in a session of its own, and at every eighth from there on."""
STEPS = 60
"""More than a session of one round takes, with one end of the process in it."""


class Life:
    """A session of one round, played by what is there: whoever is not answered tries again."""

    def __init__(self, rig: SessionRig, clip_id: str) -> None:
        self.rig = rig
        self.clip_id = clip_id
        self.session_id = ""
        self.ends = 0

    async def lived(self) -> Session:
        """Play it to its end, with another process as soon as one has ended."""
        for _ in range(STEPS):
            if self.rig.database.away:
                await self.rig.restart()
                self.ends += 1
            try:
                session = await self._step()
            except StoreUnavailable:
                continue
            if session.phase is Phase.ENDED and not self.rig.database.away:
                await self.rig.boards()
                return session
        raise AssertionError(f"it never ended: {await self.rig.now(self.session_id)}")

    async def _step(self) -> Session:
        rig = self.rig
        place = rig.place(CHANNEL)
        # Pressed again by whoever was not answered.
        self.session_id = (await rig.sessions.start(PLAN, self.clip_id, HOST, place, in_thread=False, once="draft")).id
        session = await rig.now(self.session_id)
        match session.phase:
            case _ if session.counting:
                await rig.later(10.0)
            case Phase.IDEAS:
                await rig.ideas(session.id, ANNA, BEN)
                await rig.ring(session.id)
            case Phase.VOTE:
                await rig.voted(session.id, {CLEO: "2", ANNA: "2"})
                await rig.ring(session.id)
            case Phase.TAKES:
                await rig.voted(session.id, {CLEO: session.shown[-1].takes[1].clip_id})
                await rig.ring(session.id)
            case Phase.EXTENDING:
                await self._made()
            case Phase.STUCK:
                await rig.host(session.id, HostAct.RETRY)
            case _:
                await rig.later(10.0)
        return await rig.now(session.id)

    async def _made(self) -> None:
        job = await self.rig.jobs.get((await self.rig.now(self.session_id)).extensions[-1].job_id)
        if job is not None and job.state in (JobState.QUEUED, JobState.SUBMITTING):
            await self.rig.submit()
        elif job is not None and job.task_id is not None:
            self.rig.music.made(job.task_id, Stage.DONE, Stage.DONE, title="Night Train")
            await self.rig.query()
        await self.rig.later(10.0)


async def _writes_of_a_life(file: Path) -> int:
    async with SessionRig(f"sqlite+aiosqlite:///{file}") as rig:
        life = await _begun(rig)
        before = rig.database.writes
        await life.lived()
        return rig.database.writes - before


async def _begun(rig: SessionRig) -> Life:
    a, _ = await rig.clips.of_task((await finished(rig)).task_id or "")
    return Life(rig, a.clip_id)


async def _lives(folder: Path, migrated: Path, writes: Iterable[int], prepare: Callable[[SessionRig, int], None]) -> None:
    """Live once for each of these writes of a life, as it is prepared for what happens there."""
    for write in writes:
        shutil.copy(migrated, folder / f"{write}.db")
        async with SessionRig(f"sqlite+aiosqlite:///{folder / f'{write}.db'}") as rig:
            life = await _begun(rig)
            prepare(rig, rig.database.writes + write)
            session = await life.lived()
            assert life.ends == (rig.database.unheard == frozenset())
            _check(rig, session, f"at write {write}")


@pytest.fixture
async def writes(migrated: Path, tmp_path: Path, no_backoff: None) -> int:
    shutil.copy(migrated, tmp_path / "whole.db")
    written = await _writes_of_a_life(tmp_path / "whole.db")
    assert written > 20
    return written


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("first", FIRST)
async def test_a_process_may_end_at_any_write(migrated: Path, tmp_path: Path, writes: int, first: int, *, after: bool) -> None:
    def ends(rig: SessionRig, write: int) -> None:
        rig.database.ends_at, rig.database.ends_after = write, after

    await _lives(tmp_path, migrated, range(first, writes + 1, 4 * len(FIRST)), ends)


async def test_the_answer_to_any_write_may_be_lost(migrated: Path, tmp_path: Path, writes: int) -> None:
    def is_lost(rig: SessionRig, write: int) -> None:
        rig.database.unheard = frozenset({write})

    await _lives(tmp_path, migrated, range(1, writes + 1, STRIDE), is_lost)


def _check(rig: SessionRig, session: Session, when: str) -> None:
    assert session.ending is Ending.ROUNDS, when
    (played,) = session.past
    assert len(played.ideas) == 2, when
    assert played.idea_votes == {"2": 2}, when
    assert session.head.variant == "B", when
    unknown = sum(extension.trouble is Trouble.UNKNOWN for extension in session.extensions)
    assert unknown <= 1, when
    assert rig.bought <= session.spent == 1 + unknown, when
    assert len(set(rig.venues.opened)) == 1, when
    up = Counter(post.id for post, _ in rig.office.up.values())
    kinds = Counter(post.kind for post, _ in rig.office.up.values())
    assert set(up.values()) == {1}, when
    assert kinds[PostKind.ROUND] == kinds[PostKind.SESSION] == 1, when
    assert kinds[PostKind.RECAP] == 2, when
    assert rig.venues.told == [], when
