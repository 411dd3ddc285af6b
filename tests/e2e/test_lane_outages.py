"""What stops the whole lane, and how it goes on; nobody loses their place, and nothing is said twice."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox.music_api import MusicApi
from tests.e2e.conftest import PROVIDER, play_on
from tests.e2e.play import Play, Recorder, until
from tests.e2e.ports import free_port
from tests.e2e.reading import privately, text_of

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall

OUTAGES = {"bot.services.health.NOTICE_AFTER": 0.5, "bot.services.health.CALM": 0.5}
"""Shorter waits until people are told of an outage, and until it counts as over."""

UTC = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


async def complaints(port: int) -> list[str]:
    """Ask what keeps the music service's part from working; a connection to Discord is ready a moment after it is there."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
            assert response.status == 200, "a lane that stands still is no reason to restart the process"
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            reasons: list[str] = (await response.json())["reasons"]
            assert response.status == (503 if reasons else 200)
    return [reason for reason in reasons if "music service" in reason]


def edits(stage: Play, call: "InteractionCall") -> int:
    """Count the edits of a reply."""
    return len(stage.sent("PATCH", f"/{call.interaction.token}/messages/@original"))


async def test_a_refused_key_pauses_the_lane_and_a_restart_resumes_it(stage: Play) -> None:
    port = free_port()
    stage.hurry(OUTAGES)
    stage.set(OPS_PORT=str(port))
    key, stage.music.key = stage.music.key, "another-key-0123456789"
    await stage.start()
    call = await stage.extend()
    assert "In line" in text_of(await stage.shows(call, "refuses this bot's key"))
    assert "I can't take requests now" in privately(await stage.extend(stage.world.jo))
    (reason,) = await complaints(port)
    assert re.fullmatch(rf"the music service refuses MUSIC_API_KEY, since {UTC}", reason)
    assert stage.music.counts.outcomes == {"unauthorized": 1}
    assert stage.bot.log.count("ERROR    bot.services.health") == 1
    stage.music.key = key
    await stage.restart()
    await stage.result()
    assert await complaints(port) == []
    assert len(stage.music.counts.accepted) == 1


async def test_used_up_credits_pause_the_lane_until_a_probe_succeeds(stage: Play) -> None:
    stage.hurry({"bot.services.health.FIRST_PROBE": 1.5, **OUTAGES})
    stage.music.credits_left = 0
    await stage.start()
    call = await stage.extend()
    assert "In line" in text_of(await stage.shows(call, "credits at the music service are used up"))
    assert "I can't take requests now" in privately(await stage.extend(stage.world.jo))
    stage.music.credits_left = 5
    await stage.result()
    assert stage.music.credits_left == 4
    await until(lambda: "the lane works again after" in stage.bot.log)
    assert stage.bot.log.count("bot.services.health") == 2
    await stage.extend(stage.world.jo, title="after")
    await stage.result(title="after")


@pytest.fixture
async def at_a_port(tmp_path: Path, recorder: Recorder) -> AsyncGenerator[Play]:
    """The stage, with a provider that can go and find its port free when it comes back."""
    async with play_on(tmp_path, recorder, replace(PROVIDER, port=free_port())) as play:
        yield play


async def test_a_provider_that_is_away_costs_nobody_their_place_and_is_told_once(at_a_port: Play) -> None:
    stage = at_a_port
    stage.hurry({**OUTAGES, "bot.services.health.LONGEST_HOLD": 1.0})
    await stage.start()
    await stage.music.close()
    calls = [await stage.extend(person, title=f"number {number}") for number, person in enumerate((stage.world.mira, stage.world.jo))]
    for call in calls:
        assert "Nothing is lost" in text_of(await stage.shows(call, "doesn't answer"))
    told = [edits(stage, call) for call in calls]
    assert max(told) <= 2
    tries = stage.bot.log.count("submit: NotConnected")
    await until(lambda: stage.bot.log.count("submit: NotConnected") >= tries + 2)
    assert [edits(stage, call) for call in calls] == told, "however often it is tried"
    async with _back(stage):
        for number in range(2):
            await stage.result(title=f"number {number}")
        assert [body["title"] for body in stage.submits()] == ["number 0", "number 1"]
        await until(lambda: "the lane works again after" in stage.bot.log)
    assert stage.bot.log.count("the lane is unreachable") == 1
    assert stage.bot.log.count("the lane works again") == 1


@asynccontextmanager
async def _back(stage: Play) -> AsyncGenerator[None]:
    """Bring the provider back where it was."""
    async with MusicApi(stage.music.settings, recorder=stage.recorder, clock=stage.clock) as stage.music:
        yield
