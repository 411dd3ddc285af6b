"""Which limits a job is held against, and what its person is told of one."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import JobState
from bot.domain.limits import Limit, Limits, day_begin, day_end
from bot.domain.usage import Allowance, OfOperator, OfPerson, OfServer
from bot.errors import LimitReached, TooManyInFlight
from bot.services.allowances import OperatorLimits, limits_of
from bot.services.spending import Spending
from bot.store.ledger import Ledger
from bot.ui.words import refusal
from tests.contract.builders import GUILD, USER, make_session_job
from tests.unit.rig import MODERATOR, REQUESTER, Rig

OPERATORS = OperatorLimits(in_flight=3, line=100, person=20, server=90, all=300)
MANAGER = replace(MODERATOR, manager=True)
NOW = 1_774_785_599.0


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    return f"sqlite+aiosqlite:///{file}"


def narrowed(*, own_key: bool = False, operator: OperatorLimits = OPERATORS, **given: Any) -> Limits:  # noqa: ANN401 - any field of a server's settings
    return limits_of(operator, replace(GuildSettings(guild_id=GUILD), **given), own_key=own_key, now=NOW)


def test_a_server_that_has_set_nothing_has_the_operators() -> None:
    assert narrowed() == Limits(in_flight=3, line=100, person=20, server=90, all=300, since=day_begin(NOW))
    assert limits_of(OPERATORS, None, own_key=False, now=NOW) == Limits(in_flight=3, line=100, person=20, all=300, since=day_begin(NOW)), (
        "in direct messages there is no server"
    )


def test_a_server_can_narrow_and_not_widen() -> None:
    assert (narrowed(daily_per_person=5, daily_per_server=50).person_here, narrowed(daily_per_server=50).server) == (5, 50)
    assert narrowed(daily_per_server=500).server == 90
    assert narrowed(daily_per_person=500).person == 20, "its own limit is beside the operator's, which also counts elsewhere"


def test_zero_is_no_limit_of_the_operators_and_nothing_at_all_of_a_servers() -> None:
    assert narrowed(operator=OperatorLimits()) == Limits(since=day_begin(NOW))
    assert narrowed(operator=OperatorLimits(), daily_per_server=7).server == 7
    assert narrowed(daily_per_server=0).server == 0


def test_with_its_own_key_what_is_spent_a_day_is_the_servers_affair() -> None:
    assert narrowed(own_key=True) == Limits(in_flight=3, line=100, since=day_begin(NOW))
    assert narrowed(own_key=True, daily_per_person=5, daily_per_server=500) == Limits(
        in_flight=3, line=100, person_here=5, server=500, since=day_begin(NOW)
    )


async def test_a_followed_task_only_counts_as_in_flight(sqlite_url: str) -> None:
    async with Rig(sqlite_url, limits=replace(OPERATORS, person=1, line=1)) as rig:
        await rig.ask()
        await rig.track("0d0a0b0c-a9e2-487a-bdcc-417914676f24")
        await rig.track("1d0a0b0c-a9e2-487a-bdcc-417914676f24")
        with pytest.raises(TooManyInFlight):
            await rig.track("2d0a0b0c-a9e2-487a-bdcc-417914676f24")
        with pytest.raises(LimitReached):
            await rig.ask()
        assert rig.music.submits == []


async def test_a_limit_that_is_narrowed_below_what_is_in_flight_lets_that_go_on(sqlite_url: str) -> None:
    async with Rig(sqlite_url, limits=OPERATORS) as rig:
        waiting = [await rig.ask(user_id=USER + number) for number in range(3)]
        await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, daily_per_server=1))
        with pytest.raises(LimitReached) as refused:
            await rig.ask(user_id=USER + 9)
        assert (refused.value.limit, refused.value.allowed) == (Limit.SERVER, 1)
        assert refused.value.resets_at == day_end(rig.clock.now())
        for _ in waiting:
            await rig.submit()
        assert [await rig.state(job) for job in waiting] == [JobState.GENERATING] * 3
        await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, daily_per_server=4))
        assert await rig.ask(user_id=USER + 9), "a change takes effect at once"


async def test_what_is_cancelled_is_given_back_and_a_new_day_begins_at_midnight_utc(sqlite_url: str) -> None:
    async with Rig(sqlite_url, limits=replace(OPERATORS, person=1)) as rig:
        rig.clock.advance(day_end(rig.clock.now()) - rig.clock.now() - 1)
        first = await rig.ask()
        with pytest.raises(LimitReached):
            await rig.ask()
        await rig.handling.cancel(first.id, REQUESTER)
        await rig.ask()
        with pytest.raises(LimitReached):
            await rig.ask()
        rig.clock.advance(1)
        await rig.ask()
        with pytest.raises(LimitReached):
            await rig.ask()


def spending(rig: Rig, *, own_key: bool = False) -> Spending:
    allowances = rig.services.allowances
    return Spending(
        ledger=Ledger(rig.database), allowances=allowances, lane_of=lambda guild_id: guild_id if own_key else None, clock=rig.clock
    )


async def test_a_report_tells_what_is_left_as_the_limits_count_it(sqlite_url: str) -> None:
    async with Rig(sqlite_url, limits=OPERATORS) as rig:
        await rig.ask()
        await rig.ask(guild_id=GUILD + 1)
        await rig.ask(user_id=USER + 1)
        await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, daily_per_person=5, daily_per_server=1))
        mine = await spending(rig).report(OfPerson(USER), GUILD)
        assert mine.allowances == [Allowance(Limit.PERSON, 2, 20), Allowance(Limit.PERSON_HERE, 1, 5)]
        assert (mine.resets_at, mine.usage.spent) == (day_end(rig.clock.now()), 2)
        (server,) = (await spending(rig).report(OfServer(GUILD), GUILD)).allowances
        assert (server, server.left) == (Allowance(Limit.SERVER, 2, 1), 0)
        assert (await spending(rig).report(OfOperator(), GUILD)).allowances == [Allowance(Limit.ALL, 3, 300)]
        assert (await spending(rig).report(OfPerson(USER), None)).allowances == [Allowance(Limit.PERSON, 2, 20)]
        own = spending(rig, own_key=True)
        assert (await own.report(OfPerson(USER), GUILD)).allowances == [Allowance(Limit.PERSON_HERE, 0, 5)]
        assert (await own.report(OfServer(GUILD + 1), GUILD + 1)).allowances == [Allowance(Limit.SERVER, 0, None)]


@pytest.mark.parametrize("limit", [limit for limit in Limit if limit is not Limit.IN_FLIGHT])
def test_a_refusal_says_which_limit_until_when_and_who_can_change_it(limit: Limit) -> None:
    said = refusal(LimitReached(limit, 1, None if limit is Limit.LINE else NOW)) or ""
    assert "1 track for today" in said or "1 request wait" in said
    assert limit is Limit.LINE or f"<t:{NOW:.0f}:R>, at <t:{NOW:.0f}:t>" in said
    assert "operator can change" in said or "with /settings" in said


async def test_no_persons_limit_binds_a_session(sqlite_url: str) -> None:
    async with Rig(sqlite_url, limits=OPERATORS) as rig:
        job = make_session_job(1)
        mine = await rig.services.allowances.of_job(replace(job, session_id=None))
        assert (mine.in_flight, mine.person) == (3, 20)
        assert await rig.services.allowances.of_job(job) == replace(mine, in_flight=None, person=None, person_here=None)
