"""Sessions as they are kept, and their ballots: a vote that was answered counts, and none does once its ballot is closed."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.sessions.model import Ending, Extension, Idea, Outcome, Pause, Phase, Player, Round, Session, Trouble
from bot.domain.sessions.plans import Mode, Plan
from bot.services.ports.sessions import SessionStore
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.sessions import Sessions
from tests.contract.builders import GUILD, USER, make_session, make_take
from tests.fakes import MoodyDatabase

ROUND = Round(number=1, seq=1, first_seq=1, source=make_take())
VOTING = make_session(phase=Phase.VOTE, current=ROUND, due=99.0)
BALLOT = "vote 1"


@pytest.fixture
def store(database: Database) -> Sessions:
    return Sessions(database, spaced=False)


def on(session: Session, **changes: object) -> Session:
    """Return a session one revision on."""
    return replace(session, revision=session.revision + 1, **changes)  # pyright: ignore[reportArgumentType] - any field


CLOSED = on(VOTING, counting=True, due=None)


def everything() -> Session:
    """Make a session of which no field is as it is by default, nor of any part of it."""
    idea = Idea(number=2, user_id=USER + 2, tags="wave, ünïcode 🎵", title='"A"\\', start=12.25, moved=True)
    played = Round(
        number=2,
        seq=3,
        first_seq=2,
        source=make_take("clip-b", seconds=61.0),
        ideas=(idea, replace(idea, number=3)),
        waited=True,
        repeated=True,
        up=USER + 3,
        chosen=2,
        tried=(1, 3),
        votes={"2": 5, "3": 1},
        job_id="session001x1",
        trouble=Trouble.UNKNOWN,
        takes=(make_take("clip-c"), make_take("clip-d", variant="B")),
        picked="clip-d",
        by=USER + 2,
        outcome=Outcome.CHOSEN,
    )
    extension = Extension(
        job_id="session001x1",
        user_id=USER + 2,
        number=2,
        source=make_take(),
        start=12.25,
        tags="wave",
        title="On",
        done=True,
        trouble=Trouble.STALLED,
    )
    return Session(
        id="session001",
        guild_id=GUILD,
        channel_id=USER + 5,
        place_id=USER + 6,
        host_id=USER,
        plan=Plan(name="Friday", theme="rain", mode=Mode.RELAY, rounds=5, round_seconds=60.0, role_id=USER + 7, budget=9, pings=False),
        root=make_take(),
        head=make_take("clip-d"),
        phase=Phase.TAKES,
        current=played,
        past=(played, replace(played, seq=2)),
        last_seq=3,
        line=(Player(user_id=USER + 3, passes=1),),
        people=(USER, USER + 2),
        removed=frozenset({USER + 8, USER + 9}),
        offered_to=USER + 2,
        extensions=(extension,),
        due=1_774_785_600.125,
        left=7.5,
        counting=True,
        paused=Pause.AWAY,
        held=True,
        ending=Ending.BUDGET,
        openings=2,
        revision=1,
        created_at=1_774_785_000.1,
        ended_at=1_774_785_700.2,
    )


def left_out(part: object, where: str = "") -> list[str]:
    """Name what is as it is by default."""
    if isinstance(part, tuple) and part:
        return left_out(part[0], where)
    if not is_dataclass(part):
        return []
    names: list[str] = []
    for field in fields(part):
        value = getattr(part, field.name)
        names += [f"{where}.{field.name}"] if value == field.default else left_out(value, f"{where}.{field.name}")
    return names


def test_it_is_what_the_services_ask_for(store: Sessions) -> None:
    port: SessionStore = store
    assert port is store


async def test_a_session_is_read_exactly_as_it_was_written(store: Sessions) -> None:
    session = everything()
    assert left_out(session) == []
    assert await store.add(session)
    found = await store.get(session.id)
    assert found is not None
    assert found == session
    assert type(found.removed) is frozenset
    assert await store.get("session999") is None


async def test_foreign_text_cannot_make_a_session_unreadable(store: Sessions) -> None:
    session = make_session(plan=Plan(name="a\ud800b", theme="nul \0 \u2028"))
    assert await store.add(session)
    found = await store.get(session.id)
    assert found is not None
    assert (found.plan.name, found.plan.theme) == ("a?b", "nul \0 \u2028")


async def test_there_is_one_of_an_id_and_one_live_one_in_a_thread(store: Sessions) -> None:
    first = make_session()
    assert await store.add(first)
    assert not await store.add(replace(first, place_id=5))
    assert not await store.add(make_session(2, place_id=first.place_id))
    elsewhere = make_session(2)
    assert await store.add(elsewhere)
    assert not await store.save(on(elsewhere, place_id=first.place_id))
    assert await store.get(elsewhere.id) == elsewhere
    assert await store.add(make_session(3, place_id=None))
    assert await store.add(make_session(4, place_id=None)), "that are not open yet"
    assert await store.save(on(first, phase=Phase.ENDED, ended_at=9.0))
    assert await store.save(on(elsewhere, place_id=first.place_id)), "the thread is free again"


async def test_whoever_has_not_seen_the_last_change_changes_nothing(store: Sessions) -> None:
    first = make_session()
    assert await store.add(first)
    second = on(first, held=True)
    assert await store.save(second)
    assert not await store.save(on(first, openings=9))
    assert not await store.save(on(on(second)))
    assert not await store.save(on(make_session(2)))
    assert await store.get(first.id) == second


async def test_live_ones_are_those_whose_recap_is_still_owed_too(store: Sessions) -> None:
    phases = (Phase.OPENING, Phase.ENDED, Phase.ENDING, Phase.STUCK)
    for number, phase in enumerate(phases):
        assert await store.add(make_session(9 - number, phase=phase))
    assert [session.phase for session in await store.live()] == [Phase.STUCK, Phase.ENDING, Phase.OPENING]


async def test_in_a_thread_the_live_one_is_found_or_else_the_newest(store: Sessions) -> None:
    ended = [make_session(number, place_id=7, phase=Phase.ENDED) for number in (1, 3, 2)]
    for session in ended:
        assert await store.add(session)
    found = await store.of_place(7)
    assert found is not None
    assert found.created_at == 3.0
    live = make_session(0, place_id=7)
    assert await store.add(live)
    assert await store.of_place(7) == live
    assert await store.of_place(8) is None


async def test_a_servers_history_has_the_newest_first(store: Sessions) -> None:
    for number in range(1, 5):
        assert await store.add(make_session(number, phase=Phase.ENDED, ended_at=100.0 - number))
    assert await store.add(make_session(8, phase=Phase.ENDING, ended_at=200.0))
    assert await store.add(make_session(9, phase=Phase.ENDED, ended_at=200.0, guild_id=GUILD + 1))
    assert [session.id for session in await store.ended(GUILD, limit=3)] == ["session001", "session002", "session003"]


async def test_the_last_vote_of_a_person_counts(store: Sessions) -> None:
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
async def test_a_vote_in_a_closed_ballot_changes_nothing(store: Sessions, closed: Session) -> None:
    assert await store.add(VOTING)
    assert await store.vote(VOTING.id, BALLOT, 1, "1", at=1.0)
    assert await store.save(closed)
    assert not await store.vote(VOTING.id, BALLOT, 1, "2", at=2.0)
    assert not await store.vote(VOTING.id, BALLOT, 2, "2", at=2.0)
    assert not await store.vote("session999", BALLOT, 2, "2", at=2.0)
    assert await store.tally(VOTING.id, BALLOT, without=()) == {"1": 1}


async def test_a_ballot_that_is_opened_again_goes_on(store: Sessions) -> None:
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
        store = Sessions(database, spaced=False)
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
        store = Sessions(database, spaced=False)
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
        store = Sessions(quick, spaced=False)
        assert await store.add(VOTING)
        voting = asyncio.create_task(Sessions(slow, spaced=False).vote(VOTING.id, BALLOT, 1, "1", at=1.0))
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
        store = Sessions(quick, spaced=False)
        assert await store.add(VOTING)
        closing = asyncio.create_task(Sessions(slow, spaced=False).save(CLOSED))
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
        stores = [Sessions(one, spaced=False), Sessions(another, spaced=False)]
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
