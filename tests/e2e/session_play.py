"""What people do in a session in the end-to-end tests: start it, put ideas forward, vote, stand in line, steer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.discord.component_types import walk
from bot.ui import ids, plan_card, round_buttons
from tests.e2e.play import PATIENCE, until
from tests.e2e.reading import ids_in, privately, text_of

if TYPE_CHECKING:
    from bot.sandbox.discord import Message, Modal, Person, Room
    from bot.sandbox.discord.world import Channel
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
    async def start(cls, play: Play, clip_id: str = "", **chosen: str) -> SessionPlay:
        """Let Mira start a session with a track, a new one unless told; `chosen` are values of the card's selects."""
        clip_id = clip_id or await a_track(play)
        card = await cls.card(play, clip_id, **chosen)
        channels = play.discord.core.world.channels
        before = set(channels)
        await (await play.world.mira.press(card, "Start")).settled(PATIENCE)
        await play.room.wait_for(lambda message: message is card and "has begun" in text_of(message), PATIENCE)
        return cls(play, clip_id, await thread_since(play, before))

    @staticmethod
    async def card(play: Play, clip_id: str, **chosen: str) -> Message:
        """Let Mira lay a session out."""
        call = await play.world.mira.slash(play.room, "session start", track=clip_id)
        card = (await call.settled(PATIENCE)).message
        for what, value in chosen.items():
            shown = custom_ids(card)
            await play.world.mira.select(card, _select(card, what), [value])
            await until(lambda shown=shown: custom_ids(card) != shown)
        return card

    async def shows(self, *texts: str) -> Message:
        """Wait for a message of the thread, for everybody to see, that says all of this."""

        def does(message: Message) -> bool:
            return not message.is_ephemeral and all(text in text_of(message) for text in texts)

        return await self.thread.wait_for(does, PATIENCE)

    async def idea(self, person: Person, board: Message, tags: str, **given: str) -> str:
        """Put an idea forward; return what the form was answered with."""
        return await self.submitted(person, await self.form(person, board), tags, **given)

    async def form(self, person: Person, board: Message, label: str = "Add or change my idea") -> Modal:
        """Open the form of a button."""
        return (await (await person.press(board, label)).answered(PATIENCE)).modal

    async def submitted(self, person: Person, form: Modal, tags: str, **given: str) -> str:
        """Send a form; return what that was answered with."""
        return privately(await (await person.submit(form, {"tags": tags, **given})).settled(PATIENCE))

    async def vote(self, person: Person, board: Message, choice: int | str) -> str:
        """Vote in the select; return what that was answered with."""
        custom_id = next(each for each in custom_ids(board) if each.startswith(round_buttons.VOTE))
        return privately(await (await person.select(board, custom_id, [str(choice)])).settled(PATIENCE))

    async def ends(self) -> None:
        """Let the host end it."""
        mira = self.play.world.mira
        panel = (await (await mira.slash(self.thread, "session host")).settled(PATIENCE)).message
        await mira.press(panel, "End…")
        await self.thread.wait_for(lambda message: message is panel and "End the session now?" in text_of(message), PATIENCE)
        await mira.press(panel, "End the session")
        await self.shows("Export")

    async def request(self, person: Person, board: Message, label: str, tags: str) -> str:
        """Continue the track that a button is about; return what the form was answered with."""
        return await self.submitted(person, await self.form(person, board, label), tags)

    async def press(self, person: Person, board: Message, label: str) -> str:
        """Press a button; return what that was answered with."""
        return privately(await (await person.press(board, label)).settled(PATIENCE))

    async def host(self, label: str, person: Person | None = None) -> None:
        """Open the host's panel, and press a button there."""
        who = person or self.play.world.mira
        panel = (await (await who.slash(self.thread, "session host")).settled(PATIENCE)).message
        await (await who.press(panel, label)).settled(PATIENCE)

    def saying(self, text: str) -> list[Message]:
        """List the messages of the thread that say something, oldest first."""
        return [message for message in self.thread.messages if not message.is_ephemeral and text in text_of(message)]


async def a_track(play: Play) -> str:
    """Let Mira make a track; return the id of its A."""
    await play.extend()
    more = await play.press(await play.result(), "More")
    return ids_in(privately(await more.settled(PATIENCE)).partition("Track id")[2])[0]


async def thread_since(play: Play, before: set[int]) -> Room:
    """Find the thread that was opened since there were these channels."""
    channels = play.discord.core.world.channels

    def opened() -> list[Channel]:
        return [channel for channel_id, channel in channels.items() if channel.is_thread and channel_id not in before]

    await until(lambda: bool(opened()))
    (thread,) = opened()
    return play.discord.room(thread)


def custom_ids(message: Message) -> list[str]:
    """List the custom_ids of a message's controls."""
    return [str(part["custom_id"]) for part in walk(message.components) if "custom_id" in part]


def _select(card: Message, what: str) -> str:
    draft = next(each for each in custom_ids(card) if each.startswith(plan_card.SET)).split(":")[2]
    return ids.make(plan_card.SET, draft, what)
