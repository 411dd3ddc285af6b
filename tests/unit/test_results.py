"""The ladder and the nonce: a post whose answer was lost is found again, and none is made twice."""

from dataclasses import replace

import pytest

from bot.domain.clips import Clip
from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.domain.jobs import Job, JobState
from bot.errors import CannotPost, DiscordUnavailable
from bot.services.results import Delivered, Results, Way
from bot.services.tries import NONCE_WINDOW
from tests.contract.builders import GUILD, make_clip, make_job
from tests.fakes import EPOCH, FakeClock, RecordingAnnouncer

CLIPS: list[Clip] = [make_clip()]
REPLY = 555


class Case:
    """Results alone, with a job that is READY."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.announcer = RecordingAnnouncer()
        self.results = Results(announcer=self.announcer, clock=self.clock)
        self.job: Job = replace(make_job(state=JobState.READY, origin={"reply_id": REPLY}), state_since=EPOCH)
        self.server: GuildSettings | None = GuildSettings(guild_id=GUILD)

    async def deliver(self) -> Delivered | None:
        return await self.results.deliver(self.job, CLIPS, self.server)

    def in_threads(self) -> None:
        self.server = GuildSettings(guild_id=GUILD, results_in=ResultsIn.THREAD)

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


async def test_in_a_thread_one_is_opened_under_the_reply_and_the_result_goes_there(case: Case) -> None:
    case.in_threads()
    delivered = await case.deliver()
    assert delivered == Delivered(Way.POSTED, case.announcer.posted[case.job.id], REPLY)
    assert case.announcer.ways() == ["open_thread", "post_result"]
    assert case.announcer.of("post_result")[0].job.result_place == REPLY


async def test_where_there_can_be_no_thread_the_channel_serves(case: Case) -> None:
    case.in_threads()
    case.announcer.takes_threads = False
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.thread_id is None
    assert case.announcer.of("post_result")[0].job.result_place == case.job.origin.channel_id


async def test_where_the_thread_takes_no_result_the_channel_does(case: Case) -> None:
    case.in_threads()
    case.announcer.raises["post_result"] = [CannotPost("locked"), None]
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.thread_id is None
    assert case.announcer.of("post_result")[0].job.result_place == case.job.origin.channel_id


async def test_a_post_that_is_tried_again_stays_where_it_was_tried(case: Case) -> None:
    case.in_threads()
    case.announcer.loses["post_result"] = DiscordUnavailable("reset")
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    case.server = GuildSettings(guild_id=GUILD)
    assert await case.deliver() == Delivered(Way.POSTED, case.announcer.posted[case.job.id], REPLY)
    assert case.announcer.ways() == ["open_thread", "post_result", "post_result"]


async def test_a_thread_that_cannot_be_asked_for_now_is_asked_for_later(case: Case) -> None:
    case.in_threads()
    case.announcer.raises["open_thread"] = [DiscordUnavailable("503")]
    with pytest.raises(DiscordUnavailable):
        await case.deliver()
    delivered = await case.deliver()
    assert delivered is not None
    assert delivered.thread_id == REPLY


async def test_after_a_restart_the_thread_is_looked_through_and_then_the_channel(case: Case) -> None:
    case.in_threads()
    case.restart()
    await case.deliver()
    looked = [sent.job.result_place for sent in case.announcer.of("find_result")]
    assert looked == [REPLY, case.job.origin.channel_id]
    assert case.announcer.ways() == ["open_thread", "find_result", "find_result", "post_result"]


async def test_after_a_restart_what_is_in_a_known_thread_is_found_though_the_server_wants_none_now(case: Case) -> None:
    case.announcer.posted[case.job.id] = 9_000
    case.announcer.thread_known[case.job.id] = REPLY
    case.announcer.places[case.job.id] = REPLY
    case.restart()
    assert await case.deliver() == Delivered(Way.POSTED, 9_000, REPLY)
    assert "post_result" not in case.announcer.ways()


@pytest.mark.parametrize("pings", [True, False])
async def test_the_server_says_whether_a_result_pings(case: Case, pings: bool) -> None:
    case.server = GuildSettings(guild_id=GUILD, pings=pings)
    await case.deliver()
    assert case.announcer.pinged[case.job.id] is pings


async def test_outside_of_servers_results_ping_in_their_channel(case: Case) -> None:
    case.server = None
    await case.deliver()
    assert case.announcer.pinged[case.job.id]
    assert case.announcer.ways() == ["post_result"]
