"""What sessions hold of a person: deleted on their wish, and told to themselves."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from bot.domain.actors import NOBODY
from bot.domain.erasing import UNTITLED
from bot.domain.jobs import JobState
from bot.domain.limits import Limits
from bot.domain.posts import Post, PostKind
from bot.domain.sessions.model import Extension, Idea, Phase, Round, Session
from bot.domain.sessions.posts import all_posts, opening_post, recap_posts, round_post
from bot.errors import StoreUnavailable
from bot.store.migrate import migrate
from bot.store.sessions import SessionStore
from tests.contract.builders import GUILD, USER, make_session, make_session_job, make_take
from tests.unit.rig import Rig

OTHER = USER + 77
SECRET = "Secret Sunrise"
THEIRS = Idea(number=1, user_id=USER, tags=SECRET, title=SECRET, start=1.0)
OTHERS = Idea(number=2, user_id=OTHER, tags="wave", title="Mine", start=2.0)
FIRST = Round(number=1, seq=1, first_seq=1, source=make_take(title=SECRET), ideas=(THEIRS, OTHERS), by=USER)
SECOND = Round(number=2, seq=2, first_seq=2, source=make_take("clip-b", user_id=OTHER), ideas=(OTHERS, THEIRS))
MADE = Extension(job_id="session001x1", user_id=USER, number=1, source=FIRST.source, start=1.0, tags=SECRET, title=SECRET, done=True)
LIVE = make_session(
    root=make_take(title=SECRET),
    head=make_take("clip-b", user_id=OTHER),
    phase=Phase.VOTE,
    past=(FIRST,),
    current=SECOND,
    last_seq=2,
    openings=1,
    people=(USER, OTHER),
    extensions=(MADE,),
)
ENDED = make_session(2, phase=Phase.ENDED, ended_at=9.0, host_id=OTHER, people=(OTHER, USER), past=(FIRST,), last_seq=1)
STRANGERS = make_session(3, host_id=OTHER, people=(OTHER,), root=make_take(user_id=OTHER), head=make_take(user_id=OTHER))


@pytest.fixture
async def rig(url: str) -> AsyncGenerator[Rig]:
    await migrate(url)
    async with Rig(url) as rig:
        yield rig


@pytest.fixture
async def store(rig: Rig) -> SessionStore:
    store = SessionStore(rig.database, spaced=False)
    for session in (LIVE, ENDED, STRANGERS):
        assert await store.add(session)
    for person in (USER, OTHER):
        assert await store.vote(LIVE.id, "vote 2", person, "2", at=rig.clock.now())
    return store


def shown(post_id: str, kind: PostKind, **given: bool) -> Post:
    usual = Post(
        id=post_id,
        kind=kind,
        guild_id=GUILD,
        channel_id=5,
        user_id=NOBODY,
        clip_id="",
        task_id="",
        created_at=1.0,
        message_id=7,
        revision=1,
        announced=1,
    )
    return replace(usual, **given)


async def found(store: SessionStore, session: Session) -> Session:
    there = await store.get(session.id)
    assert there is not None
    return there


async def test_nothing_of_a_person_is_left_in_any_session(rig: Rig, store: SessionStore) -> None:
    await rig.services.erasing.begin(USER)
    live, ended = await found(store, LIVE), await found(store, ENDED)
    for session in (live, ended):
        assert str(USER) not in repr(session)
        assert SECRET not in repr(session)
        assert session.revision == 2
    assert (live.host_id, live.offered_to, live.people) == (NOBODY, OTHER, (OTHER,))
    assert [idea.title for each in live.shown for idea in each.ideas] == ["Mine", "Mine"]
    assert (live.root.title, live.past[0].by) == (UNTITLED, NOBODY)
    assert (ended.host_id, ended.phase) == (OTHER, Phase.ENDED)
    assert await found(store, STRANGERS) == STRANGERS
    assert rig.services.sessions_told == [LIVE.id, ENDED.id]
    assert await store.vote(LIVE.id, "vote 2", OTHER, "2", at=1.0), "the vote goes on"
    assert not await store.save(replace(LIVE, revision=2)), "nobody writes what was before"


async def test_their_votes_go_and_those_of_others_stay(rig: Rig, store: SessionStore) -> None:
    await rig.services.erasing.begin(USER)
    rig.clock.advance(1.0)
    await rig.services.erasing.step()
    assert await store.vote_of(LIVE.id, "vote 2", USER) is None
    assert await store.tally(LIVE.id, "vote 2", without=()) == {"2": 1}


async def test_what_shows_one_of_their_sessions_is_owed_an_edit(rig: Rig, store: SessionStore) -> None:
    of_live = [
        shown(opening_post(LIVE), PostKind.SESSION),
        shown(round_post(LIVE, 1), PostKind.ROUND),
        shown(round_post(LIVE, 2), PostKind.ROUND, removed=True),
    ]
    of_ended = [shown(post_id, PostKind.RECAP) for post_id in recap_posts(ENDED)]
    others = [shown(round_post(STRANGERS, 1), PostKind.ROUND)]
    for post in (*of_live, *of_ended, *others):
        assert await rig.services.posts.add(post)
    assert {post.id for post in of_live} < set(all_posts(LIVE))
    await rig.services.erasing.begin(USER)
    owed = {post.id for post in await rig.services.posts.owed()}
    assert owed == {of_live[0].id, of_live[1].id, of_ended[0].id, of_ended[1].id}
    await rig.services.erasing.step()
    assert rig.services.posts_told


async def test_what_they_do_in_a_session_afterwards_is_new(rig: Rig, store: SessionStore) -> None:
    await rig.services.erasing.begin(USER)
    rig.clock.advance(1.0)
    back = (await found(store, LIVE)).with_person(USER)
    back = replace(back, revision=back.revision + 1)
    assert await store.save(back)
    assert await store.vote(LIVE.id, "vote 2", USER, "1", at=rig.clock.now())
    await rig.services.erasing.step()
    assert await found(store, LIVE) == back
    assert await store.vote_of(LIVE.id, "vote 2", USER) == "1"


async def test_it_is_all_or_nothing(rig: Rig, store: SessionStore) -> None:
    rig.database.unheard = frozenset({rig.database.writes + 1})
    with pytest.raises(StoreUnavailable):
        await rig.services.erasing.begin(USER)
    assert len(await rig.services.erasing._store.under_way()) == 1  # pyright: ignore[reportPrivateUsage] - what the next process reads
    assert str(USER) not in repr(await found(store, LIVE))


async def test_a_session_hears_of_its_jobs_that_were_taken_back(rig: Rig, store: SessionStore) -> None:
    now = rig.clock.now()
    waiting = make_session_job(1, created_at=now, title=SECRET)
    delivered = make_session_job(2, created_at=now, title=SECRET, state=JobState.DELIVERED)
    for job in (waiting, delivered):
        assert await rig.jobs.accept(job, limits=Limits())
    rig.lanes.enter(waiting)
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    assert {(job.id, job.state) for job in rig.services.session_jobs} == {
        (waiting.id, JobState.CANCELLED),
        (delivered.id, JobState.DELIVERED),
    }
    await rig.announce()
    assert rig.announcer.sent == [], "no reply of theirs is there to be edited"
    assert not await rig.submit(), "what was in line is not sent"
    rig.clock.advance(2 * 86_400.0)
    assert not await rig.services.erasing.step()
    row = await rig.row(delivered)
    assert (row.origin.user_id, row.title, row.session_id) == (NOBODY, "", LIVE.id)


async def test_a_private_export_holds_their_part_and_nothing_of_others(rig: Rig, store: SessionStore) -> None:
    kept = await rig.services.belongings.of(USER)
    (ended, live) = kept["sessions"]
    assert (live["id"], live["host"], live["guild_id"]) == (LIVE.id, True, str(GUILD))
    assert (ended["id"], ended["host"], ended["ended_at"]) == (ENDED.id, False, 9.0)
    idea = {"tags": SECRET, "title": SECRET}
    assert live["ideas"] == [{"round": 1, "start": 1.0, **idea}, {"round": 2, "start": 1.0, **idea}]
    assert [(vote["session_id"], vote["choice"]) for vote in kept["session_votes"]] == [(LIVE.id, "2")]
    assert str(OTHER) not in str(kept)
    assert "Mine" not in str(kept)
    assert (await rig.services.belongings.of(USER + 1))["sessions"] == []
