"""How each kind of fault is brought about, and how often it has struck."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.sandbox import music_faults as provider
from bot.sandbox.discord import MessageCreated, RequestAnswered
from bot.sandbox.music_wire import Endpoint
from tests.e2e.reading import audio_of
from tests.e2e.soak import faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.sandbox.discord import Event, LoopbackDiscord
    from bot.sandbox.music_api import MusicApi
    from bot.sandbox.music_faults import Fault, Outcome
    from bot.sandbox.music_wire import Body
    from bot.sandbox.stage import BotProcess
    from tests.e2e.soak.relay import Relay

Kind: TypeAlias = "Callable[[float], Awaitable[None]]"
"""Brings a fault about: an outage, for so many seconds, or a single request's failure, which then waits for that request."""

ALWAYS = 1_000_000_000


class Trouble:
    """Every kind of fault by its name, in `kinds`."""

    def __init__(
        self, bot: BotProcess, music: MusicApi, discord: LoopbackDiscord, way_to_music: Relay, of_database: Mapping[str, Kind]
    ) -> None:
        self._bot = bot
        self._music = music
        self._discord = discord
        self._way_to_music = way_to_music
        self._outages = Counter[str]()
        self._hits: list[tuple[str, Callable[[], int]]] = []
        self._spared = False
        self.kinds = {name: self._counted(name, outage) for name, outage in {**self._outages_of_others(), **of_database}.items()}
        self.kinds |= self._single()

    def spare(self) -> None:
        """Kill the bot no more."""
        self._spared = True

    def end(self) -> None:
        """Let no request fail any more."""
        self._music.faults.clear()
        self._discord.faults.clear()
        self._discord.gateway.refuse_connections(0)

    @property
    def struck(self) -> Counter[str]:
        """Count by kind what has happened to the bot."""
        counts = Counter(self._outages)
        for name, hits in self._hits:
            counts[name] += hits()
        return +counts

    # Single requests.

    def _single(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {}
        for what, (endpoint, table) in faults.PROVIDER.items():
            kinds |= {f"{what}: {name}": self._of_provider(f"{what}: {name}", endpoint, fault) for name, fault in table.items()}
        kinds |= {f"task: {name}": self._of_task(f"task: {name}", outcome) for name, outcome in faults.TASKS.items()}
        for what in faults.ROUTES:
            kinds |= {f"{what}: {name}": self._of_discord(f"{what}: {name}", what, how) for name, how in faults.DISCORD.items()}
        return kinds | {
            "result: 413": self._of_discord("result: 413", "result", faults.TOO_LARGE),
            "killed at a submit": self._killed_at_a_submit,
            "killed at a post": self._killed_at("killed at a post", _is_post),
            "killed at an acknowledgement": self._killed_at("killed at an acknowledgement", _is_acknowledgement),
        }

    def _of_provider(self, name: str, endpoint: Endpoint, fault: Fault) -> Kind:
        async def arm(_seconds: float) -> None:
            armed = self._music.faults.add(endpoint, fault)
            self._hits.append((name, lambda: int(armed.left <= 0)))

        return arm

    def _of_task(self, name: str, outcome: Outcome) -> Kind:
        async def arm(_seconds: float) -> None:
            armed = self._music.faults.next_task(outcome)
            self._hits.append((name, lambda: int(armed.left <= 0)))

        return arm

    # Any: the arguments of the loopback's `faults.add`.
    def _of_discord(self, name: str, what: str, how: Mapping[str, Any]) -> Kind:
        method, route = faults.ROUTES[what]

        async def arm(_seconds: float) -> None:
            armed = self._discord.faults.add(method=method, route=route, **how)
            self._hits.append((name, lambda: armed.hits))

        return arm

    async def _killed_at_a_submit(self, _seconds: float) -> None:
        """Kill the bot when its next submit has arrived, before it is acted upon."""

        def kill(_body: Body) -> bool:
            if not armed.left:
                return False
            armed.left = 0
            return self._kill("killed at a submit")

        armed = self._music.faults.add(Endpoint.EXTEND, provider.stall(0.0, accepted=True), when=kill)

    def _killed_at(self, name: str, moment: Callable[[Event], bool]) -> Kind:
        async def arm(_seconds: float) -> None:
            def look(event: Event) -> None:
                if moment(event):
                    stop()
                    self._kill(name)

            stop = self._discord.listen(look)

        return arm

    def _kill(self, name: str) -> bool:
        """Kill the bot before it hears of what has just happened; False where it is spared, or not there."""
        process = self._bot.process
        if self._spared or process is None or process.returncode is not None:
            return False
        self._outages[name] += 1
        process.kill()
        return True

    # Outages.

    def _outages_of_others(self) -> dict[str, Kind]:
        gateway = self._discord.gateway
        return {
            "provider: key refused": self._key_refused,
            "provider: credits used up": self._no_credits,
            "provider: unreachable": self._unreachable,
            "discord: 503": self._discord_away,
            "gateway: closed": _at_once(gateway.close),
            "gateway: dropped": _at_once(gateway.drop),
            "gateway: reconnect": _at_once(gateway.request_reconnect),
            "gateway: session invalid": _at_once(lambda: gateway.invalidate(resumable=True)),
            "gateway: session forgotten": _at_once(lambda: gateway.invalidate(resumable=False)),
            "gateway: refused": self._gateway_refused,
        }

    def _counted(self, name: str, outage: Kind) -> Kind:
        async def happen(seconds: float) -> None:
            self._outages[name] += 1
            await outage(seconds)

        return happen

    async def _key_refused(self, seconds: float) -> None:
        self._music.key = f"not {self._music.settings.key}"
        try:
            await asyncio.sleep(seconds)
        finally:
            self._music.key = self._music.settings.key

    async def _no_credits(self, seconds: float) -> None:
        self._music.credits_left = 0
        try:
            await asyncio.sleep(seconds)
        finally:
            self._music.credits_left = None

    async def _unreachable(self, seconds: float) -> None:
        await self._way_to_music.refuse()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._way_to_music.listen()

    async def _discord_away(self, seconds: float) -> None:
        fault = self._discord.faults.add(status=503, times=ALWAYS)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._discord.faults.remove(fault)

    async def _gateway_refused(self, _seconds: float) -> None:
        self._discord.gateway.refuse_connections(2)
        self._discord.gateway.drop()


def _is_post(event: Event) -> bool:
    return isinstance(event, MessageCreated) and bool(audio_of(event.message))


def _is_acknowledgement(event: Event) -> bool:
    return isinstance(event, RequestAnswered) and event.request.path.endswith("/callback")


def _at_once(act: Callable[[], None]) -> Kind:
    async def happen(_seconds: float) -> None:
        act()

    return happen
