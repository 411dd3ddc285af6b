"""A showcase in which the bot may not post: the settings say so, and once another channel is chosen the track is there."""

import asyncio

from bot.sandbox.discord import Message, Overwrite, OverwriteKind, Permission
from tests.e2e.play import PATIENCE, Play
from tests.e2e.reading import labels, privately
from tests.e2e.test_settings_card import SET, WHAT, choose
from tests.e2e.test_sharing import MADE, a_track, share_there
from tests.e2e.test_threads import wants


async def _settings_say(play: Play, words: str) -> Message:
    """Open /settings until it says this; return the card."""
    async with asyncio.timeout(PATIENCE):
        while True:
            call = await play.use("settings", play.world.owner)
            if words in privately(call):
                return call.message
            await asyncio.sleep(0.05)


async def test_what_the_showcase_refuses_is_told_in_the_settings_and_comes_where_it_is_chosen_anew(stage: Play) -> None:
    stage.hurry(MADE)
    await stage.start()
    world, bot = stage.world, stage.discord.application_id
    wants(stage, showcase_channel=world.off_topic.id, showcase_votes=1)
    await stage.restart()
    clip_id = await a_track(stage)
    # The bot hears of it when it connects next: until then it learns of it from the refusal.
    world.off_topic.channel.overwrites[OverwriteKind.MEMBER, bot] = Overwrite(deny=Permission.SEND_MESSAGES)
    await share_there(stage, clip_id)
    share = await world.lounge.wait_for(lambda message: "▲ Vote · 0" in labels(message), PATIENCE)
    await (await world.jo.press(share, "▲ Vote · 0")).settled(PATIENCE)
    await _settings_say(stage, "1 track waits for the showcase")
    await stage.kill()
    await stage.start()
    card = await _settings_say(stage, "1 track waits for the showcase")
    await choose(stage, card, WHAT, "showcase")
    await choose(stage, card, SET.format("showcase"), world.music)
    shown = await world.music.wait_for(lambda message: "best liked" in message.content, PATIENCE)
    await world.sam.press(shown, "▲ Vote · 1")
    await world.music.wait_for(lambda message: message is shown and "▲ Vote · 2" in labels(message), PATIENCE)
    assert world.off_topic.messages == []
