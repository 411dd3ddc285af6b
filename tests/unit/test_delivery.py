"""The outbox by its steps: what people get to see, how often, and what becomes of it where a way is closed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.clips import Clip
from bot.domain.guild_settings import ResultsIn
from bot.domain.jobs import Job, JobState, amend, transition
from bot.domain.reports import Stage
from bot.domain.settling import SIBLING_WAIT
from bot.domain.standing import LaneCondition
from bot.errors import (
    CannotPost,
    ContentRefused,
    DiscordError,
    DiscordUnavailable,
    OutOfCredits,
    RefusedByDiscord,
    ReplyGone,
    TokenExpired,
    TooLargeForDiscord,
)
from bot.services.delivery import LAST_WORDS, SETTLE
from bot.services.turns import LONGEST_PAUSE
from tests.contract.builders import USER
from tests.fakes import Sent
from tests.unit.rig import DEADLINE, MODERATOR, REQUESTER, Rig, eventually

G, D, F = Stage.GENERATING, Stage.DONE, Stage.FAILED
TASK = "task-000001"
MANAGER = replace(MODERATOR, manager=True)
CLOSED: list[DiscordError] = [
    CannotPost("403"),
    ReplyGone("10008"),
    TokenExpired("50027"),
    RefusedByDiscord("400"),
    TooLargeForDiscord("413"),
]


def last_reply(rig: Rig) -> Sent:
    return rig.announcer.of("show_reply")[-1]


def shown(rig: Rig) -> list[JobState]:
    return [sent.job.state for sent in rig.announcer.of("show_reply")]


async def finished(rig: Rig, *stages: Stage, **given: bool) -> Job:
    """Bring a request to READY, with its earlier replies shown."""
    job = await rig.generating(**given)
    await rig.announce()
    rig.music.made(job.task_id or "", *(stages or (D, D)))
    await rig.query()
    job = await rig.row(job)
    assert job.state is JobState.READY
    rig.announcer.sent.clear()
    return job


async def is_settled(rig: Rig, job: Job) -> bool:
    """Tell whether the reply shows the newest row, and that is written down, or will be with the save that is sure to come."""
    row = await rig.row(job)
    newest = any(sent.job.id == row.id and sent.job.revision == row.revision for sent in rig.announcer.of("show_reply"))
    return row.announced == row.revision or (row.in_flight and newest)


# The reply.


async def test_a_burst_of_changes_is_one_edit_of_the_newest(rig: Rig) -> None:
    job = await rig.generating()
    await rig.announce()
    assert shown(rig) == [JobState.GENERATING]
    assert last_reply(rig).job.revision == (await rig.row(job)).revision
    assert await is_settled(rig, job)
    await rig.announce(after=1000.0)
    assert shown(rig) == [JobState.GENERATING], "nothing changed, so nothing is edited"


async def test_a_job_that_waits_is_shown_with_its_place_once_it_has_settled(rig: Rig) -> None:
    first, second = await rig.ask(), await rig.ask()
    await rig.announce(after=SETTLE - 0.1)
    assert rig.announcer.sent == []
    await rig.announce(after=0.1)
    places = {sent.job.id: sent.standing.place for sent in rig.announcer.of("show_reply") if sent.standing}
    assert places == {first.id: 1, second.id: 2}


async def test_a_job_that_goes_to_and_fro_before_its_submit_is_shown_in_time(rig: Rig) -> None:
    job = await rig.ask()
    rig.clock.advance(SETTLE - 0.1)
    rig.delivery.wake(replace(await rig.row(job), revision=9, announced=0))
    await rig.announce(after=0.2)
    assert shown(rig) == [JobState.QUEUED], "a change just before did not put the reply off"


async def test_why_the_lane_waits_is_shown(rig: Rig) -> None:
    await rig.ask()
    rig.music.answers.append(OutOfCredits("0"))
    await rig.submit()
    await rig.announce()
    standing = last_reply(rig).standing
    assert standing is not None
    assert standing.lane is LaneCondition.NO_CREDITS


async def test_a_cancelled_job_says_so_at_once_and_for_good(rig: Rig) -> None:
    job = await rig.ask()
    await rig.handling.cancel(job.id, REQUESTER)
    await rig.announce(after=0.0)
    assert shown(rig) == [JobState.CANCELLED]
    assert await is_settled(rig, job)


async def test_what_changes_during_an_edit_is_shown_by_the_next(rig: Rig) -> None:
    job = await rig.generating()
    rig.clock.advance(SETTLE)
    hiding: list[asyncio.Task[Job]] = []
    rig.announcer.during["show_reply"] = lambda: hiding.append(asyncio.ensure_future(rig.handling.hide(job.id, REQUESTER)))
    await rig.delivery.step()
    await asyncio.gather(*hiding)
    await rig.delivery.step()
    assert [sent.job.hidden for sent in rig.announcer.of("show_reply")] == [False, True]
    assert await is_settled(rig, job)


async def test_a_deleted_reply_is_left_alone(rig: Rig) -> None:
    job = await rig.generating()
    rig.announcer.raises["show_reply"] = ReplyGone("10008")
    await rig.announce()
    rig.announcer.raises.clear()
    await rig.announce(after=100.0)
    assert rig.announcer.sent == []
    rig.music.made(job.task_id or "", F, F)
    await rig.query()
    assert (await rig.row(job)).announced == job.revision, "it counts as shown"


@pytest.mark.parametrize("error", [CannotPost("403"), TokenExpired("50027"), RefusedByDiscord("400")])
async def test_an_end_that_nobody_could_be_told_of_waits_under_jobs_until_it_is_hidden(rig: Rig, error: DiscordError) -> None:
    job = await rig.generating()
    rig.music.made(TASK, F, F)
    await rig.query()
    rig.announcer.raises["show_reply"] = error
    await rig.announce()
    job = await rig.row(job)
    assert (job.state, job.undeliverable) == (JobState.FAILED, True)
    assert await is_settled(rig, job)
    listed = await rig.handling.of_user(REQUESTER.user_id, limit=9)
    assert [entry.id for entry in listed] == [job.id]
    await rig.handling.hide(job.id, REQUESTER)
    await rig.announce()
    assert await rig.handling.of_user(REQUESTER.user_id, limit=9) == []
    assert await is_settled(rig, job)


async def test_discord_being_away_is_tried_again_at_growing_intervals(rig: Rig) -> None:
    job = await rig.generating()
    rig.announcer.raises["show_reply"] = DiscordUnavailable("503")
    tries: list[float] = []
    rig.clock.advance(SETTLE)
    started = rig.clock.now()

    def note() -> None:
        tries.append(rig.clock.now() - started)

    for _ in range(200):
        rig.announcer.during["show_reply"] = note
        await rig.delivery.step()
        rig.clock.advance(1.0)
    assert tries[:7] == [0.0, 2.0, 6.0, 14.0, 30.0, 62.0, 62.0 + LONGEST_PAUSE]
    assert not await is_settled(rig, job)
    rig.announcer.raises.clear()
    await rig.announce(after=LONGEST_PAUSE)
    assert await is_settled(rig, job)


async def test_an_error_of_ours_is_logged_and_tried_again(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> None:
        raise RuntimeError("a bug of ours")

    job = await rig.generating()
    rig.announcer.during["show_reply"] = breaks
    await rig.announce()
    assert "broke off" in caplog.text
    await rig.announce()
    assert await is_settled(rig, job)


async def test_what_a_reply_shows_is_written_along_with_the_next_save(rig: Rig) -> None:
    job = await rig.generating()
    writes = rig.database.writes
    await rig.announce()
    assert shown(rig) == [JobState.GENERATING]
    assert rig.database.writes == writes
    rig.music.made(TASK, D, D)
    await rig.query()
    assert (await rig.row(job)).announced == job.revision


async def test_a_database_that_is_away_repeats_the_edit_and_no_more(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, F, F)
    await rig.query()
    rig.announcer.during["show_reply"] = lambda: setattr(rig.database, "away", 1)
    await rig.announce()
    assert (await rig.row(job)).announced < (await rig.row(job)).revision
    await rig.announce()
    assert shown(rig) == [JobState.FAILED] * 2, "an edit is idempotent"
    assert await is_settled(rig, job)


async def test_a_refusal_by_moderation_is_explained_privately_once(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.answers.append(ContentRefused("names an artist"))
    await rig.submit()
    await rig.announce()
    assert rig.announcer.ways() == ["show_reply", "explain_privately"]
    assert await is_settled(rig, job)


async def test_where_it_cannot_be_explained_it_waits_under_jobs(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.answers.append(ContentRefused("names an artist"))
    rig.announcer.raises["explain_privately"] = TokenExpired("50027")
    await rig.submit()
    await rig.announce()
    await rig.announce()
    assert set(rig.announcer.ways()) == {"show_reply"}
    assert await is_settled(rig, job)
    assert [entry.id for entry in await rig.handling.of_user(REQUESTER.user_id, limit=9)] == [job.id]


# The result.


async def test_a_result_is_posted_once_and_the_reply_points_to_it(rig: Rig) -> None:
    job = await finished(rig)
    await rig.announce()
    assert rig.announcer.ways() == ["post_result", "show_reply"]
    assert rig.announcer.sent[0].clips == ("A", "B")
    job = await rig.row(job)
    assert (job.state, job.result_id) == (JobState.DELIVERED, rig.announcer.posted[job.id])
    assert last_reply(rig).job.result_id == job.result_id
    assert await is_settled(rig, job)
    await rig.announce(after=5000.0)
    assert len(rig.announcer.sent) == 2


@pytest.mark.parametrize("error", CLOSED, ids=lambda error: type(error).__name__)
async def test_where_posting_is_closed_the_result_goes_into_the_reply_with_one_ping(rig: Rig, error: DiscordError) -> None:
    job = await finished(rig)
    rig.announcer.raises["post_result"] = error
    await rig.announce()
    assert rig.announcer.ways() == ["result_into_reply", "ping"], "the reply itself is not edited again"
    job = await rig.row(job)
    assert (job.state, job.result_id) == (JobState.DELIVERED, job.origin.reply_id)
    assert await is_settled(rig, job)


@pytest.mark.parametrize("given", [{"ephemeral": True}, {"can_post": False}])
async def test_where_the_bot_may_not_post_it_does_not_try(rig: Rig, given: dict[str, bool]) -> None:
    await finished(rig, **given)
    await rig.announce()
    assert rig.announcer.ways() == ["result_into_reply", "ping"]


async def test_a_server_that_wants_no_pings_gets_none(rig: Rig) -> None:
    await finished(rig, can_post=False)
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, pings=False))
    await rig.announce()
    assert rig.announcer.ways() == ["result_into_reply"]


async def test_a_result_in_a_thread_is_pointed_to_noted_and_edited_there(rig: Rig) -> None:
    job = await rig.generating()
    wanted = {"results_in": ResultsIn.THREAD, "pings": False}
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, **wanted))
    await rig.announce()
    rig.music.made(job.task_id or "", D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    rig.announcer.sent.clear()
    await rig.announce()
    assert rig.announcer.ways() == ["open_thread", "post_result", "show_reply"]
    job = await rig.row(job)
    assert job.result_place == job.result_channel_id == job.origin.reply_id
    assert last_reply(rig).job.result_place == job.origin.reply_id
    rig.music.made(job.task_id or "", D, D)
    await rig.query(after=5.0)
    await rig.announce()
    assert rig.announcer.of("update_result")[0].job.result_place == job.origin.reply_id
    assert not rig.announcer.pinged[job.id]


@pytest.mark.parametrize("error", CLOSED, ids=lambda error: type(error).__name__)
async def test_then_it_goes_by_direct_message(rig: Rig, error: DiscordError) -> None:
    job = await finished(rig)
    rig.announcer.raises.update({"post_result": CannotPost("403"), "result_into_reply": error, "show_reply": error})
    await rig.announce()
    assert rig.announcer.ways() == ["send_privately"]
    assert await rig.state(job) is JobState.DELIVERED
    assert await is_settled(rig, job)


@pytest.mark.parametrize("error", CLOSED, ids=lambda error: type(error).__name__)
async def test_with_every_way_closed_it_waits_under_jobs_and_can_be_fetched(rig: Rig, error: DiscordError) -> None:
    job = await finished(rig, ephemeral=True)
    rig.announcer.raises.update({"result_into_reply": TokenExpired("50027"), "send_privately": error, "show_reply": TokenExpired("50027")})
    await rig.announce()
    job = await rig.row(job)
    assert (job.state, job.undeliverable) == (JobState.READY, True)
    assert rig.announcer.sent == []
    await rig.announce(after=5000.0)
    assert await is_settled(rig, job)
    assert [entry.id for entry in await rig.handling.of_user(REQUESTER.user_id, limit=9)] == [job.id]
    fetched, clips = await rig.handling.tracks(job.id, USER)
    assert [clip.variant for clip in clips] == ["A", "B"]
    await rig.handling.fetched(fetched, None)
    assert await rig.state(job) is JobState.DELIVERED
    assert await rig.handling.of_user(REQUESTER.user_id, limit=9) == []


async def test_a_lost_ping_is_not_sent_again(rig: Rig) -> None:
    job = await finished(rig, ephemeral=True)
    rig.announcer.raises["ping"] = [DiscordUnavailable("reset")]
    await rig.announce()
    await rig.announce(after=5000.0)
    assert rig.announcer.ways() == ["result_into_reply"]
    assert await is_settled(rig, job)


async def test_discord_being_away_postpones_the_result_without_taking_a_worse_way(rig: Rig) -> None:
    job = await finished(rig)
    rig.announcer.raises["post_result"] = [DiscordUnavailable("503")]
    await rig.announce()
    assert rig.announcer.sent == []
    await rig.announce()
    assert rig.announcer.ways() == ["post_result", "show_reply"]
    assert await rig.state(job) is JobState.DELIVERED


async def test_the_database_being_away_does_not_post_twice(rig: Rig) -> None:
    job = await finished(rig)
    rig.announcer.during["post_result"] = lambda: setattr(rig.database, "away", 6)
    await rig.announce()
    assert rig.announcer.ways() == ["post_result", "show_reply"]
    assert await rig.state(job) is JobState.DELIVERED


async def test_hidden_nothing_is_posted_and_it_counts_as_delivered(rig: Rig) -> None:
    job = await rig.generating()
    await rig.handling.hide(job.id, REQUESTER)
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    assert set(rig.announcer.ways()) == {"show_reply"}
    job = await rig.row(job)
    assert (job.state, job.result_id) == (JobState.DELIVERED, None)
    assert await is_settled(rig, job)


async def test_a_late_sibling_is_added_by_an_edit_of_the_result(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.announce()
    assert rig.announcer.of("post_result")[0].clips == ("A",)
    rig.announcer.sent.clear()
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    assert [(sent.way, sent.clips) for sent in rig.announcer.sent] == [("update_result", ("A", "B"))]
    assert await is_settled(rig, job)


async def test_a_reply_that_could_not_tell_of_the_result_tells_of_it_later(rig: Rig) -> None:
    job = await rig.generating()
    await rig.announce()
    rig.music.made(TASK, D, D)
    await rig.query()
    rig.announcer.sent.clear()
    rig.announcer.raises["show_reply"] = [DiscordUnavailable("reset"), DiscordUnavailable("reset")]
    for _ in range(3):
        await rig.announce(after=LONGEST_PAUSE)
    assert rig.announcer.ways() == ["post_result", "show_reply"]
    assert rig.announcer.of("show_reply")[0].job.state is JobState.DELIVERED
    assert await is_settled(rig, job)


async def test_a_sibling_that_comes_before_the_reply_has_told_of_the_result_is_added_too(rig: Rig) -> None:
    job = await rig.generating()
    await rig.announce()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    rig.announcer.sent.clear()
    rig.announcer.raises["show_reply"] = [DiscordUnavailable("reset"), DiscordUnavailable("reset")]
    await rig.announce()
    rig.music.made(TASK, D, D)
    await rig.query()
    for _ in range(3):
        await rig.announce(after=LONGEST_PAUSE)
    assert [(sent.way, sent.clips) for sent in rig.announcer.sent] == [
        ("post_result", ("A",)),
        ("update_result", ("A", "B")),
        ("show_reply", ()),
    ]
    assert await is_settled(rig, job)


async def test_a_sibling_that_comes_while_the_result_is_posted_is_added_at_once(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    rig.music.made(TASK, D, D)
    rig.clock.advance(5.0)
    late: list[asyncio.Task[bool]] = []

    async def posted(_job: Job, clips: Sequence[Clip], *, pings: bool = True) -> int:
        """Post, and let the sibling arrive before the answer does."""
        late.append(asyncio.ensure_future(rig.lane.query_one()))
        await late[0]
        return await post(_job, clips, pings=pings)

    post, rig.announcer.post_result = rig.announcer.post_result, posted  # type: ignore[method-assign] - an answer that takes its time
    await rig.announce()
    assert [(sent.way, sent.clips) for sent in rig.announcer.sent if sent.way != "show_reply"] == [
        ("post_result", ("A",)),
        ("update_result", ("A", "B")),
    ]
    await rig.announce()
    assert await is_settled(rig, job)


@pytest.mark.parametrize("error", CLOSED, ids=lambda error: type(error).__name__)
async def test_a_result_that_can_no_longer_be_edited_is_left_as_it_is(rig: Rig, error: DiscordError) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.announce()
    rig.announcer.raises["update_result"] = error
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    assert await is_settled(rig, job)


async def test_a_result_that_is_ready_while_the_reply_proves_unreachable_is_not_forgotten(rig: Rig) -> None:
    """The reply's failed edit is noted for the newest revision, which by then owes a result."""
    job = await rig.generating()
    await rig.announce()
    rig.music.made(TASK, D, D)
    rig.announcer.sent.clear()
    await rig.handling.hide(job.id, REQUESTER)
    unhidden = amend(await rig.row(job), hidden=False)
    assert await rig.jobs.save(unhidden)
    rig.delivery.wake(unhidden)
    ready = transition(unhidden, JobState.READY, rig.clock.now())

    def becomes_ready() -> None:
        rig.delivery.wake(ready)

    assert await rig.jobs.save(ready)
    rig.announcer.during["show_reply"] = becomes_ready
    rig.announcer.raises["show_reply"] = TokenExpired("50027")
    await rig.announce()
    await rig.announce()
    assert "post_result" in rig.announcer.ways()
    assert await rig.state(job) is JobState.DELIVERED


# A stalled job.


async def test_stalled_is_said_and_a_late_end_is_delivered(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE)
    await rig.announce()
    assert shown(rig)[-1] is JobState.STALLED
    rig.music.made(TASK, D, D)
    await rig.query(after=600.0)
    await rig.announce()
    assert rig.announcer.ways()[-2:] == ["post_result", "show_reply"]
    assert await rig.state(job) is JobState.DELIVERED


async def test_a_late_end_is_delivered_by_the_last_way_though_the_stalling_could_not_be_told(rig: Rig) -> None:
    job = await rig.generating(ephemeral=True)
    rig.music.made(TASK, G, G)
    rig.announcer.raises.update({"show_reply": TokenExpired("50027"), "result_into_reply": TokenExpired("50027")})
    await rig.query(after=DEADLINE)
    await rig.announce()
    assert (await rig.row(job)).undeliverable
    rig.music.made(TASK, D, D)
    await rig.query(after=600.0)
    await rig.announce()
    assert rig.announcer.ways() == ["send_privately"]
    job = await rig.row(job)
    assert (job.state, job.undeliverable) == (JobState.DELIVERED, False)


# Last words.


@pytest.mark.parametrize("given", [{"ephemeral": True}, {"can_post": False}])
async def test_a_minute_before_the_tokens_end_the_reply_says_how_to_fetch(rig: Rig, given: dict[str, bool]) -> None:
    job = await rig.generating(**given)
    await rig.announce()
    ends = job.origin.token_expires_at
    await rig.announce(after=ends - LAST_WORDS - rig.clock.now() - 0.1)
    assert len(rig.announcer.sent) == 1
    await rig.announce(after=0.2)
    standing = last_reply(rig).standing
    assert len(rig.announcer.sent) == 2
    assert standing is not None
    assert standing.last_words
    await rig.announce(after=LAST_WORDS)
    assert len(rig.announcer.sent) == 2, "said once"


async def test_a_clock_that_is_set_back_delays_nothing(rig: Rig) -> None:
    job = await rig.ask()
    rig.clock.set_by = -3600.0
    await rig.announce()
    assert shown(rig) == [JobState.QUEUED]
    await rig.submit()
    rig.announcer.raises["show_reply"] = [DiscordUnavailable("503")]
    await rig.announce()
    rig.clock.set_by = -7200.0
    await rig.announce(after=LONGEST_PAUSE)
    assert shown(rig)[-1] is JobState.GENERATING
    assert await is_settled(rig, job)


async def test_last_words_are_said_by_the_calendar_even_if_that_was_set_back_meanwhile(rig: Rig) -> None:
    job = await rig.generating(ephemeral=True)
    await rig.announce()
    rig.clock.set_by = -120.0
    due = job.origin.token_expires_at - LAST_WORDS
    await rig.announce(after=due - rig.clock.now() - 119.0)
    assert len(rig.announcer.sent) == 1, "its minute has not come"
    await rig.announce(after=due - rig.clock.now() + 0.1)
    assert len(rig.announcer.sent) == 2
    assert (standing := last_reply(rig).standing) is not None
    assert standing.last_words


@pytest.mark.parametrize("how", ["posts", "hidden", "finished"])
async def test_no_last_words_where_none_are_needed(rig: Rig, how: str) -> None:
    job = await (finished(rig, ephemeral=True) if how == "finished" else rig.generating(ephemeral=how != "posts"))
    if how == "hidden":
        await rig.handling.hide(job.id, REQUESTER)
    await rig.announce()
    before = len(rig.announcer.sent)
    await rig.announce(after=890.0)
    assert len(rig.announcer.sent) == before


# The loop, in real time.


async def test_the_loop_announces_what_wakes_it_and_stops(rig: Rig) -> None:
    running = asyncio.create_task(rig.delivery.run())
    await asyncio.sleep(0.01)
    job = await rig.generating()
    await rig.handling.hide(job.id, REQUESTER)

    async def something_is_sent() -> bool:
        return bool(rig.announcer.sent)

    await eventually(something_is_sent)
    rig.delivery.stop()
    async with asyncio.timeout(30):
        await running


async def test_the_loop_writes_for_eight_jobs_at_once_and_never_twice_for_one(rig: Rig) -> None:
    jobs = [await rig.ask(user_id=REQUESTER.user_id + number) for number in range(12)]
    open_now, told, most = set[str](), list[str](), 0
    gate = asyncio.Event()

    async def slow(job: Job, standing: object) -> None:
        nonlocal most
        assert job.id not in open_now
        open_now.add(job.id)
        most = max(most, len(open_now))
        await gate.wait()
        open_now.remove(job.id)
        told.append(job.id)

    rig.announcer.show_reply = slow  # type: ignore[method-assign] - an edit that takes its time
    rig.clock.advance(SETTLE)
    running = asyncio.create_task(rig.delivery.run())

    async def eight_are_open() -> bool:
        return most >= 8

    async def all_are_told() -> bool:
        return sorted(told) == sorted(job.id for job in jobs)

    await eventually(eight_are_open)
    await asyncio.sleep(0.05)
    assert most == 8
    gate.set()
    await eventually(all_are_told)
    rig.delivery.stop()
    await running
