"""What was spent, as /usage reads it."""

from typing import Any

import pytest

from bot.domain.jobs import Failure, JobKind, JobState
from bot.domain.limits import DAY, Limits, day_begin
from bot.domain.usage import OfOperator, OfPerson, OfServer, Outcome, Scope, Spender, Usage
from bot.services.ports import records
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.ledger import Ledger
from tests.contract.builders import GUILD, USER, make_job, make_session_job

TODAY = day_begin(1_774_785_600.0)
JO, SAM = USER - 1, USER - 2
OTHER_GUILD, DEAR_GUILD = GUILD + 1, GUILD + 2

HISTORY: tuple[dict[str, Any], ...] = (
    {"state": JobState.DELIVERED, "task_id": "task-1", "created_at": TODAY - 13 * DAY},
    {"state": JobState.DELIVERED, "created_at": TODAY - 13 * DAY - 1},
    {"state": JobState.READY, "created_at": TODAY - 1},
    {"state": JobState.GENERATING, "created_at": TODAY, "task_id": "task-4"},
    {"state": JobState.QUEUED, "created_at": TODAY + 1},
    {"state": JobState.CANCELLED, "created_at": TODAY + 2},
    {"state": JobState.FAILED, "failure": Failure.CONTENT, "created_at": TODAY + 3},
    {"state": JobState.FAILED, "failure": Failure.GENERATION, "created_at": TODAY + 4},
    {"state": JobState.UNKNOWN, "created_at": TODAY + 5, "guild_id": OTHER_GUILD},
    {"state": JobState.STALLED, "created_at": TODAY + 6, "guild_id": None},
    {"state": JobState.DELIVERED, "created_at": TODAY + 7, "kind": JobKind.TRACK},
    {"state": JobState.DELIVERED, "created_at": TODAY + 8, "user_id": JO},
    {"state": JobState.DELIVERED, "created_at": TODAY + 9, "user_id": JO, "guild_id": DEAR_GUILD, "lane": DEAR_GUILD},
    {"state": JobState.DELIVERED, "created_at": TODAY + 10, "user_id": SAM},
    {"state": JobState.DELIVERED, "created_at": TODAY + 11, "user_id": SAM, "kind": JobKind.CREATE},
)


@pytest.fixture
async def ledger(database: Database, jobs: Jobs) -> Ledger:
    for number, given in enumerate(HISTORY, 1):
        assert await jobs.accept(make_job(number, **given), limits=Limits())
    return Ledger(database)


async def usage(ledger: Ledger, scope: Scope, last: int = 3) -> Usage:
    return await ledger.usage(scope, today=TODAY, days=14, last=last, top=2)


def counted(found: Usage) -> dict[str, int]:
    return {outcome.value: number for outcome, number in found.outcomes.items() if number}


def test_it_is_what_the_services_ask_for(database: Database) -> None:
    ledger = Ledger(database)
    port: records.Ledger = ledger
    assert port is ledger


async def test_a_persons_days_and_outcomes(ledger: Ledger) -> None:
    mine = await usage(ledger, OfPerson(USER))
    assert list(mine.days) == [TODAY - DAY * ago for ago in reversed(range(14))]
    assert [spent for spent in mine.days.values() if spent] == [1, 1, 5]
    assert counted(mine) == {
        "delivered": 2, "being_made": 1, "in_line": 1, "stalled": 1, "failed": 1, "unknown": 1, "refused": 1, "cancelled": 1,
    }  # fmt: skip
    assert mine.spent == 7
    assert [job.id for job in mine.last] == ["job10", "job9", "job8"]
    assert (mine.people, mine.servers) == ([], [])


async def test_a_servers(ledger: Ledger) -> None:
    found = await usage(ledger, OfServer(GUILD))
    assert found.days[TODAY] == 6
    assert found.people == [Spender(USER, 5), Spender(SAM, 2)]
    assert found.servers == []
    dear = await usage(ledger, OfServer(DEAR_GUILD))
    assert (dear.spent, dear.people) == (1, [Spender(JO, 1)])


async def test_the_operators_is_what_was_spent_on_their_key(ledger: Ledger) -> None:
    found = await usage(ledger, OfOperator())
    assert found.spent == 10
    assert found.people == [Spender(USER, 7), Spender(SAM, 2)]
    assert found.servers == [Spender(GUILD, 8), Spender(OTHER_GUILD, 1)]
    assert counted(found)["delivered"] == 5


async def test_what_a_session_has_spent_is_its_servers_and_nobodys_own(ledger: Ledger, jobs: Jobs) -> None:
    assert await jobs.accept(make_session_job(50, user_id=JO, state=JobState.DELIVERED, created_at=TODAY + 20), limits=Limits())
    server = await usage(ledger, OfServer(GUILD), last=1)
    assert (server.days[TODAY], server.people[0], server.last[0].session_id) == (7, Spender(USER, 5), "session001")
    assert await ledger.spent(since=TODAY, guild_id=GUILD) == 7
    assert await ledger.spent(since=TODAY) == 9
    assert await ledger.spent(since=TODAY, user_id=JO) == 1
    assert await ledger.spent(since=TODAY, user_id=JO, guild_id=GUILD) == 1
    assert (await usage(ledger, OfPerson(JO))).spent == 2, "the other one on another key"


async def test_nothing_is_there_with_zeros(ledger: Ledger) -> None:
    found = await usage(ledger, OfPerson(USER - 9))
    assert list(found.days.values()) == [0] * 14
    assert dict(found.outcomes) == dict.fromkeys(Outcome, 0)
    assert (found.spent, found.last) == (0, [])


async def test_what_is_spent_today_is_what_the_limits_count(ledger: Ledger) -> None:
    assert await ledger.spent(since=TODAY, user_id=USER) == 5
    assert await ledger.spent(since=TODAY, user_id=USER, guild_id=GUILD) == 3
    assert await ledger.spent(since=TODAY, guild_id=GUILD) == 6
    assert await ledger.spent(since=TODAY) == 8
    assert await ledger.spent(since=TODAY, guild_id=DEAR_GUILD) == 0
    assert await ledger.spent(since=TODAY, guild_id=DEAR_GUILD, lane=DEAR_GUILD) == 1
