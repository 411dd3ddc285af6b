"""Deleting what is somebody's: nothing of it is left, what others have made stays whole, and no end of a process stops it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from bot.domain.actors import NOBODY
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState, amend
from bot.domain.limits import DAY
from bot.domain.posts import Post, PostKind
from bot.domain.reports import Stage
from bot.domain.viewing import Seen, Viewer
from bot.errors import CannotPost, LimitReached, StoreUnavailable
from bot.services.allowances import OperatorLimits
from bot.services.erasing import GIVE_UP
from bot.store.tables import clips, drafts, favourites, jobs, meta, posts, preferences, votes
from bot.store.visibility import Visibility
from tests.contract.builders import GUILD, USER
from tests.unit.rig import Rig

OTHER = USER + 77
TITLE, TAGS = "Secret Sunrise", "wave, synthwave"


@pytest.fixture
async def rig(migrated_url: str) -> AsyncGenerator[Rig]:
    async with Rig(migrated_url, limits=OperatorLimits(in_flight=9)) as rig:
        yield rig


async def rows(rig: Rig, table: Table) -> list[dict[str, Any]]:
    async with rig.database.read() as connection:
        return [dict(row) for row in (await connection.execute(select(table))).mappings().all()]


async def put(rig: Rig, table: Table, **row: Any) -> None:  # noqa: ANN401 - any column
    async with rig.database.write() as connection:
        await connection.execute(insert(table).values(**row))


async def clip(rig: Rig, job: Job, place: int) -> Clip | None:
    return await rig.clips.get(f"{job.task_id}-clip-{place}")


async def delivered(rig: Rig, **given: Any) -> Job:  # noqa: ANN401 - as a rig takes it
    job = await rig.ready(**given)
    await rig.announce()
    return await rig.row(job)


@dataclass
class Life:
    """What one person has done here, and somebody else with it."""

    root: Job
    child: Job
    others: Job
    making: Job
    waiting: Job


@pytest.fixture
async def life(rig: Rig) -> Life:
    root = await delivered(rig, title=TITLE)
    child = await delivered(rig, title=TITLE, source=f"{root.task_id}-clip-0")
    others = await delivered(rig, title="Mine", source=f"{child.task_id}-clip-1", user_id=OTHER)
    making = await rig.generating(title=TITLE)
    waiting = await rig.ask(title=TITLE)
    now = rig.clock.now()
    for user_id in (USER, OTHER):
        await put(rig, favourites, user_id=user_id, clip_id=f"{root.task_id}-clip-1", created_at=now)
        await put(rig, votes, guild_id=GUILD, clip_id=f"{others.task_id}-clip-0", user_id=user_id, created_at=now)
    shared = Post(
        id="by-them",
        kind=PostKind.SHARE,
        guild_id=GUILD,
        channel_id=USER + 2,
        user_id=USER,
        clip_id=f"{others.task_id}-clip-0",
        task_id=others.task_id or "",
        note="look",
        created_at=now,
        message_id=5,
        announced=1,
    )
    shown = replace(shared, user_id=OTHER, note="theirs", task_id=root.task_id or "")
    for post in (
        shared,
        replace(shown, id="of-deleted", clip_id=f"{root.task_id}-clip-1"),
        replace(shown, id="of-kept", clip_id=f"{root.task_id}-clip-0"),
    ):
        await put(rig, posts, **{field: getattr(post, field) for field in Post.__dataclass_fields__})
    await rig.services.preferences.set_private_first(USER, on=True)
    await rig.services.drafts.keep(USER, {"title": TITLE}, life=3600.0)
    return Life(root, child, others, making, waiting)


async def nothing_is_left(rig: Rig) -> None:
    for table in (jobs, clips, posts, favourites, votes, preferences, drafts):
        said = str(await rows(rig, table))
        assert str(USER) not in {str(row.get("user_id")) for row in await rows(rig, table)}, table.name
        assert TITLE not in said
        assert "look" not in said
    assert not [row for row in await rows(rig, meta) if str(USER) in row["key"]]


async def to_the_end(rig: Rig, life: Life) -> None:
    """Let the provider finish, Discord take its edits, and a day pass."""
    rig.music.made(life.making.task_id or "", Stage.DONE, Stage.DONE)
    await rig.query()
    await rig.announce()
    await rig.services.erasing.step()
    await rig.announce()
    rig.clock.advance(DAY)
    await rig.services.erasing.step()
    await rig.announce()
    assert not await rig.services.erasing.step()


async def test_at_once_nobody_sees_anything_of_it_any_more(rig: Rig, life: Life) -> None:
    await rig.services.erasing.begin(USER)
    assert not rig.services.preferences.of(USER).private_first
    assert await rig.services.erasing.step()
    assert await rig.state(life.waiting) is JobState.CANCELLED
    for viewer in (USER, OTHER):
        known = await rig.clips.known_to(viewer, GUILD, text="", limit=25)
        assert {each.title for each in known} == {"Mine"}
        assert await rig.clips.tag_sets(viewer, GUILD, limit=9) == [TAGS], "those of the other one's request"
    assert await rig.jobs.of_user(USER, limit=9) == [await rig.row(life.making)]
    assert (await rig.row(life.making)).title == ""
    await rig.announce()
    assert {sent.job.id for sent in rig.announcer.sent if sent.way == "take_down"} >= {life.root.id, life.child.id}
    assert not await rig.submit(), "what was in line is not sent"


async def test_in_the_end_nothing_is_left_and_what_others_made_is_whole(rig: Rig, life: Life) -> None:
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    await rig.announce()
    await to_the_end(rig, life)
    await nothing_is_left(rig)
    assert await clip(rig, life.root, 1) is None
    assert await clip(rig, life.child, 0) is None
    for job, place in ((life.root, 0), (life.child, 1)):
        ancestor = await clip(rig, job, place)
        assert ancestor is not None
        assert (ancestor.user_id, ancestor.title, ancestor.tags) == (NOBODY, "Untitled", "")
        assert ancestor.audio_name is not None, "the whole track still has it"
        seen = await Visibility(rig.database).seen([ancestor.clip_id], Viewer(OTHER, GUILD))
        assert seen == {ancestor.clip_id: Seen.SHOWN}
    theirs = await clip(rig, life.others, 0)
    assert theirs is not None
    assert (theirs.user_id, theirs.title, theirs.parent_id) == (OTHER, "Mine", f"{life.child.task_id}-clip-1")
    gone = {f"{life.root.task_id}-clip-1.mp3", f"{life.child.task_id}-clip-0.mp3", f"{life.making.task_id}-clip-0.mp3"}
    assert {*gone, "_"} <= set(rig.archive.discarded), "a joined file may hold a deleted part"
    assert f"{life.root.task_id}-clip-0.mp3" not in rig.archive.discarded


async def test_posts_of_theirs_and_of_deleted_tracks_are_owed_a_deletion_and_the_others_an_edit(rig: Rig, life: Life) -> None:
    await rig.services.erasing.begin(USER)
    for _ in range(3):
        await rig.services.erasing.step()
    found = {row["id"]: (row["removed"], row["revision"], row["user_id"], row["note"]) for row in await rows(rig, posts)}
    assert found == {
        "by-them": (True, 2, NOBODY, ""),
        "of-deleted": (True, 2, OTHER, "theirs"),
        "of-kept": (False, 2, OTHER, "theirs"),
    }
    assert rig.services.posts_told
    assert {row["user_id"] for row in await rows(rig, votes)} == {OTHER}
    assert await rows(rig, favourites) == [], "the other one's favourite is gone with the track"


async def test_deleting_resets_no_limit_of_today(rig: Rig, life: Life) -> None:
    spent = 3  # what is in line is cancelled, and does not count
    rig.services.allowances._operator = replace(rig.services.allowances._operator, person=spent)  # pyright: ignore[reportPrivateUsage] - the operator has set it
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    await rig.announce()
    await rig.services.erasing.step()
    with pytest.raises(LimitReached):
        await rig.accept()
    await to_the_end(rig, life)
    assert await rig.accept()


async def test_what_they_do_afterwards_is_new(rig: Rig, life: Life) -> None:
    await rig.services.erasing.begin(USER)
    rig.clock.advance(1.0)
    anew = await rig.ask(title="Afresh")
    await rig.services.preferences.set_private_first(USER, on=True)
    await rig.services.erasing.step()
    await rig.announce()
    await to_the_end(rig, life)
    assert rig.services.preferences.of(USER).private_first
    row = await rig.row(anew)
    assert (row.origin.user_id, row.title, row.removed) == (USER, "Afresh", False)


@pytest.mark.parametrize("write", range(9))
async def test_a_process_that_ends_at_any_write_leaves_the_rest_to_the_next(rig: Rig, life: Life, write: int) -> None:
    if write == 0:
        rig.database.unheard = frozenset({rig.database.writes + 1})
    ended = False
    try:
        await rig.services.erasing.begin(USER)
        rig.database.unheard = frozenset({rig.database.writes + write})
        await rig.services.erasing.step()
    except StoreUnavailable:
        ended = True
    assert ended or write > 6, "so many writes it takes at least"
    await rig.restart()
    await rig.services.erasing.step()
    await rig.announce()
    await to_the_end(rig, life)
    await nothing_is_left(rig)
    assert await clip(rig, life.root, 0) is not None
    assert await clip(rig, life.root, 1) is None
    assert await clip(rig, life.others, 0) is not None


async def test_a_file_that_cannot_be_deleted_keeps_its_track_until_it_can(rig: Rig, life: Life) -> None:
    await rig.services.erasing.begin(USER)
    rig.archive.stuck = OSError(30, "Read-only file system")
    assert await rig.services.erasing.step()
    assert await clip(rig, life.root, 1) is not None
    rig.archive.stuck = None
    await rig.services.erasing.step()
    assert await clip(rig, life.root, 1) is None


async def test_what_discord_never_lets_go_of_is_given_up_after_a_week(rig: Rig, life: Life) -> None:
    rig.announcer.raises["take_down"] = CannotPost("no")
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    await rig.announce()
    rig.music.made(life.making.task_id or "", Stage.DONE, Stage.DONE)
    await rig.query()
    await rig.announce()
    rig.clock.advance(DAY)
    assert await rig.services.erasing.step(), "the deletions are still owed"
    rig.clock.advance(GIVE_UP)
    await rig.services.erasing.step()
    await rig.announce(after=700.0)
    await rig.services.erasing.step()
    await nothing_is_left(rig)


async def test_a_track_that_somebody_else_took_in_stays(rig: Rig) -> None:
    root = await delivered(rig, title=TITLE)
    await rig.track(root.task_id or "", user_id=OTHER)
    await rig.announce()
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    kept = await clip(rig, root, 0)
    assert kept is not None
    assert kept.user_id == NOBODY
    assert len(await rig.clips.known_to(OTHER, GUILD, text="", limit=9)) == 2


async def test_a_track_that_is_just_being_continued_stays(rig: Rig) -> None:
    root = await delivered(rig, title=TITLE)
    await rig.ask(source=f"{root.task_id}-clip-1", user_id=OTHER)
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    assert await clip(rig, root, 0) is None
    assert await clip(rig, root, 1) is not None


async def test_what_is_just_being_sent_keeps_its_words_and_is_not_sent_twice(rig: Rig) -> None:
    job = await rig.ask(title=TITLE)
    claimed = replace(amend(await rig.row(job)), state=JobState.SUBMITTING)
    assert await rig.jobs.save(claimed)
    await rig.services.erasing.begin(USER)
    await rig.services.erasing.step()
    assert (await rig.row(job)).title == TITLE
    assert await rig.jobs.save(replace(amend(await rig.row(job)), state=JobState.QUEUED)), "the provider was too busy"
    await rig.services.erasing.step()
    assert await rig.state(job) is JobState.CANCELLED
    assert (await rig.row(job)).title == ""


async def test_a_private_export_holds_what_is_theirs_and_nothing_of_others(rig: Rig, life: Life) -> None:
    await rig.services.guilds.block(GUILD, USER, by=OTHER)
    kept = await rig.services.belongings.of(USER)
    assert len(kept["requests"]) == 4
    assert {track["title"] for track in kept["tracks"]} == {TITLE}
    assert [len(kept[kind]) for kind in ("favourites", "votes", "posts", "preferences", "blocks", "server_keys")] == [1, 1, 1, 1, 1, 0]
    assert kept["requests"][0]["user_id"] == str(USER), "numbers of that size lose digits"
    said = str(kept)
    assert str(OTHER) not in said
    assert "interaction-token" not in said
    assert kept["left_out"] == {}
    assert life.others.task_id not in {row["task_id"] for row in kept["requests"]}
