"""The ladder and the nonce: a post whose answer was lost is found again, and none is made twice."""

from dataclasses import replace

import pytest

from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState
from bot.errors import CannotPost, DiscordUnavailable
from bot.services.results import NONCE_WINDOW, Delivered, Results, Way
from tests.contract.builders import make_clip, make_job
from tests.fakes import EPOCH, FakeClock, RecordingAnnouncer

CLIPS: list[Clip] = [make_clip()]


class Case:
    """Results alone, with a job that is READY."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.announcer = RecordingAnnouncer()
        self.results = Results(announcer=self.announcer, clock=self.clock)
        self.job: Job = replace(make_job(state=JobState.READY), state_since=EPOCH)

    async def deliver(self) -> Delivered | None:
        return await self.results.deliver(self.job, CLIPS)

    def restart(self) -> None:
        self.results = Results(announcer=self.announcer, clock=self.clock)
        self.results.recover(self.job)


@pytest.fixture
def case() -> Case:
    return Case()


async def test_a_first_post_reads_no_history(case: Case) -> None:
    assert await case.deliver() == Delivered(Way.POSTED, case.announcer.posted[case.job.id])
    assert case.announcer.ways() == ["post_result"]


async def test_within_the_nonces_window_a_lost_answer_is_repeated(case: Case) -> None:
    case.announcer.loses["post_result"] = DiscordUnavailable("reset")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.clock.advance(NONCE_WINDOW)
    delivered = await case.deliver()
    assert delivered == Delivered(Way.POSTED, case.announcer.posted[case.job.id])
    assert case.announcer.ways() == ["post_result", "post_result"], "Discord makes one message of both"


async def test_past_the_window_history_is_read_and_the_post_is_found(case: Case) -> None:
    case.announcer.nonces_forgotten = True
    case.announcer.loses["post_result"] = DiscordUnavailable("reset")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    first = case.announcer.posted[case.job.id]
    case.clock.advance(NONCE_WINDOW + 1)
    assert await case.deliver() == Delivered(Way.POSTED, first)
    assert case.announcer.ways() == ["post_result", "find_result"]


async def test_past_the_window_what_was_not_found_is_posted_with_a_window_of_its_own(case: Case) -> None:
    case.announcer.raises["post_result"] = DiscordUnavailable("503")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.clock.advance(NONCE_WINDOW + 1)
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.clock.advance(NONCE_WINDOW)
    case.announcer.raises.clear()
    await case.deliver()
    assert case.announcer.ways() == ["find_result", "post_result"]


async def test_past_the_window_unreadable_history_means_the_reply(case: Case) -> None:
    case.announcer.loses["post_result"] = DiscordUnavailable("reset")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.clock.advance(NONCE_WINDOW + 1)
    case.announcer.raises["find_result"] = CannotPost("no history")
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.way is Way.IN_REPLY
    assert case.announcer.ways() == ["post_result", "result_into_reply"]


async def test_after_a_restart_history_is_read_first(case: Case) -> None:
    case.announcer.loses["post_result"] = DiscordUnavailable("reset")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.restart()
    case.clock.advance(5.0)
    assert await case.deliver() == Delivered(Way.POSTED, case.announcer.posted[case.job.id])
    assert case.announcer.ways() == ["post_result", "find_result"]


async def test_after_a_restart_unreadable_history_leaves_it_to_the_nonce_while_that_lasts(case: Case) -> None:
    case.restart()
    case.announcer.raises["find_result"] = CannotPost("no history")
    case.clock.advance(NONCE_WINDOW)
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.way is Way.POSTED


async def test_and_past_it_to_the_reply(case: Case) -> None:
    case.restart()
    case.announcer.raises["find_result"] = CannotPost("no history")
    case.clock.advance(NONCE_WINDOW + 1)
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.way is Way.IN_REPLY
    assert "post_result" not in case.announcer.ways()


async def test_after_a_restart_with_nothing_posted_it_is_posted(case: Case) -> None:
    case.restart()
    case.clock.advance(5000.0)
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.way is Way.POSTED
    assert case.announcer.ways() == ["find_result", "post_result"]


async def test_history_that_cannot_be_asked_for_now_is_asked_for_later(case: Case) -> None:
    case.restart()
    case.announcer.raises["find_result"] = [DiscordUnavailable("503")]
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    await case.deliver()
    assert case.announcer.ways() == ["find_result", "post_result"]


async def test_with_every_way_closed_there_is_none(case: Case) -> None:
    case.announcer.raises.update(dict.fromkeys(("post_result", "result_into_reply", "send_privately"), CannotPost("403")))
    assert await case.deliver() is None


@pytest.mark.parametrize("origin", [{"can_post": False}, {"reply_ephemeral": True}])
async def test_only_the_ways_that_exist_are_tried(case: Case, origin: dict[str, bool]) -> None:
    case.job = replace(case.job, origin=replace(case.job.origin, **origin))
    case.restart()
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.way is Way.IN_REPLY
    assert case.announcer.ways() == ["result_into_reply"]
