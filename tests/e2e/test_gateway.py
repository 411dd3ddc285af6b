"""The gateway goes and comes back: nothing that people asked meanwhile is lost or done twice."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from bot.sandbox.discord import InteractionCall
from tests.e2e.play import PATIENCE, TYPED, Play, until
from tests.e2e.reading import audio_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def _resuming(shared: Play) -> AsyncGenerator[None]:
    """Wait until the bot has come back to its session, without a new one."""
    gateway = shared.discord.gateway
    resumes, identifies = gateway.resumes, gateway.identifies
    yield
    await until(lambda: gateway.resumes == resumes + 1)
    await shared.discord.wait_ready(PATIENCE)
    assert gateway.identifies == identifies


async def _ask(shared: Play, title: str) -> InteractionCall:
    """Ask without waiting for an answer."""
    return await shared.world.mira.slash(shared.room, "extend", **{**TYPED, "title": title})


async def test_what_was_asked_while_the_gateway_was_away_is_answered_after_resuming(shared: Play) -> None:
    async with _resuming(shared):
        shared.discord.gateway.close(4000)
        call = await _ask(shared, "meanwhile")
    assert len(audio_of(await shared.result(title="meanwhile"))) == 2
    assert call.failed is None
    assert len(shared.submits("meanwhile")) == 1


async def test_a_cut_connection_and_a_wish_to_reconnect_are_resumed_from(shared: Play) -> None:
    async with _resuming(shared):
        shared.discord.gateway.drop()
    async with _resuming(shared):
        shared.discord.gateway.request_reconnect()
    await shared.extend(title="resumed")
    assert len(audio_of(await shared.result(title="resumed"))) == 2


async def test_an_interaction_older_than_three_seconds_is_answered_quietly(shared: Play) -> None:
    async with _resuming(shared):
        shared.discord.gateway.close(4000)
        call = await _ask(shared, "old")
        shared.discord.advance(10)
    assert call.failed is not None
    await until(lambda: "was withdrawn" in shared.bot.log)
    assert shared.submits("old") == []


async def test_after_an_invalid_session_the_bot_identifies_anew(shared: Play) -> None:
    identifies = shared.discord.gateway.identifies
    shared.discord.gateway.invalidate(resumable=False)
    await until(lambda: shared.discord.gateway.identifies == identifies + 1)
    await shared.extend(title="anew")
    assert len(audio_of(await shared.result(title="anew"))) == 2


async def test_a_gateway_that_is_away_does_not_keep_a_result_from_its_channel(shared: Play) -> None:
    shared.may_log_tracebacks = True  # discord.py's own, of each attempt
    call = await shared.extend(title="without")
    shared.discord.gateway.refuse_connections(2)
    shared.discord.gateway.drop()
    assert len(audio_of(await shared.result(title="without"))) == 2
    await shared.shows(call, "The track is here")
