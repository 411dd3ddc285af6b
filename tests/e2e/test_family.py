"""/family and /export over the wire: from a result to its family, to another track of it, over a restart, and out."""

import json

import pytest

from bot.sandbox.discord import Message, Person
from bot.ui import ids
from tests.e2e.play import PATIENCE, Play
from tests.e2e.reading import ids_in, labels, privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

JUMP = ids.make("family-jump")


async def more(play: Play, result: Message, person: Person | None = None) -> Message:
    return (await play.press(result, "More", person)).message


async def clip_of(play: Play, result: Message) -> str:
    """Read the id of a result's A."""
    return ids_in(text_of(await more(play, result)))[1]


async def settled(play: Play, message: Message, button: str, person: Person | None = None) -> Message:
    call = await (person or play.world.mira).press(message, button)
    return (await call.settled(PATIENCE)).message


def read(play: Play, message: Message) -> tuple[str, bytes]:
    (attachment,) = message.attachments
    return attachment.filename, play.discord.core.files.read(attachment)


async def test_a_family_is_shown_and_walked_through_and_taken_out(shared: Play) -> None:
    await shared.extend(title="Dusk")
    parent = await shared.result(title="Dusk")
    track = await clip_of(shared, parent)
    await shared.extend(shared.world.jo, continue_clip_id=track, continue_at="0:02", title="Dawn")
    child = await shared.result(title="Dawn")

    card = await settled(shared, await more(shared, child), "Family A")
    assert card.is_ephemeral
    assert card.embeds[0]["title"] == "Family of A · Dawn"
    assert f"**A · Dusk** · <@{shared.world.mira.id}>" in text_of(card)
    assert f"▶ **A · Dawn** · <@{shared.world.jo.id}> · from 0:02" in text_of(card)
    (picture,) = card.attachments
    assert picture.description is not None
    assert "A · Dusk by Mira, then A · Dawn by Jo, from 0:02." in picture.description
    assert not card.pinged
    assert labels(card) == ["Continue", "Whole track", "Hear the join", "Open", "Share"]

    await shared.restart()
    await (await shared.world.mira.select(card, JUMP, [track])).answered(PATIENCE)
    await shared.room.wait_for(lambda message: message is card and card.embeds[0]["title"] == "Family of A · Dusk", PATIENCE)
    assert len(card.attachments) == 1
    assert (await settled(shared, card, "Continue")).embeds[0]["title"] == "Continue A · Dusk"

    typed = (await shared.use("family", shared.world.jo, track=track)).message
    assert typed.embeds[0]["title"] == "Family of A · Dusk"

    name, content = read(shared, (await shared.use("export", shared.world.jo, track=track, form="JSON")).message)
    assert name == "encore-family.json"
    told = {each["title"]: each for each in json.loads(content)["tracks"] if each["variant"] == "A"}
    assert told["Dawn"]["parent_id"] == track
    assert told["Dawn"]["post"] == f"https://discord.com/channels/{shared.world.guild.id}/{shared.room.id}/{child.id}"
    assert told["Dusk"]["made_by"] == "Mira"
    name, content = read(shared, (await shared.use("export", shared.world.jo, form="zip")).message)
    assert name == "encore-mine.zip"
    assert content.startswith(b"PK")


async def test_what_is_no_track_is_said_in_words(shared: Play) -> None:
    assert "I know no such track here" in privately(await shared.use("family", track="00000000-0000-4000-8000-000000000000"))
    assert "Name the track whose family you want" in privately(await shared.use("export", what="family"))
