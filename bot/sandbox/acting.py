"""What people do in the script and what they wait for, each step written down as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.discord.interaction_model import Modal
from bot.sandbox.transcript import Transcript, audio_seconds

if TYPE_CHECKING:
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Message
    from bot.sandbox.stage import Stage

PATIENCE = 180.0
"""Seconds for one step of the story: a track takes 20 to 60."""


class StoryBroken(Exception):  # noqa: N818 - it reads as what it says
    """What should have happened did not; the message says what."""


def expect(so: object, otherwise: str) -> None:
    """Raise StoryBroken with these words unless it is so."""
    if not so:
        raise StoryBroken(otherwise)


class Acting:
    """People on a stage; what they do and what they are answered goes into the transcript, which listens from the start."""

    def __init__(self, stage: Stage) -> None:
        """Use this stage."""
        self.stage = stage
        self.room = stage.world.music
        self.script = Transcript(stage.discord, lambda line: print(line, flush=True))  # noqa: T201 - a script speaks
        self._results: list[int] = []
        stage.discord.listen(self.script.hear)

    def does(self, person: Person, what: str) -> None:
        """Write what somebody does."""
        self.script.says(person.user.display_name, what)

    async def types(self, person: Person, command: str, **options: object) -> Message:
        """Use a command in the usual channel, and wait until it no longer thinks; return the answer."""
        shown = "  ".join(f"{name}: {_shown(value)}" for name, value in options.items())
        self.does(person, f"/{command} {shown}".rstrip())
        return (await (await person.slash(self.room, command, **options)).settled(PATIENCE)).message

    async def presses(self, person: Person, message: Message, label: str) -> object:
        """Press a button, and wait for the first answer, a message or a form."""
        self.does(person, f"presses [{label}]")
        return (await (await person.press(message, label)).answered(PATIENCE)).response

    async def opens(self, person: Person, message: Message, label: str) -> Message:
        """Press a button, and wait until the message that answers no longer thinks."""
        self.does(person, f"presses [{label}]")
        return (await (await person.press(message, label)).settled(PATIENCE)).message

    async def continues(self, person: Person, result: Message, label: str) -> Modal:
        """Open the card of a track that is to be continued, and from there the form."""
        form = await self.presses(person, await self.opens(person, result, label), "Change…")
        if not isinstance(form, Modal):
            msg = f"{label} led to no form"
            raise StoryBroken(msg)
        return form

    async def next_result(self) -> Message:
        """Wait for a finished track that was not there before, and check that its audio is audio."""

        def is_new_result(message: Message) -> bool:
            return message.viewer_id is None and message.id not in self._results and bool(self.audio_of(message))

        result = await self.room.wait_for(is_new_result, PATIENCE)
        self._results.append(result.id)
        for name, data in self.audio_of(result).items():
            expect(audio_seconds(data) >= 1, f"{name} is shorter than a second")
        return result

    def audio_of(self, message: Message) -> dict[str, bytes]:
        """Read the audio files that a message carries, by name, in their order."""
        audio = [attached for attached in message.attachments if (attached.content_type or "").startswith("audio/")]
        return {attached.filename: self.stage.discord.core.files.read(attached) for attached in audio}


def _shown(value: object) -> str:
    channel = getattr(value, "channel", None)
    return str(value) if channel is None else f"#{channel.name}"


def has_button(message: Message, label: str) -> bool:
    """Tell whether a message has a button of this label."""
    return any(part.get("label") == label for part in walk(message.components) if part.get("type") == Component.BUTTON)


def says(message: Message) -> str:
    """Read what a message says: its text, and its embeds' titles and texts."""
    embeds = [part for embed in message.embeds for part in (embed.get("title"), embed.get("description"))]
    return "\n".join(str(part) for part in (message.content, *embeds) if part)
