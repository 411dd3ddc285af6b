"""Sessions: the real bot between the loopback provider and the loopback Discord, killed where it hurts."""

from tests.e2e.play import Play, until
from tests.e2e.reading import audio_of, text_of
from tests.e2e.session_play import SHORT, SessionPlay


async def test_an_ideas_session_of_two_rounds_from_its_start_to_its_recap(stage: Play) -> None:
    stage.hurry(SHORT)
    await stage.start()
    world = stage.world
    session = await SessionPlay.start(stage, rounds="2")
    first = await session.shows("Round 1 of 2")
    assert len(audio_of(first)) == 1
    assert first.pinged == frozenset()
    for person, tags in ((world.mira, "slow strings"), (world.jo, "fast drums"), (world.sam, "quiet piano")):
        await session.idea(person, first, tags)
    await session.shows("quiet piano")
    late = await session.form(world.owner, first)
    await session.host("Skip to the next step")
    vote = await session.shows("Vote for one idea")
    assert vote is first
    assert "Your vote" in await session.vote(world.mira, vote, 2)
    await session.vote(world.sam, vote, 2)
    assert "your own idea" in await session.vote(world.jo, vote, 2)
    assert "the session has gone on" in await session.submitted(world.owner, late, "a late idea")
    await stage.kill()
    await stage.start()
    assert "Your vote" in await session.vote(world.owner, vote, 2)
    await session.host("Skip to the next step")
    takes = await session.shows("Vote for A", "Hear the join A")
    assert [submit["tags"] for submit in stage.submits()][1:] == ["fast drums"]
    await session.press(world.jo, takes, "Vote for B")
    await session.host("Skip to the next step")
    second = await session.shows("Round 2 of 2")
    assert await session.shows("It goes on with", "Idea 2 was made") is takes
    await session.idea(world.jo, second, "a choir")
    await session.host("Skip to the next step")
    takes = await session.shows("Round 2 of 2", "Vote for A")
    await session.host("Skip to the next step")
    await session.shows("Export")
    await stage.room.wait_for(lambda message: "Export" in text_of(message), 30)
    await until(lambda: len(stage.submits()) == 3)
