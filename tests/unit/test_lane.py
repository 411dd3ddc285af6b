"""The lane by its steps: DESIGN's outcome table, the line, the pauses, and what a query sets off."""

import asyncio
import logging
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.jobs import Failure, JobState, amend, transition
from bot.domain.pace import FIRST_TRIP
from bot.domain.reports import Stage
from bot.domain.standing import LaneCondition
from bot.errors import (
    Ambiguous,
    ContentRefused,
    KeyRefused,
    LanePaused,
    Maintenance,
    NotAccepted,
    NotConnected,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooLate,
    TooOften,
    Unreadable,
)
from bot.services.health import FIRST_PROBE
from tests.contract.builders import USER
from tests.fakes import provider_errors
from tests.unit.rig import DEADLINE, INTERVAL, REQUESTER, SOURCE, Rig, eventually

BACK, FAILED, UNKNOWN = JobState.QUEUED, JobState.FAILED, JobState.UNKNOWN


@dataclass(frozen=True)
class Row:
    """One row of the outcome table."""

    error: Exception
    state: JobState
    condition: LaneCondition = LaneCondition.WORKING
    failure: Failure | None = None
    words: str = ""
    paused: bool = field(default=False)


TABLE = [
    Row(NotAccepted("no"), BACK, LaneCondition.UNREACHABLE),
    Row(NotConnected("refused"), BACK, LaneCondition.UNREACHABLE),
    Row(Maintenance("455"), BACK, LaneCondition.UNREACHABLE),
    Row(TooOften("429"), BACK, LaneCondition.SLOWED),
    Row(TooOften("429", retry_after=30.0), BACK, LaneCondition.SLOWED),
    Row(KeyRefused("401"), BACK, LaneCondition.KEY_REFUSED, paused=True),
    Row(OutOfCredits("402"), BACK, LaneCondition.NO_CREDITS, paused=True),
    Row(Refused("bad continue_at"), FAILED, failure=Failure.REFUSED, words="bad continue_at"),
    Row(ContentRefused("names an artist"), FAILED, failure=Failure.CONTENT, words="names an artist"),
    Row(Ambiguous("timeout"), UNKNOWN, words="timeout"),
    Row(RuntimeError("a bug of ours"), UNKNOWN),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row.error))
async def test_what_a_submits_outcome_means(rig: Rig, row: Row) -> None:
    job = await rig.ask()
    rig.music.answers.append(row.error)
    assert await rig.submit()
    job = await rig.row(job)
    assert (job.state, job.failure, job.provider_words, job.attempts, job.task_id) == (row.state, row.failure, row.words, 1, None)
    assert rig.lane.condition is row.condition
    assert rig.lane.condition.paused is row.paused
    # Only what was certainly not accepted goes out again.
    rig.clock.advance(3600.0)
    assert await rig.lane.submit_one() is (row.state is BACK)
    assert len(rig.music.submits) == (2 if row.state is BACK else 1)
    assert (await rig.row(job)).state is (JobState.GENERATING if row.state is BACK else row.state)


def test_the_table_has_every_error_of_a_submit() -> None:
    of_queries = {Unreadable, TaskUnknown, ProviderError}
    assert {type(row.error) for row in TABLE} - {RuntimeError} == set(provider_errors()) - of_queries


async def test_what_is_sent_is_what_was_asked(rig: Rig) -> None:
    await rig.generating(at="100", title="crazy and wild")
    (sent,) = rig.music.extensions
    assert (sent.continue_clip_id, sent.continue_at, sent.tags) == (SOURCE, 100.0, "wave, synthwave")
    assert (sent.title, sent.model) == ("crazy and wild", "v3.5")


async def test_an_accepted_job_has_its_task_and_its_deadline(rig: Rig) -> None:
    job = await rig.generating()
    assert (job.task_id, job.submitted_at, job.watch_until) == ("task-000001", rig.clock.now(), rig.clock.now() + DEADLINE)


async def test_the_row_says_submitting_before_the_request_leaves(rig: Rig) -> None:
    job = await rig.ask()
    seen: list[JobState] = []

    async def look() -> None:
        seen.append(await rig.state(job))

    rig.music.answers.append(look)
    await rig.submit()
    assert seen == [JobState.SUBMITTING]


async def test_nothing_is_sent_in_the_first_window_nor_within_one_of_the_last_answer(rig: Rig) -> None:
    async def slow_answer() -> None:
        rig.clock.advance(25.0)

    await rig.ask()
    await rig.ask()
    assert not await rig.lane.submit_one()
    rig.clock.advance(INTERVAL - 0.01)
    assert not await rig.lane.submit_one()
    rig.clock.advance(0.01)
    rig.music.answers.append(slow_answer)
    assert await rig.lane.submit_one()
    rig.clock.advance(INTERVAL - 0.01)
    assert not await rig.lane.submit_one()
    rig.clock.advance(0.02)
    assert await rig.lane.submit_one()


async def test_with_nobody_in_line_nothing_is_sent(rig: Rig) -> None:
    assert not await rig.submit()


async def test_a_job_that_is_not_acknowledged_is_not_sent(rig: Rig) -> None:
    await rig.accept()
    assert not await rig.submit()
    assert rig.music.submits == []


async def test_people_take_turns_and_are_told_their_place(rig: Rig) -> None:
    mine = [await rig.ask(title=f"mine {number}") for number in range(3)]
    other = await rig.ask(title="other", user_id=USER + 1)
    assert [rig.lane.standing(job).place for job in (*mine, other)] == [1, 3, 4, 2]
    assert rig.lane.standing(other).wait == INTERVAL + INTERVAL + FIRST_TRIP, "the quota is closed for one interval more"
    for _ in range(4):
        assert await rig.submit()
    assert [sent.title for sent in rig.music.submits] == ["mine 0", "other", "mine 1", "mine 2"]
    assert rig.lane.standing(other).place is None


async def test_cancelled_in_line_it_is_never_sent(rig: Rig) -> None:
    job, other = await rig.ask(), await rig.ask(title="other")
    await rig.handling.cancel(job.id, REQUESTER)
    assert await rig.state(job) is JobState.CANCELLED
    assert rig.lane.standing(other).place == 1
    assert await rig.submit()
    assert [sent.title for sent in rig.music.submits] == ["other"]


async def test_a_cancel_that_wins_the_race_with_the_claim_keeps_the_job_at_home(rig: Rig) -> None:
    """The row says cancelled while the lane still has the job in line."""
    job = await rig.ask()
    rig.clock.advance(INTERVAL)
    cancelling = asyncio.create_task(rig.handling.cancel(job.id, REQUESTER))
    submitting = asyncio.create_task(rig.lane.submit_one())
    outcomes = await asyncio.gather(cancelling, submitting, return_exceptions=True)
    state = await rig.state(job)
    if isinstance(outcomes[0], TooLate):
        assert (state, len(rig.music.submits)) == (JobState.GENERATING, 1)
    else:
        assert (state, len(rig.music.submits)) == (JobState.CANCELLED, 0)


@pytest.mark.parametrize("first", ["cancel", "claim"])
async def test_either_side_of_the_race_is_decided_by_the_row(rig: Rig, first: str) -> None:
    job, other = await rig.ask(), await rig.ask(title="other")
    if first == "cancel":
        # As if the lane had not heard of it: the row alone is changed.
        rig.lane.leave = lambda _job: None  # type: ignore[method-assign] - the message that comes too late
        await rig.handling.cancel(job.id, REQUESTER)
        assert await rig.submit(), "the turn is used up without sending"
        assert rig.music.submits == []
        assert await rig.lane.submit_one(), "and no quota was spent on it"
        assert await rig.state(other) is JobState.GENERATING
    else:
        rig.music.answers.append(Ambiguous("lost"))
        await rig.submit()
        with pytest.raises(TooLate):
            await rig.handling.cancel(job.id, REQUESTER)
        assert await rig.state(job) is JobState.UNKNOWN


async def test_a_pause_refuses_new_requests_and_ends_with_a_probe(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.services.health")
    job = await rig.ask()
    rig.music.answers.extend([OutOfCredits("0 left"), OutOfCredits("0 left")])
    await rig.submit()
    with pytest.raises(LanePaused) as refused:
        await rig.accept()
    assert refused.value.reason == "no_credits"
    assert not await rig.submit(), "no probe before its time"
    rig.clock.advance(FIRST_PROBE)
    assert await rig.lane.submit_one()
    assert await rig.state(job) is JobState.QUEUED
    rig.clock.advance(2 * FIRST_PROBE)
    assert await rig.lane.submit_one()
    assert await rig.state(job) is JobState.GENERATING
    assert rig.lane.condition is LaneCondition.WORKING
    assert (await rig.row(job)).attempts == 3
    alerts = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(alerts) == 1, "the operator is alerted once"
    await rig.accept()


async def test_a_pause_that_nobody_waits_for_is_lifted_for_the_next_request(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.answers.append(KeyRefused("401"))
    await rig.submit()
    await rig.handling.cancel(job.id, REQUESTER)
    assert rig.lane.condition.paused
    rig.clock.advance(FIRST_PROBE)
    assert not await rig.lane.submit_one()
    assert not rig.lane.condition.paused


async def test_the_providers_wish_to_slow_down_is_kept(rig: Rig) -> None:
    await rig.ask()
    rig.music.answers.append(TooOften("429", retry_after=30.0))
    await rig.submit()
    rig.clock.advance(INTERVAL + 29.9)
    assert not await rig.lane.submit_one()
    rig.clock.advance(0.2)
    assert await rig.lane.submit_one()


async def test_a_job_that_comes_back_is_first_again(rig: Rig) -> None:
    first = await rig.ask()
    second = await rig.ask(user_id=USER + 1)
    rig.music.answers.append(NotConnected())
    await rig.submit()
    assert [rig.lane.standing(job).place for job in (first, second)] == [1, 2]


async def test_a_database_that_is_away_leaves_the_job_in_line(rig: Rig) -> None:
    job = await rig.ask()
    rig.database.away = 1
    assert not await rig.submit()
    assert rig.music.submits == []
    assert rig.lane.condition is LaneCondition.WORKING
    assert await rig.submit()
    assert await rig.state(job) is JobState.GENERATING


async def test_a_database_that_stays_away_is_one_line_in_the_log_and_its_return_another(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    job = await rig.ask()
    rig.database.away = 5
    for _ in range(5):
        assert not await rig.submit()
    assert await rig.submit()
    assert await rig.state(job) is JobState.GENERATING
    assert caplog.text.count("no job is taken from the line") == 1
    assert caplog.text.count("the database is back") == 1


async def test_what_the_provider_said_survives_a_database_that_goes_away_meanwhile(rig: Rig) -> None:
    async def goes_away() -> None:
        rig.database.away = 5

    job = await rig.ask()
    rig.music.answers.append(goes_away)
    await rig.submit()
    assert (await rig.row(job)).task_id == "task-000001"
    assert len(rig.music.submits) == 1


async def test_a_task_that_arrives_late_is_accepted(rig: Rig) -> None:
    """The row became UNKNOWN while the submit was still under way."""
    job = await rig.ask()

    async def is_given_up() -> None:
        assert await rig.jobs.save(transition(await rig.row(job), JobState.UNKNOWN, rig.clock.now()))

    rig.music.answers.append(is_given_up)
    await rig.submit()
    assert (await rig.row(job)).task_id == "task-000001"
    assert await rig.state(job) is JobState.GENERATING


async def test_what_was_decided_elsewhere_meanwhile_stays(rig: Rig) -> None:
    """The same, with an answer that says nothing new."""
    job = await rig.ask()

    async def is_given_up() -> None:
        assert await rig.jobs.save(transition(await rig.row(job), JobState.UNKNOWN, rig.clock.now()))
        raise NotConnected

    rig.music.answers.append(is_given_up)
    await rig.submit()
    assert await rig.state(job) is JobState.UNKNOWN
    assert not await rig.submit(), "it is not in line again"


async def test_a_job_with_nothing_to_submit_is_never_sent(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """It cannot come to be; were it there, it must not cost anything."""
    job = await rig.ask()
    broken = replace(amend(await rig.row(job)), continue_at=None)
    assert await rig.jobs.save(broken)
    await rig.submit()
    assert rig.music.submits == []
    assert await rig.state(job) is JobState.UNKNOWN
    assert "nothing to submit" in caplog.text


@pytest.mark.parametrize("error", [Refused("no"), Ambiguous("reset")])
async def test_an_end_does_not_overwrite_what_was_decided_meanwhile(rig: Rig, error: ProviderError) -> None:
    job = await rig.ask()

    async def is_attached_elsewhere() -> None:
        """An operator attaches the task while its answer is still under way."""
        lost = transition(await rig.row(job), JobState.UNKNOWN, rig.clock.now())
        assert await rig.jobs.save(lost)
        assert await rig.jobs.save(transition(lost, JobState.GENERATING, rig.clock.now(), task_id="attached-1"))
        raise error

    rig.music.answers.append(is_attached_elsewhere)
    await rig.submit()
    job = await rig.row(job)
    assert (job.state, job.task_id, job.failure) == (JobState.GENERATING, "attached-1", None)


async def test_a_second_task_does_not_replace_the_first(rig: Rig) -> None:
    job = await rig.ask()

    async def is_attached_elsewhere() -> None:
        lost = transition(await rig.row(job), JobState.UNKNOWN, rig.clock.now())
        assert await rig.jobs.save(lost)
        assert await rig.jobs.save(transition(lost, JobState.GENERATING, rig.clock.now(), task_id="attached-1"))

    rig.music.answers.append(is_attached_elsewhere)
    await rig.submit()
    assert (await rig.row(job)).task_id == "attached-1"


# Queries.


async def test_a_job_is_asked_about_until_it_ends(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made("task-000001", Stage.GENERATING, Stage.WAITING)
    assert await rig.query()
    assert not await rig.lane.query_one(), "not again before its interval is over"
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    assert await rig.query()
    assert await rig.state(job) is JobState.READY
    assert not await rig.query(after=10_000.0)
    assert rig.music.queries == ["task-000001"] * 2


async def test_with_nothing_under_watch_no_query_is_spent(rig: Rig) -> None:
    await rig.ask()
    assert not await rig.query()
    assert rig.music.queries == []


@pytest.mark.parametrize(
    "error", [Unreadable("html"), Unreadable("503", retry_after=9.0), TooOften("429"), NotConnected(), Maintenance(), TaskUnknown("?")]
)
async def test_a_query_without_an_answer_leaves_the_job_as_it_was(rig: Rig, error: ProviderError) -> None:
    job = await rig.generating()
    rig.music.reports["task-000001"] = error
    await rig.query()
    assert await rig.row(job) == job
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    assert await rig.query(after=20.0)
    assert await rig.state(job) is JobState.READY


@pytest.mark.parametrize("error", [TooOften("429", retry_after=50.0), Unreadable("503", retry_after=50.0)])
async def test_a_query_told_to_slow_down_stops_them_all_for_as_long_as_was_asked(rig: Rig, error: ProviderError) -> None:
    for _ in range(3):
        await rig.generating()
    rig.music.reports["task-000001"] = error
    assert await rig.query()
    sent = len(rig.music.queries)
    rig.clock.advance(50.9)
    assert not await rig.lane.query_one(), "no other slot either"
    rig.clock.advance(0.2)
    assert await rig.lane.query_one()
    assert len(rig.music.queries) == sent + 1


async def test_without_a_wish_the_rest_doubles_until_a_query_is_answered(rig: Rig) -> None:
    await rig.generating()
    rig.music.reports["task-000001"] = TooOften("430")

    async def until_the_next_query() -> float:
        begun = rig.clock.elapsed
        while not await rig.query(after=0.5):
            pass
        return rig.clock.elapsed - begun

    await until_the_next_query()
    assert [await until_the_next_query() for _ in range(8)] == [5.0, 5.0, 5.0, 9.0, 17.0, 33.0, 61.0, 61.0]
    rig.music.made("task-000001", Stage.GENERATING)
    await until_the_next_query()
    rig.music.reports["task-000001"] = TooOften("430")
    assert [await until_the_next_query() for _ in range(3)] == [5.0, 5.0, 5.0], "and begins anew"


async def test_a_query_that_breaks_off_is_repeated(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.reports["task-000001"] = RuntimeError("a bug of ours")
    with pytest.raises(RuntimeError):
        await rig.query()
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    await rig.query()
    assert await rig.state(job) is JobState.READY


# The loops, in real time.


async def test_the_loops_take_a_job_through_and_stop(rig: Rig) -> None:
    job = await rig.ask()
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    rig.clock.advance(INTERVAL)
    running = asyncio.create_task(rig.lane.run())

    async def is_ready() -> bool:
        return await rig.state(job) is JobState.READY

    await eventually(is_ready)
    rig.lane.stop()
    async with asyncio.timeout(30):
        await running


async def test_the_loops_survive_what_a_step_raises(rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("bot.services.lane.AFTER_A_FALL", 0.01)
    job = await rig.generating()
    rig.music.reports["task-000001"] = RuntimeError("a bug of ours")
    running = asyncio.create_task(rig.lane.run())

    async def is_asked() -> bool:
        return bool(rig.music.queries)

    async def is_ready() -> bool:
        return await rig.state(job) is JobState.READY

    await eventually(is_asked)
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    rig.clock.advance(5.0)
    await eventually(is_ready)
    rig.lane.stop()
    async with asyncio.timeout(30):
        await running
    assert "broke off" in caplog.text
