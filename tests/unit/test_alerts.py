"""Whoever has to act is told once that a lane is paused, and once that it works again; restarts included."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.standing import LaneCondition
from bot.errors import CannotPost, DiscordUnavailable, KeyRefused, OutOfCredits
from bot.services.health import CALM
from bot.store.migrate import migrate
from tests.contract.builders import USER
from tests.unit.rig import Rig

CREDITS, KEY, WORKING = LaneCondition.NO_CREDITS, LaneCondition.KEY_REFUSED, LaneCondition.WORKING


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig]:
    url = f"sqlite+aiosqlite:///{tmp_path}/encore.db"
    await migrate(url)
    async with Rig(url) as rig:
        yield rig


async def told(rig: Rig) -> list[LaneCondition]:
    await rig.services.alerts.step()
    return [condition for _, condition, *_ in rig.services.tidings.told]


async def paused(rig: Rig, error: Exception | None = None) -> None:
    """Let a submit fail for want of credits, or as told."""
    rig.music.answers.append(error or OutOfCredits("no credits"))
    await rig.ask()
    await rig.submit()


async def probe(rig: Rig) -> None:
    rig.clock.advance(700.0)
    await rig.lane.submit_one()


async def calm(rig: Rig) -> None:
    rig.clock.advance(CALM)
    await rig.lane.submit_one()


async def test_once_when_it_begins_and_once_when_it_is_over(rig: Rig) -> None:
    await paused(rig)
    assert await told(rig) == [CREDITS]
    rig.music.answers.append(KeyRefused())
    await probe(rig)
    rig.music.answers.append(OutOfCredits())
    await probe(rig)
    assert await told(rig) == [CREDITS], "however often it is tried, and whatever it turns into"
    await probe(rig)
    assert await told(rig) == [CREDITS], "it may fail again in a moment"
    await calm(rig)
    assert await told(rig) == [CREDITS, WORKING]
    ((lane, _, said, nonce), (_, _, _, another)) = rig.services.tidings.told
    assert (lane, said) == (None, "no credits")
    assert nonce != another
    assert max(len(nonce), len(another)) <= 25
    await paused(rig)
    assert await told(rig) == [CREDITS, WORKING, CREDITS], "another outage"


async def test_a_restart_in_the_middle_tells_nothing_twice(rig: Rig) -> None:
    await paused(rig)
    assert await told(rig) == [CREDITS]
    await rig.restart()
    rig.music.answers.append(OutOfCredits())
    await rig.submit()
    assert await told(rig) == []
    await rig.restart()
    assert await rig.submit()
    assert await told(rig) == [WORKING]
    await rig.restart()
    await rig.ask(user_id=USER + 5)
    await rig.submit()
    assert await told(rig) == []


async def test_what_could_not_be_told_is_told_later_with_the_same_nonce(rig: Rig) -> None:
    await paused(rig, KeyRefused())
    rig.services.tidings.raises = DiscordUnavailable("503")
    with pytest.raises(DiscordUnavailable):
        await rig.services.alerts.step()
    since = rig.clock.now()
    await rig.restart()
    rig.clock.advance(60.0)
    assert await told(rig) == [KEY]
    assert rig.services.tidings.told[0][3] == f"out-{since:.0f}"


async def test_an_outage_that_is_over_before_it_was_told_is_not(rig: Rig) -> None:
    await paused(rig)
    await probe(rig)
    await calm(rig)
    assert await told(rig) == []


async def test_one_that_nobody_can_be_told_of_is_not_tried_for_ever(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    await paused(rig)
    rig.services.tidings.raises = CannotPost("50001")
    assert await told(rig) == []
    assert "nobody could be told" in caplog.text
    rig.services.tidings.raises = None
    assert await told(rig) == []
