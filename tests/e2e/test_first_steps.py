"""From the bot's arrival to a first heard track, by /help alone: nobody here has ever heard of a clip id."""

import asyncio

import pytest

from bot.sandbox.discord import InteractionCall
from tests.e2e.play import PATIENCE, SAMPLE, Play, until
from tests.e2e.reading import audio_of, labels, privately, text_of


@pytest.fixture
async def fresh(stage: Play) -> Play:
    """A fresh server on which nothing was ever made, with a starter that the operator has named."""
    stage.hurry()
    stage.set(STARTER_TRACKS=stage.music.task_of(str(SAMPLE["continue_clip_id"])).id)
    await stage.start()
    await until(lambda: stage.music.counts.queries > 0)
    return stage


async def test_help_leads_to_a_first_heard_track(fresh: Play) -> None:
    helped = await helped_with(fresh, "Extend a starter track")
    assert "I continue instrumentals" in privately(helped)
    form = (await fresh.press(helped.message, "Extend a starter track")).modal
    await (await fresh.world.mira.submit(form)).answered(PATIENCE)
    result = await fresh.result()
    assert len(audio_of(result)) == 2
    assert [body["continue_clip_id"] for body in fresh.submits()] == [SAMPLE["continue_clip_id"]]


async def helped_with(play: Play, button: str) -> InteractionCall:
    """Use /help until it has this button: a starter is on its way for a moment."""
    async with asyncio.timeout(PATIENCE):
        while True:
            call = await play.use("help")
            if button in labels(call.message):
                return call
            await asyncio.sleep(0.05)


async def test_a_starter_is_offered_to_everybody_and_nothing_was_posted_for_it(fresh: Play) -> None:
    await helped_with(fresh, "Extend a starter track")
    choices = await fresh.world.jo.autocomplete(fresh.room, "extend", focused="continue_clip_id", value="")
    offered = [choice.name for choice in choices]
    assert [name.split(" · ")[:2] for name in offered] == [["Starter", "A"], ["Starter", "B"]]
    assert [message for message in fresh.room.messages if not message.is_ephemeral] == []
    await fresh.restart()
    choices = await fresh.world.jo.autocomplete(fresh.room, "extend", focused="continue_clip_id", value="start")
    assert [choice.name for choice in choices] == offered
    assert fresh.music.counts.queries == 1


async def test_a_task_is_taken_in_by_a_form(live: Play) -> None:
    helped = await live.use("help")
    assert labels(helped.message) == ["Take in a task"]
    form = (await live.press(helped.message, "Take in a task")).modal
    task = live.music.task_of(str(SAMPLE["continue_clip_id"]))
    await (await live.world.mira.submit(form, {"task_id": task.id})).answered(PATIENCE)
    assert len(audio_of(await live.result())) == 2
    assert labels((await live.use("help")).message) == ["Extend a track", "Take in a task"]


async def test_an_empty_list_leads_to_help(live: Play) -> None:
    (choice,) = await live.world.mira.autocomplete(live.room, "extend", focused="continue_clip_id", value="")
    assert choice.name == "No track yet: run /help to see how to start"
    refused = await live.extend(continue_clip_id=str(choice.value))
    assert "no track to continue here yet" in privately(refused)
    shown = await live.press(refused.message, "Show me how")
    assert "Your next step" in text_of(shown.message)
    assert shown.message.is_ephemeral
    assert labels((await live.use("jobs")).message) == ["Show me how"]


async def test_a_start_waits_for_no_starter(stage: Play) -> None:
    stage.set(STARTER_TRACKS="00000000-0000-4000-8000-000000000000,not-to-be-found-1")
    await stage.start()
    assert "How to make music here" in privately(await stage.use("help"))
    await until(lambda: stage.bot.log.count("could not be taken in") == 2)
