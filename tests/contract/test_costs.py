"""What a job's whole life costs: statements, transactions, and requests to Discord; attachments' retries aside."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.admission import Act
from bot.domain.jobs import JobState
from bot.domain.reports import Stage
from bot.domain.requests import TypedRequest
from bot.errors import Refused
from bot.services import submitting
from bot.ui.asking import ask
from tests.contract.builders import USER
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.rig import INTERVAL, REQUESTER, SOURCE, VIEWER, Rig, eventually

D, F, G = Stage.DONE, Stage.FAILED, Stage.GENERATING
MOST_STATEMENTS, MOST_REQUESTS = 6, 4
NUMBERS = itertools.count(USER + 9_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the statements, those that write are a transaction each, but for those of a crowd, which share one."""

    statements: list[str]
    transactions: int
    requests: int


@pytest.fixture
async def rig(migrated_url: str) -> AsyncGenerator[Rig]:
    async with Rig(migrated_url) as rig:
        # What a server has set is read once in the life of a process.
        await rig.services.guilds.admit(REQUESTER, Act.SPEND)
        yield rig


class Costs:
    """Counts from the moment when somebody asks."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self.rig = rig
        self.client = FakeClient(rig.services, folder)
        self.interactions: list[FakeInteraction] = []
        self._writes = rig.database.writes
        rig.database.statements.clear()
        rig.announcer.sent.clear()

    async def ask(self, person: int = USER, source: str = SOURCE) -> None:
        interaction = FakeInteraction(self.client, id=next(NUMBERS), user_id=person)
        self.interactions.append(interaction)
        await ask(interaction.as_sent, TypedRequest(continue_clip_id=source, continue_at="1:40", tags="wave"))

    def so_far(self) -> Cost:
        first_answers = sum(len(each.defers) + len(each.answers) for each in self.interactions)
        return Cost(
            statements=[" ".join(statement.split()[:2]) for statement in self.rig.database.statements],
            transactions=self.rig.database.writes - self._writes,
            requests=first_answers + len(self.rig.announcer.sent),
        )


@pytest.fixture
def costs(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Costs:
    # The claim comes from a test, not from the lane's loop; on a busy machine that may take a while.
    monkeypatch.setattr(submitting, "AT_ONCE", 20.0)
    return Costs(rig, tmp_path)


async def asks_and_goes_at_once(costs: Costs, source: str = SOURCE) -> None:
    costs.rig.clock.advance(INTERVAL)
    asking = asyncio.create_task(costs.ask(source=source))
    await eventually(costs.rig.lane.submit_one)
    await asking


async def is_made_and_delivered(rig: Rig, task: str = "task-000001") -> None:
    await rig.announce()
    rig.music.made(task, D, D)
    await rig.query()
    await rig.announce()


async def states(rig: Rig) -> list[JobState]:
    return [job.state for job in [await rig.jobs.by_task(f"task-{number + 1:06}") for number in range(len(rig.music.submits))] if job]


async def test_a_job_that_goes_at_once(rig: Rig, costs: Costs) -> None:
    await asks_and_goes_at_once(costs)
    await is_made_and_delivered(rig)
    cost = costs.so_far()
    assert await states(rig) == [JobState.DELIVERED]
    # Accepted; acknowledged and claimed; generating; ready, with its clips; delivered and announced.
    assert cost.statements == ["INSERT INTO", *["UPDATE jobs"] * 4]
    assert (cost.transactions, cost.requests) == (5, MOST_REQUESTS)


async def test_a_job_that_waits_in_line(rig: Rig, costs: Costs) -> None:
    await costs.ask()
    await rig.announce()
    assert rig.announcer.sent == [], "the first answer says it all"
    await rig.submit()
    await is_made_and_delivered(rig)
    cost = costs.so_far()
    assert await states(rig) == [JobState.DELIVERED]
    # Accepted; acknowledged; claimed; generating; ready, with its clips; delivered and announced.
    assert cost.statements == ["INSERT INTO", *["UPDATE jobs"] * 5]
    assert (cost.transactions, cost.requests) == (MOST_STATEMENTS, MOST_REQUESTS)


async def test_a_job_that_continues_a_known_track(rig: Rig, costs: Costs, tmp_path: Path) -> None:
    await costs.ask()
    await rig.submit()
    await is_made_and_delivered(rig)
    source = "task-000001-clip-0"
    assert await rig.accepting.source(source, VIEWER) is not None, "its start point was suggested"
    costs = Costs(rig, tmp_path)
    await asks_and_goes_at_once(costs, source)
    await is_made_and_delivered(rig, "task-000002")
    cost = costs.so_far()
    assert await states(rig) == [JobState.DELIVERED] * 2
    assert cost.statements == ["INSERT INTO", *["UPDATE jobs"] * 4], "it was read before"
    assert cost.requests == MOST_REQUESTS


@pytest.mark.parametrize("in_line", [False, True])
@pytest.mark.parametrize("how", ["refused", "while it was made"])
async def test_a_job_that_fails(rig: Rig, costs: Costs, how: str, in_line: bool) -> None:
    if how == "refused":
        rig.music.answers.append(Refused("no"))
    if in_line:
        await costs.ask()
        await rig.submit()
    else:
        await asks_and_goes_at_once(costs)
    await rig.announce()
    if how != "refused":
        rig.music.made("task-000001", F, F)
        await rig.query()
        await rig.announce()
    cost = costs.so_far()
    (job,) = [await rig.row(sent.job) for sent in rig.announcer.of("show_reply")[-1:]]
    assert (job.state, job.announced) == (JobState.FAILED, job.revision)
    # Accepted; acknowledged, if it waited; claimed; generating, if it was made; failed; announced.
    assert len(cost.statements) == cost.transactions == 4 + in_line + (how != "refused")
    assert cost.requests == (3 if how != "refused" else 2)
    assert len(cost.statements) <= MOST_STATEMENTS


async def test_of_a_crowd_the_first_half_of_their_lives_is_shared(rig: Rig, costs: Costs) -> None:
    await asyncio.gather(*(costs.ask(USER + number) for number in range(20)))
    cost = costs.so_far()
    assert cost.statements.count("INSERT INTO") <= 2
    assert len(cost.statements) <= 6
    assert cost.transactions == len(cost.statements)
    assert cost.requests == 20
