"""What people do in a session in the end-to-end tests: start it, put ideas forward, vote, stand in line, steer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.discord.component_types import walk
from bot.ui import ids, plan_card, round_buttons
from tests.e2e.play import PATIENCE, until
from tests.e2e.reading import ids_in, privately, text_of

if TYPE_CHECKING:
    from bot.sandbox.discord import Message, Person, Room
    from tests.e2e.play import Play

SHORT: dict[str, float] = {
    "bot.services.posting.BETWEEN_EDITS": 0.2,
    "bot.services.sessions.running.BETWEEN_EDITS": 0.2,
    "bot.services.sessions.running.LOOK_AGAIN": 0.2,
    "bot.services.sessions.running.LANES_EVERY": 0.2,
    "bot.services.sessions.running.ALIVE_EVERY": 0.2,
}
"""Waits between what is shown, as short as a test wants them."""


@dataclass(slots=True)
class SessionPlay:
    """One session, in the hands of a test; Mira is its host."""

    play: Play
    clip_id: str
    thread: Room

    @classmethod
    async def start(cls, play: Play, **chosen: str) -> SessionPlay:
        """Let Mira make a track, and start a session with it; `chosen` are values of the card's selects."""
        await play.extend()
        more = await play.press(await play.result(), "More")
        clip_id = ids_in(privately(await more.settled(PATIENCE)).partition("Track id")[2])[0]
        card = await cls._card(play, clip_id)
        for what, value in chosen.items():
            shown = custom_ids(card)
            await play.world.mira.select(card, _select(card, what), [value])
            await until(lambda shown=shown: custom_ids(card) != shown)
        channels = play.discord.core.world.channels
        before = set(channels)
        await (await play.world.mira.press(card, "Start")).settled(PATIENCE)
        await play.room.wait_for(lambda message: message is card and "has begun" in text_of(message), PATIENCE)
        await until(lambda: bool(channels.keys() - before))
        (thread,) = channels.keys() - before
        return cls(play, clip_id, play.discord.room(channels[thread]))

    @staticmethod
    async def _card(play: Play, clip_id: str) -> Message:
        call = await play.world.mira.slash(play.room, "session start", track=clip_id)
        return (await call.settled(PATIENCE)).message

    async def shows(self, *texts: str) -> Message:
        """Wait for a message of the thread that says all of this."""
        return await self.thread.wait_for(lambda message: all(text in text_of(message) for text in texts), PATIENCE)

    async def idea(self, person: Person, board: Message, tags: str, **given: str) -> str:
        """Put an idea forward; return what the form was answered with."""
        form = (await (await person.press(board, "Add or change my idea")).answered(PATIENCE)).modal
        assert form is not None
        return privately(await (await person.submit(form, {"tags": tags, **given})).settled(PATIENCE))

    async def vote(self, person: Person, board: Message, choice: int | str) -> str:
        """Vote in the select; return what that was answered with."""
        custom_id = next(each for each in custom_ids(board) if each.startswith(round_buttons.VOTE))
        return privately(await (await person.select(board, custom_id, [str(choice)])).settled(PATIENCE))

    async def press(self, person: Person, board: Message, label: str) -> str:
        """Press a button; return what that was answered with."""
        return privately(await (await person.press(board, label)).settled(PATIENCE))

    async def host(self, label: str, person: Person | None = None) -> None:
        """Open the host's panel, and press a button there."""
        who = person or self.play.world.mira
        panel = (await (await who.slash(self.thread, "session host")).settled(PATIENCE)).message
        await (await who.press(panel, label)).settled(PATIENCE)

    def boards(self) -> list[Message]:
        """List the messages of the thread, oldest first."""
        return list(self.thread.messages)


def custom_ids(message: Message) -> list[str]:
    """List the custom_ids of a message's controls."""
    return [str(part["custom_id"]) for part in walk(message.components) if "custom_id" in part]


def _select(card: Message, what: str) -> str:
    draft = next(each for each in custom_ids(card) if each.startswith(plan_card.SET)).split(":")[2]
    return ids.make(plan_card.SET, draft, what)
