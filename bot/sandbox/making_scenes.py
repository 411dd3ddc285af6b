"""The script's first scenes: the provider's own sample request, what grows from it, a mistake, and a power cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.acting import PATIENCE, expect, has_button

if TYPE_CHECKING:
    from bot.sandbox.acting import Acting
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Message

SAMPLE = {
    "tags": "tropical house, wave, synthwave",
    "title": "crazy and wild",
    "model": "v3.5",
    "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
    "continue_at": 100,
}
"""The sample parameters of the provider's page "Extend Instrumental"."""


async def the_sample(acting: Acting, mira: Person) -> Message:
    """Type the provider's own sample request."""
    await acting.types(mira, "extend", **{name: str(value) for name, value in SAMPLE.items()})
    result = await acting.next_result()
    sent = acting.stage.music.counts.accepted[0].body
    expect(sent == SAMPLE, f"the provider was sent {sent}, not its sample {SAMPLE}")
    expect(result.pinged == frozenset({mira.id}), f"the result mentions {result.pinged}, not only {mira.id}")
    return result


async def continue_b(acting: Acting, jo: Person, result: Message) -> Message:
    """Go on from B, in the form that is filled in already."""
    form = await acting.continues(jo, result, "Continue B")
    acting.does(jo, "(sends the form as it is)")
    await (await jo.submit(form)).answered(PATIENCE)
    return await acting.next_result()


async def mistype(acting: Acting, jo: Person) -> None:
    """Ask for a start point behind the track's end."""
    known = await jo.autocomplete(acting.room, "extend", focused="continue_clip_id", value="")
    acting.does(jo, f"/extend continue_clip_id: {known[0].name}   (picked from {len(known)})")
    await acting.types(jo, "extend", continue_clip_id=str(known[0].value), continue_at="59:59", tags="lo-fi")


async def restart_in_the_middle(acting: Acting, mira: Person, result: Message) -> Message:
    """End the bot with a job in flight, as a power cut would, and start it again."""
    form = await acting.continues(mira, result, "Continue A")
    before = len(acting.stage.music.counts.accepted)
    acting.does(mira, "(goes on from 0:15 as “piano, ambient”, titled “rain on glass”)")
    asked = await mira.submit(form, {"continue_at": "0:15", "tags": "piano, ambient", "title": "rain on glass"})
    await asked.settled(PATIENCE)
    await acting.room.wait_for(lambda message: message is asked.message and has_button(message, "Hide"), PATIENCE)
    acting.script.says("", "(the bot is killed, and started again)")
    await acting.stage.bot.kill()
    await acting.stage.bot.start()
    await acting.stage.discord.wait_ready(PATIENCE)
    made = await acting.next_result()
    await acting.types(mira, "jobs")
    expect(len(acting.stage.music.counts.accepted) == before + 1, "something was submitted twice")
    return made
