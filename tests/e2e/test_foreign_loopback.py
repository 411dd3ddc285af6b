"""The bot between a Discord and a music API that are not ours, led there by nothing but its documented settings."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.sandbox.stage import PROJECT, BotProcess
from bot.sandbox.tape import first_take
from tests.e2e.foreign_discord import APP, PERSON, TOKEN, ChatService, Shown
from tests.e2e.foreign_music import KEY, MusicService
from tests.e2e.play import SAMPLE, TYPED, Recorder, until


@pytest.fixture
async def music(recorder: Recorder) -> AsyncGenerator[MusicService]:
    async with MusicService(recorder(first_take("house", 1, 0), "any")) as service:
        yield service


@pytest.fixture
async def chat() -> AsyncGenerator[ChatService]:
    async with ChatService() as service:
        yield service
        assert service.unknown == []


@pytest.fixture
async def bot(tmp_path: Path, music: MusicService, chat: ChatService) -> AsyncGenerator[BotProcess]:
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": f"http://127.0.0.1:{chat.port}/api/v10",
        "DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{chat.port}/gateway/",
        "MUSIC_API_URL": f"http://127.0.0.1:{music.port}",
        "MUSIC_API_KEY": KEY,
        "MEDIA_ALLOW_PRIVATE": "true",
        "MUSIC_SUBMIT_INTERVAL": "0.5",
        "OPS_PORT": "",
    }
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"} or name.startswith("COVERAGE_")}
    bot = BotProcess(settings | kept | {"PYTHONPATH": str(PROJECT)}, tmp_path, tmp_path / "bot.log")
    try:
        yield bot
    finally:
        code = await bot.stop()
    assert code == 0, bot.log
    assert "Traceback" not in bot.log
    assert TOKEN not in bot.log
    assert KEY not in bot.log
    assert "aW50ZXJhY3Rpb246" not in bot.log


def _results(chat: ChatService) -> list[Shown]:
    return [shown for shown in chat.messages.values() if shown.files]


async def _asked(bot: BotProcess, music: MusicService, chat: ChatService) -> None:
    await bot.start()
    await until(lambda: chat.connected)
    await chat.slash("extend", **TYPED)
    async with asyncio.timeout(30):
        await music.queried.wait()


async def _delivered(music: MusicService, chat: ChatService) -> None:
    await chat.until(lambda: "The track is here" in str(next(iter(chat.messages.values())).body))
    assert music.submits == [SAMPLE]
    (result,) = _results(chat)
    assert sorted(result.files) == ["crazy and wild - A.mp3", "crazy and wild - B.mp3"]
    assert set(result.files.values()) == {music.mp3}
    assert result.body["content"].startswith(f"<@{PERSON}> **crazy and wild** is finished")
    labels = [button["label"] for row in result.body["components"] for button in row["components"]]
    assert labels == ["Continue A", "Continue B", "More"]
    assert len(chat.messages) == 2


async def test_the_main_job_is_done_with_documented_settings_alone(bot: BotProcess, music: MusicService, chat: ChatService) -> None:
    music.finished = True
    await _asked(bot, music, chat)
    await _delivered(music, chat)
    assert {command["name"] for command in chat.commands} >= {"extend", "track", "jobs"}
    assert chat.commands[0]["application_id"] == APP


async def test_a_kill_in_the_middle_costs_nothing_but_time(bot: BotProcess, music: MusicService, chat: ChatService) -> None:
    await _asked(bot, music, chat)
    await chat.until(lambda: "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e" in str(next(iter(chat.messages.values())).body))
    await bot.kill()
    music.finished = True
    await bot.start()
    await _delivered(music, chat)


async def test_a_kill_after_the_post_makes_no_second_result(bot: BotProcess, music: MusicService, chat: ChatService) -> None:
    music.finished = True
    await bot.start()
    await until(lambda: chat.connected)

    async def kill_at_the_post() -> None:
        await chat.until(lambda: bool(_results(chat)))
        await bot.kill()

    killed = asyncio.create_task(kill_at_the_post())
    await chat.slash("extend", **TYPED)
    await killed
    await until(lambda: not chat.connected)
    await bot.start()
    # The reply may have pointed to the result before the kill: then nothing but this tells that the bot has taken up its work.
    await until(lambda: chat.connected)
    await _delivered(music, chat)
