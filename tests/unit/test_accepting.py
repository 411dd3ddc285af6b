"""Accepting: what is checked, inserted, acknowledged, and withdrawn."""

import asyncio

import pytest

from bot.domain.jobs import Job, JobKind, JobState, amend
from bot.domain.limits import Limits
from bot.domain.reports import Stage
from bot.domain.requests import TypedRequest
from bot.domain.standing import Standing
from bot.errors import (
    BadOption,
    Busy,
    KeyRefused,
    LanePaused,
    Restarting,
    StoreUnavailable,
    TooLate,
    TooManyInFlight,
)
from bot.services import accepting, submitting
from bot.services.accepting import new_job_id, withdrawn
from tests.contract.builders import GUILD, USER, make_job
from tests.unit.rig import INTERVAL, REQUESTER, SOURCE, VIEWER, Rig, eventually

TASK = "task-000001"


def typed(clip_id: str = SOURCE, at: str = "1:40") -> TypedRequest:
    return TypedRequest(continue_clip_id=clip_id, continue_at=at, tags="wave")


async def all_is_undone() -> bool:
    return not [task for task in asyncio.all_tasks() if task.get_name().startswith("undo-")]


# Preparing.


async def test_a_source_that_is_known_sets_the_bounds(rig: Rig) -> None:
    await rig.ready(title="Night Train")
    job = await rig.accepting.accept(typed(f"{TASK}-clip-1", "end"), rig.origin())
    assert (job.source_label, job.continue_at, job.title) == ("B · Night Train", 192.0, "Night Train")
    with pytest.raises(BadOption, match=r"3:12\.5"):
        await rig.accepting.accept(typed(f"{TASK}-clip-1", "3:13"), rig.origin())


async def test_a_source_that_is_known_but_not_in_memory_sets_them_too(rig: Rig) -> None:
    """It is taken for unknown at first; the insert finds out."""
    await rig.ready(title="Night Train")
    for at, outcome in (("3:13", None), ("3:12", 192.0)):
        await rig.restart()
        before = rig.database.writes
        if outcome is None:
            with pytest.raises(BadOption, match=r"3:12\.5"):
                await rig.accepting.accept(typed(f"{TASK}-clip-1", at), rig.origin())
            assert [job.state for job in await rig.handling.of_user(USER, limit=9)] == [JobState.READY]
        else:
            job = await rig.accepting.accept(typed(f"{TASK}-clip-1", at), rig.origin())
            assert (await rig.row(job)).source_label == "B · Night Train"
        assert rig.database.writes - before <= 2


async def test_a_crowd_that_continues_the_same_track_costs_a_handful_of_statements(rig: Rig) -> None:
    await rig.ready(title="Night Train")
    await rig.restart()
    # What a server has set is read once in the life of a process.
    await rig.services.guilds.of(GUILD)
    rig.database.statements.clear()
    people = [rig.origin(user_id=USER + number) for number in range(1, 31)]
    jobs = await asyncio.gather(*(rig.accepting.accept(typed(f"{TASK}-clip-1"), origin) for origin in people))
    assert {job.source_label for job in jobs} == {"B · Night Train"}
    assert len(rig.database.statements) == 4, "taken for unknown; why not; read; inserted"


async def test_a_track_is_read_once_while_it_is_in_use(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.ready(title="Night Train")
    source = await rig.accepting.source(f"{TASK}-clip-1", VIEWER)
    assert source is not None
    monkeypatch.setattr(rig.clips, "get", None)
    assert await rig.accepting.source(f"{TASK}-clip-1", VIEWER) == source
    job = await rig.accepting.accept(typed(f"{TASK}-clip-1", "end"), rig.origin())
    assert job.source_label == "B · Night Train"


async def test_a_source_that_is_not_known_is_left_to_the_provider(rig: Rig) -> None:
    job = await rig.accepting.accept(typed(), rig.origin())
    assert (job.source_label, job.continue_at) == ("", 100.0)
    assert await rig.accepting.source(SOURCE, VIEWER) is None


async def test_the_end_of_a_track_that_is_not_known_is_refused(rig: Rig) -> None:
    with pytest.raises(BadOption, match="length"):
        await rig.accepting.accept(typed(at="end"), rig.origin())
    assert await rig.handling.of_user(USER, limit=9) == []


async def test_a_tasks_id_in_place_of_a_tracks_is_explained_with_a_track_of_it(rig: Rig) -> None:
    await rig.ready()
    with pytest.raises(BadOption, match="two tracks") as refused:
        await rig.accepting.accept(typed(TASK), rig.origin())
    await rig.accepting.accept(typed(refused.value.example), rig.origin())


async def test_even_while_the_task_has_no_tracks_yet(rig: Rig) -> None:
    await rig.generating()
    with pytest.raises(BadOption, match="two tracks") as refused:
        await rig.accepting.accept(typed(TASK), rig.origin())
    await rig.accepting.accept(typed(refused.value.example), rig.origin())


async def test_a_database_too_slow_to_look_the_source_up_is_admitted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_clip_id: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(accepting, "READ_WITHIN", 0.02)
    monkeypatch.setattr(rig.clips, "get", never)
    with pytest.raises(Busy):
        await rig.accepting.accept(typed(at="end"), rig.origin())


# Accepting.


async def test_an_accepted_job_is_in_line_and_not_acknowledged(rig: Rig) -> None:
    job = await rig.accept(title="Night Train")
    assert await rig.row(job) == job
    assert (job.state, job.acknowledged, job.kind, job.revision) == (JobState.QUEUED, False, JobKind.EXTEND, 1)
    assert (job.tags, job.title, job.model, job.source_id, job.continue_at) == ("wave, synthwave", "Night Train", "v3.5", SOURCE, 100.0)
    assert not await rig.submit()


async def test_the_source_is_remembered_as_people_know_it(rig: Rig) -> None:
    await rig.ready(title="Night Train")
    assert (await rig.accept(source=f"{TASK}-clip-0")).source_label == "A · Night Train"


async def test_a_fourth_request_of_one_person_is_refused_and_another_persons_is_not(rig: Rig) -> None:
    for _ in range(3):
        await rig.ask()
    with pytest.raises(TooManyInFlight) as refused:
        await rig.ask()
    assert refused.value.limit == 3
    await rig.ask(user_id=USER + 1)


async def test_one_interaction_is_one_job(rig: Rig) -> None:
    origin = rig.origin()
    await rig.accepting.accept(typed(), origin)
    with pytest.raises(TooLate):
        await rig.accepting.accept(typed(), origin)
    with pytest.raises(TooLate):
        await rig.accepting.accept_track("task-elsewhere-1", origin)


async def test_a_paused_lane_refuses_requests_but_not_the_following_of_tasks(rig: Rig) -> None:
    await rig.ask()
    rig.music.answers.append(KeyRefused("401"))
    await rig.submit()
    with pytest.raises(LanePaused):
        await rig.accept()
    await rig.track("task-elsewhere-1")


async def test_closed_it_accepts_nothing(rig: Rig) -> None:
    rig.accepting.close()
    for asked in (rig.accept(), rig.track("task-elsewhere-1")):
        with pytest.raises(Restarting):
            await asked
    assert await rig.handling.of_user(USER, limit=9) == []


async def test_an_insert_that_is_too_late_for_its_person_is_withdrawn(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "ACCEPT_WITHIN", 0.02)
    rig.database.gate = asyncio.Event()
    with pytest.raises(Busy):
        await rig.accept()
    rig.database.gate.set()
    await eventually(all_is_undone)
    assert not await rig.submit()
    assert rig.music.submits == []
    assert await rig.restart() == 0, "nothing is left of it"


async def test_so_is_one_whose_insert_fails_late(rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def late(_job: Job, *, limits: Limits, unknown_source: bool) -> bool:
        await asyncio.sleep(0.05)
        raise RuntimeError("gone")

    monkeypatch.setattr(accepting, "ACCEPT_WITHIN", 0.01)
    monkeypatch.setattr(rig.jobs, "accept", late)
    with pytest.raises(Busy):
        await rig.accept()
    await eventually(all_is_undone)
    assert "nothing was accepted" in caplog.text


async def test_a_database_that_is_away_accepts_nothing(rig: Rig) -> None:
    rig.database.away = 1
    with pytest.raises(StoreUnavailable):
        await rig.accepting.accept(typed(), rig.origin())
    assert await rig.handling.of_user(USER, limit=9) == []
    await eventually(all_is_undone)


def test_job_ids_fit_a_nonce_and_are_unmistakable() -> None:
    made = {new_job_id() for _ in range(500)}
    assert len(made) == 500
    assert {len(job_id) for job_id in made} == {10}
    assert not set("".join(made)) & set("l01oO:")


# Acknowledging and withdrawing.


async def test_an_acknowledged_job_knows_its_reply(rig: Rig) -> None:
    job = await rig.accept()
    await rig.accepting.acknowledged(job, reply_id=77, ephemeral=True)
    job = await rig.row(job)
    assert (job.acknowledged, job.origin.reply_id, job.origin.reply_ephemeral) == (True, 77, True)
    assert await rig.submit()


async def test_an_acknowledgement_waits_for_a_database_that_is_away(rig: Rig) -> None:
    job = await rig.accept()
    rig.database.away = 4
    await rig.accepting.acknowledged(job, reply_id=77, ephemeral=False)
    assert (await rig.row(job)).acknowledged


async def test_a_job_whose_reply_never_came_to_be_is_withdrawn(rig: Rig) -> None:
    job = await rig.accept()
    await rig.accepting.abandon(job)
    job = await rig.row(job)
    assert (job.state, job.announced) == (JobState.CANCELLED, job.revision)
    assert not await rig.submit()
    await rig.announce()
    assert rig.announcer.sent == []


async def test_an_acknowledged_job_is_not_withdrawn(rig: Rig) -> None:
    job = await rig.ask()
    await rig.accepting.abandon(job)
    assert await rig.state(job) is JobState.QUEUED
    assert withdrawn(job, 0.0) is None


async def test_a_followed_task_whose_reply_never_came_to_be_ends_silently_and_stops_counting(rig: Rig) -> None:
    job = await rig.accepting.accept_track("task-elsewhere-1", rig.origin())
    await rig.accepting.abandon(job)
    assert (await rig.row(job)).hidden
    rig.music.made("task-elsewhere-1", Stage.DONE, Stage.DONE)
    await rig.query()
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED
    assert "post_result" not in rig.announcer.ways()


# Going at once, or waiting in line.


async def acknowledged(rig: Rig, job: Job, shown: Standing | None = None) -> None:
    await rig.accepting.acknowledged(job, reply_id=77, ephemeral=False, shown=shown)


async def at_once(rig: Rig) -> Job:
    """Bring a request as far as Discord's acknowledgement, with the lane free to take it."""
    rig.clock.advance(INTERVAL)
    job = await rig.accept()
    assert rig.accepting.expect(job) is None
    return job


async def test_what_goes_at_once_is_acknowledged_and_claimed_by_one_write(rig: Rig) -> None:
    job = await at_once(rig)
    writes = rig.database.writes
    going = asyncio.create_task(acknowledged(rig, job))
    await asyncio.sleep(0)
    rows: list[Job] = []

    async def look() -> None:
        assert rig.database.writes == writes + 1
        rows.append(await rig.row(job))

    rig.music.answers.append(look)
    assert await rig.lane.submit_one()
    await going
    (row,) = rows
    assert (row.state, row.acknowledged, row.origin.reply_id, row.revision) == (JobState.SUBMITTING, True, 77, 2)


async def test_an_acknowledgement_that_no_claim_takes_along_is_written_by_itself(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submitting, "AT_ONCE", 0.01)
    job = await at_once(rig)
    await acknowledged(rig, job)
    row = await rig.row(job)
    assert (row.state, row.acknowledged, row.announced) == (JobState.QUEUED, True, 0)
    assert await rig.lane.submit_one()
    assert await rig.state(job) is JobState.GENERATING


@pytest.mark.parametrize("how", ["away", "not answered"])
async def test_a_claim_that_fails_leaves_the_acknowledgement_to_be_written(rig: Rig, how: str) -> None:
    job = await at_once(rig)
    going = asyncio.create_task(acknowledged(rig, job))
    await asyncio.sleep(0)
    if how == "away":
        rig.database.away = 2
    else:
        rig.database.unheard = frozenset({rig.database.writes + 1})
    assert not await rig.lane.submit_one()
    await going
    row = await rig.row(job)
    assert (row.state, row.acknowledged, rig.lane.standing(job).place) == (JobState.QUEUED, True, 1)
    assert rig.music.submits == []
    assert await rig.submit()
    assert (await rig.state(job), len(rig.music.submits)) == (JobState.GENERATING, 1)


async def test_a_process_that_ends_before_the_claim_has_sent_nothing(rig: Rig) -> None:
    job = await at_once(rig)
    going = asyncio.create_task(acknowledged(rig, job))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.wait([going])
    await rig.restart()
    assert await rig.state(job) is JobState.CANCELLED
    assert not await rig.submit()


async def test_of_two_at_once_only_one_goes_and_the_other_is_told_its_place(rig: Rig) -> None:
    first = await at_once(rig)
    second = await rig.accept()
    standing = rig.accepting.expect(second)
    assert standing is not None
    assert standing.place == 2
    await acknowledged(rig, second, standing)
    assert await rig.lane.submit_one(), "whoever is not answered yet keeps nobody waiting"
    assert await rig.state(second) is JobState.GENERATING
    await acknowledged(rig, first)
    assert (await rig.state(first), rig.lane.standing(first).place) == (JobState.QUEUED, 1)


async def test_a_reply_that_tells_the_place_already_is_not_edited_for_it(rig: Rig) -> None:
    job = await rig.accept()
    standing = rig.accepting.expect(job)
    assert standing is not None
    await acknowledged(rig, job, standing)
    row = await rig.row(job)
    assert row.announced == row.revision
    await rig.announce()
    assert rig.announcer.sent == []
    await rig.restart()
    await rig.announce()
    assert rig.announcer.sent == [], "nor after a restart"


async def test_a_place_that_was_told_is_no_news_though_the_lane_is_free_by_now(rig: Rig) -> None:
    job = await rig.accept()
    standing = rig.accepting.expect(job)
    rig.clock.advance(INTERVAL)
    going = asyncio.create_task(acknowledged(rig, job, standing))
    await asyncio.sleep(0)
    assert await rig.lane.submit_one()
    await going
    await rig.announce()
    assert [sent.job.state for sent in rig.announcer.of("show_reply")] == [JobState.GENERATING]


async def test_a_request_cancelled_before_its_acknowledgement_is_noted_stays_cancelled(rig: Rig) -> None:
    """Its button is there a moment before."""
    job = await rig.accept()
    standing = rig.accepting.expect(job)
    await rig.handling.cancel(job.id, REQUESTER)
    await acknowledged(rig, job, standing)
    other = await rig.ask(user_id=USER + 1)
    assert rig.lane.standing(other).place == 1
    await rig.announce()
    row = await rig.row(job)
    assert (row.state, row.announced) == (JobState.CANCELLED, row.revision)
    assert [sent.job.state for sent in rig.announcer.of("show_reply") if sent.job.id == job.id] == [JobState.CANCELLED]


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.QUEUED])
def test_what_is_withdrawn_in_any_other_state_is_followed_silently(state: JobState) -> None:
    job = make_job(state=state)
    gone = withdrawn(job, 9.0)
    assert gone == amend(job, hidden=True)
