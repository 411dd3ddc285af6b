"""What grew from what, on both databases."""

import pytest
from sqlalchemy import insert

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.family import MOST_KIN, MOST_STEPS, Kin
from bot.domain.jobs import JobState
from bot.domain.viewing import Viewer
from bot.store.clips import to_row as clip_row
from bot.store.database import Database
from bot.store.families import Families
from bot.store.jobs import to_row as job_row
from bot.store.tables import clips, favourites, jobs, votes
from tests.contract.builders import GUILD, USER, make_clip, make_job

OTHER = USER + 9
MINE, MEMBER, OUTSIDER = Viewer(USER, GUILD), Viewer(OTHER, GUILD), Viewer(OTHER, GUILD + 9)


@pytest.fixture
def families(database: Database) -> Families:
    return Families(database)


def grown(clip_id: str, parent_id: str | None, **given: object) -> Clip:
    return make_clip(clip_id, **{"task_id": f"task-{clip_id}", "parent_id": parent_id, **given})


async def keep(database: Database, *made: Clip, private: frozenset[str] = frozenset()) -> None:
    """Write clips, each with the finished job that brought it."""
    brought = [
        make_job(number, state=JobState.DELIVERED, task_id=clip.task_id, private=clip.clip_id in private, user_id=clip.user_id)
        for number, clip in enumerate(made)
        if clip.user_id != NOBODY
    ]
    async with database.write() as connection:
        await connection.execute(insert(clips), [clip_row(clip) for clip in made])
        if brought:
            await connection.execute(insert(jobs), [job_row(job) for job in brought])


def names(kin: list[Kin]) -> set[str]:
    return {each.clip.clip_id for each in kin}


async def test_a_path_leads_from_the_root_to_the_track(database: Database, families: Families) -> None:
    await keep(database, grown("root", None), grown("child", "root"), grown("grandchild", "child"), grown("other", "root"))
    assert [clip.clip_id for clip in await families.path("grandchild")] == ["root", "child", "grandchild"]
    assert [clip.clip_id for clip in await families.path("root")] == ["root"]


async def test_a_track_that_is_not_known_has_no_path_and_no_family(families: Families) -> None:
    assert await families.path("nowhere") == []
    assert await families.of("nowhere", MINE) == []


async def test_a_path_begins_where_the_parent_is_gone(database: Database, families: Families) -> None:
    await keep(database, grown("child", "gone"), grown("grandchild", "child"))
    assert [clip.clip_id for clip in await families.path("grandchild")] == ["child", "grandchild"]


async def test_a_path_is_followed_for_so_many_steps(database: Database, families: Families) -> None:
    await keep(database, *(grown(f"clip-{n}", f"clip-{n - 1}") for n in range(MOST_STEPS + 20)))
    path = await families.path(f"clip-{MOST_STEPS + 19}")
    assert [clip.clip_id for clip in path] == [f"clip-{n}" for n in range(20, MOST_STEPS + 20)]


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "a"}])
async def test_data_that_runs_in_a_circle_ends(database: Database, families: Families, parents: dict[str, str]) -> None:
    await keep(database, *(grown(clip_id, parent_id) for clip_id, parent_id in parents.items()))
    assert {clip.clip_id for clip in await families.path("a")} == parents.keys()
    assert (await families.path("a"))[-1].clip_id == "a"
    assert names(await families.of("a", MINE)) == parents.keys()


async def test_a_family_is_all_that_grew_from_the_root_with_what_people_think_of_it(database: Database, families: Families) -> None:
    await keep(database, grown("root", None), grown("a", "root"), grown("b", "root"), grown("b-a", "b"), grown("stranger", None))
    async with database.write() as connection:
        await connection.execute(insert(favourites), [{"user_id": each, "clip_id": "b", "created_at": 1.0} for each in (USER, OTHER)])
        voted = [(GUILD, "b-a", USER), (GUILD, "b-a", OTHER), (GUILD + 1, "b-a", USER)]
        await connection.execute(
            insert(votes), [dict(zip(("guild_id", "clip_id", "user_id"), each, strict=True)) | {"created_at": 1.0} for each in voted]
        )
    kin = await families.of("a", MINE)
    assert names(kin) == {"root", "a", "b", "b-a"}
    assert {each.clip.clip_id: (each.favourites, each.votes) for each in kin} == {"root": (0, 0), "a": (0, 0), "b": (2, 0), "b-a": (0, 2)}
    assert all(each.votes == 0 for each in await families.of("a", Viewer(USER, None)))


async def test_what_the_viewer_may_not_see_is_there_only_where_something_has_grown_from_it(database: Database, families: Families) -> None:
    made = grown("root", None), grown("a", "root"), grown("secret", "root"), grown("a-a", "a"), grown("from-secret", "secret")
    await keep(database, *made, grown("leaf", "root"), private=frozenset({"secret", "leaf"}))
    assert names(await families.of("a", MEMBER)) == {"root", "a", "a-a", "secret", "from-secret"}
    assert names(await families.of("a", MINE)) == {"root", "a", "a-a", "secret", "from-secret", "leaf"}
    assert names(await families.of("a", OUTSIDER)) == {"root", "a", "secret"}


async def test_what_belongs_to_nobody_is_seen(database: Database, families: Families) -> None:
    await keep(database, grown("root", None, user_id=NOBODY), grown("leaf", "root", user_id=NOBODY))
    assert names(await families.of("root", OUTSIDER)) == {"root", "leaf"}


async def test_of_a_large_family_the_nearest_are_read(database: Database, families: Families) -> None:
    crowd = [grown(f"crowd-{n}", "root") for n in range(MOST_KIN)]
    await keep(database, grown("root", None), *crowd, grown("chosen", "root"), grown("mine", "chosen"), grown("mine-too", "mine"))
    kin = await families.of("chosen", MINE)
    assert len(kin) == MOST_KIN
    assert {"root", "chosen", "mine", "mine-too"} <= names(kin)


async def test_a_crowd_that_the_viewer_may_not_see_takes_no_place(database: Database, families: Families) -> None:
    crowd = [grown(f"crowd-{n}", "root") for n in range(MOST_KIN)]
    hidden = frozenset(clip.clip_id for clip in crowd)
    await keep(database, grown("root", None), *crowd, grown("chosen", "root"), grown("sibling", "root"), private=hidden)
    assert names(await families.of("chosen", MEMBER)) == {"root", "chosen", "sibling"}
