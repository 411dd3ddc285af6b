"""What was removed is in no list, and is still owed its taking down."""

import pytest

from bot.domain.jobs import Job, JobState, amend
from bot.domain.limits import Limits
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from tests.contract.builders import GUILD, USER, make_clip, make_job

OTHER = USER - 5


@pytest.fixture
async def finished(jobs: Jobs) -> Job:
    job = make_job(1, state=JobState.DELIVERED, task_id="task-1", revision=3, announced=3, result_id=77)
    assert await jobs.accept(job, limits=Limits())
    brought = amend(job, watch_until=None)
    assert await jobs.save(brought, clips=[make_clip()])
    await jobs.announce(job.id, brought.revision)
    return brought


async def remove(jobs: Jobs, job: Job) -> Job:
    removed = amend(job, removed=True, removed_by=OTHER, hidden=True)
    assert await jobs.save(removed)
    return removed


async def test_a_removed_track_is_known_to_nobody_and_its_styles_are_not_suggested(jobs: Jobs, clips: Clips, finished: Job) -> None:
    assert [clip.clip_id for clip in await clips.known_to(USER, GUILD, text="", limit=25)] == ["clip-a"]
    await remove(jobs, finished)
    for text in ("", "night", "clip-a"):
        assert await clips.known_to(USER, GUILD, text=text, limit=25) == []
    assert await clips.tag_sets(USER, GUILD, limit=25) == []
    assert await clips.of_task("task-1") != [], "the provider has it all the same"


async def test_what_another_request_shows_as_well_is_still_known_by_that(jobs: Jobs, clips: Clips, finished: Job) -> None:
    twin = make_job(2, user_id=OTHER, state=JobState.DELIVERED, task_id="task-1")
    assert await jobs.accept(twin, limits=Limits())
    await remove(jobs, finished)
    assert [clip.clip_id for clip in await clips.known_to(USER, GUILD, text="", limit=25)] == ["clip-a"]
    await remove(jobs, twin)
    assert await clips.known_to(USER, GUILD, text="", limit=25) == []


async def test_a_removal_is_owed_until_it_is_announced(jobs: Jobs, finished: Job) -> None:
    assert await jobs.unsettled() == []
    removed = await remove(jobs, finished)
    assert [job.id for job in await jobs.unsettled()] == [removed.id]
    (removed,) = await jobs.unsettled()
    assert (removed.removed, removed.removed_by, removed.result_id) == (True, OTHER, 77)
    await jobs.announce(removed.id, removed.revision)
    assert await jobs.unsettled() == []


async def test_what_was_removed_is_found_by_its_task_and_by_its_interaction(jobs: Jobs, database: Database, finished: Job) -> None:
    assert await jobs.removed_tasks() == frozenset()
    assert await jobs.by_interaction(finished.origin.interaction_id) == await jobs.get(finished.id)
    assert await jobs.by_interaction(1) is None
    twin = make_job(2, user_id=OTHER, state=JobState.GENERATING, task_id="task-1")
    assert await jobs.accept(twin, limits=Limits())
    assert [job.id for job in await jobs.of_task("task-1")] == ["job1", "job2"]
    assert await jobs.of_task("task-2") == []
    without_task = make_job(3, state=JobState.CANCELLED)
    assert await jobs.accept(without_task, limits=Limits())
    await remove(jobs, without_task)
    assert await jobs.removed_tasks() == frozenset()
    await remove(jobs, finished)
    assert await Jobs(database).removed_tasks() == {"task-1"}
