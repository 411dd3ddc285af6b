"""What the screenshots show of sessions: ideas and votes with a power cut in between, a relay, an open session, and what hosts see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.music_library import SAMPLE_CLIP_ID
from bot.ui import ids, plan_card, round_buttons
from tests.browser.managing import named
from tests.browser.sandbox import PATIENCE
from tests.browser.studio import LONG, open_studio

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message, Person, Room
    from tests.browser.sandbox import Sandbox
    from tests.browser.studio import Studio

NAME, THEME = "Harbour nights", "From a quiet harbour out to the open sea"
ADD_IDEA = "Add or change my idea"
SKIP = "Skip to the next step"
IDEAS = {
    "jo": {"tags": "fog horns, slow strings, distant bells", "continue_at": "1:10"},
    "sam": {"tags": "fast drums, synthwave, arpeggios", "title": "Full steam ahead"},
    "olive": {"tags": "بيانو هادئ، عود", "continue_at": "0:45"},
    "pat": {"tags": "🌊 waves, ambient pads 🌙, whispering choir, tape hiss, felt piano, soft sub bass, field recordings of gulls at dawn"},
}
"""What each puts forward; long, right to left and with pictures in it among them."""


async def sessions(sandbox: Sandbox) -> None:
    """Play an ideas session with its host's tools, a relay and an open session, each to its recap."""
    await ideas(sandbox)
    await relay(sandbox)
    await free(sandbox)


@dataclass(slots=True, kw_only=True)
class Played:
    """A session that is being played, and what its people do on their screens."""

    sandbox: Sandbox
    thread: Room

    def person(self, who: str) -> Person:
        """Find one of the cast."""
        return self.sandbox.scene.cast[who].person

    async def shows(self, *texts: str) -> Message:
        """Wait for a message of the thread that says all of this."""
        return await self.thread.wait_for(lambda message: all(text in written(message) for text in texts), LONG)

    async def answers(self, who: str, message: Message, button: str, **fields: str) -> str:
        """Press a button that opens a form, fill it in, and send it; return what that was answered with."""
        form = (await (await self.person(who).press(message, button)).answered(PATIENCE)).modal
        assert form is not None
        return written((await (await self.person(who).submit(form, fields)).settled(PATIENCE)).message)

    async def presses(self, who: str, message: Message, button: str) -> str:
        """Press a button; return what that was answered with."""
        return written((await (await self.person(who).press(message, button)).settled(PATIENCE)).message)

    async def votes(self, who: str, message: Message, choice: str) -> None:
        """Vote in the select."""
        await (await self.person(who).select(message, control(message, round_buttons.VOTE), [choice])).settled(PATIENCE)

    async def steers(self, button: str, who: str = "mira") -> None:
        """Open the host's panel, and press a button there."""
        panel = await (await self.person(who).slash(self.thread, "session host")).settled(PATIENCE)
        await (await self.person(who).press(panel.message, button)).settled(PATIENCE)

    async def shoot(self, name: str, message: Message, text: str, *, phone: bool = False, who: str = "mira") -> None:
        """Take the picture of a message on somebody's screen, as soon as it shows a text."""
        async with open_studio(self.sandbox, who, self.thread, phone=phone) as studio:
            await studio.tab.page.set_viewport_size({"width": 390 if phone else 760, "height": HIGH})
            await studio.shoot_message(named(name, phone), message, text)


HIGH = 1600
"""Pixels of a window that holds a round as a whole."""


async def ideas(sandbox: Sandbox) -> None:
    """Play two rounds of ideas, with a power cut in the middle of a vote, an extension that fails, a pause, and the recap."""
    played = await starts(sandbox, "harbour", picture=True, rounds="2")
    first = await played.shows("Round 1 of 2", ADD_IDEA)
    for who, idea in IDEAS.items():
        await played.answers(who, first, ADD_IDEA, **idea)
    await played.shows("Round 1 of 2", "gulls")
    for phone in (False, True):
        await played.shoot("session-round", first, "gulls", phone=phone)
    async with open_studio(sandbox, "mira", played.thread) as studio:
        await studio.shoot("session-host", await studio.use("session host"), "Host this session")
    await played.steers(SKIP)
    await played.shows("Vote for one idea")
    for who, choice in {"mira": "2", "jo": "2", "sam": "1"}.items():
        await played.votes(who, first, choice)
    await sandbox.stage.bot.kill()
    await sandbox.stage.bot.start()
    await sandbox.stage.discord.wait_ready(PATIENCE)
    await played.votes("olive", first, "1")
    await played.votes("pat", first, "2")
    for phone in (False, True):
        await played.shoot("session-vote", first, "5 people have voted", phone=phone)
    await played.steers(SKIP)
    await played.shows("Hear the join A")
    for phone in (False, True):
        await played.shoot("session-takes", first, "What was made", phone=phone)
    await played.presses("jo", first, "Vote for B")
    await played.steers(SKIP)
    second = await played.shows("Round 2 of 2", ADD_IDEA)
    await played.shoot("session-closed", first, "It goes on with")
    await _second(sandbox, played, second)
    await _ends(sandbox, played)


async def _second(sandbox: Sandbox, played: Played, second: Message) -> None:
    await played.steers("Pause")
    await played.shoot("session-paused", second, "Paused by the host")
    await played.presses("mira", second, "Resume (host)")
    await played.shows("Round 2 of 2", ADD_IDEA)
    await played.answers("jo", second, ADD_IDEA, tags="a choir, far away")
    await played.answers("sam", second, ADD_IDEA, tags="brass, a march")
    sandbox.server.faults.turn("task-fails", on=True)
    await played.steers(SKIP)
    await played.shows("Round 2 of 2", "Vote for one idea")
    await played.votes("mira", second, "1")
    await played.steers(SKIP)
    await played.shows("Try again")
    await played.shoot("session-stuck", second, "brought no track")
    sandbox.server.faults.turn("task-fails", on=False)
    await played.presses("mira", second, "Take the next idea")
    await played.shows("Round 2 of 2", "Hear the join A")
    await played.steers(SKIP)


async def _ends(sandbox: Sandbox, played: Played) -> None:
    recap = await played.shows("has ended", "Who contributed what")
    for phone in (False, True):
        await played.shoot("session-recap", recap, "Who contributed what", phone=phone)
    async with open_studio(sandbox, "jo", played.thread) as studio:
        await studio.shoot("session-history", await studio.use("session history"), "Sessions of this server")


async def relay(sandbox: Sandbox) -> None:
    """Let three people continue a track, one after the other."""
    played = await starts(sandbox, "quay", mode="relay", rounds="3")
    board = await played.shows("The line is empty")
    for who in ("jo", "sam", "olive"):
        await played.presses(who, board, "Join the line")
    for number, who in enumerate(("jo", "sam", "olive"), 1):
        board = await played.shows(f"Round {number} of 3", "Continue the track")
        if number == 1:
            for phone in (False, True):
                await played.shoot("session-turn", board, "Next in line", phone=phone, who="jo")
        await played.answers(who, board, "Continue the track", tags="tropical house, steel drums", continue_at="end")
        await played.shows(f"Round {number} of 3", "Pick A")
        await played.presses(who, board, "Pick B")
    recap = await played.shows("has ended", "Who contributed what")
    await played.shoot("session-recap-relay", recap, "Who contributed what")


async def free(sandbox: Sandbox) -> None:
    """Let people continue what they like, and vote for the best."""
    played = await starts(sandbox, "beach", mode="open", rounds="1")
    board = await played.shows("Continue a track…")
    for who in ("jo", "sam"):
        await _grows(played, who, board)
        made = await played.shows("A new track", f"Continued by {played.person(who).mention}", "Continue A")
        if who == "jo":
            await played.shoot("session-open", board, "Continue any track")
            await played.shoot("session-new-track", made, "Continue A")
    await played.steers(SKIP)
    await played.shows("then vote for the best")
    await played.shoot("session-finale", board, "then vote for the best")
    await played.steers(SKIP)
    await played.shows("has ended", "Who contributed what")


async def _grows(played: Played, who: str, board: Message) -> None:
    card = (await (await played.person(who).press(board, "Continue a track…")).settled(PATIENCE)).message
    select = next(str(one["custom_id"]) for one in walk(card.components) if one.get("type") == Component.STRING_SELECT)
    form = (await (await played.person(who).select(card, select, [SAMPLE_CLIP_ID])).answered(PATIENCE)).modal
    assert form is not None
    await (await played.person(who).submit(form, {"tags": "surf guitar, hand claps"})).settled(PATIENCE)


async def starts(sandbox: Sandbox, channel: str, *, picture: bool = False, **chosen: str) -> Played:
    """Let Mira lay a session out on its card and start it in a channel of its own."""
    discord = sandbox.stage.discord
    room = discord.add_channel(sandbox.stage.world.guild, channel)
    async with open_studio(sandbox, "mira", room) as studio:
        call = await studio.use("session start", track=SAMPLE_CLIP_ID)
        await _named(studio, call)
        for what, value in chosen.items():
            drawn = control(call.message, plan_card.SET)
            await studio.select(call.message, ids.make(plan_card.SET, _draft(call.message), what), value)
            await room.wait_for(lambda message, drawn=drawn: message is call.message and control(message, plan_card.SET) != drawn, PATIENCE)
        if picture:
            await studio.shoot("session-plan", call, "Nothing begins")
        before = set(discord.core.world.channels)
        await studio.press(call.message, "Start")
        begun = await room.wait_for(lambda message: "Take part in" in written(message), PATIENCE)
        if picture:
            await studio.shoot_message("session-begun", begun, "Take part in")
    (thread,) = discord.core.world.channels.keys() - before
    return Played(sandbox=sandbox, thread=discord.room(discord.core.world.channels[thread]))


async def _named(studio: Studio, call: InteractionCall) -> None:
    form = (await studio.press(call.message, "Name and theme…")).modal
    assert form is not None
    await (await studio.person.submit(form, {"name": NAME, "theme": THEME})).settled(PATIENCE)
    await expect(studio.shown(call.message)).to_contain_text(THEME)


def _draft(card: Message) -> str:
    return control(card, plan_card.SET).split(":")[2]


def control(message: Message, name: str) -> str:
    """Find a control of a message by what its custom_id begins with."""
    return next(str(one["custom_id"]) for one in walk(message.components) if str(one.get("custom_id", "")).startswith(name))


def written(message: Message) -> str:
    """Read all that a message says: text, embeds, labels."""
    embeds = (str(part) for embed in message.embeds for part in (embed.get("title"), embed.get("description")) if part)
    return "\n".join([message.content, *embeds, *(str(one.get("label", "")) for one in walk(message.components))])
