"""What was learned is there after a restart, and nothing stops the bot where it is not."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.polling import ExpectedWaiting
from bot.domain.reports import Stage
from bot.domain.watch import Watch
from bot.errors import StoreUnavailable
from bot.services.remembering import KEY, Remembering
from bot.store.meta import Meta
from tests.fakes import MoodyDatabase
from tests.unit.rig import eventually


@pytest.fixture
async def database(migrated: Path, tmp_path: Path) -> AsyncGenerator[MoodyDatabase]:
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with MoodyDatabase(f"sqlite+aiosqlite:///{file}") as database:
        yield database


@pytest.fixture
def memory(database: MoodyDatabase) -> Meta:
    return Meta(database)


def learn(policy: ExpectedWaiting) -> None:
    """Let it see twenty jobs of five minutes."""
    for place in range(20):
        watch = Watch(job_id=str(place), model="v3.5", submitted_at=0.0, deadline=900.0)
        policy.settled(watch.unfinished(298.0, Stage.GENERATING), 302.0, ended=True)


async def test_what_was_learned_survives_a_restart(memory: Meta) -> None:
    before, after = ExpectedWaiting(), ExpectedWaiting()
    remembering = Remembering(policy=before, memory=memory)
    learn(before)
    await remembering.keep()
    await Remembering(policy=after, memory=memory).restore()
    assert after.usual("v3.5") == before.usual("v3.5")
    assert after.usual("v3.5")[0] > 200.0


async def test_what_is_kept_already_is_not_written_again(memory: Meta, database: MoodyDatabase, caplog: pytest.LogCaptureFixture) -> None:
    policy, again = ExpectedWaiting(), ExpectedWaiting()
    first, second = Remembering(policy=policy, memory=memory), Remembering(policy=again, memory=memory)
    learn(policy)
    await first.keep()
    await second.restore()
    database.away = -1
    await first.keep()
    await second.keep()
    assert caplog.records == []


async def test_with_nothing_learned_nothing_is_written(memory: Meta) -> None:
    remembering = Remembering(policy=ExpectedWaiting(), memory=memory)
    await remembering.restore()
    await remembering.keep()
    assert await memory.get(KEY) is None


@pytest.mark.parametrize("kept", ["", "no json", "[]", '{"v3.5":[[1.0]]}', '{"v3.5":7}'])
async def test_what_cannot_be_read_is_said_once_and_learned_anew(memory: Meta, kept: str, caplog: pytest.LogCaptureFixture) -> None:
    await memory.set(KEY, kept)
    policy = ExpectedWaiting()
    remembering = Remembering(policy=policy, memory=memory)
    await remembering.restore()
    assert len(caplog.records) == 1
    assert "has to be learned anew" in caplog.text
    assert policy.usual("v3.5") == ExpectedWaiting().usual("v3.5")
    policy.settled(Watch(job_id="j", model="v3.5", submitted_at=0.0, deadline=900.0), 80.0, ended=True)
    await remembering.keep()
    assert await memory.get(KEY) == '{"v3.5":[[0.0,80.0,null]]}'


async def test_a_database_that_is_away_gets_it_the_next_time(
    memory: Meta, database: MoodyDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    policy = ExpectedWaiting()
    remembering = Remembering(policy=policy, memory=memory)
    learn(policy)
    database.away = 1
    await remembering.keep()
    assert "could not be kept" in caplog.text
    assert await memory.get(KEY) is None
    await remembering.keep()
    assert await memory.get(KEY) is not None


async def test_a_start_without_a_database_is_not_a_start(memory: Meta, database: MoodyDatabase) -> None:
    database.away = 1
    with pytest.raises(StoreUnavailable):
        await Remembering(policy=ExpectedWaiting(), memory=memory).restore()


async def test_every_minute_it_is_kept(memory: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.remembering.KEEP_EVERY", 0.01)
    policy = ExpectedWaiting()
    remembering = Remembering(policy=policy, memory=memory)
    running = asyncio.create_task(remembering.run())

    async def is_kept() -> bool:
        return await memory.get(KEY) is not None

    learn(policy)
    await eventually(is_kept)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
