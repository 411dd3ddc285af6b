"""A bot under measurement: a process of its own between a loopback Discord and a loopback provider, which live in this process."""

import asyncio
import re
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.processes import cpu_seconds, resident_bytes
from bot.sandbox.cover import cover
from bot.sandbox.discord import LoopbackDiscord, Person, SandboxWorld, build_sandbox_world
from bot.sandbox.music_api import MusicApi
from bot.sandbox.music_library import SAMPLE_CLIP_ID, MusicSettings
from bot.sandbox.stage import BotProcess, bot_environment
from bot.sandbox.tape import Take, record

ENCORE, BARE = "bot", "bench.bare_bot"
"""The modules that are measured against each other."""
PATIENCE = 60.0
"""Seconds for anything that is to come."""
STATEMENTS = "encore_sql_statements_total"
LOOK_EVERY = 0.01
"""Seconds between looks at what tells nobody when it happens."""

UNLIMITED = {"DAILY_PER_SERVER": "0", "DAILY_IN_ALL": "0", "LONGEST_QUEUE": "0"}
"""What a load must not meet; each person's own limits are kept, and counted."""

TYPED = {
    "continue_clip_id": SAMPLE_CLIP_ID,
    "continue_at": "1:40",
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
}
"""What every person types: the sample of the provider's page "Extend Instrumental"."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """One bot, and both its outsides."""

    music: MusicApi
    discord: LoopbackDiscord
    world: SandboxWorld
    process: BotProcess
    people: list[Person] = field(default_factory=list[Person])
    ops_port: int

    @property
    def name(self) -> str:
        """Say what is measured."""
        return "bare discord.py" if self.process.module == BARE else "Encore"

    @property
    def pid(self) -> int:
        """Return the process's id."""
        assert self.process.process is not None
        return self.process.process.pid

    @property
    def database_url(self) -> str:
        """Return the address of the bot's database."""
        return self.process.environment["DATABASE_URL"]

    @property
    def cpu(self) -> float:
        """Return the processor time that the bot has taken, in seconds."""
        return cpu_seconds(self.pid)

    @property
    def memory(self) -> int:
        """Return the memory that the bot holds, in bytes."""
        return resident_bytes(self.pid)

    async def start(self) -> float:
        """Start the bot and wait until the gateway calls it ready; return the seconds that took. Raises AssertionError with its log."""
        sessions = self.discord.gateway.identifies
        began = time.perf_counter()
        await self.process.start()
        ended = asyncio.create_task(self._ended())
        ready = asyncio.create_task(self.discord.wait_identified(sessions + 1, PATIENCE))
        await asyncio.wait({ended, ready}, return_when=asyncio.FIRST_COMPLETED)
        took = time.perf_counter() - began
        for task in (ended, ready):
            task.cancel()
        assert not ended.done(), f"the bot ended:\n{self.process.log}"
        ready.result()
        await self.discord.wait_for_command("extend", PATIENCE)
        return took

    async def _ended(self) -> None:
        assert self.process.process is not None
        await self.process.process.wait()

    async def idle_share(self, seconds: float) -> float:
        """Return the share of one core that the bot takes over the next `seconds`."""
        before, began = self.cpu, time.perf_counter()
        await asyncio.sleep(seconds)
        return (self.cpu - before) / (time.perf_counter() - began)

    async def statements(self) -> float | None:
        """Return how many SQL statements the bot has sent, by its own count; None of one that does not count."""
        if self.process.module == BARE:
            return 0.0
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.ops_port}/metrics") as response:
                return counter(await response.text(), STATEMENTS)
        except aiohttp.ClientError:
            return None

    async def wait_for_log(self, text: str) -> None:
        """Wait until the log holds a text."""
        await until(lambda: text in self.process.log)


def counter(exposition: str, name: str) -> float | None:
    """Add up a counter's samples in Prometheus's text format, whatever their labels; None if there are none."""
    found = re.findall(rf"^{re.escape(name)}(?:\{{.*\}})? (\S+)", exposition, re.MULTILINE)
    return sum(map(float, found)) if found else None


@asynccontextmanager
async def open_stage(
    module: str,
    *,
    people: int = 0,
    provider: MusicSettings | None = None,
    recorder: Callable[[Take, str], bytes] = record,
    painter: Callable[[str, int, int], bytes] = cover,
    settings: Mapping[str, str] | None = None,
) -> AsyncGenerator[Stage]:
    """Set a stage for one bot, which is not started yet; what is left running at the end is killed."""
    with tempfile.TemporaryDirectory(prefix="encore-bench-") as name:
        folder = Path(name)
        async with MusicApi(provider, recorder=recorder, painter=painter) as music, LoopbackDiscord() as discord:
            world = build_sandbox_world(discord)
            crowd = [discord.add_user(f"Person{number}") for number in range(people)]
            for person in crowd:
                discord.add_member(world.guild, person)
            port = free_port()
            environment = bot_environment(music, discord, folder) | UNLIMITED | {"OPS_PORT": str(port)} | dict(settings or {})
            process = BotProcess(environment, folder, folder / "bot.log", module)
            try:
                yield Stage(music=music, discord=discord, world=world, process=process, people=crowd, ops_port=port)
            finally:
                await process.kill()


def free_port() -> int:
    """Find a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for something that tells nobody when it happens. Raises TimeoutError."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 - a log file sets no event
            await asyncio.sleep(LOOK_EVERY)
