"""No statement of the store reads a whole table, however long the history is."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from sqlalchemy import Connection, event, insert

from bot.domain.jobs import JobState, amend
from bot.domain.library import PAGE, Sort, View, Whose
from bot.domain.limits import Limits
from bot.domain.sessions.model import Phase, Round
from bot.domain.usage import OfOperator, OfPerson, OfServer, Scope
from bot.domain.viewing import Viewer
from bot.errors import KnownSource, LimitReached
from bot.store.census import count_owed, count_unsettled
from bot.store.clips import Clips
from bot.store.clips import to_row as clip_row
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.exports import Exports
from bot.store.families import Families
from bot.store.jobs import Jobs
from bot.store.jobs import to_row as job_row
from bot.store.ledger import Ledger
from bot.store.library import Library
from bot.store.posts import Posts
from bot.store.sessions import SessionStore
from bot.store.sessions import to_row as session_row
from bot.store.sqlite_writer import SqliteWriter, Value
from bot.store.tables import clips, drafts, favourites, jobs, posts, session_votes, sessions, votes
from bot.store.urls import parse_url, sqlite_file
from bot.store.votes import Votes
from tests.contract.builders import GUILD, USER, make_clip, make_job, make_post, make_session
from tests.contract.conftest import copied
from tests.postgres import fresh_database, name_in

MANY = 8000
VIEWER = Viewer(USER, GUILD)
PEOPLE = 60


async def fill(database: Database) -> None:
    """Write a long history: people who made things on one server, nearly all of them long since delivered."""
    history = [
        make_job(
            number,
            user_id=USER + number % PEOPLE,
            state=JobState.DELIVERED,
            revision=3,
            announced=3,
            task_id=f"task-{number}",
            origin={"reply_token": None},
        )
        for number in range(MANY)
    ]
    history[-20:] = [replace(job, state=JobState.GENERATING, origin=make_job(n).origin) for n, job in enumerate(history[-20:], MANY)]
    made = [
        make_clip(
            f"clip-{number}",
            task_id=f"task-{number}",
            tags="tropical house, wave, synthwave, " * 5,
            parent_id=f"clip-{number // 2}" if number else None,
        )
        for number in range(MANY)
    ]
    typed: list[dict[str, object]] = [
        {"id": f"draft-{number}", "user_id": USER, "fields": {}, "expires_at": 1e9 + number} for number in range(MANY)
    ]
    async with database.write() as connection:
        await connection.execute(insert(jobs), [job_row(job) for job in history])
        await connection.execute(insert(clips), [clip_row(clip) for clip in made])
        await connection.execute(insert(drafts), typed)
        liked = [{"user_id": USER + number % PEOPLE, "clip_id": f"clip-{number}", "created_at": float(number)} for number in range(MANY)]
        await connection.execute(insert(favourites), liked)
        shown = {"kind": "share", "guild_id": GUILD, "channel_id": 1, "user_id": USER, "note": "", "created_at": 1.0, "message_id": 1}
        told = {"revision": 1, "announced": 1, "removed": False, "given_up": False}
        shared = [shown | told | {"id": f"post{n}", "clip_id": f"clip-{n}", "task_id": f"task-{n}"} for n in range(MANY)]
        await connection.execute(insert(posts), shared)
        await connection.execute(insert(votes), [{"guild_id": GUILD, **each} for each in liked])
    async with database.write_one() as connection:
        await connection.exec_driver_sql("ANALYZE")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sqlite_history(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a file once; the tests work on copies."""
    url = copied(migrated, tmp_path_factory.mktemp("history"))
    async with Database(url) as database:
        await fill(database)
    return sqlite_file(parse_url(url))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgres_history(postgres_url: str, migrated_template: str) -> AsyncGenerator[str]:
    """Fill a database on the server once, and yield its name; the tests work on copies."""
    async with fresh_database(postgres_url, migrated_template) as url:
        async with Database(url) as database:
            await fill(database)
        yield name_in(url)


@pytest.fixture
def sqlite_history_url(sqlite_history: Path, tmp_path: Path) -> str:
    return copied(sqlite_history, tmp_path)


@pytest.fixture
async def postgres_history_url(postgres_url: str, postgres_history: str) -> AsyncGenerator[str]:
    async with fresh_database(postgres_url, postgres_history) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def history_url(request: pytest.FixtureRequest) -> str:
    return cast("str", request.getfixturevalue(f"{request.param}_history_url"))


@pytest.fixture
async def history(history_url: str) -> AsyncGenerator[Database]:
    async with Database(history_url) as database:
        yield database


async def plan_of(database: Database, act: Callable[[], Awaitable[object]]) -> str:
    """Do the act, then let the database explain every statement that was sent."""
    sent: list[tuple[str, Any]] = []

    def on_execute(_connection: Connection, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SELECT pg_advisory")):
            sent.append((statement, parameters))

    async def by_the_short_way(_self: SqliteWriter, sql: str, rows: Sequence[Sequence[Value]]) -> bool:
        sent.append((sql, tuple(rows[0])))
        return await execute_each(_self, sql, rows)

    execute_each = SqliteWriter.execute_each
    event.listen(database.engine.sync_engine, "before_cursor_execute", on_execute)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SqliteWriter, "execute_each", by_the_short_way)
        await act()
    event.remove(database.engine.sync_engine, "before_cursor_execute", on_execute)
    assert sent
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    lines: list[str] = []
    # A transaction, in which a setting holds for what follows.
    async with database.write() as connection:
        for statement, parameters in sent:
            if statement.startswith("SET LOCAL"):
                await connection.exec_driver_sql(statement)
                continue
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            lines += [str(row[-1]) for row in rows]
    return "\n".join(lines)


def reads_a_whole_table(plan: str) -> bool:
    # SQLite says SCAN also of an index that is followed from end to end: of a partial one, which is as short as the work that is left.
    partials = ("ix_jobs_unsettled", "ix_jobs_removed", "ix_posts_owed")
    lines = (line for line in plan.splitlines() if not any(f"INDEX {partial}" in line for partial in partials))
    whole = [f"{way} {table}" for way in ("SCAN", "Seq Scan on") for table in ("jobs", "clips", "drafts", "favourites", "votes", "posts")]
    return any(step in line for line in lines for step in whole)


async def test_no_statement_reads_a_whole_table_and_each_uses_its_index(history: Database) -> None:
    jobs_store, clips_store, drafts_store, families = Jobs(history), Clips(history), Drafts(history, lambda: 1e9), Families(history)
    library = Library(history)
    is_sqlite = history.engine.dialect.name == "sqlite"
    # FTS5 says SCAN of whatever it does; M is for MATCH (`fts5_main.c`).
    index_of_words = "clip_search VIRTUAL TABLE INDEX 0:M" if is_sqlite else "ix_clips_search_words"
    key_of_jobs, key_of_clips = ("sqlite_autoindex_jobs", "sqlite_autoindex_clips") if is_sqlite else ("pk_jobs", "pk_clips")
    key_of_interactions, key_of_drafts = ("sqlite_autoindex_jobs", "sqlite_autoindex_drafts") if is_sqlite else ("uq_jobs", "pk_drafts")
    # With all of the history on one server and one key, either way is as short to PostgreSQL.
    of_lane = "ix_jobs_submits_of_lane" if is_sqlite else "ix_jobs_submits_of_"
    new = make_job(MANY + 100)
    twin = replace(new, id="twin")
    unknown, known = make_job(MANY + 101, source_id="elsewhere"), make_job(MANY + 102, source_id="clip-7")

    async def refused() -> None:
        with pytest.raises(KnownSource):
            await jobs_store.accept(known, limits=Limits(in_flight=100), unknown_source=True)

    async def limited() -> None:
        with pytest.raises(LimitReached):
            await jobs_store.accept(make_job(MANY + 103, user_id=USER + 103), limits=none_left)

    none_left = Limits(since=MANY - 5.0, in_flight=9, line=0, person=9, person_here=9, server=999, all=999)
    ledger = Ledger(history)

    exports, viewer = Exports(history), Viewer(USER, GUILD)

    async def placed() -> None:
        await exports.places(await families.of("clip-3500", viewer), viewer)

    def usage(scope: Scope) -> Callable[[], Awaitable[object]]:
        return lambda: ledger.usage(scope, today=MANY - 5.0, days=1, last=5, top=5)

    acts: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        # PostgreSQL counts in a function, by the conditions that the look at a refusal repeats (test_schema.py).
        ("ix_jobs_listed" if is_sqlite else "within_limits", lambda: jobs_store.accept(new, limits=Limits(in_flight=100))),
        ("ix_jobs_listed", limited),
        ("ix_jobs_task", lambda: jobs_store.accept(unknown, limits=Limits(in_flight=100), unknown_source=True)),
        (key_of_clips, refused),
        ("ix_jobs_submits_of_user", limited),
        ("ix_jobs_submits_of_guild", limited),
        (of_lane, limited),
        ("ix_jobs_queued", limited),
        ("ix_jobs_submits_of_user", usage(OfPerson(USER))),
        ("ix_jobs_submits_of_guild", usage(OfServer(GUILD))),
        (of_lane, usage(OfOperator())),
        ("ix_jobs_submits_of_user", lambda: ledger.spent(since=MANY - 5.0, user_id=USER, guild_id=GUILD)),
        (of_lane, lambda: ledger.spent(since=MANY - 5.0)),
        (key_of_interactions, lambda: jobs_store.accept(twin, limits=Limits(in_flight=100))),
        (key_of_jobs, lambda: jobs_store.get("job7")),
        ("ix_jobs_task", lambda: jobs_store.by_task("task-9")),
        ("ix_jobs_task", lambda: jobs_store.of_task("task-9")),
        ("ix_jobs_removed", jobs_store.removed_tasks),
        (key_of_interactions, lambda: jobs_store.by_interaction(USER + 1009)),
        (key_of_jobs, lambda: jobs_store.save(amend(new))),
        (key_of_jobs, lambda: jobs_store.save(amend(amend(new)), clips=[make_clip("clip-7")])),
        (key_of_jobs, lambda: jobs_store.announce("job7", 9)),
        ("ix_jobs_unsettled", jobs_store.unsettled),
        ("ix_jobs_unsettled", lambda: count_unsettled(history)),
        ("ix_posts_owed", lambda: count_owed(history)),
        ("ix_jobs_listed", lambda: jobs_store.of_user(USER, limit=10)),
        ("ix_jobs_tokens", lambda: jobs_store.forget_tokens(0.0)),
        (key_of_clips, lambda: clips_store.get("clip-1")),
        ("ix_clips_task", lambda: clips_store.of_task("task-1")),
        ("ix_jobs_tracks_of_user", lambda: clips_store.known_to(USER, None, text="", limit=25)),
        ("ix_jobs_tracks_of_guild", lambda: clips_store.known_to(USER, GUILD, text="", limit=25)),
        ("ix_clips_task", lambda: clips_store.known_to(USER, GUILD, text="nothing has this", limit=25)),
        ("ix_jobs_tags_of_user", lambda: clips_store.tag_sets(USER, GUILD, limit=25)),
        ("ix_jobs_tags_of_guild", lambda: clips_store.tag_sets(USER, GUILD, limit=25)),
        ("ix_jobs_tracks_of_user", lambda: library.page(View(), VIEWER, number=3, size=PAGE)),
        ("ix_jobs_tracks_of_user", lambda: library.page(View(sort=Sort.OLDEST), VIEWER, number=3, size=PAGE)),
        ("ix_jobs_tracks_of_guild", lambda: library.page(View(whose=Whose.HERE), VIEWER, number=3, size=PAGE)),
        ("ix_favourites_time", lambda: library.page(View(whose=Whose.FAVOURITES), VIEWER, number=0, size=PAGE)),
        (index_of_words, lambda: library.page(View(search="clip 77"), VIEWER, number=0, size=PAGE)),
        (index_of_words, lambda: library.page(View(whose=Whose.HERE, search="nothing has this"), VIEWER, number=0, size=PAGE)),
        (key_of_clips, lambda: library.entry("clip-7", VIEWER)),
        ("ix_posts_clip", lambda: library.posted("clip-7", "task-7", VIEWER)),
        ("ix_jobs_task", lambda: library.posted("nothing", "task-7", VIEWER)),
        (key_of_clips, lambda: library.rename("clip-7", USER + 7, "Day Bus")),
        ("ix_clips_audio", lambda: clips_store.audio_gone("clip-1.mp3")),
        (key_of_clips, lambda: families.path("clip-7000")),
        ("ix_clips_children", lambda: families.of("clip-3500", viewer)),
        ("ix_jobs_task", lambda: families.of("clip-3500", viewer)),
        ("ix_favourites_clip", lambda: families.of("clip-3500", viewer)),
        ("ix_jobs_tracks_of_user", lambda: exports.of_person(viewer)),
        ("ix_clips_task", lambda: exports.of_person(viewer)),
        ("ix_jobs_task", placed),
        ("ix_posts_clip", placed),
        (key_of_drafts, lambda: drafts_store.get("draft-1", USER)),
        ("ix_drafts_expires_at", lambda: drafts_store.keep(USER, {}, life=60.0)),
    ]
    for index, act in acts:
        plan = await plan_of(history, act)
        assert not reads_a_whole_table(plan), plan
        assert index in plan, plan


@pytest.mark.parametrize("view", [View(sort=Sort.TITLE), View(sort=Sort.LONGEST), View(sort=Sort.VOTES), View(search="night")])
@pytest.mark.parametrize("whose", list(Whose))
async def test_of_a_list_that_is_sorted_or_searched_for_a_common_word_the_newest_are_read(
    history: Database, whose: Whose, view: View
) -> None:
    plan = await plan_of(history, lambda: Library(history).page(replace(view, whose=whose), VIEWER, number=0, size=PAGE))
    index = {Whose.MINE: "ix_jobs_tracks_of_user", Whose.HERE: "ix_jobs_tracks_of_guild", Whose.FAVOURITES: "ix_favourites_time"}[whose]
    assert index in plan, plan
    assert not reads_a_whole_table(plan), plan


@pytest.mark.parametrize("text", ["", "wave", "nothing has this"])
async def test_the_newest_known_clips_are_read_without_the_rest(history: Database, text: str) -> None:
    """The newest jobs of the person and of the server are the first steps along an index; only what was found is joined and sorted."""
    plan = await plan_of(history, lambda: Clips(history).known_to(USER, GUILD, text=text, limit=25))
    for knower in ("user", "guild"):
        if history.engine.dialect.name == "sqlite":
            assert f"SEARCH jobs USING COVERING INDEX ix_jobs_tracks_of_{knower} ({knower}_id=?)" in plan, plan
            assert "CO-ROUTINE" in plan, plan
        else:
            assert f"Scan Backward using ix_jobs_tracks_of_{knower}" in plan or f"Index Scan on ix_jobs_tracks_of_{knower}" in plan, plan
    assert not reads_a_whole_table(plan), plan
    assert "ix_clips_task" in plan, plan


async def test_sessions_and_their_votes_are_found_by_their_indexes(history: Database) -> None:
    many = [make_session(n, place_id=n, guild_id=GUILD + n % PEOPLE, phase=Phase.ENDED, ended_at=float(n)) for n in range(999)]
    many[-9:] = [replace(session, phase=Phase.IDEAS, ended_at=None) for session in many[-9:]]
    cast = [
        {"session_id": f"session{n:03}", "ballot": "vote 1", "user_id": USER + person, "choice": "1", "created_at": 1.0}
        for n in range(999)
        for person in range(9)
    ]
    async with history.write() as connection:
        await connection.execute(insert(sessions), [session_row(session) for session in many])
        await connection.execute(insert(session_votes), cast)
    async with history.write_one() as connection:
        await connection.exec_driver_sql("ANALYZE")
    store = SessionStore(history, spaced=False)
    is_sqlite = history.engine.dialect.name == "sqlite"
    key, key_of_votes = ("sqlite_autoindex_sessions", "sqlite_autoindex_session_votes") if is_sqlite else ("pk_sessions", "pk_session_v")
    open_one = replace(many[-1], revision=2, phase=Phase.VOTE, current=Round(number=1, seq=1, first_seq=1, source=many[0].root))
    acts: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        (key, lambda: store.get("session007")),
        (key, lambda: store.save(open_one)),
        (key, lambda: store.vote(open_one.id, "vote 1", USER, "1", at=1.0)),
        ("_sessions_", store.live),
        ("ix_sessions_place", lambda: store.of_place(7)),
        ("ix_sessions_ended", lambda: store.ended(GUILD, limit=10)),
        (key_of_votes, lambda: store.vote_of("session007", "vote 1", USER)),
        (key_of_votes, lambda: store.turnout("session007", "vote 1")),
        (key_of_votes, lambda: store.tally("session007", "vote 1", without=(USER,))),
    ]
    for index, act in acts:
        plan = await plan_of(history, act)
        by_index = [line for line in plan.splitlines() if "INDEX ix_sessions_live" not in line]
        whole = [f"{way} {table}" for way in ("SCAN", "Seq Scan on") for table in ("sessions", "session_votes")]
        assert not any(step in line for line in by_index for step in whole), plan
        assert index in plan, plan


async def fill_posts(database: Database) -> None:
    """Write a long history of shares that are up, and a vote for each."""
    shares = [make_post(f"share{n}", clip_id=f"clip-{n}", task_id=f"task-{n}", message_id=n, announced=1) for n in range(MANY)]
    shares[-5:] = [replace(post, message_id=None, announced=0) for post in shares[-5:]]
    cast = [
        {"guild_id": GUILD + n % PEOPLE, "clip_id": f"clip-{n}", "user_id": USER + MANY + n, "created_at": float(n)} for n in range(MANY)
    ]
    async with database.write() as connection:
        await connection.execute(insert(posts), [asdict(post) for post in shares])
        await connection.execute(insert(votes), cast)
    async with database.write_one() as connection:
        await connection.exec_driver_sql("ANALYZE")


async def test_posts_and_votes_are_found_by_their_indexes(history: Database) -> None:
    await fill_posts(history)
    outbox, ballots = Posts(history), Votes(history)
    is_sqlite = history.engine.dialect.name == "sqlite"
    key_of_posts, key_of_votes = ("sqlite_autoindex_posts", "sqlite_autoindex_votes") if is_sqlite else ("pk_posts", "pk_votes")
    voted = make_post("share7", clip_id="clip-7", task_id="task-7")
    acts: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        (key_of_posts, lambda: outbox.get("share7")),
        (key_of_posts, lambda: outbox.announced("share7", 1, 7)),
        ("ix_posts_owed", outbox.owed),
        ("ix_posts_task", lambda: outbox.remove("task-9", GUILD)),
        ("ix_posts_task", lambda: outbox.showing("clip-9", "task-9")),
        ("ix_posts_clip", lambda: ballots.toggle(voted, USER, at=1.0, showcase=None, needed=3)),
        (key_of_votes, lambda: ballots.count(GUILD, "clip-7")),
        # Either begins with the server; which is shorter, its votes decide.
        (key_of_votes if is_sqlite else "_votes", lambda: ballots.top(Viewer(USER, GUILD + 1), since=MANY - 50.0, limit=10)),
    ]
    for index, act in acts:
        plan = await plan_of(history, act)
        lines = [line for line in plan.splitlines() if "INDEX ix_posts_owed" not in line]
        whole = [f"{way} {table}" for way in ("SCAN", "Seq Scan on") for table in ("posts", "votes", "clips", "jobs")]
        assert not any(step in line for line in lines for step in whole), plan
        assert index in plan, plan
