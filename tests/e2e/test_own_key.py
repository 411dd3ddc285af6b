"""A server with an API key of its own: which key pays for what, what stops when one fails, and that nobody ever sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.music_faults import stall
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.music_wire import SUBMITS, Endpoint
from bot.sandbox.page.scene import SECOND_KEY, set_scene
from bot.sandbox.stage import open_stage
from bot.services.sealing import make_key
from tests.e2e.play import PATIENCE, Play, ProviderClock, until
from tests.e2e.reading import privately, text_of
from tests.warm import start_warm

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message, Room
    from bot.sandbox.music_library import Account
    from tests.e2e.play import Recorder

OWN_KEY = "servers-own-key-0123456789abcdef"
FOREVER = 600


@dataclass
class Two:
    """A server that can bring a key of its own, and another one without."""

    play: Play
    account: Account
    elsewhere: Room

    def titles(self, key: str) -> list[object]:
        """List the submits that came with a key."""
        log = self.play.music.counts.log
        return [arrival.body["title"] for arrival in log if arrival.endpoint in SUBMITS and arrival.key == key and arrival.body]

    def queries(self, key: str) -> set[str]:
        """List the tasks that were asked for with a key."""
        return {arrival.task_id for arrival in self.play.music.counts.log if arrival.endpoint is Endpoint.QUERY and arrival.key == key}

    async def card(self) -> Message:
        """Open the card about the key, as who may."""
        settings = await self.play.use("settings", self.play.world.owner)
        return (await self.play.press(settings.message, "API key…", self.play.world.owner)).message

    async def enter(self, key: str, button: str = "Enter a key") -> InteractionCall:
        """Type a key into the form."""
        form = (await self.play.press(await self.card(), button, self.play.world.owner)).modal
        call = await self.play.world.owner.submit(form, {"api_key": key})
        return await call.settled(PATIENCE)


@pytest.fixture
async def two(stage: Play) -> Two:
    stage.hurry({"bot.services.health.CALM": 0.5, "bot.services.health.NOTICE_AFTER": 0.5})
    stage.set(ENCRYPTION_KEY=make_key(), LOG_LEVEL="DEBUG")
    guild = stage.discord.add_guild("Elsewhere", stage.world.sam)
    stage.discord.add_member(guild, stage.world.jo)
    elsewhere = stage.discord.add_channel(guild, "music")
    two = Two(stage, stage.music.open_account(OWN_KEY), elsewhere)
    await stage.start()
    return two


def no_key_in_the_log(two: Two) -> None:
    assert OWN_KEY not in two.play.bot.log
    assert "own-key-form" in two.play.bot.log, "the log is one that shows what Discord sends"


async def test_each_server_pays_with_its_own_key(two: Two) -> None:
    play = two.play
    assert "accepts the key" in privately(await two.enter(OWN_KEY))
    assert OWN_KEY not in text_of(await two.card())
    await play.extend(title="theirs")
    await play.extend(play.world.jo, two.elsewhere, title="the operator's")
    await play.result(title="theirs")
    await play.result(two.elsewhere, title="the operator's")
    assert two.titles(OWN_KEY) == ["theirs"]
    assert two.titles(play.music.key) == ["the operator's"]
    made = {arrival.task_id: arrival.key for arrival in play.music.counts.accepted}
    assert two.queries(OWN_KEY) - {""} == {task for task, key in made.items() if key == OWN_KEY}
    no_key_in_the_log(two)


async def test_the_quotas_are_those_of_each_key(two: Two) -> None:
    play = two.play
    await two.enter(OWN_KEY)
    for number in range(3):
        await play.extend(title=f"theirs {number}")
        await play.extend(play.world.jo, two.elsewhere, title=f"ours {number}")
    for number in range(3):
        await play.result(title=f"theirs {number}")
        await play.result(two.elsewhere, title=f"ours {number}")
    assert play.music.counts.violations == 0
    assert (len(two.titles(OWN_KEY)), len(two.titles(play.music.key))) == (3, 3)


async def test_a_wrong_key_is_not_kept(two: Two) -> None:
    assert "refuses that key" in privately(await two.enter("not-a-key-of-theirs-0123"))
    assert "run on the operator's key" in text_of(await two.card())
    assert "not-a-key-of-theirs" not in two.play.bot.log
    assert two.play.music.counts.submits == 0


@pytest.mark.parametrize("moment", ["in line", "in the air"])
async def test_killed_in_the_middle_nothing_of_it_runs_on_the_operators_key(two: Two, moment: str) -> None:
    play = two.play
    await two.enter(OWN_KEY)
    struck = play.strike(Endpoint.EXTEND, stall(FOREVER, accepted=True))
    first = await play.extend(title="first")
    await struck.wait()
    waiting = await play.extend(play.world.jo, title="waiting")
    await play.shows(waiting, "In line")
    await until(lambda: play.bot.log.count("PATCH") > 0)
    await play.kill()
    if moment == "in the air":
        two.account.key = "replaced-at-the-provider-0123"
    await play.start()
    await play.shows(first, "Not clear whether it started")
    if moment == "in the air":
        await play.shows(waiting, "refuses this server's own key")
        two.account.key = OWN_KEY
        await play.kill()
        await play.start()
    await play.result(title="waiting")
    assert two.titles(OWN_KEY) == ["first", "waiting"]
    assert two.titles(play.music.key) == []
    no_key_in_the_log(two)


async def test_a_key_that_fails_stops_its_own_server_alone(two: Two) -> None:
    play = two.play
    await two.enter(OWN_KEY)
    two.account.key = "replaced-at-the-provider-0123"
    call = await play.extend(title="theirs")
    await play.shows(call, "refuses this server's own key")
    assert "this server's own key" in privately(await play.extend(play.world.jo))
    await play.extend(play.world.jo, two.elsewhere, title="the operator's")
    await play.result(two.elsewhere, title="the operator's")
    assert "refuses it" in text_of(await two.card())
    another = play.music.open_account("another-own-key-0123456789")
    assert "accepts the key" in privately(await two.enter(another.key, "Replace"))
    await play.result(title="theirs")
    assert two.titles(another.key) == ["theirs"]
    assert another.key not in play.bot.log


async def test_a_removed_key_cancels_what_is_in_line_and_leaves_what_is_being_made(two: Two) -> None:
    play = two.play
    await two.enter(OWN_KEY)
    play.next_is_late()
    made = await play.extend(title="made")
    await play.shows(made, "Being made")
    two.account.credits = 0
    waiting = await play.extend(play.world.jo, title="waiting")
    await play.shows(waiting, "own credits at the music service")
    confirmation = (await play.press(await two.card(), "Remove", play.world.owner)).message
    await play.press(confirmation, "Remove the key", play.world.owner)
    await until(lambda: "One request in line was cancelled" in text_of(confirmation))
    await play.shows(waiting, "Cancelled")
    await play.extend(title="later")
    await play.result(title="later")
    play.finish_late()
    await play.result(title="made")
    assert two.titles(play.music.key) == ["later"]
    no_key_in_the_log(two)


async def test_on_the_sandboxs_page_the_second_key_works_and_outlives_a_restart(recorder: Recorder) -> None:
    async with open_stage(music=MusicSettings.fast(), launch=start_warm) as stage:
        set_scene(stage)
        play = Play(music=stage.music, discord=stage.discord, world=stage.world, bot=stage.bot, recorder=recorder, clock=ProviderClock())
        two = Two(play, stage.music.accounts[1], stage.world.lounge)
        await play.start()
        assert "accepts the key" in privately(await two.enter(SECOND_KEY))
        await play.kill()
        await play.start()
        assert "It works." in text_of(await two.card())
        await play.extend(title="theirs")
        await until(lambda: two.titles(SECOND_KEY) == ["theirs"])
        assert two.titles(play.music.key) == []
        assert SECOND_KEY not in play.bot.log


async def test_without_an_encryption_key_the_card_says_so(stage: Play) -> None:
    await stage.start()
    settings = await stage.use("settings", stage.world.owner)
    call = await stage.press(settings.message, "API key…", stage.world.owner)
    assert "has not enabled" in privately(call)


async def test_the_operator_is_told_once_of_used_up_credits_and_once_that_they_are_back(stage: Play) -> None:
    stage.hurry({"bot.services.health.FIRST_PROBE": 2.0, "bot.services.health.CALM": 0.5})
    stage.set(OPERATOR_CHANNEL=str(stage.world.off_topic.channel.id))
    stage.music.credits_left = 0
    await stage.start()
    call = await stage.extend(title="waits")

    def told() -> list[str]:
        return [message.content for message in stage.world.off_topic.messages]

    await until(lambda: len(told()) == 1)
    assert "credits" in told()[0]
    await stage.shows(call, "credits at the music service are used up")
    await stage.kill()
    await stage.start()
    tries = stage.music.counts.submits
    await until(lambda: stage.music.counts.submits > tries)
    assert len(told()) == 1, "a restart tells nothing twice"
    stage.music.credits_left = 5
    await stage.result(title="waits")
    await until(lambda: len(told()) == 2)
    assert "Works again" in told()[1]


async def test_without_a_channel_the_owner_is_told_directly(stage: Play) -> None:
    stage.hurry()
    stage.music.credits_left = 0
    await stage.start()
    await stage.extend()
    await until(lambda: any("Needs you" in str(request.body) for request in stage.sent("POST", "/messages")))
