"""The app on a person's account, where the bot itself is not: only the interaction's token leads there."""

import time

import pytest
import pytest_asyncio

from bot.sandbox.discord import Permission, Room
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere(shared: Play) -> Room:
    """A channel of a server without the bot; Mira has the app on her account."""
    guild = shared.discord.add_guild("Elsewhere", shared.world.stranger, with_bot=False)
    shared.discord.add_member(guild, shared.world.mira)
    shared.discord.install_user(shared.world.mira)
    return shared.discord.add_channel(guild, "general")


async def test_the_result_is_edited_into_the_reply_and_pings_once(shared: Play, elsewhere: Room) -> None:
    call = await shared.extend(None, elsewhere, title="guest")
    result = await shared.result(elsewhere)
    assert result is call.message
    assert not result.is_ephemeral
    assert labels(result) == ["Continue A", "Continue B", "More"]
    ping = await elsewhere.wait_for(lambda message: message in call.followups, PATIENCE)
    assert ping.pinged == {shared.world.mira.id}
    await shared.restart()
    assert (elsewhere.messages, len(call.followups)) == ([result, ping], 1)
    assert shared.sent("POST", f"/channels/{elsewhere.id}/messages") == []


async def test_where_external_apps_are_not_allowed_everything_stays_private(shared: Play, elsewhere: Room) -> None:
    guild = shared.discord.core.world.guild_of(elsewhere.channel)
    assert guild is not None
    guild.everyone.permissions &= ~Permission.USE_EXTERNAL_APPS
    call = await shared.extend(None, elsewhere, title="in private")
    result = await shared.result(elsewhere)
    assert result is call.message
    assert "is finished" in privately(call)
    ping = await elsewhere.wait_for(lambda message: message in call.followups, PATIENCE)
    assert ping.is_ephemeral
    more = await shared.press(result, "More")
    assert "Track id" in privately(more)


async def test_among_friends_the_app_works_as_well(shared: Play) -> None:
    shared.discord.install_user(shared.world.mira)
    group = shared.discord.add_group("friends", shared.world.mira, shared.world.jo)
    call = await shared.extend(None, group, title="among friends")
    result = await shared.result(group)
    assert result is call.message
    assert len(audio_of(result)) == 2


async def test_a_private_result_survives_a_restart_in_the_middle(shared: Play, elsewhere: Room) -> None:
    shared.next_is_late()
    call = await shared.extend(None, elsewhere, title="in the middle")
    await shared.shows(call, "Being made")
    await shared.kill()
    await shared.start()
    shared.finish_late()
    result = await shared.result(elsewhere)
    assert result is call.message
    assert len(shared.submits("in the middle")) == 1


@pytest.mark.asyncio(loop_scope="function")
async def test_before_the_token_runs_out_the_reply_says_how_to_fetch_the_result(stage: Play) -> None:
    # From the first second on it is time for the last words, and there are seven more in which a busy machine may write them.
    stage.hurry({"bot.ui.asking.TOKEN_LIFE": 8.0, "bot.services.delivery.LAST_WORDS": 7.0})
    await stage.start()
    stage.world.mira.user.dms_open = False
    guild = stage.discord.add_guild("Elsewhere", stage.world.stranger, with_bot=False)
    stage.discord.add_member(guild, stage.world.mira)
    stage.discord.install_user(stage.world.mira)
    elsewhere = stage.discord.add_channel(guild, "general")
    stage.next_is_late()
    call = await stage.extend(None, elsewhere)
    await stage.shows(call, "fetch it with /jobs")
    await until(lambda: time.time() > call.interaction.created_at + 8.1)
    stage.finish_late()
    await until(lambda: "it waits under /jobs" in stage.bot.log)
    listed = await stage.use("jobs", None, elsewhere)
    fetched = await (await stage.press(listed.message, "Fetch 1")).settled(PATIENCE)
    assert len(audio_of(fetched.message)) == 2
    assert fetched.message.is_ephemeral
