"""The soak's stage: everything accelerated, and a way to break everything."""

from __future__ import annotations

import asyncio
import io
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from bot.sandbox.discord import Limits, LoopbackDiscord, build_sandbox_world
from bot.sandbox.music_api import MusicApi
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.stage import BotProcess, bot_environment
from tests.e2e.play import Play, ProviderClock
from tests.e2e.soak.databases import SqliteFile, open_postgres
from tests.e2e.soak.faults import PATIENCE
from tests.e2e.soak.people import People
from tests.e2e.soak.relay import HOST, Relay
from tests.e2e.soak.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from tests.e2e.play import Recorder
    from tests.e2e.soak.databases import Database
    from tests.e2e.soak.relay import Way

SUBMIT_INTERVAL = 0.1
QUERIES_PER_SECOND = 20
PROVIDER = MusicSettings(
    key="provider-key-0123456789abcdef",
    generation=(0.3, 2.0),
    submit_interval=SUBMIT_INTERVAL,
    queries_per_second=QUERIES_PER_SECOND,
)
NONCE_SECONDS = 60.0
"""Discord's "past few minutes" here; the bot relies on a part of it, as it does of the real ones."""
SETTINGS = {
    "MUSIC_SUBMIT_INTERVAL": str(SUBMIT_INTERVAL),
    "MUSIC_QUERIES_PER_SECOND": str(QUERIES_PER_SECOND),
    "JOBS_PER_USER": "100",
    "DAILY_PER_PERSON": "0",
    "DAILY_PER_SERVER": "0",
    "DAILY_IN_ALL": "0",
    "LONGEST_QUEUE": "0",
    "JOB_DEADLINE": "12",
    "MEDIA_MAX_GB": "0.25",
    "MUSIC_USUAL_SECONDS": "5",
}
PIPE_BYTES = 1 << 16
LOG = "bot.log"
"""The log of all the processes, in the stage's folder."""
WAITS = {
    "bot.services.delivery.SETTLE": 0.3,
    "bot.services.turns.LONGEST_PAUSE": 1.0,
    "bot.services.tries.NONCE_WINDOW": 1.0,
    "bot.services.health.LONGEST_HOLD": 1.0,
    "bot.services.health.FIRST_PROBE": 0.5,
    "bot.services.health.LONGEST_PROBE": 1.0,
    "bot.services.health.FIRST_REST": 0.3,
    "bot.services.health.QUERY_HOLD": 0.5,
    "bot.services.health.LONGEST_WITHOUT_TRY": 2.0,
    "bot.services.health.NOTICE_AFTER": 1.0,
    "bot.services.health.CALM": 1.0,
    "bot.services.lane.AFTER_A_FALL": 0.3,
    "bot.services.finishing.NO_ANSWER_GRACE": 5.0,
    "bot.domain.settling.SIBLING_WAIT": 2.0,
    "bot.domain.polling.LATE_INTERVAL": 2.0,
    "bot.domain.polling.RETRY_AFTER": 0.3,
    "bot.domain.polling.SHORTEST_GAP": 0.2,
    "bot.music.client.FIRST_WAIT": 0.2,
    "bot.music.client.LONGEST_WAIT": 1.0,
}
"""What people and the provider have minutes for, in seconds."""
IN_THE_PROCESS = f"""
import asyncio
import faulthandler
import functools
import signal
import sys
import bot.music.client

def tell(_number, _frame):
    faulthandler.dump_traceback()
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)

signal.signal(signal.SIGUSR1, tell)
bot.music.client.Timeouts = functools.partial(bot.music.client.Timeouts, connect={PATIENCE}, submit={PATIENCE}, query={PATIENCE})
"""
"""What Python runs before the bot, beside the shortened waits; SIGUSR1 writes into the log what every thread and task is waiting for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The bot between a provider, a Discord and a database that all fail; its log is in `log_path`."""

    play: Play
    log_path: Path
    database: Database
    trouble: Trouble
    people: People


@asynccontextmanager
async def open_stage(folder: Path, recorder: Recorder, *, seed: int, postgres_url: str | None) -> AsyncGenerator[Stage]:
    """Set the stage in an empty folder, on SQLite or on a server's new database; the bot is not started, and is ended at the end."""
    record = os.environ.get("ENCORE_DISCORD_RECORD")
    async with (
        MusicApi(PROVIDER, recorder=recorder, painter=_paint) as music,
        Relay(lambda: _reach(music)) as way_to_music,
        LoopbackDiscord(limits=Limits(nonce_seconds=NONCE_SECONDS), record_path=Path(record) if record else None) as discord,
    ):
        measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        settings = SETTINGS | {"MUSIC_API_URL": f"http://{HOST}:{way_to_music.port}"} | measured
        bot = BotProcess(bot_environment(music, discord, folder) | settings, folder, folder / "log.pipe")
        play = Play(music=music, discord=discord, world=build_sandbox_world(discord), bot=bot, recorder=recorder, clock=ProviderClock())
        play.shorten(WAITS)
        with (folder / "shortened" / "sitecustomize.py").open("a", encoding="utf-8") as file:
            file.write(IN_THE_PROCESS)
        people = People(discord, play.world.guild, play.room, seed)
        log_path = folder / LOG
        with _piped(bot.log_path, log_path):
            try:
                async with _database(folder, bot, postgres_url) as database:
                    play.set(DATABASE_URL=database.url)
                    trouble = Trouble(bot, music, discord, way_to_music, database.outages)
                    yield Stage(play=play, log_path=log_path, database=database, trouble=trouble, people=people)
            finally:
                await bot.kill()


@contextmanager
def _piped(pipe: Path, log_path: Path) -> Generator[None]:
    """Write whatever comes through a named pipe into a file: a process that may write no file can still say so."""
    os.mkfifo(pipe)
    # Both ends are held here, so that no writer waits for a reader, and none is the last.
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with log_path.open("ab", buffering=0) as log:
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, lambda: log.write(os.read(descriptor, PIPE_BYTES)))
        try:
            yield
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)


@asynccontextmanager
async def _database(folder: Path, bot: BotProcess, postgres_url: str | None) -> AsyncGenerator[Database]:
    if postgres_url is None:
        yield SqliteFile(folder / "encore.db", bot)
        return
    async with open_postgres(postgres_url) as database:
        yield database


async def _reach(music: MusicApi) -> Way:
    host, port = music.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


def _paint(_tags: str, _seed: int, _size: int) -> bytes:
    """Make a small picture: a soak is not about covers."""
    picture = io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "PNG")
    return picture.getvalue()
