"""The real bot with its cogs in simcord, over real services and a real database; its loops are driven by steps.

simcord is an oracle of its own for permissions, acknowledgements, token expiry and component limits. It knows nothing of
nonces, 413 and user installs: those are tested on the loopback.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import aiohttp
import discord
from simcord.http import router

from bot.announcer import DiscordAnnouncer
from bot.discord_bot import EncoreBot
from bot.messages import Messages
from bot.post_office import DiscordPostOffice
from bot.services.delivery import SETTLE
from bot.ui import client
from tests.fakes import FakeArchive, MoodyDatabase, ScriptedMusic
from tests.unit.rig import INTERVAL, Services

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import pytest
    from pydantic import SecretStr
    from simcord.actors import MemberActor
    from simcord.builders import ChannelHandle, GuildHandle
    from simcord.env import Env
    from simcord.results import InteractionResult

    from bot.domain.clips import StoredAudio
    from bot.domain.reports import ClipReport

NOWHERE = "http://127.0.0.1:9"
"""Where the one request goes that does not pass through discord.py: the ping below a reply, which nothing repeats."""


@dataclass(slots=True)
class SimClock:
    """The simulated Discord's clock."""

    env: Env

    def now(self) -> float:
        return self.env.now().timestamp()

    def monotonic(self) -> float:
        return self.now()


@dataclass(slots=True)
class SyncMemory:
    """What was synced, for as long as a test lasts."""

    values: dict[str, str] = field(default_factory=dict[str, str])

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        self.values[key] = value


class KeptArchive(FakeArchive):
    """Keeps a small file for each clip, so that there is something to attach."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    async def audio(self, report: ClipReport) -> StoredAudio:
        stored = await super().audio(report)
        (self.folder / stored.name).write_bytes(b"ID3" + stored.name.encode())
        return stored

    async def cover(self, report: ClipReport) -> str | None:
        name = await super().cover(report)
        if name is not None:
            (self.folder / name).write_bytes(b"\xff\xd8\xff")
        return name


class Sim:
    """A server with a channel and three people, and the steps that a test takes."""

    def __init__(
        self,
        *,
        env: Env,
        clock: SimClock,
        services: Services,
        database: MoodyDatabase,
        music: ScriptedMusic,
        archive: KeptArchive,
        bot: EncoreBot,
    ) -> None:
        self.env = env
        self.clock = clock
        self.services = services
        self.database = database
        self.music = music
        self.archive = archive
        self.bot = bot
        self.guild: GuildHandle = env.create_guild()
        self.channel: ChannelHandle = self.guild.create_text_channel("music")
        self.moderators = self.guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
        self.alice = self.person("alice")
        self.bob = self.person("bob")
        self.mod = self.person("mod", self.moderators)

    def person(self, name: str, *roles: Any) -> MemberActor:  # noqa: ANN401 - simcord's role
        return self.guild.add_member(self.env.create_user(name), roles=roles)

    async def extend(self, who: MemberActor | None = None, channel: ChannelHandle | None = None, **options: str) -> InteractionResult:
        usual = {"continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24", "continue_at": "1:40", "tags": "wave, synthwave"}
        return await (who or self.alice).slash(channel or self.channel, "extend", **{**usual, **options})

    async def submit(self) -> None:
        await self.env.advance_time(INTERVAL)
        assert await self.services.lane.submit_one()

    async def query(self) -> None:
        await self.env.advance_time(5.0)
        assert await self.services.lane.query_one()

    async def announce(self) -> None:
        await self.env.advance_time(SETTLE)
        await self.services.delivery.step()

    def handled(self) -> list[str]:
        """Name the errors that the bot has raised and answered, and acknowledge them."""
        return [type(getattr(error, "original", error)).__name__ for error in self.env.errors]


def simulated_bot(folder: Path) -> EncoreBot:
    """Make the bot; what it serves comes with `serve`."""
    return EncoreBot(
        media_path=folder.joinpath, memory=SyncMemory(), api_url=NOWHERE, pinned_gateway=False, http_trace=aiohttp.TraceConfig()
    )


def serve_with(bot: EncoreBot, services: Services) -> None:
    """Put services behind a bot: those that it offers, by the names that they have here too."""
    bot.serve(client.Services(**{each.name: getattr(services, each.name) for each in fields(client.Services)}))


@asynccontextmanager
async def serve(bot: EncoreBot, env: Env, url: str, folder: Path) -> AsyncGenerator[Sim]:
    """Put the services behind a running bot."""
    clock, music, archive = SimClock(env), ScriptedMusic(), KeptArchive(folder)

    @asynccontextmanager
    async def open_music(_key: SecretStr) -> AsyncGenerator[ScriptedMusic]:
        yield music

    async with MoodyDatabase(url) as database, aiohttp.ClientSession() as session:
        announcer = DiscordAnnouncer(bot=bot, session=session, api_url=NOWHERE, media_path=folder.joinpath, clock=clock)
        services = Services(
            database,
            music=music,
            open_music=open_music,
            archive=archive,
            announcer=announcer,
            office=DiscordPostOffice(bot=bot, messages=Messages(bot=bot, media_path=folder.joinpath)),
            clock=clock,
            directory=bot,
            notes=announcer,
        )
        serve_with(bot, services)
        yield Sim(env=env, clock=clock, services=services, database=database, music=music, archive=archive, bot=bot)


def decode_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let simcord read `%40original` as an HTTP server does: discord.py quotes what it puts into a path."""
    dispatch = router.dispatch

    def decoded(backend: Any, method: str, path: str, **rest: Any) -> Any:  # noqa: ANN401 - passed on as it came
        return dispatch(backend, method, unquote(path), **rest)

    monkeypatch.setattr(router, "dispatch", decoded)
