"""What an end-to-end test does on the stage: start the bot, act as people do, wait for what they see, strike at a chosen moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from bot.sandbox.discord import InteractionCall, InteractionState, Message
from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.music_faults import stall
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.stage import PROJECT, BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from pathlib import Path

    from bot.sandbox.discord import Event, LoopbackDiscord, Person, RecordedRequest, Room, SandboxWorld
    from bot.sandbox.discord.world import JsonObject
    from bot.sandbox.music_api import MusicApi
    from bot.sandbox.music_faults import Fault
    from bot.sandbox.music_wire import Body
    from bot.sandbox.tape import Take

Recorder: TypeAlias = "Callable[[Take, str], bytes]"
"""Makes the mp3 of a take with a title."""

PATIENCE = 30.0
"""Seconds for anything that is to come: a slow machine must not fail a test."""

SAMPLE = {
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
    "model": "v3.5",
    "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
    "continue_at": 100,
}
"""The sample body of the provider's page "Extend Instrumental"."""

TYPED = {name: str(value) for name, value in SAMPLE.items()}
"""The same values as a person types them."""

_SHORTENED = """\
import importlib
for module, name, value in {constants!r}:
    setattr(importlib.import_module(module), name, value)
"""


@dataclass(slots=True)
class Play:
    """The bot's process between the loopback provider and the loopback Discord, in the hands of a test."""

    music: MusicApi
    discord: LoopbackDiscord
    world: SandboxWorld
    bot: BotProcess
    recorder: Recorder
    may_log_tracebacks: bool = False
    may_submit_twice: bool = False

    @property
    def room(self) -> Room:
        """The channel where a test plays unless it says otherwise."""
        return self.world.music

    # The process.

    def set(self, **settings: str) -> None:
        """Change the bot's settings, from its next start on."""
        self.bot.environment = {**self.bot.environment, **settings}

    def shorten(self, **constants: float) -> None:
        """Start the process with other values of waits that are no settings, named `bot__services__health__FIRST_PROBE=0.5`."""
        named = [(*path.replace("__", ".").rsplit(".", 1), value) for path, value in constants.items()]
        folder = self.bot.folder / "shortened"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(_SHORTENED.format(constants=named), encoding="utf-8")
        self.set(PYTHONPATH=f"{folder}{os.pathsep}{PROJECT}")

    async def start(self) -> None:
        """Start the bot and wait until it is connected."""
        await self.bot.start()
        await self.connected()

    async def connected(self) -> None:
        """Wait until the bot is connected; fail at once with its log if it ends instead."""
        process = self.bot.process
        assert process is not None
        ended = asyncio.create_task(process.wait())
        ready = asyncio.create_task(self.discord.wait_ready(PATIENCE))
        await asyncio.wait({ended, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            message = f"the bot ended with {ended.result()}:\n{self.bot.log}"
            raise AssertionError(message)
        ended.cancel()
        ready.result()

    async def kill(self) -> None:
        """End the bot as a power cut would, and wait until Discord has noticed."""
        await self.bot.kill()
        await until(lambda: not self.discord.gateway.connected_shards())

    async def restart(self) -> None:
        """Let the bot stop in order, and start it again."""
        assert await self.bot.stop() == 0
        await self.start()

    async def ended(self) -> int:
        """Wait until the bot ends by itself; return its exit code."""
        assert self.bot.process is not None
        async with asyncio.timeout(PATIENCE):
            code = await self.bot.process.wait()
        self.bot.process = None
        return code

    # People.

    async def extend(self, person: Person | None = None, room: Room | None = None, /, **options: str) -> InteractionCall:
        """Use /extend with the sample's values, or these instead, and wait for the first answer."""
        typed = {name: value for name, value in {**TYPED, **options}.items() if value}
        call = await (person or self.world.mira).slash(room or self.room, "extend", **typed)
        return await call.answered(PATIENCE)

    async def use(self, name: str, person: Person | None = None, room: Room | None = None, /, **options: str) -> InteractionCall:
        """Use another command, and wait until it no longer thinks."""
        call = await (person or self.world.mira).slash(room or self.room, name, **options)
        return await call.settled(PATIENCE)

    async def nothing_under_way(self, *, room: Room | None = None) -> None:
        """Wait until Mira's /jobs is empty."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if "Nothing under way" in privately(await self.use("jobs", None, room)):
                    return
                await asyncio.sleep(0.05)

    async def press(self, message: Message, button: str, person: Person | None = None) -> InteractionCall:
        """Press a button by its label, and wait for the first answer."""
        call = await (person or self.world.mira).press(message, button)
        return await call.answered(PATIENCE)

    async def shows(self, call: InteractionCall, text: str) -> Message:
        """Wait until the reply shows this text."""

        def does(message: Message) -> bool:
            return message is call.interaction.original and text in text_of(message)

        return await self.room_of(call).wait_for(does, PATIENCE)

    async def result(self, room: Room | None = None, *, title: str | None = None) -> Message:
        """Wait for a finished track: a message with audio; `title` picks one of several."""

        def is_it(message: Message) -> bool:
            return bool(audio_of(message)) and (title is None or title in message.content)

        return await (room or self.room).wait_for(is_it, PATIENCE)

    def results(self, room: Room | None = None) -> list[Message]:
        """List every message that shows finished tracks."""
        return [message for message in (room or self.room).messages if "** is finished" in message.content]

    def room_of(self, call: InteractionCall) -> Room:
        """Find the room where an interaction was made."""
        return self.discord.room(call.interaction.channel)

    # What reached the other side.

    def submits(self, title: str | None = None) -> list[Body]:
        """List the submits whose body was read; `title` picks those of one request."""
        return [body for body in self.music.counts.bodies(Endpoint.EXTEND) if title is None or body["title"] == title]

    def sent(self, method: str, path_part: str) -> list[RecordedRequest]:
        """List the bot's requests to Discord."""
        return self.discord.record.matching(method, path_part)

    # Moments.

    def strike(self, endpoint: Endpoint, fault: Fault) -> asyncio.Event:
        """Arm a failure of the provider; the event tells that it has struck."""
        struck = asyncio.Event()

        def strikes(_body: Body) -> bool:
            struck.set()
            return True

        self.music.faults.add(endpoint, fault, when=strikes)
        return struck

    def hold_downloads(self, seconds: float = 1.0) -> None:
        """Let the next two downloads take their time, so that something can happen before the result."""
        self.music.faults.add(Endpoint.AUDIO, stall(seconds, accepted=True), times=2)

    @contextlib.asynccontextmanager
    async def killed_at(self, moment: Callable[[Event], bool]) -> AsyncGenerator[None]:
        """Kill the bot the instant that Discord does this, before the bot hears of it; leave when it is dead."""
        struck = asyncio.Event()

        def look(event: Event) -> None:
            if not struck.is_set() and self.bot.process is not None and moment(event):
                self.bot.process.kill()
                struck.set()

        stop = self.discord.listen(look)
        try:
            yield
            async with asyncio.timeout(PATIENCE):
                await struck.wait()
        finally:
            stop()
        await self.kill()

    # Afterwards.

    def audit(self) -> None:
        """Assert what holds after every test: no secret in the log, nothing unknown asked for, no quota broken, nothing sent twice."""
        log = self.bot.log
        tokens = self.discord.core.interactions_by_token
        leaked = [secret for secret in (self.discord.token, self.music.key, *tokens) if secret in log]
        assert not leaked, log
        assert self.discord.unknown_routes == []
        assert self.music.counts.unknown == []
        assert self.music.counts.violations == 0
        assert self.may_submit_twice or self.music.counts.accepted_twice() == []
        assert self.may_log_tracebacks or "Traceback" not in log, log


async def until(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait for something that tells nobody when it happens."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)


def text_of(message: Message) -> str:
    """Read all that a message says: content, embeds, buttons."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        lines = cast("list[JsonObject]", embed.get("fields") or [])
        parts += [f"{line['name']}: {line['value']}" for line in lines]
    return "\n".join((*parts, *labels(message)))


def labels(message: Message) -> list[str]:
    """List the labels of a message's buttons."""
    return [part["label"] for part in walk(message.components) if part.get("type") == Component.BUTTON]


def audio_of(message: Message) -> list[str]:
    """List the names of the audio files that a message carries."""
    return [attachment.filename for attachment in message.attachments if (attachment.content_type or "").startswith("audio/")]


def ids_in(text: str) -> list[str]:
    """List the ids that a text shows so that they can be copied."""
    return re.findall(r"`([0-9a-f]{8}-[0-9a-f-]{27})`", text)


def privately(call: InteractionCall) -> str:
    """Return what an interaction was answered with, which must be for its person alone."""
    assert call.state is InteractionState.ANSWERED, call.failed
    assert call.message.is_ephemeral
    assert call.message.viewer_id == call.interaction.user.id
    return text_of(call.message)


def written(path: Path, settings: Mapping[str, str]) -> None:
    """Write settings as `.env` has them."""
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
