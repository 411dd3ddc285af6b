"""A write that happens and is not answered, at every place where there is one: nothing is done twice, nothing is left lying."""

import pytest

from bot.domain.jobs import JobState
from bot.domain.reports import Stage
from bot.errors import NotConnected, Refused, StoreUnavailable
from tests.contract.builders import USER
from tests.unit.rig import REQUESTER, Rig, eventually

D = Stage.DONE
TASK = "task-000001"
MOST_WRITES = 12


def next_is_unheard(rig: Rig, number: int = 1) -> None:
    rig.database.unheard = frozenset({rig.database.writes + number})


async def walk(rig: Rig) -> None:
    """Let the lane and the outbox work as long as there may be something to do."""
    for _ in range(6):
        await rig.submit()
        rig.music.made(TASK, D, D)
        await rig.query()
        await rig.announce(after=60.0)


@pytest.mark.parametrize("number", range(1, MOST_WRITES + 1))
async def test_one_write_of_the_walk_is_not_answered(rig: Rig, number: int) -> None:
    job = await rig.ask()
    before = rig.database.writes
    next_is_unheard(rig, number)
    await walk(rig)
    assert rig.database.writes - before < MOST_WRITES, "some write was not tried"
    done = await rig.row(job)
    assert (done.state, done.announced) == (JobState.DELIVERED, done.revision)
    assert len(rig.music.submits) == 1
    assert len(rig.announcer.of("post_result")) == 1


async def test_every_third_write_of_the_walk_is_not_answered(rig: Rig) -> None:
    job = await rig.ask()
    rig.database.unheard = frozenset(range(rig.database.writes + 1, rig.database.writes + 40, 3))
    await walk(rig)
    assert await rig.state(job) is JobState.DELIVERED
    assert (len(rig.music.submits), len(rig.announcer.of("post_result"))) == (1, 1)


async def test_a_job_that_was_not_accepted_goes_back_in_line(rig: Rig) -> None:
    async def away() -> None:
        next_is_unheard(rig)
        raise NotConnected

    job = await rig.ask()
    rig.music.answers.append(away)
    await rig.submit()
    assert (await rig.state(job), rig.lane.standing(job).place) == (JobState.QUEUED, 1)


async def test_a_refusal_is_told(rig: Rig) -> None:
    async def refuses() -> None:
        next_is_unheard(rig)
        raise Refused("no")

    job = await rig.ask()
    rig.music.answers.append(refuses)
    await rig.submit()
    await rig.announce()
    done = await rig.row(job)
    assert (done.state, done.announced) == (JobState.FAILED, done.revision)


async def test_an_insert_that_was_not_answered_is_withdrawn(rig: Rig) -> None:
    async def nothing_is_owed() -> bool:
        return await rig.jobs.unsettled() == []

    next_is_unheard(rig)
    with pytest.raises(StoreUnavailable):
        await rig.accept()
    await eventually(nothing_is_owed)
    assert await rig.handling.of_user(USER, limit=9) == []


async def test_a_cancellation_that_was_not_answered_is_told_when_its_turn_comes(rig: Rig) -> None:
    job = await rig.ask()
    await rig.announce()
    next_is_unheard(rig)
    with pytest.raises(StoreUnavailable):
        await rig.handling.cancel(job.id, REQUESTER)
    await rig.submit()
    await rig.announce()
    done = await rig.row(job)
    assert (done.state, done.announced) == (JobState.CANCELLED, done.revision)
    assert rig.music.submits == []
