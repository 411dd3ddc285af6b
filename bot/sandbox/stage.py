"""The stage: a music API, a Discord, and the real bot as a process of its own between them, all on loopback."""

import asyncio
import base64
import contextlib
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from bot.sandbox.discord.loopback import LoopbackDiscord
from bot.sandbox.discord.sandbox_world import SandboxWorld, build_sandbox_world
from bot.sandbox.music_api import MusicApi
from bot.sandbox.music_library import MusicSettings

PROJECT = Path(__file__).resolve().parents[2]
KILL_AFTER = 15.0
"""Seconds that a bot may take to stop before it is killed."""
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR")
"""What a bot's environment has of this process's own."""


class Process(Protocol):
    """A process that was started, as `asyncio.subprocess.Process` shows it."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    @property
    def returncode(self) -> int | None:
        """Its exit code, once it has ended; below zero, the signal that ended it."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send it a signal. Raises ProcessLookupError when it has ended."""
        ...

    def kill(self) -> None:
        """End it as a power cut would. Raises ProcessLookupError when it has ended."""
        ...

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        ...


async def start_afresh(bot: "BotProcess", log: BinaryIO) -> Process:
    """Start an interpreter for the bot's module."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        # What this process holds of the pipe is what keeps the bot running: killed, it leaves nothing behind.
        "bot.sandbox.leash",
        bot.module,
        cwd=bot.folder,
        env=dict(bot.environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=log,
        stderr=log,
        # Ctrl-C in a terminal reaches a whole process group: the bot is ended by `stop` alone, and in order.
        start_new_session=True,
    )


Launch: TypeAlias = "Callable[[BotProcess, BinaryIO], Awaitable[Process]]"
"""Starts a bot, whose output goes into a file. The tests have a quicker way than `start_afresh`."""


@dataclass(slots=True)
class BotProcess:
    """The bot, run as an operator would: `python -m bot`, with nothing but settings; benchmarks put another `module` beside it.

    It ends by itself when this process is gone (`leash.py`).
    """

    environment: Mapping[str, str]
    folder: Path
    log_path: Path
    module: str = "bot"
    launch: Launch = start_afresh
    process: Process | None = None
    starts: int = field(default=0)

    async def start(self) -> None:
        """Start it; its log goes to `log_path`."""
        self.starts += 1
        # Opening a log file is quick, and happens once a start.
        with self.log_path.open("ab") as log:
            self.process = await self.launch(self, log)

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = KILL_AFTER) -> int:
        """End it by a signal and return its exit code; what has not ended `within` seconds is killed."""
        if self.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            async with asyncio.timeout(within):
                code = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            code = await self.process.wait()
        self.process = None
        return code

    async def kill(self) -> int:
        """End it as a power cut would."""
        return await self.stop(signal.SIGKILL)

    @property
    def log(self) -> str:
        """Read what it has logged."""
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything there is in a sandbox."""

    music: MusicApi
    discord: LoopbackDiscord
    world: SandboxWorld
    bot: BotProcess
    folder: Path


@contextlib.asynccontextmanager
async def open_stage(
    *,
    music: MusicSettings | None = None,
    settings: Mapping[str, str] | None = None,
    record: Path | None = None,
    discord: LoopbackDiscord | None = None,
    launch: Launch = start_afresh,
) -> AsyncGenerator[Stage]:
    """Set the stage, without starting the bot; `settings` are the bot's, beside those that lead it here.

    `record` gets every REST request of the bot as a line of JSON. What is left running at the end is ended.
    """
    with tempfile.TemporaryDirectory(prefix="encore-sandbox-") as name:
        folder = Path(name)
        async with MusicApi(music) as api, discord or LoopbackDiscord(record_path=record) as loopback:
            environment = bot_environment(api, loopback, folder) | {"ENCRYPTION_KEY": _fresh_key()} | dict(settings or {})
            bot = BotProcess(environment, folder, folder / "bot.log", launch=launch)
            stage = Stage(music=api, discord=loopback, world=build_sandbox_world(loopback), bot=bot, folder=folder)
            try:
                yield stage
            finally:
                await bot.stop()


def _fresh_key() -> str:
    """Make what `python -m bot make-key` prints: it holds for all starts of one stage's bot, as the stage's database does."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def bot_environment(music: MusicApi, discord: LoopbackDiscord, folder: Path) -> dict[str, str]:
    """Write the settings that any operator may use, and nothing of this process's own."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": str(PROJECT),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "MUSIC_API_URL": music.url,
        "MUSIC_API_KEY": music.key,
        "ALLOW_DIRECT_MESSAGES": "true",
        "ALLOW_USER_INSTALL": "true",
        "ALLOW_CREATE": "true",
        "MUSIC_USUAL_SECONDS": f"{music.settings.usual_seconds:g}",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'encore.db'}",
        "MEDIA_DIR": str(folder / "media"),
        "MEDIA_ALLOW_PRIVATE": "true",
        "OPS_PORT": "",
    }
