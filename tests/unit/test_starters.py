"""Starter tracks: taken in once and without a word, offered to everybody, tried again rarely."""

import logging
from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.limits import DAY
from bot.domain.reports import Stage
from bot.domain.requests import Source
from bot.domain.starters import MOST, Starter, matching, named
from bot.errors import Removed
from bot.services.starters import Starters
from tests.contract.builders import GUILD, USER
from tests.unit.rig import MODERATOR, REQUESTER, SOURCE, STRANGER, Rig

TASK = "task-of-a-starter-1"
MANAGER = Actor(user_id=USER, guild_id=GUILD, moderator=True, manager=True)


@pytest.fixture
async def rig(rig: Rig) -> Rig:
    rig.starters = (TASK,)
    await rig.restart()
    return rig


def starters_of(rig: Rig) -> Starters:
    return rig.services.starters


async def taken_in(rig: Rig) -> list[Starter]:
    rig.music.made(TASK, Stage.DONE, Stage.DONE, title="Night Train")
    await starters_of(rig).step()
    assert await rig.query()
    await rig.announce()
    return await starters_of(rig).offered(GUILD, to=USER)


async def test_a_task_is_taken_in_and_offered_to_everybody_everywhere(rig: Rig) -> None:
    offered = await taken_in(rig)
    assert [starter.label for starter in offered] == ["A · Night Train", "B · Night Train"]
    assert await starters_of(rig).offered(None, to=USER) == offered
    assert rig.music.queries == [TASK]


async def test_it_belongs_to_nobody_and_nothing_is_posted(rig: Rig) -> None:
    await taken_in(rig)
    assert [sent.way for sent in rig.announcer.sent if sent.way != "show_reply"] == []
    assert await rig.clips.known_to(USER, GUILD, text="", limit=9) == []
    assert await rig.jobs.unsettled() == []


async def test_it_is_taken_in_once(rig: Rig) -> None:
    await taken_in(rig)
    for _ in range(3):
        await starters_of(rig).step()
        assert not await rig.query()
    await rig.restart()
    await starters_of(rig).step()
    assert len(await starters_of(rig).offered(GUILD, to=USER)) == 2
    assert not await rig.query()


async def test_what_a_restart_interrupts_goes_on_afterwards(rig: Rig) -> None:
    await starters_of(rig).step()
    assert await rig.restart() == 1
    await starters_of(rig).step()
    rig.music.made(TASK, Stage.DONE, Stage.DONE)
    assert await rig.query()
    assert rig.music.queries == [TASK]
    assert len(await starters_of(rig).offered(None, to=USER)) == 2


async def test_what_is_known_already_is_asked_of_nobody(rig: Rig) -> None:
    rig.music.made(TASK, Stage.DONE, Stage.DONE)
    await rig.track(TASK)
    await rig.query()
    await starters_of(rig).step()
    assert not await rig.query()
    assert len(await starters_of(rig).offered(None, to=USER)) == 2


async def test_what_is_no_task_is_offered_as_it_is_and_said_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    await starters_of(rig).step()
    assert await starters_of(rig).offered(None, to=USER) == [], "it is not known yet whether it is a task"
    with caplog.at_level(logging.WARNING):
        assert await rig.query()
        for _ in range(3):
            await rig.announce()
            await starters_of(rig).step()
    assert await starters_of(rig).offered(None, to=USER) == [Starter(TASK)]
    assert [record.levelname for record in caplog.records if TASK in record.message] == ["WARNING"]


async def test_what_failed_is_tried_again_on_another_day(rig: Rig) -> None:
    await starters_of(rig).step()
    await rig.query()
    await starters_of(rig).step()
    assert not await rig.query(after=60.0)
    rig.clock.advance(DAY)
    assert len(await taken_in(rig)) == 2


async def test_a_track_that_is_known_is_offered_by_its_own_id(rig: Rig) -> None:
    await taken_in(rig)
    (first, _) = await starters_of(rig).offered(None, to=USER)
    rig.starters = (first.clip_id,)
    await rig.restart()
    assert await starters_of(rig).offered(None, to=USER) == [first]


async def test_a_servers_own_come_first_there_and_are_offered_nowhere_else(rig: Rig) -> None:
    everywhere = await taken_in(rig)
    other = "task-of-the-server"
    rig.music.made(other, Stage.DONE)
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, starters=(other,)))
    assert await starters_of(rig).offered(GUILD, to=USER) == everywhere, "the first look sets it going"
    await starters_of(rig).step()
    assert await rig.query()
    here = await starters_of(rig).offered(GUILD, to=USER)
    assert [starter.clip_id for starter in here] == [f"{other}-clip-0", *(starter.clip_id for starter in everywhere)]
    assert await starters_of(rig).offered(GUILD + 1, to=USER) == everywhere


async def test_a_server_with_a_key_of_its_own_asks_for_its_starters_on_that(rig: Rig) -> None:
    await rig.services.lanes.open(GUILD, SecretStr("own"))
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, starters=("task-of-the-server",)))
    await starters_of(rig).offered(GUILD, to=USER)
    await starters_of(rig).step()
    lanes = {name: job.lane for name in (TASK, "task-of-the-server") if (job := await rig.jobs.by_task(name)) is not None}
    assert lanes == {TASK: None, "task-of-the-server": GUILD}


async def test_a_starter_can_be_continued_by_anybody(rig: Rig) -> None:
    offered = await taken_in(rig)
    job = await rig.accept(source=offered[0].clip_id, at="end")
    assert (job.source_label, job.continue_at) == ("A · Night Train", 192.0)


async def test_one_that_was_removed_is_offered_no_more_where_it_could_not_be_continued(rig: Rig) -> None:
    offered = await taken_in(rig)
    shown = await rig.track(TASK)
    assert await starters_of(rig).offered(GUILD, to=USER) == offered
    await rig.services.moderation.remove(shown.id, MODERATOR)
    for _ in range(2):
        assert await starters_of(rig).offered(GUILD, to=STRANGER.user_id) == []
        assert await starters_of(rig).offered(None, to=USER) == [], "who had it removed there has it nowhere else"
        assert await starters_of(rig).offered(GUILD + 1, to=STRANGER.user_id) == offered
        assert await starters_of(rig).offered(None, to=STRANGER.user_id) == offered
        await rig.restart()
    with pytest.raises(Removed):
        await rig.accept(source=offered[0].clip_id)


async def test_one_that_another_post_shows_is_still_offered(rig: Rig) -> None:
    offered = await taken_in(rig)
    shown = await rig.track(TASK)
    await rig.track(TASK, user_id=STRANGER.user_id)
    await rig.services.moderation.remove(shown.id, REQUESTER)
    assert await starters_of(rig).offered(GUILD, to=USER) == offered


def test_a_list_of_starters_is_no_longer_than_it_can_be_and_names_each_once() -> None:
    ids = [f"task-{number:03}" for number in range(30)]
    assert named(ids, ["task-003", "x"]) == ("task-003", "x", *(each for each in ids[:MOST] if each != "task-003"))


@pytest.mark.parametrize(("text", "found"), [("", 2), ("NIGHT", 1), ("dub", 1), ("starter", 2), (SOURCE[:8], 1), ("xyz", 0)])
def test_starters_are_found_by_title_styles_and_id(text: str, found: int) -> None:
    known = Source(clip_id="clip-1", variant="A", title="Night Train", tags="wave, dub", seconds=60.0)
    assert len(matching([Starter("clip-1", known), Starter(SOURCE)], text)) == found
