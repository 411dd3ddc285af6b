"""What somebody may take with them, on both databases."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from bot.domain.export import Place
from bot.domain.jobs import JobState
from bot.domain.viewing import Viewer
from bot.store.clips import to_row as clip_row
from bot.store.database import Database
from bot.store.exports import Exports
from bot.store.jobs import to_row as job_row
from bot.store.tables import clips, favourites, jobs, posts
from tests.contract.builders import GUILD, USER, make_clip, make_job

OTHER = USER + 9
CHANNEL = USER + 2
MINE, MEMBER, OUTSIDER, DIRECTLY = Viewer(USER, GUILD), Viewer(OTHER, GUILD), Viewer(OTHER, GUILD + 9), Viewer(USER, None)


@pytest.fixture
def exports(database: Database) -> Exports:
    return Exports(database)


async def brought(database: Database, number: int, **job: Any) -> None:  # noqa: ANN401 - any field of a job
    """Write a finished request and its two tracks."""
    task = f"task-{number}"
    given: dict[str, Any] = {"state": JobState.DELIVERED, "task_id": task, "result_id": USER + 500 + number, **job}
    async with database.write() as connection:
        await connection.execute(insert(jobs), [job_row(make_job(number, **given))])
        made = [make_clip(f"{task}-{variant}", task_id=task, variant=variant) for variant in "BA"]
        await connection.execute(insert(clips), [clip_row(clip) for clip in made])


async def shared(database: Database, clip_id: str, **given: object) -> None:
    row: dict[str, object] = {
        "id": "post1", "kind": "share", "guild_id": GUILD, "channel_id": 77, "user_id": USER, "clip_id": clip_id, "task_id": "task-1",
        "note": "", "created_at": 1.0, "message_id": 88, "revision": 1, "announced": 1, "removed": False, "given_up": False,
    }  # fmt: skip
    async with database.write() as connection:
        await connection.execute(insert(posts), [row | given])


async def places(exports: Exports, viewer: Viewer) -> dict[str, Place]:
    return await exports.places(await exports.of_person(MINE), viewer)


async def test_a_persons_tracks_are_read_newest_first(database: Database, exports: Exports) -> None:
    await brought(database, 1)
    await brought(database, 2, private=True, guild_id=None)
    await brought(database, 3, user_id=OTHER)
    await brought(database, 4, removed=True)
    await brought(database, 5, state=JobState.GENERATING)
    async with database.write() as connection:
        await connection.execute(insert(favourites), [{"user_id": OTHER, "clip_id": "task-1-A", "created_at": 1.0}])
    found = await exports.of_person(MINE)
    assert [(kin.clip.clip_id, kin.favourites) for kin in found] == [
        ("task-2-A", 0),
        ("task-2-B", 0),
        ("task-1-A", 1),
        ("task-1-B", 0),
    ]
    assert await exports.of_person(OUTSIDER) != found


async def test_a_task_asked_for_twice_is_read_once(database: Database, exports: Exports) -> None:
    await brought(database, 1)
    await brought(database, 2)
    async with database.write() as connection:
        await connection.execute(insert(jobs), [job_row(make_job(3, state=JobState.DELIVERED, task_id="task-1"))])
    assert [kin.clip.clip_id for kin in await exports.of_person(MINE)] == ["task-1-A", "task-1-B", "task-2-A", "task-2-B"]


@pytest.mark.parametrize(
    ("job", "viewer", "expected"),
    [
        ({}, MINE, Place(GUILD, CHANNEL, USER + 501)),
        ({}, MEMBER, Place(GUILD, CHANNEL, USER + 501)),
        ({}, DIRECTLY, Place(GUILD, CHANNEL, USER + 501)),
        ({}, OUTSIDER, None),
        ({"private": True}, MINE, Place(GUILD, CHANNEL, USER + 501)),
        ({"private": True}, MEMBER, None),
        ({"result_channel_id": 66}, MEMBER, Place(GUILD, 66, USER + 501)),
        ({"result_id": None}, MINE, None),
        ({"result_direct": True}, MINE, None),
        ({"origin": {"reply_id": USER + 501, "reply_ephemeral": True}}, MINE, None),
        ({"origin": {"reply_id": USER + 501}}, MINE, Place(GUILD, CHANNEL, USER + 501)),
        ({"origin": {"reply_id": USER + 9, "reply_ephemeral": True}}, MINE, Place(GUILD, CHANNEL, USER + 501)),
    ],
)
async def test_the_message_that_shows_a_track_is_found(
    database: Database, exports: Exports, job: Mapping[str, Any], viewer: Viewer, expected: Place | None
) -> None:
    await brought(database, 1, **job)
    assert (await places(exports, viewer)).get("task-1-A") == expected


@pytest.mark.parametrize(
    ("post", "viewer", "expected"),
    [
        ({}, MEMBER, Place(GUILD, 77, 88)),
        ({}, OUTSIDER, None),
        ({}, DIRECTLY, None),
        ({"removed": True}, MEMBER, None),
        ({"message_id": None}, MEMBER, None),
    ],
)
async def test_a_post_stands_in_for_a_result_that_cannot_be_reached(
    database: Database, exports: Exports, post: Mapping[str, object], viewer: Viewer, expected: Place | None
) -> None:
    await brought(database, 1, result_direct=True)
    await shared(database, "task-1-A", **post)
    found = await places(exports, viewer)
    assert found.get("task-1-A") == expected
    assert "task-1-B" not in found


def test_a_message_has_an_address() -> None:
    assert Place(GUILD, 77, 88).link == f"https://discord.com/channels/{GUILD}/77/88"
    assert Place(None, 77, 88).link == "https://discord.com/channels/@me/77/88"
