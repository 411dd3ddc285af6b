"""A relay: the real bot between the loopback provider and the loopback Discord, killed while it has the choice of A or B shown."""

from bot.sandbox.discord import Event, MessageUpdated
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, text_of
from tests.e2e.session_play import SHORT, SessionPlay


def _offers_both(event: Event) -> bool:
    return isinstance(event, MessageUpdated) and "Pick B" in text_of(event.message)


async def test_a_relay_of_three_from_its_start_to_its_recap(stage: Play) -> None:
    stage.hurry(SHORT)
    await stage.start()
    world = stage.world
    session = await SessionPlay.start(stage, mode="relay", rounds="2")
    first = await session.shows("The line is empty")
    assert "it is your turn" in await session.press(world.jo, first, "Join the line")
    for person in (world.sam, world.owner):
        assert "You are in the line" in await session.press(person, first, "Join the line")
    assert "in the line already" in await session.press(world.sam, first, "Join the line")
    line = await session.shows(f"turn of {world.jo.mention}", world.owner.mention)
    assert f"{world.sam.mention} (your turn about <t:" in line.content
    assert "somebody else's turn" in await session.press(world.sam, first, "Continue the track")
    async with stage.killed_at(_offers_both):
        assert "on its way" in await session.request(world.jo, first, "Continue the track", "slow strings")
    await stage.start()
    takes = await session.shows("Pick A", "Pick B")
    assert len(audio_of(takes)) == 3
    assert "somebody else's turn" in await session.press(world.sam, takes, "Pick B")
    assert "You picked B" in await session.press(world.jo, takes, "Pick B")
    second = await session.shows("Round 2 of 2", f"turn of {world.sam.mention}")
    assert second.pinged == {world.sam.id}
    await session.host("Skip to the next step")
    third = await session.shows("Round 2 of 2", f"turn of {world.owner.mention}")
    assert await session.shows("The turn was passed on.") is second
    await session.request(world.owner, third, "Continue the track", "fast drums")
    await session.shows("Round 2 of 2", "Pick A")
    await session.host("Skip to the next step")
    recap = await session.shows("Export")
    assert (world.jo.mention in text_of(recap), world.owner.mention in text_of(recap)) == (True, True)
    await stage.room.wait_for(lambda message: "Export" in text_of(message), PATIENCE)
    assert [submit["tags"] for submit in stage.submits()][1:] == ["slow strings", "fast drums"]
    await until(lambda: len(session.saying("Round 2 of 2")) == 2)
