"""One lane for each key: who pays for what, and what becomes of jobs when a key comes, fails and goes."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.guild_keys import KeyTrouble
from bot.domain.jobs import Job, JobState
from bot.domain.reports import Stage
from bot.domain.standing import LaneCondition
from bot.errors import KeyNotTaken, KeyRefused, LanePaused, MayNotManage, NotConnected, OutOfCredits, TaskUnknown, TooOften
from bot.services.sealing import make_key
from bot.store.keys import GuildKeys
from bot.store.migrate import migrate
from tests.contract.builders import GUILD, USER
from tests.fakes import ScriptedMusic
from tests.unit.rig import INTERVAL, OPERATORS_KEY, Rig, eventually

KEY = "servers-own-key-0123456789"
OTHER_GUILD = GUILD + 50
MANAGER = Actor(user_id=USER + 9, guild_id=GUILD, moderator=True, manager=True)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Rig]:
    url = f"sqlite+aiosqlite:///{tmp_path}/encore.db"
    await migrate(url)
    async with Rig(url) as rig:
        yield rig


@pytest.fixture
async def keyed(rig: Rig) -> Rig:
    """A rig in which GUILD has a key of its own."""
    await rig.services.own_keys.keep(MANAGER, KEY)
    return rig


def own(rig: Rig, key: str = KEY) -> ScriptedMusic:
    return rig.musics[key]


async def submit(rig: Rig, guild_id: int = GUILD) -> bool:
    """Let an interval pass, and let a server's own lane submit."""
    rig.clock.advance(INTERVAL)
    return await rig.lanes.named(guild_id).submit_one()


async def query(rig: Rig, guild_id: int = GUILD) -> bool:
    rig.clock.advance(5.0)
    return await rig.lanes.named(guild_id).query_one()


async def until(rig: Rig, job: Job, state: JobState) -> None:
    async def is_there() -> bool:
        return await rig.state(job) is state

    await eventually(is_there)


# Who pays.


async def test_a_server_with_a_key_pays_for_itself_and_nobody_else(keyed: Rig) -> None:
    theirs = await keyed.ask(title="theirs")
    other = await keyed.ask(title="other", guild_id=OTHER_GUILD)
    direct = await keyed.ask(title="direct", guild_id=None, user_id=USER + 1)
    assert (theirs.lane, other.lane, direct.lane) == (GUILD, None, None)
    assert await submit(keyed)
    assert [request.title for request in own(keyed).submits] == ["theirs"]
    assert keyed.music.submits == []
    assert await keyed.submit()
    assert await keyed.submit()
    assert [request.title for request in keyed.music.submits] == ["other", "direct"]
    assert len(own(keyed).submits) == 1


async def test_lanes_have_quotas_of_their_own(keyed: Rig) -> None:
    await keyed.ask(guild_id=OTHER_GUILD)
    await keyed.ask()
    keyed.clock.advance(INTERVAL)
    assert await keyed.lane.submit_one()
    assert await keyed.lanes.named(GUILD).submit_one(), "the other key's submit has not used this one's quota"


async def test_a_place_in_line_is_that_of_the_own_line(keyed: Rig) -> None:
    for number in range(3):
        await keyed.ask(guild_id=OTHER_GUILD, user_id=USER + number)
    job = await keyed.ask()
    standing = keyed.lanes.standing(job)
    assert (standing.place, standing.own_key) == (1, True)


async def test_what_is_made_on_a_key_is_asked_for_with_it(keyed: Rig) -> None:
    job = await keyed.ask()
    await submit(keyed)
    task = (await keyed.row(job)).task_id or ""
    own(keyed).made(task, Stage.DONE, Stage.DONE)
    assert await query(keyed)
    assert await keyed.state(job) is JobState.READY
    assert own(keyed).queries[-1] == task
    assert keyed.music.queries == []


async def test_a_restart_finds_the_key_and_its_jobs_again(keyed: Rig) -> None:
    waiting = await keyed.ask()
    assert await keyed.restart() == 1
    assert KEY in keyed.services.masked
    assert await submit(keyed)
    assert await keyed.state(waiting) is JobState.GENERATING
    assert keyed.music.submits == []


# Keeping a key.


async def test_a_key_is_tried_with_a_query_and_never_shown(keyed: Rig, caplog: pytest.LogCaptureFixture) -> None:
    assert own(keyed).queries == ["00000000-0000-4000-8000-000000000000"]
    assert own(keyed).submits == []
    about = await keyed.services.own_keys.about(GUILD)
    assert about is not None
    assert (about.added_by, about.readable, about.lane) == (MANAGER.user_id, True, LaneCondition.WORKING)
    assert KEY not in repr(about) + caplog.text
    assert KEY in keyed.services.masked
    (stored,) = await GuildKeys(keyed.database).all()
    assert KEY not in stored.sealed


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (KeyRefused("no such key"), KeyTrouble.REFUSED),
        (NotConnected(), KeyTrouble.AWAY),
        (TooOften(), KeyTrouble.AWAY),
        (TaskUnknown(), None),
        (OutOfCredits(), None),
    ],
)
async def test_a_key_is_kept_only_if_the_provider_takes_it(rig: Rig, error: Exception, trouble: KeyTrouble | None) -> None:
    rig.musics[KEY] = ScriptedMusic()
    rig.musics[KEY].reports["00000000-0000-4000-8000-000000000000"] = error
    if trouble is None:
        await rig.services.own_keys.keep(MANAGER, KEY)
    else:
        with pytest.raises(KeyNotTaken) as refused:
            await rig.services.own_keys.keep(MANAGER, KEY)
        assert refused.value.trouble == trouble
    assert (rig.lanes.of(GUILD) == GUILD) is (trouble is None)
    assert (await rig.services.own_keys.about(GUILD) is None) is (trouble is not None)


@pytest.mark.parametrize("typed", ["", "short", "two words here", 'quoted"key"0123', "x" * 201, "kéy-0123456789", "brace{d}0123456"])
async def test_what_cannot_be_a_key_is_not_even_tried(rig: Rig, typed: str) -> None:
    with pytest.raises(KeyNotTaken) as refused:
        await rig.services.own_keys.keep(MANAGER, typed)
    assert refused.value.trouble == KeyTrouble.MALFORMED
    assert rig.musics == {}


async def test_two_lanes_never_share_a_key(keyed: Rig) -> None:
    elsewhere = replace(MANAGER, guild_id=OTHER_GUILD)
    for typed in (KEY, OPERATORS_KEY.get_secret_value()):
        with pytest.raises(KeyNotTaken) as refused:
            await keyed.services.own_keys.keep(elsewhere, typed)
        assert refused.value.trouble == KeyTrouble.IN_USE
    await keyed.services.own_keys.keep(MANAGER, f" {KEY} ")


@pytest.mark.parametrize("actor", [replace(MANAGER, manager=False), replace(MANAGER, guild_id=None)])
async def test_only_managers_of_a_server_may(keyed: Rig, actor: Actor) -> None:
    with pytest.raises(MayNotManage):
        await keyed.services.own_keys.keep(actor, "another-key-0123")
    with pytest.raises(MayNotManage):
        await keyed.services.own_keys.remove(actor)
    assert keyed.lanes.of(GUILD) == GUILD


async def test_without_an_encryption_key_nothing_is_kept(rig: Rig) -> None:
    rig.sealed_with = None
    await rig.restart()
    assert not rig.services.own_keys.enabled
    with pytest.raises(KeyNotTaken) as refused:
        await rig.services.own_keys.keep(MANAGER, KEY)
    assert refused.value.trouble == KeyTrouble.OFF


async def test_another_key_takes_over_what_is_in_line_and_what_is_being_made(keyed: Rig) -> None:
    made = await keyed.ask(title="made")
    await submit(keyed)
    waiting = await keyed.ask(title="waiting")
    await keyed.services.own_keys.keep(MANAGER, "another-key-0123")
    assert await submit(keyed)
    assert [request.title for request in own(keyed, "another-key-0123").submits] == ["waiting"]
    assert await keyed.state(waiting) is JobState.GENERATING
    await query(keyed)
    assert (await keyed.row(made)).task_id in own(keyed, "another-key-0123").queries


# A key that fails.


async def test_a_key_refused_in_the_middle_stops_that_servers_lane_alone(keyed: Rig) -> None:
    own(keyed).answers.append(KeyRefused("revoked"))
    job = await keyed.ask()
    assert await submit(keyed)
    assert await keyed.state(job) is JobState.QUEUED
    with pytest.raises(LanePaused) as paused:
        await keyed.ask()
    assert (paused.value.reason, paused.value.own_key) == ("key_refused", True)
    standing = keyed.lanes.standing(job)
    assert (standing.lane, standing.own_key, standing.place) == (LaneCondition.KEY_REFUSED, True, 1)
    other = await keyed.ask(guild_id=OTHER_GUILD)
    assert await keyed.submit()
    assert await keyed.state(other) is JobState.GENERATING
    assert keyed.lanes.condition is LaneCondition.WORKING
    assert keyed.lanes.own_conditions() == {LaneCondition.KEY_REFUSED: 1}
    assert len(keyed.music.submits) == 1, "never does the operator pay instead"
    await keyed.services.alerts.step()
    assert [(lane, condition) for lane, condition, *_ in keyed.services.tidings.told] == [(GUILD, LaneCondition.KEY_REFUSED)]
    await keyed.services.own_keys.keep(MANAGER, "another-key-0123")
    assert await submit(keyed)
    assert await keyed.state(job) is JobState.GENERATING


async def test_a_key_that_cannot_be_decrypted_any_more_keeps_everything_where_it_is(keyed: Rig) -> None:
    made, waiting = await keyed.ask(), await keyed.ask()
    await submit(keyed)
    before, keyed.sealed_with = keyed.sealed_with, make_key()
    await keyed.restart()
    keyed.clock.advance(3600.0)
    assert not await submit(keyed)
    assert await keyed.state(waiting) is JobState.QUEUED
    assert keyed.lanes.standing(waiting).lane is LaneCondition.KEY_REFUSED
    with pytest.raises(LanePaused):
        await keyed.ask()
    about = await keyed.services.own_keys.about(GUILD)
    assert about is not None
    assert (about.readable, about.waiting) == (False, 1)
    await keyed.services.alerts.step()
    ((lane, condition, said, _),) = keyed.services.tidings.told
    assert (lane, condition) == (GUILD, LaneCondition.KEY_REFUSED)
    assert "ENCRYPTION_KEY" in said
    assert keyed.music.submits == []
    keyed.sealed_with = before
    await keyed.restart()
    assert await submit(keyed)
    assert await keyed.state(waiting) is JobState.GENERATING
    task = (await keyed.row(made)).task_id or ""
    own(keyed).made(task, Stage.DONE, Stage.DONE)
    while await query(keyed):
        pass
    assert await keyed.state(made) is JobState.READY


async def test_without_any_encryption_key_the_lane_waits_too(keyed: Rig) -> None:
    job = await keyed.ask()
    keyed.sealed_with = None
    await keyed.restart()
    assert not await submit(keyed)
    assert await keyed.state(job) is JobState.QUEUED


# A key that goes.


async def test_what_is_in_line_is_cancelled_and_what_is_being_made_is_watched_to_its_end(keyed: Rig) -> None:
    made = await keyed.ask()
    await submit(keyed)
    waiting = await keyed.ask()
    assert await keyed.services.own_keys.remove(MANAGER) == 1
    assert await keyed.state(waiting) is JobState.CANCELLED
    await keyed.announce()
    shown = {sent.job.id: sent.job.state for sent in keyed.announcer.of("show_reply")}
    assert shown[waiting.id] is JobState.CANCELLED
    later = await keyed.ask()
    assert later.lane is None
    task = (await keyed.row(made)).task_id or ""
    own(keyed).made(task, Stage.DONE, Stage.DONE)
    assert await query(keyed)
    assert await keyed.state(made) is JobState.READY
    assert len(own(keyed).submits) == 1
    assert await keyed.services.own_keys.about(GUILD) is None


async def test_one_that_is_acknowledged_only_then_is_cancelled_too(keyed: Rig) -> None:
    job = await keyed.accept()
    keyed.accepting.expect(job)
    await keyed.services.own_keys.remove(MANAGER)
    await keyed.accepting.acknowledged(job, reply_id=1, ephemeral=False)
    await until(keyed, job, JobState.CANCELLED)
    assert own(keyed).submits == keyed.music.submits == []


async def test_one_that_comes_back_from_the_provider_is_cancelled_too(keyed: Rig) -> None:
    async def removed() -> None:
        await keyed.services.own_keys.remove(MANAGER)
        raise NotConnected

    own(keyed).answers.append(removed)
    job = await keyed.ask()
    await submit(keyed)
    await until(keyed, job, JobState.CANCELLED)


async def test_after_a_restart_the_jobs_of_a_key_that_is_gone_run_on_nobody_elses(keyed: Rig) -> None:
    made = await keyed.ask()
    await submit(keyed)
    waiting = await keyed.ask()
    await GuildKeys(keyed.database).remove(GUILD)
    await keyed.restart()
    await until(keyed, waiting, JobState.CANCELLED)
    assert await query(keyed)
    assert await keyed.state(made) is JobState.GENERATING
    assert keyed.music.submits == []
    assert keyed.music.queries == []
    await keyed.services.alerts.step()
    assert keyed.services.tidings.told == [], "what is left is nobody's to mend"


async def test_a_key_can_come_back(keyed: Rig) -> None:
    await keyed.services.own_keys.remove(MANAGER)
    await keyed.services.own_keys.keep(MANAGER, KEY)
    job = await keyed.ask()
    assert await submit(keyed)
    assert await keyed.state(job) is JobState.GENERATING
    assert job.lane == GUILD


async def test_lanes_come_and_go_while_they_run(rig: Rig) -> None:
    running = asyncio.create_task(rig.lanes.run())
    await asyncio.sleep(0)
    await rig.lanes.open(GUILD, SecretStr(KEY))
    rig.clock.advance(INTERVAL)
    job = await rig.ask()
    await until(rig, job, JobState.GENERATING)
    own(rig).made((await rig.row(job)).task_id or "", Stage.DONE, Stage.DONE)
    await rig.lanes.close(GUILD)
    rig.clock.advance(10.0)
    rig.lanes.named(GUILD).end()
    await until(rig, job, JobState.READY)

    async def gone() -> bool:
        return not any(task.get_name() == f"lane-{GUILD}" for task in asyncio.all_tasks())

    await eventually(gone)
    rig.lanes.stop()
    await running


# By the operator's hand.


async def test_the_operator_s_hold_keeps_the_queue_and_lets_it_go_on(keyed: Rig) -> None:
    waiting = await keyed.ask(guild_id=OTHER_GUILD)
    keyed.lanes.hold("a new account", keyed.clock.now())
    assert not await keyed.submit()
    standing = keyed.lanes.standing(waiting)
    assert (standing.lane, standing.why, standing.wait) == (LaneCondition.HELD, "a new account", None)
    with pytest.raises(LanePaused) as paused:
        await keyed.ask(guild_id=OTHER_GUILD)
    assert (paused.value.reason, paused.value.why) == ("held", "a new account")
    theirs = await keyed.ask()
    assert await submit(keyed)
    assert await keyed.state(theirs) is JobState.GENERATING, "who pays for themselves goes on"
    keyed.lanes.release()
    assert await keyed.submit()
    assert await keyed.state(waiting) is JobState.GENERATING


async def test_the_operator_s_word_ends_a_pause_at_once(rig: Rig) -> None:
    rig.music.answers.append(OutOfCredits())
    job = await rig.ask()
    await rig.submit()
    assert not await rig.submit()
    rig.lanes.release()
    assert await rig.submit()
    assert await rig.state(job) is JobState.GENERATING
