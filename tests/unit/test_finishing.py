"""From reports to tracks: what is fetched, when it counts as ready, failed or stalled, and what comes late."""

import logging

import pytest

from bot.domain.clips import variant_name
from bot.domain.jobs import Failure, Job, JobState, amend, transition
from bot.domain.reports import Stage
from bot.domain.settling import SIBLING_WAIT
from bot.errors import FetchFailed, NotAudio, TaskUnknown, Unreadable
from bot.services.finishing import LATE_WATCH, NO_ANSWER_GRACE
from tests.contract.builders import USER
from tests.unit.rig import DEADLINE, REQUESTER, SOURCE, Rig

W, G, D, F = Stage.WAITING, Stage.GENERATING, Stage.DONE, Stage.FAILED
TASK = "task-000001"
FIRST, SECOND = f"{TASK}-clip-0", f"{TASK}-clip-1"


@pytest.fixture
async def job(rig: Rig) -> Job:
    return await rig.generating(title="Night Train")


async def variants(rig: Rig, task: str = TASK) -> list[str]:
    return [clip.variant for clip in await rig.clips.of_task(task)]


async def test_both_done_makes_two_measured_clips_that_know_their_source(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, D)
    await rig.query()
    first, second = await rig.clips.of_task(TASK)
    assert [(clip.clip_id, clip.variant, clip.title, clip.tags) for clip in (first, second)] == [
        (FIRST, "A", "Night Train", "wave, synthwave"),
        (SECOND, "B", "Night Train", "wave, synthwave"),
    ]
    assert (first.seconds, first.audio_name, first.image_name) == (rig.archive.seconds, f"{FIRST}.mp3", f"{FIRST}.jpg")
    assert (first.parent_id, first.continued_at, first.user_id) == (SOURCE, 100.0, USER)
    job = await rig.row(job)
    assert (job.state, job.watch_until) == (JobState.READY, None)
    assert [known.clip_id for known in await rig.clips.known_to(USER, None, text="", limit=5)] == [FIRST, SECOND]


async def test_while_it_streams_nothing_is_fetched(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, G, G)
    await rig.query()
    assert rig.archive.fetched == []
    assert await rig.state(job) is JobState.GENERATING


async def test_one_clip_failing_does_not_spoil_the_other(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, F, D)
    await rig.query()
    assert (await rig.row(job)).watch_until is None
    assert await rig.state(job) is JobState.READY
    assert await variants(rig) == ["B"]


async def test_a_good_clip_waits_a_minute_for_its_sibling_which_is_added_later(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT - 6)
    assert await rig.state(job) is JobState.GENERATING
    await rig.query(after=6.0)
    alone = await rig.row(job)
    assert (alone.state, await variants(rig)) == (JobState.READY, ["A"])
    assert alone.watch_until == (job.submitted_at or 0) + LATE_WATCH
    rig.music.made(TASK, D, D)
    await rig.query()
    together = await rig.row(job)
    assert (together.state, await variants(rig)) == (JobState.READY, ["A", "B"])
    assert (together.revision, together.watch_until) == (alone.revision + 1, None)
    assert not await rig.query(after=5000.0), "nothing is left to be asked"
    assert rig.archive.fetched == [FIRST, SECOND], "nothing is fetched twice"


async def test_a_sibling_that_fails_late_ends_the_watch(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    rig.music.made(TASK, D, F)
    await rig.query()
    assert (await rig.row(job)).watch_until is None
    assert await variants(rig) == ["A"]


async def test_at_the_deadline_a_lonely_clip_is_enough_and_its_sibling_is_still_taken(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query(after=DEADLINE)
    assert await rig.state(job) is JobState.READY
    assert await variants(rig) == ["A"]
    rig.music.made(TASK, D, D)
    await rig.query(after=3 * 3600.0)
    assert await variants(rig) == ["A", "B"]
    assert (await rig.row(job)).watch_until is None


async def test_a_sibling_that_never_comes_is_watched_as_long_as_a_stalled_job(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.query(after=DEADLINE)
    before = len(rig.music.queries)
    for _ in range(200):
        await rig.query(after=60.0)
    assert 15 <= len(rig.music.queries) - before <= 21, "every ten minutes"
    await rig.query(after=LATE_WATCH)
    assert (await rig.row(job)).watch_until is None


async def test_after_a_restart_too_though_its_clip_can_no_longer_be_fetched(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.restart()
    rig.archive.spoilt[FIRST] = FetchFailed("404")
    await rig.query(after=LATE_WATCH)
    assert (await rig.row(job)).watch_until is None
    assert await rig.state(job) is JobState.READY


@pytest.mark.parametrize("error", [NotAudio("None.mp3"), FetchFailed("403")])
async def test_complete_without_audio_is_fetched_again_while_the_deadline_allows(
    rig: Rig, job: Job, error: NotAudio | FetchFailed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.services.finishing")
    rig.archive.spoilt = {FIRST: error, SECOND: error}
    rig.music.made(TASK, D, D)
    await rig.query()
    assert await rig.state(job) is JobState.GENERATING
    assert "clip A is not ready to be kept" in caplog.text
    rig.archive.spoilt.clear()
    await rig.query()
    assert await rig.state(job) is JobState.READY


async def test_one_spoilt_file_is_tried_again_for_a_minute_then_its_sibling_goes_alone(rig: Rig, job: Job) -> None:
    rig.archive.spoilt = {SECOND: NotAudio("html")}
    rig.music.made(TASK, D, D)
    await rig.query()
    assert await rig.state(job) is JobState.GENERATING
    await rig.query(after=SIBLING_WAIT)
    assert await rig.state(job) is JobState.READY
    rig.archive.spoilt.clear()
    await rig.query()
    assert await variants(rig) == ["A", "B"]


async def test_all_failed_is_failed_with_the_providers_words(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, F, F, words="out of memory")
    await rig.query()
    job = await rig.row(job)
    assert (job.state, job.failure, job.provider_words, job.watch_until) == (JobState.FAILED, Failure.GENERATION, "out of memory", None)
    assert not await rig.query(after=5000.0)


async def test_without_an_end_it_stalls_and_is_asked_about_rarely_for_a_day(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE)
    stalled = await rig.row(job)
    assert (stalled.state, stalled.watch_until) == (JobState.STALLED, (job.submitted_at or 0) + LATE_WATCH)
    before = len(rig.music.queries)
    for _ in range(200):
        await rig.query(after=60.0)
    assert 15 <= len(rig.music.queries) - before <= 21, "every ten minutes"
    await rig.query(after=LATE_WATCH)
    assert (await rig.row(job)).watch_until is None
    assert await rig.state(job) is JobState.STALLED
    assert not await rig.query(after=LATE_WATCH)


@pytest.mark.parametrize("stages", [(D, D), (F, F)])
async def test_a_late_end_still_counts(rig: Rig, job: Job, stages: tuple[Stage, Stage]) -> None:
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE)
    rig.music.made(TASK, *stages)
    await rig.query(after=3 * 3600.0)
    assert await rig.state(job) is (JobState.READY if stages == (D, D) else JobState.FAILED)


async def test_a_late_end_is_tried_to_be_told_though_the_stalling_could_not_be(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, G, G)
    await rig.query(after=DEADLINE)

    assert await rig.jobs.save(amend(await rig.row(job), undeliverable=True))
    rig.music.made(TASK, D, D)
    await rig.query(after=600.0)
    assert not (await rig.row(job)).undeliverable


async def test_a_provider_that_no_longer_answers_stalls_the_job_a_little_after_the_deadline(rig: Rig, job: Job) -> None:
    rig.music.reports[TASK] = Unreadable("html")
    await rig.query(after=DEADLINE)
    assert await rig.state(job) is JobState.GENERATING
    await rig.query(after=NO_ANSWER_GRACE)
    assert await rig.state(job) is JobState.STALLED


async def test_a_task_that_the_provider_forgot_stalls_at_the_deadline(rig: Rig, job: Job) -> None:
    rig.music.reports[TASK] = TaskUnknown("?")
    await rig.query(after=DEADLINE - 10.0)
    assert await rig.state(job) is JobState.GENERATING
    await rig.query(after=10.0)
    assert await rig.state(job) is JobState.STALLED
    await rig.query(after=LATE_WATCH)
    assert (await rig.row(job)).watch_until is None


async def test_hidden_its_tracks_still_reach_the_library(rig: Rig, job: Job) -> None:
    await rig.handling.hide(job.id, REQUESTER)
    rig.music.made(TASK, D, D)
    await rig.query()
    assert await rig.state(job) is JobState.READY
    assert await variants(rig) == ["A", "B"]


@pytest.mark.parametrize(("stages", "after"), [((D, D), 5.0), ((F, F), 5.0), ((G, G), DEADLINE)])
async def test_a_report_does_not_overwrite_what_was_decided_meanwhile(
    rig: Rig, job: Job, stages: tuple[Stage, Stage], after: float
) -> None:
    """The lane still has the row from before; the one that is stored decides."""
    failed = transition(job, JobState.FAILED, rig.clock.now(), failure=Failure.REFUSED, watch_until=None)
    assert await rig.jobs.save(failed)
    rig.music.made(TASK, *stages)
    await rig.query(after=after)
    assert await rig.row(job) == failed
    assert not await rig.query(after=5000.0), "and ends the watch"


async def test_a_title_of_the_provider_is_used_where_there_is_none(rig: Rig) -> None:
    job = await rig.track("task-elsewhere-1")
    rig.music.made("task-elsewhere-1", D, title="Their Title")
    await rig.query()
    assert [clip.title for clip in await rig.clips.of_task("task-elsewhere-1")] == ["Their Title"]
    assert (await rig.row(job)).title == ""


async def test_a_track_without_any_title_is_untitled(rig: Rig) -> None:
    await rig.track("task-elsewhere-1")
    rig.music.made("task-elsewhere-1", D)
    await rig.query()
    assert [clip.title for clip in await rig.clips.of_task("task-elsewhere-1")] == ["Untitled"]


async def test_a_database_that_goes_away_between_report_and_row_loses_nothing(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, D)
    rig.database.away = 7
    await rig.query()
    assert await rig.state(job) is JobState.READY
    assert await variants(rig) == ["A", "B"]


async def test_also_for_a_late_sibling(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.restart()
    rig.music.made(TASK, D, D)
    rig.database.away = 3
    await rig.query()
    assert await variants(rig) == ["A", "B"]
    assert (await rig.row(job)).watch_until is None


# Tasks made elsewhere.


async def test_a_running_task_is_followed_to_its_end(rig: Rig) -> None:
    job = await rig.track("task-elsewhere-1")
    assert (job.state, job.watch_until) == (JobState.GENERATING, job.created_at + DEADLINE)
    rig.music.made("task-elsewhere-1", G, G)
    await rig.query()
    rig.music.made("task-elsewhere-1", D, D)
    await rig.query()
    assert await rig.state(job) is JobState.READY
    assert await variants(rig, "task-elsewhere-1") == ["A", "B"]
    assert rig.music.submits == []


async def test_a_task_that_the_provider_does_not_know_fails_at_once(rig: Rig) -> None:
    job = await rig.track("task-elsewhere-1")
    await rig.query()
    job = await rig.row(job)
    assert (job.state, job.failure, job.provider_words) == (JobState.FAILED, Failure.TASK_UNKNOWN, "no such task")


async def test_an_unreadable_answer_does_not_fail_it(rig: Rig) -> None:
    job = await rig.track("task-elsewhere-1")
    rig.music.reports["task-elsewhere-1"] = Unreadable("503")
    await rig.query()
    assert await rig.state(job) is JobState.GENERATING


async def test_a_task_of_the_library_is_ready_without_a_query(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, D)
    await rig.query()
    asked = len(rig.music.queries)
    other = USER + 9
    again = await rig.track(TASK, user_id=other, guild_id=None)
    assert await rig.state(again) is JobState.READY
    assert not await rig.query()
    assert len(rig.music.queries) == asked
    assert {clip.clip_id for clip in await rig.clips.known_to(other, None, text="", limit=5)} == {FIRST, SECOND}
    clip = await rig.clips.get(FIRST)
    assert clip is not None
    assert clip.user_id == USER, "its maker stays"


async def test_a_task_of_the_library_is_found_though_the_database_was_away(rig: Rig, job: Job) -> None:
    rig.music.made(TASK, D, D)
    await rig.query()
    again = await rig.accepting.accept_track(TASK, rig.origin())
    rig.database.away = 3
    await rig.accepting.acknowledged(again, reply_id=1, ephemeral=False)
    assert await rig.state(again) is JobState.READY


def test_a_clip_is_named_by_its_place() -> None:

    assert [variant_name(index) for index in (0, 1, 25, 26)] == ["A", "B", "Z", "27"]
