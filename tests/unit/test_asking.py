"""The acknowledgement, in every way that Discord may take it, and where an interaction came from."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import aiohttp
import discord
import pytest

from bot.domain.actors import Actor
from bot.domain.jobs import Job, JobState
from bot.domain.requests import TypedRequest
from bot.errors import StoreUnavailable, TooManyInFlight
from bot.ui import asking
from bot.ui.asking import actor_of, ask, ask_track, origin_of
from bot.ui.buttons import Fix
from bot.ui.modals import Form
from tests.contract.builders import GUILD, USER
from tests.fakes import EPOCH
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import INTERVAL, SOURCE, Rig
from tests.unit.test_buttons import press
from tests.unit.test_modals import prefilled

TYPED = TypedRequest(continue_clip_id=SOURCE, continue_at="1:40", tags="wave")
RESET = aiohttp.ClientOSError("reset")


@pytest.fixture
def client(rig: Rig) -> FakeClient:
    return FakeClient(rig.services, folder=SimpleNamespace())  # type: ignore[arg-type] - no files here


@pytest.fixture
def interaction(client: FakeClient) -> FakeInteraction:
    return FakeInteraction(client)


async def the_job(rig: Rig) -> Job:
    (job,) = await rig.handling.of_user(USER, limit=9)
    return job


async def test_a_request_is_accepted_then_shown_then_let_into_the_lane(rig: Rig, interaction: FakeInteraction) -> None:
    rig.clock.advance(INTERVAL)
    await ask(interaction.as_sent, TYPED)
    job = await the_job(rig)
    assert (interaction.defers, interaction.answers) == ([{"thinking": True, "ephemeral": False}], [])
    assert (job.acknowledged, job.origin.reply_id, job.origin.reply_ephemeral) == (True, 77, False)
    assert job.announced == 0, "thinking is not the reply"
    assert await rig.submit()


async def test_whoever_has_to_wait_sees_at_once_where_and_needs_no_edit_for_it(rig: Rig, interaction: FakeInteraction) -> None:
    await rig.ask(user_id=USER + 1)
    await ask(interaction.as_sent, TYPED)
    job = await the_job(rig)
    ((embed,),) = [answer["embeds"] for answer in interaction.answers]
    assert "Place 2 in line" in embed.description
    assert [button.label for button in interaction.answers[0]["view"].children] == ["Cancel"]
    assert interaction.defers == []
    assert (job.acknowledged, job.origin.reply_id, job.announced) == (True, 77, job.revision)
    await rig.announce()
    assert [sent.job.id for sent in rig.announcer.sent if sent.job.id == job.id] == []


async def test_of_a_crowd_each_is_told_a_place_of_its_own(client: FakeClient) -> None:
    """None of them is in line yet when the next one is told where it stands."""
    crowd = [FakeInteraction(client, id=number, user_id=USER + number) for number in range(1, 6)]
    await asyncio.gather(*(ask(one.as_sent, TYPED) for one in crowd))
    told = sorted(answer["embeds"][0].description.split(",")[0].split(" (")[0] for one in crowd for answer in one.answers)
    assert told == ["Place 2 in line", "Place 3 in line", "Place 4 in line", "Place 5 in line", "You are next"]


async def test_whoever_is_not_answered_gives_the_place_back(rig: Rig, interaction: FakeInteraction) -> None:
    interaction.says = [refused(404, 10062)]
    await ask(interaction.as_sent, TYPED)
    other = await rig.ask(user_id=USER + 1)
    assert rig.lane.standing(other).place == 1
    assert await rig.submit()
    assert await rig.state(other) is JobState.GENERATING


async def test_a_first_answer_that_was_lost_shows_what_discord_has(rig: Rig, interaction: FakeInteraction) -> None:
    interaction.says = [RESET, refused(400, 40060)]
    interaction.original = SimpleNamespace(id=88, flags=discord.MessageFlags(ephemeral=False), embeds=[discord.Embed()])
    await ask(interaction.as_sent, TYPED)
    job = await the_job(rig)
    assert (job.origin.reply_id, job.announced) == (88, job.revision)


async def test_answered_too_late_it_is_withdrawn_quietly(rig: Rig, interaction: FakeInteraction) -> None:
    interaction.says = [refused(404, 10062)]
    await ask(interaction.as_sent, TYPED)
    assert await rig.handling.of_user(USER, limit=9) == []
    assert not await rig.submit()


async def test_a_reset_is_tried_again(rig: Rig, interaction: FakeInteraction) -> None:
    rig.clock.advance(INTERVAL)
    interaction.says = [RESET, TimeoutError()]
    await ask(interaction.as_sent, TYPED)
    assert len(interaction.defers) == 3
    assert (await the_job(rig)).origin.reply_id == 77


@pytest.mark.parametrize("known", [True, False])
async def test_acknowledged_already_counts_as_acknowledged(rig: Rig, interaction: FakeInteraction, known: bool) -> None:
    """The first defer arrived although its connection was reset; who is told where the reply is depends on asking for it."""
    interaction.says = [RESET, refused(400, 40060)]
    if known:
        interaction.original = SimpleNamespace(id=88, flags=discord.MessageFlags(ephemeral=True), embeds=[])
    await ask(interaction.as_sent, TYPED)
    job = await the_job(rig)
    assert job.acknowledged
    assert (job.origin.reply_id, job.origin.reply_ephemeral) == ((88, True) if known else (None, False))


@pytest.mark.parametrize("says", [[RESET, RESET, RESET], [refused(503, 0)], [refused(403, 50001)]])
async def test_where_no_reply_comes_to_be_it_is_withdrawn_and_raised(
    rig: Rig, interaction: FakeInteraction, says: list[Exception | None]
) -> None:
    interaction.says = says
    with pytest.raises((aiohttp.ClientError, discord.HTTPException)):
        await ask(interaction.as_sent, TYPED)
    assert await rig.handling.of_user(USER, limit=9) == []
    assert not await rig.submit()


async def test_a_followed_task_goes_the_same_way(rig: Rig, interaction: FakeInteraction) -> None:
    await ask_track(interaction.as_sent, "task-elsewhere-1")
    assert (await the_job(rig)).state is JobState.GENERATING
    assert interaction.defers


async def test_what_is_no_task_is_refused_and_comes_back_with_fix_even_to_whoever_may_only_look(
    rig: Rig, interaction: FakeInteraction
) -> None:
    manager = Actor(user_id=USER, guild_id=GUILD, moderator=False, manager=True)
    await rig.services.guilds.change(manager, lambda settings: replace(settings, spender_role=USER + 3))
    await ask_track(interaction.as_sent, "no task")
    (told,) = interaction.answers
    assert "`task_id`" in told["content"]
    assert [button.label for button in told["view"].children] == ["Fix", "Show me how"]
    draft = told["view"].children[0].custom_id.rpartition(":")[2]
    await press(Fix, interaction, draft)
    (form,) = interaction.modals
    assert form.title == "Take in a task"
    assert prefilled(cast("Form", form)) == {"task_id": "no task"}


async def test_fix_opens_nothing_that_would_only_be_refused(rig: Rig, interaction: FakeInteraction) -> None:
    await ask(interaction.as_sent, TypedRequest(continue_clip_id=SOURCE, continue_at="1:75", tags="wave"))
    draft = interaction.answers[0]["view"].children[0].custom_id.rpartition(":")[2]
    manager = Actor(user_id=USER, guild_id=GUILD, moderator=False, manager=True)
    await rig.services.guilds.change(manager, lambda settings: replace(settings, spender_role=USER + 3))
    await press(Fix, interaction, draft)
    assert interaction.modals == []
    assert f"<@&{USER + 3}>" in interaction.follow_ups[0]["content"]


@pytest.mark.parametrize("how", ["away", "slow"])
async def test_a_refusal_is_told_though_what_was_typed_cannot_be_kept(
    rig: Rig, interaction: FakeInteraction, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def keep(*_: object, life: float) -> str:
        if how == "slow":
            await asyncio.Event().wait()
        raise StoreUnavailable("away")

    monkeypatch.setattr(asking, "KEEP_WITHIN", 0.02)
    monkeypatch.setattr(rig.services.drafts, "keep", keep)
    await ask(interaction.as_sent, TypedRequest(continue_clip_id=SOURCE, continue_at="1:75", tags="wave"))
    (told,) = interaction.answers
    assert "`continue_at`" in told["content"]
    assert told["view"] is discord.utils.MISSING


@pytest.mark.parametrize(
    ("guild_id", "is_dm", "installed", "known", "there"),
    [
        (GUILD, False, True, True, True),
        (GUILD, False, True, False, True),
        (GUILD, False, False, True, True),
        (GUILD, False, False, False, False),
        (None, True, False, False, True),
        (None, False, False, False, False),
    ],
)
def test_whether_the_bot_can_post_where_it_is_asked(
    interaction: FakeInteraction, *, guild_id: int | None, is_dm: bool, installed: bool, known: bool, there: bool
) -> None:
    interaction.guild_id, interaction.is_dm, interaction.installed = guild_id, is_dm, installed
    assert isinstance(interaction.client, FakeClient)
    interaction.client.guilds_known = (GUILD,) if known else ()
    assert origin_of(interaction.as_sent).can_post is there


def test_where_an_interaction_came_from(interaction: FakeInteraction) -> None:
    origin = origin_of(interaction.as_sent)
    assert (origin.interaction_id, origin.user_id, origin.guild_id, origin.channel_id) == (42, USER, GUILD, USER + 2)
    assert (origin.reply_token, origin.token_expires_at, origin.locale) == ("interaction-token", EPOCH + 900.0, "de")


@pytest.mark.parametrize(
    ("guild_id", "allowed", "moderator"),
    [(GUILD, True, True), (GUILD, False, False), (None, True, False)],
)
def test_a_moderator_is_who_may_manage_messages_in_a_server(
    interaction: FakeInteraction, guild_id: int | None, allowed: bool, moderator: bool
) -> None:
    interaction.guild_id = guild_id
    interaction.permissions = discord.Permissions(manage_messages=allowed)
    assert actor_of(interaction.as_sent).moderator is moderator


# One request too many.


@pytest.mark.parametrize("what", ["extend", "track"])
async def test_one_request_too_many_is_refused_with_those_under_way(rig: Rig, interaction: FakeInteraction, what: str) -> None:
    begun = await rig.generating(title="first")
    for title in ("second", "third"):
        await rig.ask(title=title)
    await (ask(interaction.as_sent, TYPED) if what == "extend" else ask_track(interaction.as_sent, "task-elsewhere-1"))
    (answer,) = interaction.answers
    assert answer["ephemeral"]
    assert answer["content"].startswith("You have 3 requests under way, which is as many as one person may have here.")
    (embed,) = answer["embeds"]
    assert [entry.name for entry in embed.fields] == ["1 · third · In line", "2 · second · In line", "3 · first · Being made"]
    assert "Place 2 in line, about" in embed.fields[0].value
    assert f"https://discord.com/channels/{GUILD}/{begun.origin.channel_id}/{begun.origin.reply_id}" in embed.fields[2].value
    assert [button.label for button in answer["view"].children] == ["Cancel 1", "Cancel 2", "Hide 3"]
    assert len(await rig.handling.of_user(USER, limit=9)) == 3


@pytest.mark.parametrize("how", ["away", "slow"])
async def test_it_is_refused_in_words_where_the_list_cannot_be_read(
    rig: Rig, interaction: FakeInteraction, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for _ in range(3):
        await rig.ask()

    async def of_user(*_: object, limit: int) -> list[Job]:
        if how == "slow":
            await asyncio.Event().wait()
        raise StoreUnavailable(f"away for all {limit}")

    monkeypatch.setattr(asking, "LIST_WITHIN", 0.02)
    monkeypatch.setattr(rig.handling, "of_user", of_user)
    with pytest.raises(TooManyInFlight):
        await ask(interaction.as_sent, TYPED)
