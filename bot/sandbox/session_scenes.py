"""The script's last scene: a session in which three people grow the track together, with a power cut in the middle of the vote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.acting import PATIENCE, StoryBroken, expect, has_button, says
from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.interaction_model import Modal
from bot.sandbox.music_wire import Endpoint

if TYPE_CHECKING:
    from bot.sandbox.acting import Acting
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.rooms import Room
    from bot.sandbox.discord.world import Message

IDEA, SKIP = "Add or change my idea", "Skip to the next step"
WINNER = "fast drums, synthwave"
_THREAD = re.compile(r"Take part in <#(\d+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """A session in its thread, and who hosts it."""

    acting: Acting
    thread: Room
    host: Person

    async def shows(self, message: Message, text: str) -> None:
        """Wait until a message of the thread says something."""
        await self.thread.wait_for(lambda one: one is message and text in says(one), PATIENCE)

    async def has(self, label: str, *, beside: Message | None = None) -> Message:
        """Wait for a message with a button, other than the one `beside`."""
        return await self.thread.wait_for(lambda one: one is not beside and has_button(one, label), PATIENCE)

    async def idea(self, person: Person, board: Message, tags: str) -> None:
        """Put an idea forward."""
        form = await self.acting.presses(person, board, IDEA)
        expect(isinstance(form, Modal), "the button for ideas opens no form")
        if isinstance(form, Modal):
            self.acting.does(person, f"(sends the form with “{tags}”)")
            answer = (await (await person.submit(form, {"tags": tags})).settled(PATIENCE)).message
            expect("Your idea" in says(answer), f"an idea was answered with: {says(answer)}")

    async def vote(self, person: Person, board: Message, number: int) -> str:
        """Vote for an idea; return what that is answered with."""
        self.acting.does(person, f"(votes for idea {number})")
        call = await person.select(board, _select(board, str(number)), [str(number)])
        return says((await call.settled(PATIENCE)).message)

    async def skips(self) -> None:
        """Let the host end a step before its deadline."""
        self.acting.does(self.host, "/session host")
        panel = (await (await self.host.slash(self.thread, "session host")).settled(PATIENCE)).message
        await self.acting.opens(self.host, panel, SKIP)


async def the_session(acting: Acting, mira: Person, jo: Person, sam: Person) -> None:
    """Start a session of one round with the last A, vote through a power cut, and see what came of it."""
    session = await _starts(acting, mira)
    board = await session.has(IDEA)
    for person, tags in ((jo, "a choir, far away"), (sam, WINNER)):
        await session.idea(person, board, tags)
    await session.skips()
    await session.shows(board, "Vote for one idea")
    for person in (mira, jo):
        said = await session.vote(person, board, 2)
        expect("Your vote" in said, f"a vote was answered with: {said}")
    own = await session.vote(sam, board, 2)
    expect("your own idea" in own, f"a vote for one's own idea was answered with: {own}")
    await _power_cut(acting)
    await session.vote(sam, board, 1)
    await session.shows(board, "3 people have voted")
    await session.skips()
    await session.has("Hear the join A")
    made = acting.stage.music.counts.bodies(Endpoint.EXTEND)[-1]
    expect(made["tags"] == WINNER, f"2 of 3 votes were for “{WINNER}”, and what was made is {made['tags']}")
    voted = await acting.opens(jo, board, "Vote for B")
    expect("Your vote" in says(voted), f"a vote was answered with: {says(voted)}")
    await session.skips()
    recap = await session.has("Export")
    expect(acting.audio_of(recap) and "B · " in says(recap), f"the recap lacks its track: {says(recap)}")


async def _starts(acting: Acting, mira: Person) -> _Session:
    """Lay the session out on its card, and start it."""
    known = await mira.autocomplete(acting.room, "session start", focused="track", value="rain")
    plan = await acting.types(mira, "session start", track=str(known[0].value))
    acting.does(mira, "(chooses 1 round)")
    await (await mira.select(plan, _select(plan, "1"), ["1"])).settled(PATIENCE)
    await acting.room.wait_for(lambda message: message is plan and "1 round of" in says(message), PATIENCE)
    await acting.opens(mira, plan, "Start")
    begun = await acting.room.wait_for(lambda message: _THREAD.search(says(message)) is not None, PATIENCE)
    found = _THREAD.search(says(begun))
    channel = acting.stage.discord.core.world.channels.get(int(found[1])) if found else None
    if channel is None:
        msg = f"the session has no thread: {says(begun)}"
        raise StoryBroken(msg)
    return _Session(acting=acting, thread=acting.stage.discord.room(channel), host=mira)


def _select(message: Message, value: str) -> str:
    """Find the select that offers a value. Raises LookupError."""
    selects = (part for part in walk(message.components) if part.get("type") == Component.STRING_SELECT)
    offers = (str(part["custom_id"]) for part in selects if any(option["value"] == value for option in part["options"]))
    found = next(offers, None)
    if found is None:
        raise LookupError(f"nothing offers {value}: {says(message)}")
    return found


async def _power_cut(acting: Acting) -> None:
    acting.script.says("", "(the bot is killed in the middle of the vote, and started again)")
    await acting.stage.bot.kill()
    await acting.stage.bot.start()
    await acting.stage.discord.wait_ready(PATIENCE)
