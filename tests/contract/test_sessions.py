"""Sessions as they are kept: each as it was written, one in a thread, and found by what people ask for."""

from dataclasses import fields, is_dataclass, replace
from typing import cast

import pytest

from bot.domain.sessions.model import Ending, Extension, Idea, Outcome, Pause, Phase, Player, Round, Session, Trouble
from bot.domain.sessions.plans import Mode, Plan
from bot.services.ports import sessions as ports
from bot.store.database import Database
from bot.store.sessions import SessionStore
from tests.contract.builders import GUILD, USER, make_session, make_take


@pytest.fixture
def store(database: Database) -> SessionStore:
    return SessionStore(database, spaced=False)


def on(session: Session, **changes: object) -> Session:
    """Return a session one revision on."""
    return replace(session, revision=session.revision + 1, **changes)  # pyright: ignore[reportArgumentType] - any field


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
        idea_votes={"2": 4},
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
    if isinstance(part, tuple):
        return [name for each in cast("tuple[object, ...]", part) for name in left_out(each, where)]
    if not is_dataclass(part):
        return []
    names: list[str] = []
    for field in fields(part):
        value = getattr(part, field.name)
        names += [f"{where}.{field.name}"] if value == field.default else left_out(value, f"{where}.{field.name}")
    return names


def test_it_is_what_the_services_ask_for(store: SessionStore) -> None:
    port: ports.SessionStore = store
    assert port is store


async def test_a_session_is_read_exactly_as_it_was_written(store: SessionStore) -> None:
    session = everything()
    assert left_out(session) == []
    assert await store.add(session)
    found = await store.get(session.id)
    assert found is not None
    assert found == session
    assert type(found.removed) is frozenset
    assert await store.get("session999") is None


async def test_foreign_text_cannot_make_a_session_unreadable(store: SessionStore) -> None:
    session = make_session(plan=Plan(name="a\ud800b", theme="nul \0 \u2028"))
    assert await store.add(session)
    found = await store.get(session.id)
    assert found is not None
    assert (found.plan.name, found.plan.theme) == ("a?b", "nul \0 \u2028")


async def test_there_is_one_of_an_id_and_one_live_one_in_a_thread(store: SessionStore) -> None:
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


async def test_whoever_has_not_seen_the_last_change_changes_nothing(store: SessionStore) -> None:
    first = make_session()
    assert await store.add(first)
    second = on(first, held=True)
    assert await store.save(second)
    assert not await store.save(on(first, openings=9))
    assert not await store.save(on(on(second)))
    assert not await store.save(on(make_session(2)))
    assert await store.get(first.id) == second


async def test_live_ones_are_those_whose_recap_is_still_owed_too(store: SessionStore) -> None:
    phases = (Phase.OPENING, Phase.ENDED, Phase.ENDING, Phase.STUCK)
    for number, phase in enumerate(phases):
        assert await store.add(make_session(9 - number, phase=phase))
    assert [session.phase for session in await store.live()] == [Phase.STUCK, Phase.ENDING, Phase.OPENING]


async def test_in_a_thread_the_live_one_is_found_or_else_the_newest(store: SessionStore) -> None:
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


async def test_a_servers_history_has_the_newest_first(store: SessionStore) -> None:
    for number in range(1, 5):
        assert await store.add(make_session(number, phase=Phase.ENDED, ended_at=100.0 - number))
    assert await store.add(make_session(8, phase=Phase.ENDING, ended_at=200.0))
    assert await store.add(make_session(9, phase=Phase.ENDED, ended_at=200.0, guild_id=GUILD + 1))
    assert [session.id for session in await store.ended(GUILD, limit=3)] == ["session001", "session002", "session003"]
