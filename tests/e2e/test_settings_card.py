"""/settings over the wire: selects of channels, roles and texts, a form, a restart in between, and what they forbid."""

import pytest

from bot.sandbox.discord import InteractionCall, Message
from tests.e2e.play import PATIENCE, Play
from tests.e2e.reading import privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHAT, SET = "settings:1", "settings-set:1:{}"


async def choose(play: Play, card: Message, custom_id: str, *values: object) -> InteractionCall:
    call = await play.world.owner.select(card, custom_id, values)
    return await call.answered(PATIENCE)


async def test_a_server_is_set_up_and_opened_again(shared: Play) -> None:
    world = shared.world
    card = (await shared.use("settings", world.owner)).message
    assert card.is_ephemeral
    for topic, values in (("log", [world.off_topic]), ("channels", [world.lounge]), ("spender", [world.musicians]), ("pings", ["off"])):
        await choose(shared, card, WHAT, topic)
        await choose(shared, card, SET.format(topic), *values)
    assert f"**Where I can be used**: <#{world.lounge.id}>" in text_of(card)
    await shared.restart()

    assert f"<#{world.lounge.id}>" in privately(await shared.extend())
    (choice,) = await world.mira.autocomplete(world.music, "extend", focused="continue_clip_id", value="x")
    assert choice.name.startswith("I can't be used in this channel.")
    assert f"<@&{world.musicians.id}>" in privately(await shared.extend(world.jo, world.lounge))
    assert shared.submits() == []

    await choose(shared, card, WHAT, "limits")
    form = await shared.press(card, "Edit", world.owner)
    assert form.modal is not None
    await (await world.owner.submit(form.modal, {"daily_per_person": "5"})).answered(PATIENCE)
    assert "each person 5" in text_of(card)
    for topic, button in (("channels", "Allow every channel"), ("spender", "Allow everybody"), ("limits", "No limits of our own")):
        await choose(shared, card, WHAT, topic)
        await shared.press(card, button, world.owner)
    await choose(shared, card, WHAT, "log")
    await shared.press(card, "Log nowhere", world.owner)
    await world.off_topic.wait_for(lambda message: "→ nowhere" in message.content, PATIENCE)
    lines = [message.content for message in world.off_topic.messages]
    assert len(lines) == 9
    assert all(line.startswith(f"<@{world.owner.id}> changed my settings. ") for line in lines)
    assert all(not message.pinged for message in world.off_topic.messages)
    call = await shared.extend(world.jo, title="let in again")
    assert not call.message.is_ephemeral
    await shared.result(title="let in again")
