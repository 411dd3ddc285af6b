"""People who ask for more all the time, and now and then change their mind."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.jobs import IN_FLIGHT
from bot.sandbox.discord import ClientRefusal, InteractionState
from bot.sandbox.music_library import SAMPLE_CLIP_ID
from bot.ui.words import HEADINGS
from tests.e2e.reading import labels, text_of

if TYPE_CHECKING:
    from bot.sandbox.discord import Guild, InteractionCall, LoopbackDiscord, Person, Room

CROWD = 9
GAP = 0.08
"""Seconds between two requests, on average, while there is room."""
OPEN = 40
"""Requests at most that wait for their end: what a lane can clear up in a few seconds."""
LOOK = 0.2
SHARE_IMPATIENT = 0.1
"""Share of the requests that are made although the bot is not connected."""
SHARE_CANCELLED = 0.05

UNDER_WAY = tuple(HEADINGS[state] for state in sorted(IN_FLIGHT))


@dataclass(frozen=True, slots=True)
class Asked:
    """One /extend; its title is its own."""

    title: str
    call: InteractionCall

    @property
    def acknowledged(self) -> bool:
        """Tell whether Discord has shown an answer of the bot."""
        return self.call.interaction.callback is not None

    @property
    def waits(self) -> bool:
        """Tell whether its person has not seen the end."""
        if self.call.state is not InteractionState.ANSWERED:
            return self.call.state is not InteractionState.FAILED
        return any(heading in text_of(self.call.message) for heading in UNDER_WAY)


class People:
    """A crowd in one channel; `asked` is all that they have asked for."""

    def __init__(self, discord: LoopbackDiscord, guild: Guild, room: Room, seed: int) -> None:
        """Let them in; call it before the bot connects."""
        self.asked: list[Asked] = []
        self._discord = discord
        self._room = room
        self._dice = random.Random(f"people {seed}")
        self._crowd = [discord.add_user(f"Fan {number}") for number in range(1, CROWD + 1)]
        for person in self._crowd:
            discord.add_member(guild, person)

    async def ask_on(self) -> None:
        """Ask until cancelled."""
        waiting: list[Asked] = []
        async with asyncio.TaskGroup() as second_thoughts:
            while True:
                await asyncio.sleep(self._dice.expovariate(1 / GAP))
                impatient, changes_mind = self._dice.random() < SHARE_IMPATIENT, self._dice.random() < SHARE_CANCELLED
                person = self._dice.choice(self._crowd)
                waiting = [asked for asked in waiting if asked.waits]
                if len(waiting) >= OPEN or not (impatient or self._discord.gateway.is_ready()):
                    await asyncio.sleep(LOOK)
                    continue
                asked = await self._ask(person)
                self.asked.append(asked)
                waiting.append(asked)
                if changes_mind:
                    second_thoughts.create_task(self._cancel(person, asked))

    async def _ask(self, person: Person) -> Asked:
        title = f"soak {len(self.asked) + 1}"
        call = await person.slash(self._room, "extend", continue_clip_id=SAMPLE_CLIP_ID, continue_at="1:40", tags="soak", title=title)
        return Asked(title, call)

    async def _cancel(self, person: Person, asked: Asked) -> None:
        """Press Cancel as soon as it is there; by then it may be too late."""
        while asked.waits:
            await asyncio.sleep(LOOK)
            if asked.call.state is InteractionState.ANSWERED and "Cancel" in labels(asked.call.message):
                try:
                    await person.press(asked.call.message, "Cancel")
                except ClientRefusal:
                    continue
                return
