import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.jobs import Failure, Job, JobKind, JobState, amend, transition
from bot.domain.limits import Limits
from bot.errors import KnownSource, TooManyInFlight
from bot.services.ports import stores
from bot.store.database import Database
from bot.store.jobs import Jobs
from tests.contract.builders import TOKEN, USER, make_clip, make_job, make_session_job

ENDED = [JobState.DELIVERED, JobState.CANCELLED, JobState.UNKNOWN, JobState.FAILED, JobState.STALLED]


async def put(jobs: Jobs, *several: Job) -> None:
    for job in several:
        assert await jobs.accept(job, limits=Limits(in_flight=100))


def test_it_is_what_the_services_ask_for(jobs: Jobs) -> None:
    port: stores.Jobs = jobs
    assert port is jobs


async def test_an_accepted_job_is_read_back_unchanged(jobs: Jobs) -> None:
    full = make_job(
        kind=JobKind.TRACK,
        state=JobState.GENERATING,
        revision=3,
        announced=2,
        tags="tropical house, „wave“",
        title="crazy ' and % wild 🎷",
        model="v3.5",
        source_id="186001a9-a9e2-487a-bdcc-417914676f24",
        continue_at=100.125,
        source_label="B · Night Train",
        acknowledged=True,
        attempts=2,
        task_id="task-1",
        submitted_at=1_732_300_000.123456,
        watch_until=1_732_400_000.5,
        failure=Failure.TASK_UNKNOWN,
        provider_words="no <b>way</b>",
        hidden=True,
        result_id=USER + 7,
        undeliverable=True,
        session_id="session001",
        origin={"locale": "pt-BR", "reply_id": USER + 8, "reply_ephemeral": True, "can_post": False},
    )
    await put(jobs, full)
    assert await jobs.get("job1") == full


async def test_a_sparse_job_is_read_back_unchanged(jobs: Jobs) -> None:
    sparse = make_job(guild_id=None, tags="", origin={"reply_token": None})
    await put(jobs, sparse)
    assert await jobs.get("job1") == sparse


async def test_words_that_no_database_takes_do_not_make_a_job_unwritable(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    assert await jobs.save(amend(job, provider_words="no\0pe \ud800", title="\0"))
    stored = await jobs.get(job.id)
    assert stored is not None
    assert (stored.provider_words, stored.title) == ("nope ?", "")
    assert await jobs.by_task("\0\udfff") is None


async def test_an_unknown_job_is_none(jobs: Jobs) -> None:
    assert await jobs.get("nobody") is None


async def test_an_interaction_is_accepted_once_even_at_the_limit(jobs: Jobs) -> None:
    assert await jobs.accept(make_job(1), limits=Limits(in_flight=1))
    again = replace(make_job(1), id="another")
    assert not await jobs.accept(again, limits=Limits(in_flight=1))
    assert await jobs.get("another") is None


async def test_a_job_too_many_is_refused_and_the_limit_is_named(jobs: Jobs) -> None:
    await put(jobs, make_job(1), make_job(2, state=JobState.SUBMITTING), make_job(3, state=JobState.GENERATING))
    with pytest.raises(TooManyInFlight) as refusal:
        await jobs.accept(make_job(4), limits=Limits(in_flight=3))
    assert refusal.value.limit == 3
    assert await jobs.get("job4") is None


async def test_other_people_and_jobs_that_have_left_the_line_do_not_count(jobs: Jobs) -> None:
    await put(jobs, make_job(1, user_id=USER - 1), make_job(2, state=JobState.READY))
    await put(jobs, *(make_job(number, state=state) for number, state in enumerate(ENDED, 10)))
    assert await jobs.accept(make_job(3), limits=Limits(in_flight=1))


async def test_twenty_at_once_leave_exactly_the_limit(jobs: Jobs) -> None:
    answers = await asyncio.gather(
        *(jobs.accept(make_job(number), limits=Limits(in_flight=3)) for number in range(20)), return_exceptions=True
    )
    assert answers.count(True) == 3
    assert sum(isinstance(answer, TooManyInFlight) for answer in answers) == 17
    assert len(await jobs.unsettled()) == 3


async def test_one_interaction_twice_at_once_is_one_job(jobs: Jobs) -> None:
    twins = [replace(make_job(1), id=f"twin{number}") for number in range(5)]
    answers = await asyncio.gather(*(jobs.accept(twin, limits=Limits(in_flight=3)) for twin in twins))
    assert sorted(answers) == [False, False, False, False, True]


async def test_a_saved_job_is_read_back_with_every_change(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    job = transition(job, JobState.SUBMITTING, 2.0, acknowledged=True, attempts=1)
    assert await jobs.save(job)
    job = transition(job, JobState.GENERATING, 3.0, task_id="task-1", submitted_at=2.5, watch_until=900.0, title="Night Train")
    assert await jobs.save(job)
    job = amend(job, origin=replace(job.origin, reply_id=USER + 5, reply_ephemeral=True), hidden=True)
    assert await jobs.save(job)
    assert await jobs.get(job.id) == job


async def test_of_two_writers_of_a_revision_one_is_first(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    rivals = [transition(job, JobState.SUBMITTING, float(number)) for number in range(10)]
    answers = await asyncio.gather(*(jobs.save(rival) for rival in rivals))
    assert answers.count(True) == 1
    assert await jobs.get(job.id) == rivals[answers.index(True)]


async def test_an_outdated_or_unknown_job_is_not_written(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    assert await jobs.save(amend(job, title="first"))
    assert not await jobs.save(amend(job, title="late"))
    assert not await jobs.save(job)
    assert not await jobs.save(amend(make_job(2)))
    assert await jobs.get("job2") is None


async def announced(jobs: Jobs) -> tuple[int, int]:
    stored = await jobs.get("job1")
    assert stored is not None
    return stored.revision, stored.announced


async def test_announcing_rises_and_never_falls(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    await jobs.save(amend(job))
    await jobs.announce(job.id, 1)
    await jobs.announce(job.id, 0)
    assert await jobs.save(amend(amend(job))), "by a writer who does not know of it"
    assert await announced(jobs) == (2, 1)
    assert await jobs.save(replace(amend(amend(amend(job))), announced=3)), "by one who has shown it"
    assert await announced(jobs) == (3, 3)


async def test_what_is_shown_is_written_by_the_next_save(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    job = amend(job)
    await jobs.save(job)
    jobs.shown(job.id, 1)
    jobs.shown(job.id, 0)
    assert await announced(jobs) == (1, 0)
    assert not await jobs.save(job), "a save that is too late writes nothing"
    assert await announced(jobs) == (1, 0)
    assert await jobs.save(amend(job))
    assert await announced(jobs) == (2, 1)


async def test_by_task_finds_the_earliest(jobs: Jobs) -> None:
    await put(jobs, *(make_job(number, task_id="task-1") for number in (3, 2, 4)), make_job(1))
    found = await jobs.by_task("task-1")
    assert found is not None
    assert found.id == "job2"
    assert await jobs.by_task("task-2") is None


async def test_unsettled_holds_what_needs_something_oldest_first(jobs: Jobs) -> None:
    await put(
        jobs,
        make_job(9, state=JobState.QUEUED),
        make_job(8, state=JobState.SUBMITTING),
        make_job(7, state=JobState.GENERATING),
        make_job(6, state=JobState.READY),
        make_job(5, state=JobState.STALLED, watch_until=99.0),
        make_job(4, state=JobState.FAILED, revision=2, announced=1),
        make_job(3, state=JobState.READY, undeliverable=True, revision=2, announced=1),
        make_job(2, state=JobState.READY, undeliverable=True),
        *(make_job(number, state=state, revision=2, announced=2) for number, state in enumerate(ENDED, 10)),
    )
    assert [job.id for job in await jobs.unsettled()] == ["job3", "job4", "job5", "job6", "job7", "job8", "job9"]


async def test_what_a_session_makes_is_unsettled_until_it_is_shown_and_in_nobodys_list(jobs: Jobs) -> None:
    making = make_session_job(1, state=JobState.GENERATING, task_id="task-1")
    await put(jobs, making)
    ready = transition(making, JobState.READY, 5.0)
    assert await jobs.save(replace(ready, session_id="another"))
    assert await jobs.unsettled() == [ready]
    assert await jobs.of_user(USER, limit=10) == []
    assert await jobs.save(transition(ready, JobState.DELIVERED, 6.0))
    assert await jobs.unsettled() == [], "no reply is owed"


async def test_of_user_lists_what_has_not_reached_its_person_newest_first(jobs: Jobs) -> None:
    await put(
        jobs,
        make_job(1, state=JobState.QUEUED),
        make_job(2, state=JobState.READY, undeliverable=True),
        make_job(3, state=JobState.STALLED, watch_until=99.0),
        make_job(4, state=JobState.FAILED, undeliverable=True),
        make_job(8, state=JobState.STALLED, watch_until=99.0, hidden=True),
        make_job(9, state=JobState.FAILED, revision=1),
        make_job(5, state=JobState.DELIVERED, watch_until=99.0),
        make_job(6, state=JobState.STALLED),
        make_job(7, state=JobState.QUEUED, user_id=USER - 1),
    )
    assert [job.id for job in await jobs.of_user(USER, limit=10)] == ["job4", "job3", "job2", "job1"]
    assert [job.id for job in await jobs.of_user(USER, limit=2)] == ["job4", "job3"]


async def test_expired_tokens_are_forgotten(jobs: Jobs) -> None:
    await put(jobs, make_job(1), make_job(2), make_job(3, origin={"reply_token": None}))
    assert await jobs.forget_tokens(901.5) == 1
    assert await jobs.forget_tokens(901.5) == 0
    first, second = await jobs.get("job1"), await jobs.get("job2")
    assert first is not None
    assert second is not None
    assert (first.origin.reply_token, second.origin.reply_token) == (None, TOKEN)


async def test_a_late_writer_does_not_bring_a_forgotten_token_back(jobs: Jobs) -> None:
    job = make_job()
    await put(jobs, job)
    await jobs.forget_tokens(5000.0)
    job = amend(job)
    assert await jobs.save(job)
    stored = await jobs.get(job.id)
    assert stored is not None
    assert stored.origin.reply_token is None
    anew = amend(job, origin=replace(job.origin, reply_token="another", token_expires_at=9000.0))
    assert await jobs.save(anew)
    stored = await jobs.get(job.id)
    assert stored is not None
    assert stored.origin.reply_token == "another"


@pytest.mark.parametrize("by", ["its own id", "its task's id"])
async def test_a_source_that_is_taken_for_unknown_is_refused_if_it_is_known(jobs: Jobs, by: str) -> None:
    ready = make_job(1, state=JobState.READY, task_id="task-1")
    await put(jobs, ready)
    assert await jobs.save(amend(ready), clips=[make_clip("clip-a")])
    asked = make_job(2, source_id="clip-a" if by == "its own id" else "task-1")
    with pytest.raises(KnownSource):
        await jobs.accept(asked, limits=Limits(in_flight=1), unknown_source=True)
    assert await jobs.get(asked.id) is None
    assert await jobs.accept(asked, limits=Limits(in_flight=1)), "whoever has looked it up may continue it"
    assert await jobs.accept(make_job(3, user_id=USER - 1, source_id="elsewhere"), limits=Limits(in_flight=1), unknown_source=True)
    assert not await jobs.accept(replace(asked, id="again"), limits=Limits(in_flight=1), unknown_source=True), (
        "an interaction is accepted once"
    )


async def test_in_a_crowd_those_whose_source_is_known_do_not_hold_up_the_others(migrated_url: str) -> None:
    sent: list[str] = []
    async with Database(migrated_url, on_statement=sent.append) as counted:
        jobs = Jobs(counted, spaced=False)
        ready = make_job(1, state=JobState.READY, task_id="task-1")
        await put(jobs, ready)
        assert await jobs.save(amend(ready), clips=[make_clip("clip-a")])
        crowd = [make_job(number, user_id=USER - number, source_id="clip-a" if number % 2 else "elsewhere") for number in range(2, 40)]
        sent.clear()
        asked = (jobs.accept(job, limits=Limits(in_flight=1), unknown_source=True) for job in crowd)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [answer is True for answer in answers] == [job.source_id == "elsewhere" for job in crowd]
        assert sum(isinstance(answer, KnownSource) for answer in answers) == 19
        # All together, a look at why not, and the others together.
        assert len([statement for statement in sent if not statement.startswith("BEGIN")]) == 3


async def test_of_many_at_once_each_hears_of_its_own(jobs: Jobs) -> None:
    await put(jobs, make_job(1, user_id=USER - 1))
    twin = replace(make_job(1), id="twin")
    others = [make_job(number, user_id=USER - number) for number in range(2, 30)]
    broken = make_job(30, id="job1", user_id=USER - 30)
    too_many = make_job(31, user_id=USER - 1)
    answers = await asyncio.gather(
        *(jobs.accept(job, limits=Limits(in_flight=1)) for job in (twin, *others, broken, too_many)), return_exceptions=True
    )
    assert answers[:-2] == [False, *(True for _ in others)]
    assert isinstance(answers[-2], IntegrityError)
    assert isinstance(answers[-1], TooManyInFlight)
    late = amend(make_job(99))
    saved = await asyncio.gather(*(jobs.save(job) for job in (late, *map(amend, others))))
    assert saved == [False, *(True for _ in others)]


async def test_each_act_is_one_statement_and_so_are_many_at_once(migrated_url: str) -> None:
    """Of one kind, that is; each is a trip to the database, and for SQLite a wait for the disk."""
    sent: list[str] = []
    async with Database(migrated_url, on_statement=sent.append) as counted:
        jobs = Jobs(counted, spaced=False)
        first = make_job(0, state=JobState.GENERATING)

        async def cost(*acts: Awaitable[bool]) -> int:
            sent.clear()
            assert all(await asyncio.gather(*acts))
            return len([statement for statement in sent if not statement.startswith("BEGIN")])

        await put(jobs, make_job(1000))
        assert await cost(jobs.accept(first, limits=Limits(in_flight=3))) == 1
        assert await cost(jobs.save(amend(first))) == 1
        ready = transition(amend(first), JobState.READY, 5.0)
        assert await cost(jobs.save(ready, clips=[make_clip("a"), make_clip("b", variant="B")])) == 1
        many = [make_job(number, user_id=USER - number) for number in range(1, 100)]
        assert await cost(*(jobs.accept(job, limits=Limits(in_flight=3)) for job in many)) == 1
        assert await cost(*(jobs.save(amend(job)) for job in many)) == 1
