"""An open session: anybody continues any track, and a vote finds the best."""

from bot.ui.session_controls import GROW_FROM
from tests.e2e.play import PATIENCE, Play
from tests.e2e.reading import audio_of
from tests.e2e.session_play import SHORT, SessionPlay, custom_ids


async def test_an_open_session_with_the_extensions_of_two_and_a_vote_for_the_best(stage: Play) -> None:
    stage.hurry(SHORT)
    await stage.start()
    world = stage.world
    session = await SessionPlay.start(stage, mode="open", rounds="1")
    board = await session.shows("Open session", "Continue a track…")
    offered = (await (await world.jo.press(board, "Continue a track…")).settled(PATIENCE)).message
    (select,) = [each for each in custom_ids(offered) if each.startswith(GROW_FROM)]
    form = (await (await world.jo.select(offered, select, [session.clip_id])).answered(PATIENCE)).modal
    assert "on its way" in await session.submitted(world.jo, form, "slow strings")
    made = await session.shows("A new track", world.jo.mention)
    assert len(audio_of(made)) == 2
    assert "on its way" in await session.request(world.sam, made, "Continue B", "fast drums")
    await session.shows("A new track", world.sam.mention)
    await session.host("Skip to the next step")
    finale = await session.shows("vote for the best")
    assert finale is board
    theirs = str(stage.submits()[2]["continue_clip_id"])
    assert "Your vote" in await session.vote(world.sam, finale, theirs)
    assert "your own" in await session.vote(world.jo, finale, theirs)
    await session.host("Skip to the next step")
    recap = await session.shows("Export", "What became of it")
    assert "1 vote" in recap.embeds[0]["footer"]["text"]
    assert await session.shows("The best of this session is B") is board
