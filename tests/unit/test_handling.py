"""Acts on a job, and what people look at."""

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.actors import Actor
from bot.domain.jobs import Job, JobState, amend, transition
from bot.domain.reports import Stage
from bot.errors import Ambiguous, NotAllowed, NotFound, Refused, TooLate
from bot.services.handling import Handling
from tests.contract.builders import GUILD, USER
from tests.unit.rig import DEADLINE, MODERATOR, REQUESTER, STRANGER, Rig

# Acts.

ACTS: list[Callable[[Handling, str, Actor], Awaitable[object]]] = [Handling.cancel, Handling.hide, Handling.repeat]


@pytest.mark.parametrize("act", ACTS)
async def test_strangers_and_unknown_jobs_are_refused(rig: Rig, act: Callable[[Handling, str, Actor], Awaitable[object]]) -> None:
    job = await rig.ask()
    with pytest.raises(NotAllowed):
        await act(rig.handling, job.id, STRANGER)
    with pytest.raises(NotFound):
        await act(rig.handling, "nosuchjob2", REQUESTER)
    assert await rig.row(job) == job


@pytest.mark.parametrize("actor", [REQUESTER, MODERATOR])
async def test_the_requester_and_moderators_may_cancel_in_line(rig: Rig, actor: Actor) -> None:
    job = await rig.ask()
    assert (await rig.handling.cancel(job.id, actor)).state is JobState.CANCELLED
    with pytest.raises(TooLate):
        await rig.handling.cancel(job.id, actor)


async def test_a_moderator_of_another_server_may_not(rig: Rig) -> None:
    job = await rig.ask()
    with pytest.raises(NotAllowed):
        await rig.handling.cancel(job.id, Actor(user_id=USER + 88, guild_id=GUILD + 1, moderator=True))


async def test_what_was_sent_cannot_be_cancelled(rig: Rig) -> None:
    job = await rig.generating()
    with pytest.raises(TooLate):
        await rig.handling.cancel(job.id, REQUESTER)
    assert await rig.state(job) is JobState.GENERATING


async def test_what_was_delivered_cannot_be_hidden(rig: Rig) -> None:
    job = await rig.ready()
    await rig.announce()
    with pytest.raises(TooLate):
        await rig.handling.hide(job.id, MODERATOR)


async def test_a_cancelled_job_counts_no_more(rig: Rig) -> None:
    jobs = [await rig.ask() for _ in range(3)]
    await rig.handling.cancel(jobs[0].id, REQUESTER)
    await rig.ask()


@pytest.mark.parametrize("at", ["1:40", "100.5", "1234.567", "1:02:03.25", "86399.5"])
async def test_a_job_that_brought_nothing_is_repeated_exactly(rig: Rig, at: str) -> None:
    job = await rig.ask(at=at, title="Night Train")
    rig.music.answers.append(Ambiguous("reset"))
    await rig.submit()
    await rig.accepting.acknowledged(
        await rig.accepting.accept(await rig.handling.repeat(job.id, REQUESTER), rig.origin()), reply_id=None, ephemeral=False
    )
    await rig.submit()
    assert rig.music.submits[1] == rig.music.submits[0]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.GENERATING, JobState.CANCELLED])
async def test_a_job_that_goes_on_or_was_called_off_is_not_repeated(rig: Rig, state: JobState) -> None:
    job = await (rig.generating() if state is JobState.GENERATING else rig.ask())
    if state is JobState.CANCELLED:
        await rig.handling.cancel(job.id, REQUESTER)
    with pytest.raises(TooLate):
        await rig.handling.repeat(job.id, REQUESTER)


async def test_refused_and_stalled_jobs_may_be_repeated_followed_tasks_not(rig: Rig) -> None:
    refused = await rig.ask()
    rig.music.answers.append(Refused("no"))
    await rig.submit()
    await rig.handling.repeat(refused.id, REQUESTER)
    stalled = await rig.generating()
    rig.music.made(stalled.task_id or "", Stage.GENERATING, Stage.GENERATING)
    await rig.query(after=DEADLINE)
    await rig.handling.repeat(stalled.id, REQUESTER)
    followed = await rig.track("task-elsewhere-1")
    await rig.query()
    assert await rig.state(followed) is JobState.FAILED
    with pytest.raises(TooLate):
        await rig.handling.repeat(followed.id, REQUESTER)


async def test_an_act_finds_the_newest_row(rig: Rig) -> None:
    """Somebody else was first, with another change: the act is applied on top of it."""
    job = await rig.ask()
    read = rig.jobs.get

    async def read_then_changed(job_id: str) -> Job | None:
        rig.jobs.get = read  # type: ignore[method-assign] - once
        found = await read(job_id)
        assert found is not None
        assert await rig.jobs.save(amend(found, hidden=True))
        return found

    rig.jobs.get = read_then_changed  # type: ignore[method-assign] - a change between reading and writing
    cancelled = await rig.handling.cancel(job.id, REQUESTER)
    assert (cancelled.state, cancelled.hidden) == (JobState.CANCELLED, True)
    assert await rig.row(job) == cancelled


# What people look at.


async def test_tracks_are_found_by_their_job(rig: Rig) -> None:
    job = await rig.ready()
    found, clips = await rig.handling.tracks(job.id, USER)
    assert found == job
    assert [clip.variant for clip in clips] == ["A", "B"]


@pytest.mark.parametrize("which", ["none", "queued", "generating"])
async def test_without_tracks_there_is_nothing_to_show(rig: Rig, which: str) -> None:
    job_id = "nosuchjob2"
    if which != "none":
        job_id = (await (rig.ask() if which == "queued" else rig.generating())).id
    with pytest.raises(NotFound):
        await rig.handling.tracks(job_id, USER)


async def test_a_list_is_newest_first_and_holds_what_is_under_way(rig: Rig) -> None:
    jobs: list[Job] = []
    for _ in range(3):
        jobs.append(await rig.ask())
        rig.clock.advance(1.0)
    await rig.handling.cancel(jobs[1].id, REQUESTER)
    assert [job.id for job in await rig.handling.of_user(USER, limit=9)] == [jobs[2].id, jobs[0].id]
    assert await rig.handling.of_user(USER + 1, limit=9) == []
    assert rig.handling.standing(jobs[2]).place == 2


async def test_fetching_notes_where_it_is_and_only_once(rig: Rig) -> None:
    job = await rig.ready()
    await rig.handling.fetched(job, 555)
    fetched = await rig.row(job)
    assert (fetched.state, fetched.result_id, fetched.announced) == (JobState.DELIVERED, 555, fetched.revision)
    await rig.handling.fetched(fetched, 556)
    assert await rig.row(job) == fetched


async def test_fetching_what_was_delivered_but_not_told_settles_it(rig: Rig) -> None:
    job = await rig.ready()
    delivered = transition(job, JobState.DELIVERED, rig.clock.now(), undeliverable=True)
    assert await rig.jobs.save(delivered)
    await rig.handling.fetched(delivered, None)
    assert not (await rig.row(job)).undeliverable
