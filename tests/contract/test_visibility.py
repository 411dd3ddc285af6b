from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.actors import NOBODY
from bot.domain.jobs import JobState
from bot.domain.limits import Limits
from bot.domain.viewing import Seen, Viewer
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.visibility import Visibility
from tests.contract.builders import GUILD, USER, make_clip, make_job

OTHER = USER + 9
ELSEWHERE = GUILD + 9
MINE, MEMBER, OUTSIDER, DIRECTLY = Viewer(USER, GUILD), Viewer(OTHER, GUILD), Viewer(OTHER, ELSEWHERE), Viewer(USER, None)


async def finish(database: Database, number: int, clip_id: str, *, clip: Mapping[str, Any] | None = None, **job: Any) -> None:  # noqa: ANN401 - any field
    jobs, task = Jobs(database, spaced=False), f"task-{clip_id}"
    generating = make_job(number, state=JobState.GENERATING, task_id=task, **job)
    assert await jobs.accept(generating, limits=Limits())
    ready = make_job(number, state=JobState.READY, task_id=task, revision=1, **job)
    assert await jobs.save(ready, clips=[make_clip(clip_id, **{"task_id": task, **(clip or {})})])


async def seen(database: Database, viewer: Viewer, clip_id: str = "clip-a") -> Seen | None:
    return (await Visibility(database).seen([clip_id], viewer)).get(clip_id)


@pytest.mark.parametrize(
    ("job", "viewer", "expected"),
    [
        ({}, MINE, Seen.SHOWN),
        ({}, MEMBER, Seen.SHOWN),
        ({}, DIRECTLY, Seen.SHOWN),
        ({}, OUTSIDER, Seen.PRIVATE),
        ({"private": True}, MINE, Seen.SHOWN),
        ({"private": True}, DIRECTLY, Seen.SHOWN),
        ({"private": True}, MEMBER, Seen.PRIVATE),
        ({"removed": True}, MINE, Seen.REMOVED),
        ({"removed": True}, MEMBER, Seen.REMOVED),
        ({"removed": True}, OUTSIDER, Seen.PRIVATE),
        ({"guild_id": None}, MEMBER, Seen.PRIVATE),
    ],
)
async def test_a_track_is_seen_by_who_knows_it(database: Database, job: dict[str, Any], viewer: Viewer, expected: Seen) -> None:
    await finish(database, 1, "clip-a", **job)
    assert await seen(database, viewer) is expected


async def test_what_is_removed_for_one_request_is_seen_by_another_of_the_same_task(database: Database) -> None:
    await finish(database, 1, "clip-a", removed=True)
    await finish(database, 2, "clip-a", user_id=OTHER)
    assert await seen(database, MINE) is Seen.SHOWN


async def test_a_private_request_does_not_hide_what_the_server_knows_already(database: Database) -> None:
    await finish(database, 1, "clip-a", private=True)
    await finish(database, 2, "clip-a", user_id=OTHER)
    assert await seen(database, Viewer(USER + 5, GUILD)) is Seen.SHOWN


@pytest.mark.parametrize("viewer", [MINE, OUTSIDER])
async def test_what_belongs_to_nobody_is_seen_by_everybody(database: Database, viewer: Viewer) -> None:
    await finish(database, 1, "clip-a", clip={"user_id": NOBODY, "guild_id": None}, user_id=NOBODY, guild_id=None)
    assert await seen(database, viewer) is Seen.SHOWN


async def test_what_belongs_to_nobody_is_not_seen_where_it_was_removed(database: Database) -> None:
    await finish(database, 1, "clip-a", clip={"user_id": NOBODY}, user_id=NOBODY, guild_id=None)
    await finish(database, 2, "clip-a", clip={"user_id": NOBODY}, removed=True)
    assert await seen(database, MEMBER) is Seen.REMOVED
    assert await seen(database, OUTSIDER) is Seen.SHOWN


async def test_a_track_that_is_not_known_at_all_is_left_out(database: Database) -> None:
    assert await Visibility(database).seen(["nowhere"], MINE) == {}


async def test_a_server_s_suggestions_leave_out_what_is_private(database: Database) -> None:
    await finish(database, 1, "clip-a", private=True, tags="secret, wave")
    clips = Clips(database)
    assert [clip.clip_id for clip in await clips.known_to(USER, GUILD, text="", limit=5)] == ["clip-a"]
    assert await clips.tag_sets(USER, GUILD, limit=5) == ["secret, wave"]
    for text in ("", "night"):
        assert await clips.known_to(OTHER, GUILD, text=text, limit=5) == []
    assert await clips.tag_sets(OTHER, GUILD, limit=5) == []
