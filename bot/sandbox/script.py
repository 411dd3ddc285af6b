"""A user's first minutes, played against the real bot: the provider's own sample request, and what grows from it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.sandbox.discord.interaction_model import Modal
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.stage import open_stage
from bot.sandbox.transcript import Transcript, audio_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Message
    from bot.sandbox.stage import Stage

SAMPLE = {
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
    "model": "v3.5",
    "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
    "continue_at": 100,
}
"""The sample parameters of the provider's page "Extend Instrumental"."""

PATIENCE = 180.0
"""Seconds for one step of the story: a track takes 20 to 60."""


class StoryBroken(Exception):  # noqa: N818 - it reads as what it says
    """What should have happened did not; the message says what."""


async def play(*, fast: bool, record: Path | None = None) -> int:
    """Play the story and print it; return 0 when its tracks were delivered, else 1."""
    print("Encore's sandbox: the real bot, a music service and a Discord on this machine.", _length(fast=fast), end="\n\n")  # noqa: T201 - a script speaks
    async with open_stage(music=MusicSettings.fast() if fast else MusicSettings(), record=record) as stage:
        story = Story(stage)
        try:
            await story.tell()
        except (StoryBroken, TimeoutError) as error:
            print(f"\nThe story broke off: {error or 'something did not happen in time'}\nThe bot's log:\n{stage.bot.log}", file=sys.stderr)  # noqa: T201 - a script speaks
            return 1
        print(f"\nDelivered. {_sums(stage)}")  # noqa: T201 - a script speaks
    return 0


def _length(*, fast: bool) -> str:
    return "A track takes 6 seconds here." if fast else "A track takes 20 to 60 seconds here."


def _sums(stage: Stage) -> str:
    counts = stage.music.counts
    return (
        f"The music service counted {len(counts.accepted)} submits, {counts.queries} queries, "
        f"and {counts.violations} breaches of its limits; the bot was started {stage.bot.starts} times."
    )


class Story:
    """The scenes, in order; each waits for what people would wait for."""

    def __init__(self, stage: Stage) -> None:
        """Use this stage; the transcript listens from the start."""
        self._stage = stage
        self._room = stage.world.music
        self._script = Transcript(stage.discord, lambda line: print(line, flush=True))  # noqa: T201 - a script speaks
        self._results: list[int] = []
        stage.discord.listen(self._script.hear)

    async def tell(self) -> None:
        """Tell all scenes. Raises StoryBroken, TimeoutError."""
        await self._stage.bot.start()
        await self._stage.discord.wait_ready(PATIENCE)
        first = await self._the_sample(self._stage.world.mira)
        await self._look_closer(self._stage.world.mira, first)
        second = await self._continue_b(self._stage.world.jo, first)
        await self._mistype(self._stage.world.jo)
        await self._restart_in_the_middle(self._stage.world.mira, second)

    async def _the_sample(self, mira: Person) -> Message:
        """Type the provider's own sample request."""
        options = {name: str(value) for name, value in SAMPLE.items()}
        await self._type(mira, "extend", **options)
        result = await self._next_result()
        sent = self._stage.music.counts.accepted[0].body
        if sent != SAMPLE:
            msg = f"the provider was sent {sent}, not its sample {SAMPLE}"
            raise StoryBroken(msg)
        if result.pinged != frozenset({mira.id}):
            msg = f"the result mentions {result.pinged}, not only {mira.id}"
            raise StoryBroken(msg)
        return result

    async def _look_closer(self, mira: Person, result: Message) -> None:
        await self._press(mira, result, "More")

    async def _continue_b(self, jo: Person, result: Message) -> Message:
        """Go on from B, in the form that is filled in already."""
        form = await self._continue(jo, result, "Continue B")
        self._script.says(jo.user.display_name, "(sends the form as it is)")
        await (await jo.submit(form)).answered(PATIENCE)
        return await self._next_result()

    async def _mistype(self, jo: Person) -> None:
        """Ask for a start point behind the track's end."""
        known = await jo.autocomplete(self._room, "extend", focused="continue_clip_id", value="")
        self._script.says(jo.user.display_name, f"/extend continue_clip_id: {known[0].name}   (picked from {len(known)})")
        await self._type(jo, "extend", continue_clip_id=str(known[0].value), continue_at="59:59", tags="lo-fi")

    async def _restart_in_the_middle(self, mira: Person, result: Message) -> None:
        """End the bot with a job in flight, as a power cut would, and start it again."""
        form = await self._continue(mira, result, "Continue A")
        accepted = len(self._stage.music.counts.accepted)
        asked = await mira.submit(form, {"tags": "piano, ambient"})
        await asked.settled(PATIENCE)
        await self._room.wait_for(lambda message: message is asked.message and _has_button(message, "Hide"), PATIENCE)
        self._script.says("", "(the bot is killed, and started again)")
        await self._stage.bot.kill()
        await self._stage.bot.start()
        await self._stage.discord.wait_ready(PATIENCE)
        await self._next_result()
        await self._type(mira, "jobs")
        if len(self._stage.music.counts.accepted) != accepted + 1:
            msg = "something was submitted twice"
            raise StoryBroken(msg)

    async def _continue(self, person: Person, result: Message, label: str) -> Modal:
        """Open the card of a track that is to be continued, and from there the form."""
        self._script.says(person.user.display_name, f"presses [{label}]")
        card = await (await person.press(result, label)).settled(PATIENCE)
        form = await self._press(person, card.message, "Change…")
        if not isinstance(form, Modal):
            msg = f"{label} led to no form"
            raise StoryBroken(msg)
        return form

    async def _type(self, person: Person, command: str, **options: str) -> None:
        shown = "  ".join(f"{name}: {value}" for name, value in options.items())
        self._script.says(person.user.display_name, f"/{command} {shown}".rstrip())
        await (await person.slash(self._room, command, **options)).settled(PATIENCE)

    async def _press(self, person: Person, message: Message, label: str) -> object:
        self._script.says(person.user.display_name, f"presses [{label}]")
        return (await (await person.press(message, label)).answered(PATIENCE)).response

    async def _next_result(self) -> Message:
        """Wait for a finished track that was not there before, and check that its audio is audio."""

        def is_new_result(message: Message) -> bool:
            return message.id not in self._results and any((a.content_type or "").startswith("audio/") for a in message.attachments)

        result = await self._room.wait_for(is_new_result, PATIENCE)
        self._results.append(result.id)
        for attachment in result.attachments:
            if (attachment.content_type or "").startswith("audio/") and audio_seconds(self._stage.discord.core.files.read(attachment)) < 1:
                msg = f"{attachment.filename} is shorter than a second"
                raise StoryBroken(msg)
        return result


def _has_button(message: Message, label: str) -> bool:
    return any(button.get("label") == label for row in message.components for button in row.get("components", []))
