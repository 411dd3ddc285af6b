"""The script's later scenes: where a track comes from, the whole of it, and what others think of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.acting import PATIENCE, StoryBroken, expect, has_button, says
from bot.sandbox.hearing import Part, listen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.acting import Acting
    from bot.sandbox.discord.people import Person
    from bot.sandbox.discord.world import Message

AROUND = 10.0
"""Seconds that are heard on each side of a join."""
WORKING = "joining them"
"""What the answer says while a join is under way."""
NOTE = "The piano is worth the wait"
PNG = b"\x89PNG\r\n\x1a\n"


async def the_family(acting: Acting, mira: Person, result: Message, points: Sequence[str]) -> Message:
    """See what the last A grew from: in a picture, in its description, and in words; `points` are where its parts begin."""
    card = await acting.opens(mira, await acting.opens(mira, result, "More"), "Family A")
    pictures = [attached for attached in card.attachments if acting.stage.discord.core.files.read(attached).startswith(PNG)]
    expect(len(pictures) == 1, f"the family shows {len(pictures)} pictures")
    for name, told in (("text", says(card)), ("picture's description", pictures[0].description or "")):
        missing = [point for point in points if f"from {point}" not in told]
        expect(not missing, f"the family's {name} names no track from {', '.join(missing)}: {told}")
    return card


async def the_whole(acting: Acting, mira: Person, family: Message, parts: Sequence[Part]) -> None:
    """Have the last A joined with all that it grew from, and listen whether it is that; then to its own beginning alone."""
    whole = await acting.opens(mira, family, "Whole track")
    await _listen(acting, whole, parts, "the whole track")
    join = await acting.opens(mira, whole, "Hear the join")
    before, after = parts[-2], parts[-1]
    end = before.until or 0.0
    sides = (Part(before.data, max(0.0, end - AROUND), end), Part(after.data, 0.0, AROUND))
    await _listen(acting, join, sides, "the join")


async def _listen(acting: Acting, answer: Message, parts: Sequence[Part], name: str) -> None:
    await acting.room.wait_for(lambda message: message is answer and WORKING not in says(message), PATIENCE)
    files = list(acting.audio_of(answer).values())
    expect(len(files) == 1, f"{name} came as {len(files)} files: {says(answer)}")
    try:
        heard = listen(files[0], parts)
    except ValueError as error:
        msg = f"{name}: {error}"
        raise StoryBroken(msg) from error
    joints = f"{len(parts) - 1} joint{'s' if len(parts) > 2 else ''}"  # noqa: PLR2004 - one is no plural
    acting.script.says(
        "", f"({name}: {heard.seconds:.2f} s, as long as its parts; both sides of {joints} found, correlation at least {heard.alike:.2f})"
    )


async def the_share(acting: Acting, mira: Person, jo: Person) -> None:
    """Share the last A elsewhere; another person votes for it, and whose track it is may not."""
    lounge = acting.stage.world.lounge
    known = await mira.autocomplete(acting.room, "share", focused="track", value="piano")
    answer = await acting.types(mira, "share", track=str(known[0].value), channel=lounge, note=NOTE)
    expect("Shared in" in says(answer), f"sharing was answered with: {says(answer)}")
    share = await lounge.wait_for(lambda message: has_button(message, "▲ Vote · 0"), PATIENCE)
    credited = all(person.mention in says(share) for person in (mira, jo))
    expect(NOTE in says(share) and credited and acting.audio_of(share), f"the share lacks its note, a maker or its audio: {says(share)}")
    expect(not share.pinged, "the share pings somebody")
    voted = await acting.opens(jo, share, "▲ Vote · 0")
    expect("Your vote counts: 1" in says(voted), f"a vote was answered with: {says(voted)}")
    await lounge.wait_for(lambda message: message is share and has_button(message, "▲ Vote · 1"), PATIENCE)
    refused = await acting.opens(mira, share, "▲ Vote · 1")
    expect("track of your own" in says(refused), f"a vote for one's own track was answered with: {says(refused)}")


async def found_again(acting: Acting, jo: Person) -> None:
    """Find the shared track where those with the most votes are listed, and by a word of its styles."""
    top = await acting.types(jo, "top")
    expect("▲ 1" in says(top), f"/top does not list the vote: {says(top)}")
    found = await acting.types(jo, "library", whose="everyone here", search="piano")
    expect("rain on glass" in says(found), f"the library does not find it: {says(found)}")
