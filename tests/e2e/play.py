"""What an end-to-end test does on the stage: start the bot, act as people do, wait for what they see, strike at a chosen moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.sandbox.music_faults import Outcome
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.stage import PROJECT, BotProcess
from tests.e2e.reading import audio_of, privately, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from bot.sandbox.discord import Event, InteractionCall, LoopbackDiscord, Message, Modal, Person, RecordedRequest, Room, SandboxWorld
    from bot.sandbox.music_api import MusicApi
    from bot.sandbox.music_faults import Fault
    from bot.sandbox.music_wire import Body
    from bot.sandbox.tape import Take

Recorder: TypeAlias = "Callable[[Take, str], bytes]"
"""Makes the mp3 of a take with a title."""

PATIENCE = 30.0
"""Seconds for anything that is to come: a slow machine must not fail a test."""

LATE = 1000.0
"""Seconds that pass at the provider when a test says so, and not before."""

SAMPLE = {
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
    "model": "v3.5",
    "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
    "continue_at": 100,
}
"""The sample body of the provider's page "Extend Instrumental"."""

ONE_LONG_DAY = {"bot.domain.limits.DAY": 10_000 * 86_400}
"""A day that begins in 2024 and ends in 2052: what is counted a day is counted together, though midnight comes in the middle."""

PATIENT = dict.fromkeys(
    ("bot.services.accepting.READ_WITHIN", "bot.services.accepting.ACCEPT_WITHIN", "bot.ui.asking.ADMIT_WITHIN"), PATIENCE
)
"""A bot that gives its database longer than Discord gives the bot: what a crowd has to wait for on a busy machine is not what is tested."""

_MENTION = re.compile(r"<@\d+>")
TYPED = {name: str(value) for name, value in SAMPLE.items()}
"""The same values as a person types them."""

_CHANGES = """\
import importlib
import sys
for path, value in {constants!r}.items():
    home, name = path.rsplit(".", 1)
    usual = getattr(importlib.import_module(home), name)
    for module in list(sys.modules.values()):
        if vars(module).get(name) is usual:
            setattr(module, name, value)
"""
"""What Python runs before the bot (`sitecustomize`, page "site") where a test cannot wait as long as people can.

A module that has taken the constant over by `from ... import` gets it too.
"""


@dataclass(slots=True)
class ProviderClock:
    """The provider's time, in seconds; a test can put it ahead."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return time.monotonic() + self.ahead


@dataclass(slots=True)
class Play:
    """The bot's process between the loopback provider and the loopback Discord, in the hands of a test."""

    music: MusicApi
    discord: LoopbackDiscord
    world: SandboxWorld
    bot: BotProcess
    recorder: Recorder
    clock: ProviderClock
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

    def shorten(self, constants: Mapping[str, float]) -> None:
        """Start the process with shorter waits where these are no settings: constants by their path."""
        folder = self.bot.folder / "shortened"
        folder.mkdir(exist_ok=True)
        text = _CHANGES.format(constants=dict(constants))
        (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
        self.set(PYTHONPATH=f"{folder}{os.pathsep}{PROJECT}")

    def hurry(self, constants: Mapping[str, float] | None = None) -> None:
        """Shorten what most tests would otherwise wait for: the reply's settling, and the wait after a query that told nothing."""
        self.shorten({"bot.services.delivery.SETTLE": 0.3, "bot.domain.polling.RETRY_AFTER": 0.5, **(constants or {})})

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

    async def continues(self, result: Message, version: str, person: Person | None = None) -> Modal:
        """Press *Continue* under a result, and *Change…* on the card that answers; return the form."""
        card = await (await (person or self.world.mira).press(result, f"Continue {version}")).settled(PATIENCE)
        return (await self.press(card.message, "Change…", person)).modal

    async def shows(self, call: InteractionCall, text: str) -> Message:
        """Wait until the reply shows this text."""

        def does(message: Message) -> bool:
            return message is call.interaction.original and text in text_of(message)

        return await self.room_of(call).wait_for(does, PATIENCE)

    async def result(self, room: Room | None = None, *, title: str | None = None) -> Message:
        """Wait for a finished track: a message with audio; `title` picks one of several."""

        def is_it(message: Message) -> bool:
            # A title such as "430" may be part of the id in the mention before it.
            return bool(audio_of(message)) and (title is None or title in _MENTION.sub("", message.content))

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

    def next_is_late(self, *clips: int) -> None:
        """Let these clips of the next task (all, unless named: 0 is A) not be done before `finish_late`."""
        self.music.faults.next_task(Outcome(late=frozenset(clips or (0, 1)), late_by=LATE))

    def finish_late(self) -> None:
        """Let so much time pass at the provider that whatever was late, or without audio, is done."""
        self.clock.ahead += LATE

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
        leaked = [secret for secret in (self.discord.token, *(account.key for account in self.music.accounts), *tokens) if secret in log]
        assert not leaked, log
        assert self.discord.unknown_routes == []
        assert self.music.counts.unknown == []
        assert self.music.counts.violations == 0
        assert self.may_submit_twice or self.music.counts.accepted_twice() == []
        assert self.may_log_tracebacks or "Traceback" not in log, log
        assert "Error in sitecustomize" not in log, log


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that tells nobody when it happens."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)
