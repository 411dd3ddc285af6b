"""A loopback Discord with its sandbox world and the real client routed to it; and a simulated one with the real services."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox.discord import LoopbackDiscord, SandboxWorld, build_sandbox_world
from bot.services.submitting import Submitting
from bot.ui import publish_controls
from tests.discord.loopback_probe import ProbeBot
from tests.discord.simcord_helpers import Sim, decode_paths, serve, simulated_bot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from simcord.env import Env

    from bot.discord_bot import EncoreBot
    from bot.domain.jobs import Job


@dataclass(slots=True)
class Rest:
    """Raw REST calls with the bot's token."""

    discord: LoopbackDiscord
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def __call__(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, Any]:  # noqa: ANN401 - passed to aiohttp
        headers = {"Authorization": f"Bot {self.discord.token}", **self.headers}
        if body is not None:
            options["json"] = body
        async with self.session.request(method, self.discord.api_url + path, headers=headers, **options) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    async def refused(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, int]:  # noqa: ANN401 - passed to aiohttp
        """Return the status and JSON code of a refusal."""
        status, answer = await self(method, path, body, **options)
        return status, answer["code"]


@pytest.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as discord:
        yield discord
        assert discord.unknown_routes == []


@pytest.fixture
def world(loopback: LoopbackDiscord) -> SandboxWorld:
    return build_sandbox_world(loopback)


@pytest.fixture
async def rest(loopback: LoopbackDiscord) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(loopback, session)


@pytest.fixture
def routed(loopback: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> LoopbackDiscord:
    """Point the real client at the loopback; its class attributes are restored afterwards."""
    monkeypatch.setattr(Route, "BASE", loopback.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(loopback.gateway_url))
    return loopback


async def _ready(loopback: LoopbackDiscord, bot: ProbeBot) -> None:
    await loopback.wait_ready(shards=bot.shard_ids)
    await bot.wait_until_ready()


@pytest.fixture
def start_bot(routed: LoopbackDiscord) -> Callable[..., AbstractAsyncContextManager[ProbeBot]]:
    @asynccontextmanager
    async def start(**options: Any) -> AsyncGenerator[ProbeBot]:  # noqa: ANN401 - passed to the bot
        bot = ProbeBot(**options)
        async with bot:
            task = asyncio.create_task(bot.start(routed.token), name="probe-bot")
            ready = asyncio.create_task(_ready(routed, bot), name="probe-ready")
            await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
            try:
                if not task.done():
                    yield bot
            finally:
                ready.cancel()
                await bot.close()
                await task

    return start


@pytest.fixture
async def probe(world: SandboxWorld, start_bot: Callable[..., AbstractAsyncContextManager[ProbeBot]]) -> AsyncIterator[ProbeBot]:
    del world  # it has to exist before the bot connects
    async with start_bot() as bot:
        yield bot


# The simulated Discord.


@pytest.fixture
def simcord_bot(tmp_path: Path) -> EncoreBot:
    return simulated_bot(tmp_path)


def _never(_lane: Submitting, _job: Job) -> bool:
    return False


@pytest.fixture
async def sim(
    migrated: Path, tmp_path: Path, simcord_bot: EncoreBot, simcord_env: Env, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Sim]:
    decode_paths(monkeypatch)
    # Steps take the place of the lane's loop, so nothing goes at once.
    monkeypatch.setattr(Submitting, "goes_at_once", _never)
    # They take the place of the outbox's, too: nobody need wait for what it brings.
    monkeypatch.setattr(publish_controls, "WAIT", 0.0)
    shutil.copy(migrated, tmp_path / "encore.db")
    async with serve(simcord_bot, simcord_env, f"sqlite+aiosqlite:///{tmp_path}/encore.db", tmp_path) as sim:
        yield sim
