"""First tracks: the same way as an extension's, without a source, and only where they are switched on."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Failure, Job, JobKind, JobState
from bot.domain.reports import Stage
from bot.domain.requests import CreateRequest, TypedCreate
from bot.errors import Ambiguous, BadOption, Busy, CreatingOff, NotConnected, Refused, TooManyInFlight
from bot.services import accepting
from bot.services.creating import Creating
from tests.contract.builders import GUILD, USER
from tests.unit.rig import REQUESTER, Rig

TYPED = TypedCreate(tags="wave,  synthwave, wave")
REQUEST = CreateRequest(tags="wave, synthwave", title="Wave & Synthwave", model="v3.5")


@pytest.fixture
async def rig(rig: Rig) -> Rig:
    await switch(rig, on=True)
    return rig


async def switch(rig: Rig, *, on: bool) -> None:
    settings = await rig.services.guilds.of(GUILD)
    changed = replace(settings, creating=on, revision=settings.revision + 1)
    rig.services.guilds._keep(changed)  # pyright: ignore[reportPrivateUsage] - as if it had been read so


async def create(rig: Rig, typed: TypedCreate = TYPED) -> Job:
    job = await rig.accepting.accept(typed, rig.origin())
    await rig.accepting.acknowledged(job, reply_id=job.origin.interaction_id + 100_000, ephemeral=False)
    return await rig.row(job)


async def test_a_first_track_lives_as_an_extension_does(rig: Rig) -> None:
    job = await create(rig)
    assert (job.kind, job.state, job.source_id, job.continue_at) == (JobKind.CREATE, JobState.QUEUED, None, None)
    assert await rig.submit()
    assert rig.music.submits == [REQUEST]
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    await rig.query()
    await rig.announce()
    assert await rig.state(job) is JobState.DELIVERED
    (clip, _) = await rig.clips.of_task("task-000001")
    assert (clip.parent_id, clip.continued_at, clip.title, clip.tags) == (None, None, "Wave & Synthwave", "wave, synthwave")
    assert "post_result" in rig.announcer.ways()


@pytest.mark.parametrize(
    ("error", "state"),
    [(NotConnected("dns"), JobState.QUEUED), (Refused("400"), JobState.FAILED), (Ambiguous("reset"), JobState.UNKNOWN)],
)
async def test_what_came_of_the_submit_means_the_same(rig: Rig, error: Exception, state: JobState) -> None:
    job = await create(rig)
    rig.music.answers.append(error)
    await rig.submit()
    assert await rig.state(job) is state
    rig.clock.advance(600.0)
    await rig.submit()
    assert len(rig.music.submits) == (2 if state is JobState.QUEUED else 1)


async def test_a_process_that_ends_in_the_middle_sends_nothing_twice(rig: Rig) -> None:
    job = await create(rig)

    async def ends() -> None:
        raise asyncio.CancelledError

    rig.music.answers.append(ends)
    with pytest.raises(asyncio.CancelledError):
        await rig.submit()
    await rig.restart()
    assert await rig.state(job) is JobState.UNKNOWN
    assert not await rig.submit()
    assert len(rig.music.submits) == 1


@pytest.mark.parametrize("error", [Refused("400"), Ambiguous("reset")])
async def test_it_is_asked_again_as_what_it_was(rig: Rig, error: Exception) -> None:
    job = await create(rig)
    rig.music.answers.append(error)
    await rig.submit()
    again = await rig.handling.repeat(job.id, REQUESTER)
    assert again == TypedCreate(tags="wave, synthwave", title="Wave & Synthwave", model="v3.5")


async def test_a_failure_says_why(rig: Rig) -> None:
    job = await create(rig)
    rig.music.answers.append(Refused("bad tags"))
    await rig.submit()
    assert (await rig.row(job)).failure is Failure.REFUSED


async def test_options_are_checked_as_those_of_extensions_are(rig: Rig) -> None:
    for typed, field in (
        (TypedCreate(tags=" , "), "tags"),
        (TypedCreate(tags="a", title="x" * 81), "title"),
        (replace(TYPED, model="v9"), "model"),
    ):
        with pytest.raises(BadOption) as refused:
            await create(rig, typed)
        assert refused.value.field == field


async def test_they_count_against_the_same_limits(rig: Rig) -> None:
    for _ in range(3):
        await create(rig)
    with pytest.raises(TooManyInFlight):
        await rig.ask()


async def test_switched_off_nothing_is_accepted(rig: Rig) -> None:
    await switch(rig, on=False)
    with pytest.raises(CreatingOff):
        await create(rig)
    assert await rig.handling.of_user(USER, limit=9) == []


async def test_settings_that_cannot_be_read_in_time_let_nothing_pass(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "READ_WITHIN", 0.01)

    async def never(_guild_id: int) -> GuildSettings:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(rig.services.creating, "_settings_of", never)
    with pytest.raises(Busy):
        await create(rig)


@pytest.mark.parametrize(
    ("allowed", "own_key", "here", "by_operator"),
    [
        (False, False, False, True),
        (False, False, True, True),
        (True, False, False, False),
        (False, True, False, False),
        (True, True, False, False),
        (True, False, True, None),
        (False, True, True, None),
        (True, True, True, None),
    ],
)
async def test_who_has_switched_it_off(allowed: bool, own_key: bool, here: bool, by_operator: bool | None) -> None:
    async def settings_of(guild_id: int) -> GuildSettings:
        return GuildSettings(guild_id=guild_id, creating=here)

    creating = Creating(allowed=allowed, settings_of=settings_of, lane_of=lambda guild_id: guild_id if own_key else None)
    if by_operator is None:
        await creating.check(GUILD)
        return
    with pytest.raises(CreatingOff) as refused:
        await creating.check(GUILD)
    assert refused.value.by_operator is by_operator


async def test_outside_of_servers_the_operators_word_is_enough() -> None:
    async def settings_of(_guild_id: int) -> GuildSettings:
        raise AssertionError

    await Creating(allowed=True, settings_of=settings_of, lane_of=lambda _guild_id: None).check(None)
    with pytest.raises(CreatingOff):
        await Creating(allowed=False, settings_of=settings_of, lane_of=lambda guild_id: guild_id).check(None)
