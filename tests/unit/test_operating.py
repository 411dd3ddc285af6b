"""What the operator does by hand: a pause outlives the process, and a lost task is attached once."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from bot.domain.jobs import Job, JobState
from bot.domain.reports import Stage
from bot.errors import Ambiguous, BadOption, CannotAttach
from bot.services.operating import Operating
from bot.store.meta import Meta
from tests.contract.builders import USER
from tests.unit.rig import DEADLINE, Rig, nothing_to_see

TASK = str(uuid.UUID(int=7))


class Hand:
    """The lanes as the operator's hand finds them: notes what is done to them, and passes jobs on."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.held: tuple[str, float] | None = None

    def hold(self, reason: str, since: float) -> None:
        self.held = (reason, since)

    def release(self) -> None:
        self.held = None

    def enter(self, job: Job) -> None:
        self.rig.lane.enter(job)


def operating(rig: Rig, hand: Hand | None = None) -> Operating:
    s = rig.services
    return Operating(
        jobs=s.jobs,
        lanes=hand or Hand(rig),
        delivery=s.delivery,
        finishing=s.finishing,
        guilds=s.guilds,
        memory=Meta(rig.database),
        clock=rig.clock,
        look=nothing_to_see,
    )


async def unclear(rig: Rig) -> Job:
    """Bring a request to where nobody knows what became of it."""
    job = await rig.ask()
    rig.music.answers.append(Ambiguous("reset"))
    await rig.submit()
    await rig.announce()
    return await rig.row(job)


# The pause.


async def test_a_pause_outlives_the_process_with_its_reason_and_its_beginning(rig: Rig) -> None:
    hand = Hand(rig)
    await operating(rig, hand).pause("moving house")
    began = rig.clock.now()
    assert hand.held == ("moving house", began)
    rig.clock.advance(60)
    await rig.restart()
    hand = Hand(rig)
    await operating(rig, hand).restore()
    assert hand.held == ("moving house", began)
    await operating(rig, hand).resume()
    assert hand.held is None
    await operating(rig, hand).restore()
    assert hand.held is None


async def test_a_pause_holds_at_once_though_the_database_is_away(rig: Rig) -> None:
    hand = Hand(rig)
    rig.database.away = 1
    pausing = asyncio.create_task(operating(rig, hand).pause(""))
    await asyncio.sleep(0)
    assert hand.held == ("", rig.clock.now())
    await pausing
    await rig.restart()
    later = Hand(rig)
    await operating(rig, later).restore()
    assert later.held is not None


async def test_of_a_pause_and_a_resume_at_once_the_last_one_counts_here_and_after_a_restart(rig: Rig) -> None:
    hand = Hand(rig)
    by_hand = operating(rig, hand)
    await by_hand.pause("")
    await asyncio.gather(by_hand.resume(), by_hand.pause("again"))
    after_restart = Hand(rig)
    await operating(rig, after_restart).restore()
    assert hand.held is not None
    assert after_restart.held == hand.held


# A task whose answer was lost.


async def test_an_unclear_request_gets_its_task_and_ends_as_if_nothing_had_happened(rig: Rig) -> None:
    job = await unclear(rig)
    rig.music.made(TASK, Stage.DONE, Stage.DONE)
    attached = await operating(rig).attach(f" {job.id} ", TASK.upper())
    assert attached.state is JobState.GENERATING
    assert attached.task_id == TASK
    assert attached.submitted_at == job.state_since
    await rig.announce()
    assert rig.announcer.of("show_reply")[-1].job.state is JobState.GENERATING
    await rig.query()
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED
    assert len(rig.announcer.of("post_result")) == 1
    assert len(rig.music.submits) == 1


async def test_long_after_its_deadline_it_gets_a_deadline_of_its_own(rig: Rig) -> None:
    job = await unclear(rig)
    rig.clock.advance(DEADLINE + 3 * 24 * 3600)
    attached = await operating(rig).attach(job.id, TASK)
    assert attached.submitted_at == rig.clock.now()
    assert attached.watch_until == rig.clock.now() + DEADLINE
    await rig.query()
    assert await rig.state(job) is JobState.GENERATING


async def test_it_is_watched_on_after_a_restart(rig: Rig) -> None:
    job = await unclear(rig)
    rig.music.made(TASK, Stage.DONE, Stage.DONE)
    await operating(rig).attach(job.id, TASK)
    await rig.restart()
    await rig.query()
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED


async def test_two_at_once_attach_once(rig: Rig) -> None:
    job = await unclear(rig)
    by_hand = operating(rig)
    outcomes = await asyncio.gather(*(by_hand.attach(job.id, TASK) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Job, CannotAttach, CannotAttach]


async def test_one_task_at_once_for_two_requests_goes_to_one(rig: Rig) -> None:
    first, second = await unclear(rig), await unclear(rig)
    by_hand = operating(rig)
    outcomes = await asyncio.gather(by_hand.attach(first.id, TASK), by_hand.attach(second.id, TASK), return_exceptions=True)
    refused = outcomes[1]
    assert isinstance(refused, CannotAttach)
    assert refused.owner == first.id
    assert await rig.state(second) is JobState.UNKNOWN


async def test_only_an_unclear_request_takes_a_task(rig: Rig) -> None:
    waiting = await rig.ask()
    with pytest.raises(CannotAttach) as refused:
        await operating(rig).attach(waiting.id, TASK)
    assert refused.value.state is JobState.QUEUED
    with pytest.raises(CannotAttach) as unknown:
        await operating(rig).attach("nosuchjob", TASK)
    assert (unknown.value.state, unknown.value.owner) == (None, None)
    with pytest.raises(BadOption):
        await operating(rig).attach(waiting.id, "no id")


async def test_a_database_that_is_away_in_the_middle_attaches_once(rig: Rig) -> None:
    job = await unclear(rig)
    rig.database.unheard = frozenset({rig.database.writes + 1})
    attached = await operating(rig).attach(job.id, TASK)
    assert attached.state is JobState.GENERATING
    assert (await rig.row(job)).revision == attached.revision


# People.


async def test_a_block_holds_everywhere_until_it_is_lifted(rig: Rig) -> None:
    by_hand = operating(rig)
    await by_hand.block(USER, by=1)
    await by_hand.block(USER, by=1)
    assert await by_hand.blocked() == [USER]
    assert await by_hand.unblock(USER)
    assert not await by_hand.unblock(USER)
    assert await by_hand.blocked() == []
