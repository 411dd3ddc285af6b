"""What a day's limits count, in both dialects; that two at once cannot both take the last one, whoever asks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import Failure, Job, JobKind, JobState, amend, transition
from bot.domain.limits import Limit, Limits, day_begin, day_end
from bot.errors import LimitReached, TooManyInFlight
from bot.store.database import Database
from bot.store.jobs import Jobs
from tests.contract.builders import GUILD, USER, make_job, make_session_job

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp()
TODAY = day_begin(NOON)
OWN_KEY = GUILD + 50

Given: TypeAlias = "dict[str, Any]"


def job(number: int, **given: Any) -> Job:  # noqa: ANN401 - any field of a job
    made = make_job(number, **given)
    return made if "created_at" in given else replace(made, created_at=NOON + number)


async def put(jobs: Jobs, *several: Job) -> None:
    for each in several:
        assert await jobs.accept(each, limits=Limits())


async def refusal(jobs: Jobs, asked: Job, limits: Limits) -> LimitReached:
    with pytest.raises(LimitReached) as refused:
        await jobs.accept(asked, limits=limits)
    assert await jobs.get(asked.id) is None
    return refused.value


ELSEWHERE: Given = {"guild_id": GUILD + 1}
OTHERS: Given = {"user_id": USER - 1}
OF_A_SESSION: Given = {"session_id": "session001"}


COUNTED: list[tuple[Limit, list[Given], list[Given]]] = [
    (Limit.PERSON, [{}, ELSEWHERE, {"guild_id": None}], [OTHERS, OF_A_SESSION, {"lane": OWN_KEY}]),
    (Limit.PERSON_HERE, [{}], [OTHERS, OF_A_SESSION, ELSEWHERE, {"guild_id": None}, {"lane": OWN_KEY}]),
    (Limit.SERVER, [{}, OTHERS, OF_A_SESSION], [ELSEWHERE, {"guild_id": None}, {"lane": OWN_KEY}]),
    (Limit.ALL, [{}, OTHERS, OF_A_SESSION, ELSEWHERE, {"guild_id": None}], [{"lane": OWN_KEY}]),
    (
        Limit.LINE,
        [{}, OTHERS, OF_A_SESSION, ELSEWHERE, {"guild_id": None}, {"created_at": 0.0}],
        [{"lane": OWN_KEY}, {"state": JobState.GENERATING}],
    ),
]


@pytest.mark.parametrize(("limit", "counts", "counts_not"), COUNTED)
async def test_each_limit_counts_its_own(jobs: Jobs, limit: Limit, counts: list[Given], counts_not: list[Given]) -> None:
    other = [job(100 + number, **given) for number, given in enumerate(counts_not)]
    own = [job(200 + number, **given) for number, given in enumerate(counts)]
    await put(jobs, *other, *own)
    refused = await refusal(jobs, job(1), Limits(since=TODAY, **{limit.value: len(own)}))
    assert (refused.limit, refused.allowed) == (limit, len(own))
    assert refused.resets_at == (None if limit is Limit.LINE else day_end(NOON))
    assert await jobs.accept(job(1), limits=Limits(since=TODAY, **{limit.value: len(own) + 1}))


async def test_a_server_with_its_own_key_counts_what_was_spent_with_it(jobs: Jobs) -> None:
    await put(jobs, job(1), job(2, lane=GUILD), job(3, lane=GUILD, state=JobState.GENERATING))
    mine = Limits(since=TODAY, person_here=3, server=3, line=2)
    assert await jobs.accept(job(4, lane=GUILD), limits=mine)
    assert (await refusal(jobs, job(5, lane=GUILD), mine)).limit is Limit.PERSON_HERE
    assert (await refusal(jobs, job(5, lane=GUILD), replace(mine, person_here=None))).limit is Limit.SERVER
    assert (await refusal(jobs, job(5, lane=GUILD), replace(mine, person_here=None, server=None))).limit is Limit.LINE


@pytest.mark.parametrize(
    ("counted", "given"),
    [
        (True, {"state": JobState.QUEUED}),
        (True, {"state": JobState.UNKNOWN}),
        (True, {"state": JobState.STALLED}),
        (True, {"state": JobState.DELIVERED}),
        (True, {"state": JobState.FAILED, "failure": Failure.GENERATION}),
        (True, {"state": JobState.DELIVERED, "kind": JobKind.CREATE}),
        (False, {"state": JobState.CANCELLED}),
        (False, {"state": JobState.FAILED, "failure": Failure.REFUSED}),
        (False, {"state": JobState.FAILED, "failure": Failure.CONTENT}),
        (False, {"state": JobState.GENERATING, "kind": JobKind.TRACK}),
    ],
)
async def test_what_may_have_cost_something_counts_and_nothing_else(jobs: Jobs, counted: bool, given: Given) -> None:
    await put(jobs, job(1, **given))
    limits = Limits(since=TODAY, person=1)
    if counted:
        assert (await refusal(jobs, job(2), limits)).limit is Limit.PERSON
    else:
        assert await jobs.accept(job(2), limits=limits)


@pytest.mark.parametrize("how", ["cancelled", "refused by the provider"])
async def test_what_was_not_spent_after_all_is_given_back(jobs: Jobs, how: str) -> None:
    limits = Limits(since=TODAY, person=1, server=1, all=1)
    first = job(1)
    assert await jobs.accept(first, limits=limits)
    await refusal(jobs, job(2), limits)
    if how == "cancelled":
        assert await jobs.save(transition(first, JobState.CANCELLED, NOON))
    else:
        sent = transition(first, JobState.SUBMITTING, NOON)
        assert await jobs.save(sent)
        await refusal(jobs, job(2), limits)
        assert await jobs.save(transition(sent, JobState.FAILED, NOON, failure=Failure.REFUSED))
    assert await jobs.accept(job(2), limits=limits)
    await refusal(jobs, job(3), limits)


async def test_a_lost_answer_counts_until_it_is_known_better(jobs: Jobs) -> None:
    limits = Limits(since=TODAY, person=1)
    lost = transition(transition(job(1), JobState.SUBMITTING, NOON), JobState.UNKNOWN, NOON)
    await put(jobs, lost)
    await refusal(jobs, job(2), limits)
    assert await jobs.save(transition(lost, JobState.GENERATING, NOON, task_id="task-1"))
    await refusal(jobs, job(2), limits)


async def test_a_limit_below_what_is_in_flight_refuses_and_disturbs_nothing(jobs: Jobs) -> None:
    await put(jobs, *(job(number) for number in range(5)))
    for limits in (Limits(since=TODAY, server=2), Limits(since=TODAY, person=0), Limits(line=1)):
        await refusal(jobs, job(9), limits)
    with pytest.raises(TooManyInFlight):
        await jobs.accept(job(9), limits=Limits(in_flight=2))
    assert len(await jobs.unsettled()) == 5
    third = await jobs.get("job3")
    assert third is not None
    assert await jobs.save(amend(third, title="goes on"))


async def test_what_a_session_makes_in_somebodys_name_is_not_in_flight_for_them(jobs: Jobs) -> None:
    await put(jobs, *(make_session_job(number, created_at=NOON) for number in range(5)))
    limits = Limits(since=TODAY, in_flight=1, person=1, person_here=1, server=7)
    assert await jobs.accept(job(10), limits=limits)
    with pytest.raises(TooManyInFlight):
        await jobs.accept(job(11), limits=replace(limits, person=None, person_here=None))
    assert await jobs.accept(make_session_job(6, created_at=NOON), limits=replace(limits, in_flight=None, person=None, person_here=None))
    assert (await refusal(jobs, job(11), Limits(since=TODAY, server=7))).limit is Limit.SERVER


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"])
async def test_a_day_ends_at_midnight_utc_wherever_people_are(jobs: Jobs, zone: str) -> None:
    """In Berlin the clocks went forward on this day: it had 23 hours there, and 24 here."""
    before = datetime(2026, 3, 29, 23, 59, 59, tzinfo=UTC).astimezone(ZoneInfo(zone)).timestamp()
    after = before + 1
    assert (day_begin(before), day_begin(after)) == (TODAY, TODAY + 86_400)
    await put(jobs, job(1, created_at=before))
    refused = await refusal(jobs, job(2, created_at=before), Limits(since=day_begin(before), person=1, server=1, all=1))
    assert refused.resets_at == after
    assert await jobs.accept(job(3, created_at=after), limits=Limits(since=day_begin(after), person=1, server=1, all=1))
    await refusal(jobs, job(4, created_at=after), Limits(since=day_begin(after), person=1))


async def test_the_limit_that_lasts_longest_is_named_first(jobs: Jobs) -> None:
    await put(jobs, job(1))
    limits = Limits(since=TODAY, in_flight=1, line=1, person=1, person_here=1, server=1, all=1)
    met: list[str] = []
    for name in ("person", "person_here", "server", "all"):
        met.append((await refusal(jobs, job(2), limits)).limit)
        limits = replace(limits, **{name: None})
    with pytest.raises(TooManyInFlight):
        await jobs.accept(job(2), limits=limits)
    met.append((await refusal(jobs, job(2), replace(limits, in_flight=None))).limit)
    assert met == ["person", "person_here", "server", "all", "line"]


async def test_an_interaction_that_has_a_job_is_no_refusal(jobs: Jobs) -> None:
    limits = Limits(since=TODAY, person=1)
    assert await jobs.accept(job(1), limits=limits)
    assert not await jobs.accept(replace(job(1), id="again"), limits=limits)


@pytest.mark.parametrize("limit", [Limit.PERSON, Limit.PERSON_HERE, Limit.SERVER, Limit.ALL, Limit.LINE])
@pytest.mark.parametrize("writers", [1, 4])
async def test_a_flood_stays_within_each_limit_whoever_writes(migrated_url: str, limit: Limit, writers: int) -> None:
    """With several writers, each has a connection of its own and hears nothing of the others."""
    async with Database(migrated_url) as database, Database(migrated_url) as another:
        stores = [Jobs((database, another)[number % 2], spaced=False) for number in range(writers)]
        one_person = limit in (Limit.PERSON, Limit.PERSON_HERE)
        asked = [job(number, user_id=USER - (0 if one_person else number % 20)) for number in range(60)]
        limits = Limits(since=TODAY, **{limit.value: 7})
        answers = await asyncio.gather(
            *(stores[number % writers].accept(each, limits=limits) for number, each in enumerate(asked)), return_exceptions=True
        )
        assert answers.count(True) == 7
        assert sum(isinstance(answer, LimitReached) and answer.limit == limit for answer in answers) == 53
        assert len(await stores[0].unsettled()) == 7


async def test_twenty_accounts_at_once_stay_within_every_limit(database: Database) -> None:
    stores = [Jobs(database, spaced=False) for _ in range(3)]
    asked = [job(number, user_id=USER - number % 20, guild_id=GUILD + number % 2) for number in range(120)]
    limits = Limits(since=TODAY, in_flight=3, person=2, server=15, all=25)
    answers = await asyncio.gather(*(stores[n % 3].accept(each, limits=limits) for n, each in enumerate(asked)), return_exceptions=True)
    accepted = [each for each, answer in zip(asked, answers, strict=True) if answer is True]
    assert len(accepted) == 25
    by_person = [each.origin.user_id for each in accepted]
    by_server = [each.origin.guild_id for each in accepted]
    assert max(by_person.count(person) for person in by_person) <= 2
    assert max(by_server.count(server) for server in by_server) <= 15


class Unhurried(Database):
    """Says when it has written, and does not commit before it may."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.has_written, self.may_commit = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def write_one(self) -> AsyncGenerator[AsyncConnection]:
        async with self.write() as connection:
            yield connection
            self.has_written.set()
            await self.may_commit.wait()


async def test_on_postgres_the_next_one_waits_for_what_is_not_committed(migrated_postgres_url: str) -> None:
    """SQLite has one writer at a time by itself."""
    limits = Limits(since=TODAY, server=1)
    async with Unhurried(migrated_postgres_url) as slow, Database(migrated_postgres_url) as quick:
        first = asyncio.create_task(Jobs(slow, spaced=False).accept(job(1), limits=limits))
        await slow.has_written.wait()
        second = asyncio.create_task(Jobs(quick, spaced=False).accept(job(2, user_id=USER - 1), limits=limits))
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done, "the first one's job is not to be seen yet"
        slow.may_commit.set()
        assert await first
        with pytest.raises(LimitReached):
            await second
