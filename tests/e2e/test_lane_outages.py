"""What stops the whole lane, and how it goes on; nobody loses their place."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.sandbox.music_api import MusicApi
from tests.e2e.play import Play
from tests.e2e.reading import privately, text_of


async def test_a_refused_key_pauses_the_lane_and_a_restart_resumes_it(stage: Play) -> None:
    stage.hurry()
    key, stage.music.key = stage.music.key, "another-key-0123456789"
    await stage.start()
    call = await stage.extend()
    assert "key" in text_of(await stage.shows(call, "In line"))
    assert "I can't take requests now" in privately(await stage.extend(stage.world.jo))
    assert stage.music.counts.outcomes == {"unauthorized": 1}
    assert stage.bot.log.count("ERROR    bot.services.health") == 1
    stage.music.key = key
    await stage.restart()
    await stage.result()
    assert len(stage.music.counts.accepted) == 1


async def test_used_up_credits_pause_the_lane_until_a_probe_succeeds(stage: Play) -> None:
    stage.hurry({"bot.services.health.FIRST_PROBE": 1.5})
    stage.music.credits_left = 0
    await stage.start()
    call = await stage.extend()
    assert "credits" in text_of(await stage.shows(call, "In line"))
    assert "I can't take requests now" in privately(await stage.extend(stage.world.jo))
    stage.music.credits_left = 5
    await stage.result()
    assert stage.music.credits_left == 4
    assert "the lane works again" in stage.bot.log
    await stage.extend(stage.world.jo, title="after")
    await stage.result(title="after")


async def test_a_provider_that_is_away_costs_nobody_their_place(hurried: Play) -> None:
    await hurried.music.close()
    call = await hurried.extend()
    assert "Nothing is lost" in text_of(await hurried.shows(call, "In line"))
    async with _back(hurried):
        await hurried.result()
        assert len(hurried.submits()) == 1
    assert hurried.bot.log.count("the lane is unreachable") == 1
    assert hurried.bot.log.count("the lane works again") == 1


@asynccontextmanager
async def _back(hurried: Play) -> AsyncGenerator[None]:
    """Bring the provider back where it was."""
    port = int(hurried.music.url.rpartition(":")[2])
    async with MusicApi(replace(hurried.music.settings, port=port), recorder=hurried.recorder, clock=hurried.clock) as hurried.music:
        yield
