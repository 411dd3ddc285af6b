"""The stage of the end-to-end tests: fast, but with quotas that are kept and counted."""

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.sandbox.discord import LoopbackDiscord, build_sandbox_world
from bot.sandbox.music_api import MusicApi
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.stage import BotProcess, bot_environment, start_afresh
from bot.sandbox.tape import SHORT_LENGTH
from tests.e2e.play import Play, ProviderClock, Recorder
from tests.e2e.recordings import two_recordings
from tests.e2e.shelf import MP3, Cdn, Shelf
from tests.postgres import postgres_server
from tests.warm import start_warm

SUBMIT_INTERVAL = 0.2
PROVIDER = MusicSettings(
    key="provider-key-0123456789abcdef",
    generation=(0.001, 0.002),
    length=SHORT_LENGTH,
    submit_interval=SUBMIT_INTERVAL,
    queries_per_second=2,
)
"""A task is done at its first query unless a test makes its clips late."""

SETTINGS = {
    "MUSIC_SUBMIT_INTERVAL": str(SUBMIT_INTERVAL),
    # Below two, one slot opens after half a second; with two, both open after a whole one, which every start would wait for.
    "MUSIC_QUERIES_PER_SECOND": "1.9",
    # A test may ask for more a day than any operator would allow.
    "DAILY_PER_PERSON": "0",
    "DAILY_PER_SERVER": "0",
    "DAILY_IN_ALL": "0",
    "LONGEST_QUEUE": "0",
}
MANY_QUERIES = 20
"""Queries a second where one bot serves a table of cases."""


@pytest.fixture(scope="session")
def recorder() -> Recorder:
    """Two recordings, made once: every clip of a variant sounds the same."""
    return two_recordings()


@asynccontextmanager
async def play_on(folder: Path, recorder: Recorder, provider: MusicSettings = PROVIDER) -> AsyncGenerator[Play]:
    """Set the stage; at the end the bot must stop in order, and everything is audited."""
    record = os.environ.get("ENCORE_DISCORD_RECORD")
    clock = ProviderClock()
    async with (
        MusicApi(provider, recorder=recorder, clock=clock) as music,
        LoopbackDiscord(record_path=Path(record) if record else None) as discord,
    ):
        measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        bot = BotProcess(bot_environment(music, discord, folder) | SETTINGS | measured, folder, folder / "bot.log", launch=start_warm)
        play = Play(music=music, discord=discord, world=build_sandbox_world(discord), bot=bot, recorder=recorder, clock=clock)
        try:
            yield play
        finally:
            music.faults.clear()
            code = await bot.stop()
        assert code == 0, bot.log
        play.audit()


@pytest.fixture
async def stage(tmp_path: Path, recorder: Recorder) -> AsyncGenerator[Play]:
    """The stage before the bot is started."""
    async with play_on(tmp_path, recorder) as play:
        yield play


@pytest.fixture
def afresh(stage: Play) -> Play:
    """The stage before the bot is started, which will be by the very command that an operator uses."""
    stage.bot.launch = start_afresh
    return stage


@pytest.fixture
async def live(stage: Play) -> Play:
    """The stage with the bot on it."""
    await stage.start()
    return stage


@pytest.fixture
async def hurried(stage: Play) -> Play:
    """The stage with a bot on it that waits less between queries, and before it shows that a request is in line."""
    stage.hurry()
    await stage.start()
    return stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> AsyncGenerator[Play]:
    """One hurried bot for a file: for tests marked `asyncio(loop_scope="module")` that leave it as they found it."""
    provider = replace(PROVIDER, queries_per_second=MANY_QUERIES)
    async with play_on(tmp_path_factory.mktemp("shared"), recorder, provider) as play:
        play.set(JOBS_PER_USER="100", MUSIC_QUERIES_PER_SECOND=str(MANY_QUERIES))
        play.hurry()
        await play.start()
        yield play


@pytest.fixture(scope="session")
def postgres_url() -> Generator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
async def cdn() -> AsyncGenerator[Cdn]:
    server = Cdn()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
def shelf(tmp_path: Path, cdn: Cdn) -> Shelf:
    cdn.files["/a.mp3"] = MP3
    return Shelf(tmp_path / "media", cdn)
