"""The acknowledgement, in every way that Discord may take it, and where an interaction came from."""

import asyncio
from types import SimpleNamespace

import aiohttp
import discord
import pytest

from bot.domain.jobs import Job, JobState
from bot.domain.requests import TypedRequest
from bot.errors import StoreUnavailable
from bot.ui import asking
from bot.ui.asking import actor_of, ask, ask_track, origin_of
from tests.contract.builders import GUILD, USER
from tests.fakes import EPOCH
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import SOURCE, Rig

TYPED = TypedRequest(continue_clip_id=SOURCE, continue_at="1:40", tags="wave")
RESET = aiohttp.ClientOSError("reset")


@pytest.fixture
def interaction(rig: Rig) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.extending, rig.services.drafts, folder=SimpleNamespace()))  # type: ignore[arg-type] - no files here


async def the_job(rig: Rig) -> Job:
    (job,) = await rig.extending.of_user(USER, limit=9)
    return job


async def test_a_request_is_accepted_then_shown_then_let_into_the_lane(rig: Rig, interaction: FakeInteraction) -> None:
    await ask(interaction.as_sent, TYPED)
    job = await the_job(rig)
    assert interaction.defers == [{"thinking": True}]
    assert (job.acknowledged, job.origin.reply_id, job.origin.reply_ephemeral) == (True, 77, False)
    assert await rig.submit()


async def test_answered_too_late_it_is_withdrawn_quietly(rig: Rig, interaction: FakeInteraction) -> None:
    interaction.says = [refused(404, 10062)]
    await ask(interaction.as_sent, TYPED)
    assert await rig.extending.of_user(USER, limit=9) == []
    assert not await rig.submit()


async def test_a_reset_is_tried_again(rig: Rig, interaction: FakeInteraction) -> None:
    interaction.says = [RESET, TimeoutError()]
    await ask(interaction.as_sent, TYPED)
    assert len(interaction.defers) == 3
    assert (await the_job(rig)).origin.reply_id == 77


@pytest.mark.parametrize("known", [True, False])
async def test_acknowledged_already_counts_as_acknowledged(rig: Rig, interaction: FakeInteraction, known: bool) -> None:
    """The first defer arrived although its connection was reset; who is told where the reply is depends on asking for it."""
    interaction.says = [RESET, refused(400, 40060)]
    if known:
        interaction.original = SimpleNamespace(id=88, flags=discord.MessageFlags(ephemeral=True))
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
    assert await rig.extending.of_user(USER, limit=9) == []
    assert not await rig.submit()


async def test_a_followed_task_goes_the_same_way(rig: Rig, interaction: FakeInteraction) -> None:
    await ask_track(interaction.as_sent, "task-elsewhere-1")
    assert (await the_job(rig)).state is JobState.GENERATING
    assert interaction.defers


@pytest.mark.parametrize("how", ["away", "slow"])
async def test_a_refusal_is_told_though_what_was_typed_cannot_be_kept(
    rig: Rig, interaction: FakeInteraction, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def keep(*_: object) -> str:
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
    assert interaction.client is not None
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
