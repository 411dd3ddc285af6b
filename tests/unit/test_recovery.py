"""A process ends without a word after each arrow of the walk; the next one goes on from there."""

import pytest

from bot.domain.jobs import Job, JobState, amend, transition
from bot.domain.limits import Limits
from bot.domain.reports import Stage
from bot.domain.settling import SIBLING_WAIT
from bot.domain.standing import LaneCondition
from bot.errors import Ambiguous, NotConnected, TokenExpired
from bot.services.delivery import LAST_WORDS
from tests.contract.builders import USER, make_session_job
from tests.unit.rig import DEADLINE, REQUESTER, Rig

D, F, G = Stage.DONE, Stage.FAILED, Stage.GENERATING
TASK = "task-000001"


async def go_on(rig: Rig) -> None:
    """Let the process work for a while, with a provider that finishes what it has."""
    for _ in range(6):
        await rig.submit()
        for task in [f"task-{number:06}" for number in range(1, len(rig.music.submits) + 1)]:
            rig.music.made(task, D, D)
        await rig.query()
        await rig.announce()


async def test_accepted_but_not_acknowledged_is_withdrawn(rig: Rig) -> None:
    job = await rig.accept()
    assert await rig.restart() == 1
    assert await rig.state(job) is JobState.CANCELLED
    await go_on(rig)
    assert rig.music.submits == []
    assert rig.announcer.ways() == ["show_reply"], "if Discord had the acknowledgement after all, its person no longer waits"
    assert await rig.restart() == 0


async def test_a_followed_task_not_acknowledged_goes_on_silently(rig: Rig) -> None:
    job = await rig.accepting.accept_track("task-elsewhere-1", rig.origin())
    await rig.restart()
    rig.music.made("task-elsewhere-1", D, D)
    await rig.query()
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED
    assert "post_result" not in rig.announcer.ways()


async def test_in_line_it_keeps_its_order_and_is_sent_once(rig: Rig) -> None:
    mine: list[Job] = []
    for number in range(2):
        mine.append(await rig.ask(title=f"mine {number}"))
        rig.clock.advance(1.0)
    other = await rig.ask(title="other", user_id=USER + 1)
    assert await rig.restart() == 3
    assert not await rig.lane.submit_one(), "what the last process sent is not known: a window is waited out"
    assert [rig.lane.standing(job).place for job in (*mine, other)] == [1, 3, 2]
    await go_on(rig)
    assert sorted(sent.title for sent in rig.music.submits) == ["mine 0", "mine 1", "other"]
    assert len(rig.announcer.of("post_result")) == 3


async def test_back_in_line_after_a_refusal_it_is_sent_again(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.answers.append(NotConnected())
    await rig.submit()
    await rig.restart()
    assert rig.lane.condition is LaneCondition.WORKING
    await go_on(rig)
    assert await rig.state(job) is JobState.DELIVERED
    assert len(rig.music.submits) == 2


async def submitting(rig: Rig) -> Job:
    job = await rig.ask()
    claimed = transition(await rig.row(job), JobState.SUBMITTING, rig.clock.now(), attempts=1)
    assert await rig.jobs.save(claimed)
    return claimed


async def test_caught_while_being_sent_it_is_unknown_and_never_sent_again(rig: Rig) -> None:
    job = await submitting(rig)
    await rig.restart()
    assert await rig.state(job) is JobState.UNKNOWN
    await go_on(rig)
    assert rig.music.submits == []
    assert [sent.job.state for sent in rig.announcer.of("show_reply")] == [JobState.UNKNOWN]
    assert await rig.restart() == 0


async def test_unknown_stays_unknown(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.answers.append(Ambiguous("reset"))
    await rig.submit()
    await rig.restart()
    await go_on(rig)
    assert await rig.state(job) is JobState.UNKNOWN
    assert len(rig.music.submits) == 1


async def test_being_made_it_is_followed_to_its_end(rig: Rig) -> None:
    job = await rig.generating()
    await rig.restart()
    await go_on(rig)
    assert await rig.state(job) is JobState.DELIVERED
    assert len(rig.music.submits) == 1
    assert len(rig.announcer.of("post_result")) == 1


async def test_ready_but_not_posted_it_is_posted_once(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.restart()
    await go_on(rig)
    assert await rig.state(job) is JobState.DELIVERED
    assert rig.announcer.ways() == ["find_result", "post_result", "show_reply"]


async def test_posted_but_not_noted_it_is_found_and_not_posted_again(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announcer.post_result(await rig.row(job), [])
    message = rig.announcer.posted[job.id]
    await rig.restart()
    rig.clock.advance(3600.0)
    await go_on(rig)
    assert len(rig.announcer.of("post_result")) == 1
    assert (await rig.row(job)).result_id == message


async def test_delivered_but_not_said_in_the_reply_it_is_said(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    delivered = transition(await rig.row(job), JobState.DELIVERED, rig.clock.now(), result_id=9_100)
    assert await rig.jobs.save(delivered)
    await rig.restart()
    await go_on(rig)
    assert rig.announcer.ways() == ["update_result", "show_reply"]
    settled = await rig.row(job)
    assert settled.announced == settled.revision


async def test_a_late_sibling_is_still_waited_for(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.announce()
    rig.announcer.sent.clear()
    await rig.restart()
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    assert [sent.clips for sent in rig.announcer.of("update_result")] == [("A", "B")]
    assert (await rig.row(job)).watch_until is None


async def test_stalled_it_is_still_asked_about_and_delivered_late(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE)
    await rig.announce()
    await rig.restart()
    rig.music.made(TASK, D, D)
    await rig.query(after=600.0)
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED


@pytest.mark.parametrize("end", ["cancelled", "failed"])
async def test_an_end_that_was_not_announced_is(rig: Rig, end: str) -> None:
    if end == "cancelled":
        job = await rig.ask()
        await rig.handling.cancel(job.id, REQUESTER)
    else:
        job = await rig.generating()
        rig.music.made(TASK, F, F)
        await rig.query()
    assert await rig.restart() == 1
    await rig.announce()
    assert [sent.job.state.value for sent in rig.announcer.of("show_reply")] == [end]
    assert await rig.restart() == 0


async def test_the_jobs_of_sessions_go_on_and_are_left_to_their_sessions(rig: Rig) -> None:
    states = (JobState.QUEUED, JobState.SUBMITTING, JobState.GENERATING, JobState.READY)
    for number, state in enumerate(states, 1):
        task, until = (f"task-elsewhere-{number}", DEADLINE) if state is JobState.GENERATING else (None, None)
        assert await rig.jobs.accept(make_session_job(number, state=state, task_id=task, watch_until=until), limits=Limits())
    assert await rig.restart() == len(states)
    heard = rig.services.session_jobs
    assert [job.state for job in heard] == [JobState.QUEUED, JobState.UNKNOWN, JobState.GENERATING, JobState.READY]
    assert [rig.lane.standing(job).place for job in heard[:1]] == [1]
    await rig.announce()
    assert rig.announcer.sent == []
    assert await rig.restart() == 3, "what is unknown is settled"


async def test_what_could_not_be_delivered_is_left_alone(rig: Rig) -> None:
    job = await rig.generating(ephemeral=True)
    rig.music.made(TASK, D, D)
    await rig.query()
    rig.announcer.raises.update(
        {"result_into_reply": TokenExpired("x"), "send_privately": TokenExpired("x"), "show_reply": TokenExpired("x")}
    )
    await rig.announce()
    rig.announcer.raises.clear()
    assert await rig.restart() == 0
    await go_on(rig)
    assert rig.announcer.sent == []
    assert (await rig.row(job)).undeliverable


async def test_last_words_are_still_said(rig: Rig) -> None:
    job = await rig.generating(ephemeral=True)
    await rig.announce()
    await rig.restart()
    await rig.announce()
    assert rig.announcer.ways() == ["show_reply"] * 2, "whether the reply shows it was in memory alone: one edit is repeated"
    rig.announcer.sent.clear()
    await rig.announce(after=job.origin.token_expires_at - LAST_WORDS - rig.clock.now())
    (sent,) = rig.announcer.of("show_reply")
    assert sent.standing is not None
    assert sent.standing.last_words


async def test_tokens_that_have_expired_are_forgotten(rig: Rig) -> None:
    job = await rig.generating()
    await rig.restart()
    assert (await rig.row(job)).origin.reply_token is not None
    rig.clock.advance(901.0)
    await rig.restart()
    job = await rig.row(job)
    assert job.origin.reply_token is None
    assert job.state is JobState.GENERATING


async def test_a_start_with_nothing_to_do(rig: Rig) -> None:
    assert await rig.restart() == 0
    await go_on(rig)
    assert rig.announcer.sent == []


async def test_restart_upon_restart_nothing_is_sent_or_posted_twice(rig: Rig) -> None:
    """One job in each state, a restart after every step."""
    await submitting(rig)
    await rig.ask(user_id=USER + 1)
    await rig.ask(user_id=USER + 2)
    hidden = await rig.ask(user_id=USER + 3)
    assert await rig.jobs.save(amend(await rig.row(hidden), hidden=True))
    for _ in range(8):
        await rig.restart()
        await rig.submit()
        await rig.restart()
        for number in range(1, len(rig.music.submits) + 1):
            rig.music.made(f"task-{number:06}", D, D)
        await rig.query()
        await rig.restart()
        await rig.announce()
    assert len(rig.music.submits) == 3
    posted = [sent.job.id for sent in rig.announcer.of("post_result")]
    assert len(posted) == len(set(posted)) == 2
    assert await rig.state(hidden) is JobState.DELIVERED
