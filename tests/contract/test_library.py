import random
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert

from bot.domain.actors import NOBODY
from bot.domain.jobs import JobState
from bot.domain.library import PAGE, Posted, Sort, View, Whose
from bot.domain.limits import Limits
from bot.domain.posts import PostKind
from bot.domain.searching import typed_words, words_of
from bot.domain.viewing import Viewer
from bot.services.ports import stores
from bot.store import listing
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.library import Library
from bot.store.tables import clips, posts, votes
from tests.contract.builders import GUILD, USER, make_clip, make_job
from tests.contract.test_plans import plan_of
from tests.contract.test_visibility import finish

OTHER = USER - 5
MINE, MEMBER, DIRECTLY, OUTSIDER = Viewer(USER, GUILD), Viewer(OTHER, GUILD), Viewer(USER, None), Viewer(OTHER, GUILD + 9)
HERE = View(whose=Whose.HERE)


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database)


async def listed(library: Library, viewer: Viewer = MINE, view: View | None = None, *, number: int = 0, size: int = PAGE) -> list[str]:
    page = await library.page(view or View(), viewer, number=number, size=size)
    return [entry.clip.clip_id for entry in page.entries]


def test_it_is_what_the_services_ask_for(library: Library) -> None:
    port: stores.Library = library
    assert port is library


async def test_mine_is_listed_newest_first_and_everyones_without_what_is_private(database: Database, library: Library) -> None:
    await finish(database, 1, "first")
    await finish(database, 2, "secret", private=True)
    await finish(database, 3, "theirs", user_id=OTHER)
    await finish(database, 4, "elsewhere", guild_id=GUILD + 9)
    await finish(database, 5, "removed", removed=True)
    assert await listed(library) == ["elsewhere", "secret", "first"]
    assert await listed(library, MINE, HERE) == ["theirs", "first"]
    assert await listed(library, MEMBER, HERE) == ["theirs", "first"]
    assert await listed(library, DIRECTLY, HERE) == []
    assert await listed(library, MINE, View(sort=Sort.OLDEST)) == ["first", "secret", "elsewhere"]


async def test_a_track_asked_for_again_is_listed_once_where_it_was_asked_for_last(database: Database, library: Library) -> None:
    for number, clip_id in enumerate(("old", "new", "old", "old"), 1):
        await finish(database, number, clip_id)
    assert await listed(library) == ["old", "new"]
    page = await library.page(View(), MINE, number=0, size=5)
    assert page.entries[0].since == 4.0


async def test_pages_follow_each_other_without_gaps(database: Database, library: Library) -> None:
    for number in range(12):
        await finish(database, number, f"clip-{number:02}")
    pages = [await library.page(View(), MINE, number=number, size=5) for number in range(4)]
    assert [page.more for page in pages] == [True, True, False, False]
    shown = [entry.clip.clip_id for page in pages for entry in page.entries]
    assert shown == [f"clip-{number:02}" for number in reversed(range(12))]


async def test_the_orders(database: Database, library: Library) -> None:
    for number, (title, seconds) in enumerate([("beta", 10.0), ("Élan", 30.0), ("Alpha", 20.0)]):
        await finish(database, number, title.lower(), clip={"title": title, "seconds": seconds})
    async with database.write() as connection:
        await connection.execute(insert(votes), [{"guild_id": GUILD, "clip_id": "beta", "user_id": n, "created_at": 1.0} for n in (1, 2)])
        await connection.execute(insert(votes).values(guild_id=GUILD, clip_id="alpha", user_id=1, created_at=1.0))
        await connection.execute(insert(votes).values(guild_id=GUILD + 1, clip_id="élan", user_id=1, created_at=1.0))
    assert await listed(library, MINE, View(sort=Sort.TITLE)) == ["alpha", "beta", "élan"]
    assert await listed(library, MINE, View(sort=Sort.LONGEST)) == ["élan", "alpha", "beta"]
    assert await listed(library, MINE, View(sort=Sort.VOTES)) == ["beta", "alpha", "élan"]
    page = await library.page(View(sort=Sort.VOTES), MINE, number=0, size=5)
    assert [entry.votes for entry in page.entries] == [2, 1, 0]


async def test_favourites_are_each_persons_and_only_what_they_may_see(database: Database, library: Library) -> None:
    await finish(database, 1, "theirs", user_id=OTHER)
    await finish(database, 2, "secret", private=True)
    await finish(database, 3, "starter", clip={"user_id": NOBODY}, user_id=NOBODY, guild_id=None)
    for at, clip_id in enumerate(("theirs", "starter", "secret")):
        assert await library.toggle_favourite(clip_id, USER, at=float(at))
        assert await library.toggle_favourite(clip_id, OTHER, at=float(at))
    favourites = View(whose=Whose.FAVOURITES)
    assert await listed(library, MINE, favourites) == ["secret", "starter", "theirs"]
    assert await listed(library, MEMBER, favourites) == ["starter", "theirs"]
    assert not await library.toggle_favourite("starter", USER, at=9.0)
    assert await listed(library, MINE, favourites) == ["secret", "theirs"]
    entry = await library.entry("theirs", MINE)
    assert entry is not None
    assert entry.favourite
    assert await library.entry("nothing", MINE) is None


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("night", ["train", "tram"]),
        ("NIGHT tra", ["train", "tram"]),
        ("trai night", ["train"]),
        ("ight", []),
        ("ete", ["summer"]),
        ("été paris", ["summer"]),
        ("synth", ["train", "summer"]),
        ("電", ["tokyo"]),
        ("の夜", ["tokyo"]),
        ("🎷", ["tokyo"]),
        ("!!!", []),
        ("' OR 1=1 --", []),
        ('"night" AND NOT', []),
        ("train id-of-train", ["train"]),
        ("*", []),
        ("words : x", []),
    ],
)
async def test_each_typed_word_begins_one_of_title_styles_or_id(
    database: Database, library: Library, search: str, found: list[str]
) -> None:
    texts = {
        "tokyo": ("夜の電車 🎷", "city pop"),
        "summer": ("L’été à Paris", "Synthwave"),
        "tram": ("Night Tram", "dub"),
        "train": ("Night Train", "synth pop, id of train"),
    }
    for number, (clip_id, (title, tags)) in enumerate(texts.items()):
        await finish(database, number, clip_id, clip={"title": title, "tags": tags})
    assert await listed(library, MINE, View(search=search)) == found
    assert await listed(library, MINE, View(whose=Whose.HERE, search=search)) == found


def corpus(seed: int) -> tuple[list[tuple[str, str]], list[str]]:
    """Make titles with styles, and queries, of the same few syllables: the same for the same seed."""
    pick = random.Random(seed)
    syllables = ["na", "ná", "NA", "tra", "ß", "夜", "車", "ガ", "밤", "ش", "🎷", "-", " ", " ", "’", "_", "1", "é", "\u0301", "'", "ﬁ"]

    def text(most: int) -> str:
        return "".join(pick.choices(syllables, k=pick.randint(1, most)))

    return [(text(12), text(6)) for _ in range(60)], [query for _ in range(60) if (query := text(4)).strip()]


@pytest.mark.parametrize(("seed", "few"), [(1, 500), (2, 500), (3, 0)], ids=["by the index", "by it too", "among the newest"])
async def test_what_is_found_is_what_the_words_say_on_either_database(
    database: Database, library: Library, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(listing, "MOST_MATCHES", few)
    texts, queries = corpus(seed)
    for number, (title, tags) in enumerate(texts):
        await finish(database, number, f"clip-x{number}", clip={"title": title, "tags": tags})
    for query in queries:
        typed = typed_words(query)
        expected = {
            f"clip-x{number}"
            for number, (title, tags) in enumerate(texts)
            if typed and _all_begin(typed, words_of(f"{title}\n{tags}\nclip-x{number}"))
        }
        assert set(await listed(library, MINE, View(search=query), size=100)) == expected, query


def _all_begin(typed: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in typed)


async def test_a_renamed_track_is_found_by_its_new_title_alone(database: Database, library: Library) -> None:
    await finish(database, 1, "clip-1")
    await finish(database, 2, "clip-2")
    assert not await library.rename("clip-1", OTHER, "Theirs now")
    assert await library.rename("clip-1", USER, "Day Bus")
    assert await listed(library, MINE, View(search="night")) == ["clip-2"]
    assert await listed(library, MINE, View(search="day bus")) == ["clip-1"]
    assert [clip.title for clip in await Clips(database).known_to(USER, GUILD, text="day b", limit=5)] == ["Day Bus"]
    clip = await Clips(database).get("clip-1")
    assert clip == make_clip("clip-1", task_id="task-clip-1", title="Day Bus")


async def test_a_track_that_is_deleted_is_not_found(database: Database, library: Library) -> None:
    for number, clip_id in enumerate(("a-b", "x-a-b-y", "a b")):
        await finish(database, number, clip_id)
    async with database.write() as connection:
        await connection.execute(clips.delete().where(clips.c.clip_id == "a-b"))
    assert await listed(library, MINE, View(search="night")) == ["a b", "x-a-b-y"]


async def test_the_newest_message_that_shows_a_track_is_found_by_who_can_open_it(database: Database, library: Library) -> None:
    await finish(database, 1, "clip-1", result_id=100)
    result = Posted(guild_id=GUILD, channel_id=USER + 2, message_id=100)
    assert await library.posted("clip-1", "task-clip-1", MINE) == result
    assert await library.posted("clip-1", "task-clip-1", MEMBER) == result
    assert await library.posted("clip-1", "task-clip-1", DIRECTLY) == result
    assert await library.posted("clip-1", "task-clip-1", OUTSIDER) is None
    shared = {"kind": PostKind.SHARE, "guild_id": GUILD, "channel_id": 5, "user_id": USER, "clip_id": "clip-1", "task_id": "task-clip-1"}
    rest = {"note": "", "revision": 1, "announced": 1, "removed": False, "given_up": False}
    async with database.write() as connection:
        for number, message_id, removed in ((1, 7, False), (2, 8, False), (3, 9, True), (4, None, False)):
            row = {**shared, **rest, "id": str(number), "created_at": float(number), "message_id": message_id, "removed": removed}
            await connection.execute(insert(posts).values(row))
    assert await library.posted("clip-1", "task-clip-1", MEMBER) == Posted(guild_id=GUILD, channel_id=5, message_id=8)
    assert await library.posted("clip-1", "task-clip-1", DIRECTLY) == result


@pytest.mark.parametrize("job", [{"private": True}, {"removed": True}, {"result_direct": True}, {"result_id": None}])
async def test_a_message_that_others_cannot_open_is_not_pointed_to(database: Database, library: Library, job: dict[str, Any]) -> None:
    given: dict[str, Any] = {"result_id": 100, **job}
    await finish(database, 1, "clip-1", **given)
    assert await library.posted("clip-1", "task-clip-1", MEMBER) is None


async def test_a_private_reply_is_not_pointed_to(database: Database, library: Library) -> None:
    await finish(database, 1, "clip-1", result_id=55, origin={"reply_id": 55, "reply_ephemeral": True})
    assert await library.posted("clip-1", "task-clip-1", MINE) is None


@pytest.fixture
async def five(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be five tracks, of which lists look at three, and two of them as well have a word that is looked for in all."""
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 3)
    monkeypatch.setattr(listing, "MOST_MATCHES", 2)
    for number, seconds in enumerate((50.0, 10.0, 20.0, 40.0, 30.0)):
        title = "Slow Night" if number < 2 else "Night"
        await finish(database, number, f"clip-{number}", clip={"title": title, "seconds": seconds})
        assert await Library(database).toggle_favourite(f"clip-{number}", USER, at=float(number))


NEWEST = ["clip-4", "clip-3", "clip-2"]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("whose", list(Whose))
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, [*NEWEST, "clip-1", "clip-0"]),
        ({"sort": Sort.OLDEST}, ["clip-0", "clip-1", *reversed(NEWEST)]),
        ({"sort": Sort.LONGEST}, ["clip-3", "clip-4", "clip-2"]),
        ({"sort": Sort.TITLE}, NEWEST[::-1]),
        ({"sort": Sort.VOTES}, NEWEST),
        ({"search": "night"}, NEWEST),
        ({"search": "night", "sort": Sort.OLDEST}, NEWEST[::-1]),
        ({"search": "slow"}, ["clip-1", "clip-0"]),
        ({"search": "slow", "sort": Sort.LONGEST}, ["clip-0", "clip-1"]),
    ],
)
async def test_but_by_time_or_for_rare_words_the_newest_are_looked_at(
    library: Library, whose: Whose, given: dict[str, Any], found: list[str]
) -> None:
    page = await library.page(View(whose=whose, **given), MINE, number=0, size=10)
    assert [entry.clip.clip_id for entry in page.entries] == found
    assert page.older is (len(found) == 3)


async def test_where_nothing_is_older_nothing_is_left_out(database: Database, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 3)
    for number, clip_id in enumerate(("old", "new", "old")):
        await finish(database, number, clip_id)
    page = await library.page(View(sort=Sort.TITLE), MINE, number=0, size=10)
    assert [(entry.clip.clip_id, entry.since) for entry in page.entries] == [("new", 1.0), ("old", 2.0)]
    assert not page.older


@pytest.mark.parametrize("sort", list(Sort))
async def test_without_statistics_too_who_may_see_a_favourite_is_looked_up_by_its_task(
    database: Database, library: Library, sort: Sort
) -> None:
    if database.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL gathers statistics by itself; test_plans.py has them")
    plan = await plan_of(database, lambda: library.page(View(whose=Whose.FAVOURITES, sort=sort), MINE, number=0, size=PAGE))
    assert "SEARCH jobs USING INDEX ix_jobs_task (task_id=?)" in plan, plan
    assert "ix_jobs_tracks" not in plan, plan


@pytest.mark.parametrize("view", [View(), HERE, View(search="x"), View(whose=Whose.HERE, search="x")])
async def test_without_statistics_too_jobs_are_looked_up_by_their_task(database: Database, library: Library, view: View) -> None:
    if database.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL gathers statistics by itself; test_plans.py has them")
    plan = await plan_of(database, lambda: library.page(view, MINE, number=0, size=PAGE))
    assert "SEARCH later USING INDEX ix_jobs_task (task_id=?)" in plan, plan
    assert ("SEARCH jobs USING INDEX ix_jobs_task (task_id=?)" in plan) is bool(view.search), plan


async def test_what_is_under_way_is_not_listed(database: Database, library: Library) -> None:
    await finish(database, 1, "clip-1", user_id=OTHER)
    jobs = Jobs(database, spaced=False)
    assert await jobs.accept(make_job(2, state=JobState.GENERATING, task_id="task-clip-1"), limits=Limits())
    assert await listed(library) == []
