"""The ballots of sessions: a vote that was answered counts, and none does once its ballot is closed."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.sessions.model import Pause, Phase, Round, Session
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.sessions import SessionStore
from tests.contract.builders import make_session, make_take
from tests.fakes import MoodyDatabase

ROUND = Round(number=1, seq=1, first_seq=1, source=make_take())
VOTING = make_session(phase=Phase.VOTE, current=ROUND, due=99.0)
BALLOT = "vote 1"


@pytest.fixture
def store(database: Database) -> SessionStore:
    return SessionStore(database, spaced=False)


def on(session: Session, **changes: object) -> Session:
    """Return a session one revision on."""
    return replace(session, revision=session.revision + 1, **changes)  # pyright: ignore[reportArgumentType] - any field


CLOSED = on(VOTING, counting=True, due=None)


async def test_the_last_vote_of_a_person_counts(store: SessionStore) -> None:
    assert await store.add(VOTING)
    for number, (person, choice) in enumerate(((1, "1"), (2, "1"), (3, "2"), (1, "2"), (4, "3"))):
        assert await store.vote(VOTING.id, BALLOT, person, choice, at=float(number))
    assert await store.tally(VOTING.id, BALLOT, without=()) == {"1": 1, "2": 2, "3": 1}
    assert await store.tally(VOTING.id, BALLOT, without={3, 4}) == {"1": 1, "2": 1}
    assert await store.turnout(VOTING.id, BALLOT) == 4
    assert [await store.vote_of(VOTING.id, BALLOT, person) for person in (1, 2, 9)] == ["2", "1", None]
    assert await store.turnout(VOTING.id, "vote 2") == 0
    assert await store.tally("session999", BALLOT, without=()) == {}


@pytest.mark.parametrize(
    "closed",
    [
        on(VOTING, counting=True),
        on(VOTING, paused=Pause.HOST),
        on(VOTING, phase=Phase.EXTENDING),
        on(VOTING, current=replace(ROUND, first_seq=2)),
        on(VOTING, phase=Phase.ENDED),
    ],
)
async def test_a_vote_in_a_closed_ballot_changes_nothing(store: SessionStore, closed: Session) -> None:
    assert await store.add(VOTING)
    assert await store.vote(VOTING.id, BALLOT, 1, "1", at=1.0)
    assert await store.save(closed)
    assert not await store.vote(VOTING.id, BALLOT, 1, "2", at=2.0)
    assert not await store.vote(VOTING.id, BALLOT, 2, "2", at=2.0)
    assert not await store.vote("session999", BALLOT, 2, "2", at=2.0)
    assert await store.tally(VOTING.id, BALLOT, without=()) == {"1": 1}


async def test_a_ballot_that_is_opened_again_goes_on(store: SessionStore) -> None:
    assert await store.add(VOTING)
    assert await store.vote(VOTING.id, BALLOT, 1, "1", at=1.0)
    paused = on(VOTING, paused=Pause.HOST)
    assert await store.save(paused)
    assert await store.save(on(paused, paused=None))
    assert await store.vote(VOTING.id, BALLOT, 2, "1", at=2.0)
    assert await store.tally(VOTING.id, BALLOT, without=()) == {"1": 2}


async def test_a_crowd_shares_its_writes_and_each_hears_of_its_own_vote(url: str) -> None:
    await migrate(url)
    async with MoodyDatabase(url) as database:
        store = SessionStore(database, spaced=False)
        assert await store.add(VOTING)
        assert await store.add(make_session(2))
        before = database.writes
        asked = [(VOTING.id if person % 5 else "session002", person) for person in range(500)]
        again = [(VOTING.id, 1, "7"), (VOTING.id, 2, "7")]
        cast = [(session_id, person, str(person % 3)) for session_id, person in asked] + again
        answers = await asyncio.gather(
            *(store.vote(session_id, BALLOT, person, choice, at=float(number)) for number, (session_id, person, choice) in enumerate(cast))
        )
        assert answers == [session_id == VOTING.id for session_id, _, _ in cast]
        assert database.writes - before == 3
        assert await store.turnout(VOTING.id, BALLOT) == 400
        assert (await store.tally(VOTING.id, BALLOT, without=()))["7"] == 2


async def test_an_outage_is_told_to_all_who_voted(url: str) -> None:
    await migrate(url)
    async with MoodyDatabase(url) as database:
        store = SessionStore(database, spaced=False)
        assert await store.add(VOTING)
        database.away = 1
        votes = (store.vote(VOTING.id, BALLOT, person, "1", at=1.0) for person in range(3))
        answers = await asyncio.gather(*votes, return_exceptions=True)
        assert [type(answer).__name__ for answer in answers] == ["StoreUnavailable"] * 3
        assert await store.vote(VOTING.id, BALLOT, 1, "1", at=2.0)


class Unhurried(Database):
    """Says when it has written, and does not commit before it may."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.has_written, self.may_commit = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        async with super().write() as connection:
            yield connection
            self.has_written.set()
            await self.may_commit.wait()

    @asynccontextmanager
    async def write_one(self) -> AsyncGenerator[AsyncConnection]:
        async with self.write() as connection:
            yield connection


async def test_who_closes_a_ballot_waits_for_the_votes_that_are_being_written(url: str) -> None:
    await migrate(url)
    async with Unhurried(url) as slow, Database(url) as quick:
        store = SessionStore(quick, spaced=False)
        assert await store.add(VOTING)
        voting = asyncio.create_task(SessionStore(slow, spaced=False).vote(VOTING.id, BALLOT, 1, "1", at=1.0))
        await slow.has_written.wait()
        closing = asyncio.create_task(store.save(CLOSED))
        done, _ = await asyncio.wait({closing}, timeout=0.3)
        assert not done, "a vote is on its way"
        slow.may_commit.set()
        assert await voting
        assert await closing
        assert await store.tally(VOTING.id, BALLOT, without=()) == {"1": 1}


async def test_who_votes_waits_for_whoever_is_just_closing_the_ballot(url: str) -> None:
    await migrate(url)
    async with Unhurried(url) as slow, Database(url) as quick:
        store = SessionStore(quick, spaced=False)
        assert await store.add(VOTING)
        closing = asyncio.create_task(SessionStore(slow, spaced=False).save(CLOSED))
        await slow.has_written.wait()
        voting = asyncio.create_task(store.vote(VOTING.id, BALLOT, 1, "1", at=1.0))
        done, _ = await asyncio.wait({voting}, timeout=0.3)
        assert not done, "the ballot may be closed already"
        slow.may_commit.set()
        assert await closing
        assert not await voting
        assert await store.turnout(VOTING.id, BALLOT) == 0


async def test_at_the_deadline_every_vote_is_either_counted_or_refused(url: str) -> None:
    """Hundreds vote over two connections, and the ballot is closed in their midst."""
    await migrate(url)
    async with Database(url) as one, Database(url) as another:
        stores = [SessionStore(one, spaced=False), SessionStore(another, spaced=False)]
        assert await stores[0].add(VOTING)

        answers: dict[int, bool] = {}
        some_have_voted = asyncio.Event()

        async def vote(person: int) -> None:
            answers[person] = await stores[person % 2].vote(VOTING.id, BALLOT, person, str(person % 3), at=1.0)

        async def everybody() -> None:
            for first in range(0, 200, 20):
                await asyncio.gather(*map(vote, range(first, first + 20)))
                some_have_voted.set()

        async def close() -> dict[str, int]:
            await some_have_voted.wait()
            assert await stores[0].save(CLOSED)
            return await stores[0].tally(VOTING.id, BALLOT, without=())

        tally, _ = await asyncio.gather(close(), everybody())
        counted = Counter(str(person % 3) for person, counts in answers.items() if counts)
        assert 20 <= counted.total() <= 200
        assert tally == counted
        assert await stores[1].tally(VOTING.id, BALLOT, without=()) == tally
