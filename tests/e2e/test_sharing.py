"""Sharing, votes, the showcase and /top: the real bot between the loopback provider and the loopback Discord, killed where it hurts."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.discord import Event, InteractionCall, Message, MessageCreated, Overwrite, OverwriteKind, Permission, RequestAnswered
from bot.ui import ids
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, ids_in, labels, privately, text_of
from tests.e2e.test_threads import wants

POST = "/channels/{id}/messages"
MADE = {"bot.services.posting.BETWEEN_EDITS": 0.2}


async def a_track(play: Play) -> str:
    """Let Mira make a track; return the id of its A."""
    await play.extend()
    more = await play.press(await play.result(), "More")
    return ids_in(privately(await more.settled(PATIENCE)).partition("Track id")[2])[0]


async def share_there(play: Play, clip_id: str, **options: object) -> InteractionCall:
    call = await play.world.mira.slash(play.room, "share", track=clip_id, channel=play.world.lounge, **options)
    return await call.settled(PATIENCE)


def _shares(play: Play) -> list[Message]:
    return [message for message in play.world.lounge.messages if "Vote" in "".join(labels(message))]


async def _the_share(play: Play) -> Message:
    return await play.world.lounge.wait_for(lambda message: message in _shares(play), PATIENCE)


async def _votes(play: Play, share: Message, number: int) -> None:
    await play.world.lounge.wait_for(lambda message: message is share and f"▲ Vote · {number}" in labels(message), PATIENCE)


async def test_a_track_is_shared_with_its_makers_voted_for_and_listed(stage: Play) -> None:
    stage.hurry(MADE)
    await stage.start()
    wants(stage, showcase_channel=stage.world.off_topic.id, showcase_votes=2)
    await stage.restart()
    world, clip_id = stage.world, await a_track(stage)
    call = await share_there(stage, clip_id, note="@everyone **listen**")
    share = await _the_share(stage)
    assert f"/{share.id})" in privately(call)
    assert labels(share) == ["▲ Vote · 0", "Continue", "Family", "Whole track", "More"]
    assert (world.mira.mention in share.content, "\\*\\*listen" in share.content, share.pinged) == (True, True, frozenset())
    assert len(audio_of(share)) == 1
    for person, total in ((world.jo, 1), (world.sam, 2)):
        voted = await person.press(share, f"▲ Vote · {total - 1}")
        assert f"Your vote counts: {total}" in privately(await voted.settled(PATIENCE))
        await _votes(stage, share, total)
    assert len(audio_of(share)) == 1, "an edit keeps what is attached"
    showcase = await world.off_topic.wait_for(lambda message: "▲ Vote · 2" in labels(message), PATIENCE)
    assert "best liked" in showcase.content
    own = await world.mira.press(share, "▲ Vote · 2")
    assert "track of your own" in privately(await own.settled(PATIENCE))
    top = await stage.use("top", world.jo)
    assert "▲ 2" in privately(top)
    await stage.restart()
    back = await world.jo.press(share, "▲ Vote · 2")
    assert "taken back: 1" in privately(await back.settled(PATIENCE))
    await _votes(stage, share, 1)


async def test_a_private_track_is_made_public_only_after_a_question(live: Play) -> None:
    clip_id = await a_track(live)
    await live.nothing_under_way()
    file = live.bot.environment["DATABASE_URL"].partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=10.0)) as connection, connection:
        connection.execute("UPDATE jobs SET private = 1")
    stranger = await live.world.jo.slash(live.room, "share", track=clip_id, channel=live.world.lounge)
    assert "no such track here" in privately(await stranger.settled(PATIENCE)), "it does not exist for others"
    asked = await share_there(live, clip_id, note="mine")
    assert "Make this track public?" in privately(asked)
    assert _shares(live) == []
    closed = (OverwriteKind.MEMBER, live.world.mira.id)
    live.world.lounge.channel.overwrites[closed] = Overwrite(deny=Permission.VIEW_CHANNEL)
    await live.restart()
    refused = await live.world.mira.press(asked.message, "Make it public and share")
    assert "you can't post there yourself" in privately(await refused.settled(PATIENCE))
    stranger = await live.world.jo.slash(live.room, "share", track=clip_id, channel=live.world.lounge)
    assert "no such track here" in privately(await stranger.settled(PATIENCE)), "nothing was made public"
    del live.world.lounge.channel.overwrites[closed]
    await live.restart()
    done = await live.world.mira.press(asked.message, "Make it public and share")
    assert "Shared in" in privately(await done.settled(PATIENCE))
    assert "“mine”" in (await _the_share(live)).content


async def test_under_more_a_button_asks_for_a_note_and_shares_here(live: Play) -> None:
    await live.extend()
    more = await (await live.press(await live.result(), "More", live.world.jo)).settled(PATIENCE)
    pressed = await live.press(more.message, "Share B", live.world.jo)
    assert pressed.modal is not None
    call = await live.world.jo.submit(pressed.modal, {"note": "good one"})
    assert "Shared in" in privately(await call.settled(PATIENCE))
    share = await live.room.wait_for(lambda message: "▲ Vote · 0" in labels(message), PATIENCE)
    assert f"{live.world.jo.mention} shares" in share.content
    assert "“good one”" in share.content
    assert f"Made by {live.world.mira.mention}" in share.content


async def test_a_removal_takes_down_the_share_too(live: Play) -> None:
    await share_there(live, await a_track(live))
    share = await _the_share(live)
    menu = await live.world.sam.context_menu(live.world.lounge, "Remove track", share)
    asked = await menu.settled(PATIENCE)
    await live.world.sam.press(asked.message, "Remove")
    await until(lambda: not _shares(live) and not live.results())
    stale = await live.world.jo.slash(live.room, "top")
    assert "No votes" in privately(await stale.settled(PATIENCE))


async def test_whoever_shared_somebody_else_s_track_takes_that_share_down_over_a_kill(live: Play) -> None:
    world, clip_id = live.world, await a_track(live)
    await share_there(live, clip_id)
    kept = await _the_share(live)
    shared = await (await world.jo.slash(live.room, "share", track=clip_id, channel=world.off_topic)).settled(PATIENCE)
    share = await world.off_topic.wait_for(lambda message: "▲ Vote · 0" in labels(message), PATIENCE)
    await (await world.sam.press(share, "▲ Vote · 0")).settled(PATIENCE)
    more = await (await world.sam.press(kept, "More")).settled(PATIENCE)
    assert "Unshare" in labels(more.message), "a moderator may"
    menu = await (await world.jo.context_menu(world.lounge, "Remove track", kept)).settled(PATIENCE)
    assert "Only the person who asked for this" in privately(menu)
    live.discord.faults.add(method="DELETE", route="/channels/{id}/messages/{id}", status=503, times=100)
    asked = await (await world.jo.press(shared.message, "Unshare")).settled(PATIENCE)
    assert f"/{share.id})" in privately(asked)
    await world.jo.press(asked.message, "Take it down")
    await until(lambda: "Taken down" in text_of(asked.message))
    await live.kill()
    live.discord.faults.clear()
    await live.start()
    await until(lambda: share not in world.off_topic.messages)
    assert _shares(live) == [kept]
    again = await (await world.jo.press(shared.message, "Unshare")).settled(PATIENCE)
    assert "Taken down" in privately(again)
    top = await live.use("top", world.jo)
    assert "▲ 1" in privately(top), "the votes are the track's"


async def test_two_people_who_share_the_same_track_at_once_each_have_their_own_post(live: Play) -> None:
    world, clip_id = live.world, await a_track(live)
    people = (world.mira, world.jo)
    calls = await asyncio.gather(*(person.slash(live.room, "share", track=clip_id, channel=world.lounge) for person in people))
    told = [privately(await call.settled(PATIENCE)) for call in calls]
    shares = {message.content.partition(" ")[0]: message for message in _shares(live)}
    assert len(_shares(live)) == len(people)
    assert all(f"/{shares[person.mention].id})" in said for person, said in zip(people, told, strict=True))


@pytest.mark.parametrize("who", ["person", "bot"])
async def test_where_one_of_both_may_not_post_it_says_who(live: Play, who: str) -> None:
    clip_id = await a_track(live)
    denied = live.world.mira.id if who == "person" else live.discord.application_id
    live.world.lounge.channel.overwrites[OverwriteKind.MEMBER, denied] = Overwrite(deny=Permission.SEND_MESSAGES)
    if who == "bot":
        # The bot hears of overwrites when it connects.
        await live.restart()
    said = privately(await share_there(live, clip_id))
    assert ("you can't post there yourself" if who == "person" else "I lack Send Messages") in said
    assert _shares(live) == []


async def test_a_channel_that_closes_meanwhile_is_told_to_whoever_waits(live: Play) -> None:
    clip_id = await a_track(live)
    live.world.lounge.channel.overwrites[OverwriteKind.MEMBER, live.discord.application_id] = Overwrite(deny=Permission.VIEW_CHANNEL)
    said = privately(await share_there(live, clip_id))
    assert "could not be posted" in said
    assert _shares(live) == []


def _shared(event: Event) -> bool:
    return isinstance(event, MessageCreated) and any(label.startswith("▲") for label in labels(event.message))


@pytest.mark.parametrize("minutes", [0, 10], ids=["at once", "past the nonce's window"])
async def test_killed_after_the_post_but_before_it_was_noted_there_is_oneshare_there(live: Play, minutes: int) -> None:
    clip_id = await a_track(live)
    async with live.killed_at(_shared):
        await live.world.mira.slash(live.room, "share", track=clip_id, channel=live.world.lounge)
    live.discord.advance(60 * minutes)
    await live.start()
    await _says_one(live)


async def _says_one(live: Play) -> None:
    """See one share that is known: a vote on it is shown."""
    share = await _the_share(live)
    await live.world.jo.press(share, "▲ Vote · 0")
    await _votes(live, share, 1)
    assert _shares(live) == [share]


async def test_killed_before_the_post_it_comes_after_the_restart(live: Play) -> None:
    clip_id = await a_track(live)
    held = live.discord.faults.add(method="POST", route=POST, status=503)

    def asked(event: Event) -> bool:
        return isinstance(event, RequestAnswered) and held.hits > 0

    async with live.killed_at(asked):
        await live.world.mira.slash(live.room, "share", track=clip_id, channel=live.world.lounge)
    live.discord.faults.clear()
    await live.start()
    await _says_one(live)


async def test_a_post_whose_answer_was_lost_is_there_once(live: Play) -> None:
    clip_id = await a_track(live)
    fault = live.discord.faults.add(method="POST", route=POST, reset=True, before=False)
    call = await share_there(live, clip_id)
    assert fault.hits == 1
    await _says_one(live)
    assert "Shared in" in privately(call)


async def test_killed_while_it_is_taken_down_it_is_gone_after_the_restart(live: Play) -> None:
    await share_there(live, await a_track(live))
    share = await _the_share(live)
    live.discord.faults.add(method="DELETE", route="/channels/{id}/messages/{id}", status=503, times=100)
    menu = await live.world.sam.context_menu(live.world.lounge, "Remove track", share)
    asked = await menu.settled(PATIENCE)
    pressed = await live.world.sam.press(asked.message, "Remove")
    await live.world.lounge.wait_for(lambda message: "Removed" in text_of(message), PATIENCE)
    assert pressed.failed is None
    await live.kill()
    live.discord.faults.clear()
    await live.start()
    await until(lambda: not _shares(live) and not live.results())


async def test_two_last_votes_at_the_same_moment_bring_one_showcase(stage: Play) -> None:
    stage.hurry(MADE)
    await stage.start()
    world = stage.world
    wants(stage, showcase_channel=world.off_topic.id, showcase_votes=2)
    await stage.restart()
    await share_there(stage, await a_track(stage))
    share = await _the_share(stage)
    await (await world.owner.press(share, "▲ Vote · 0")).settled(PATIENCE)
    await _votes(stage, share, 1)
    pressed = await asyncio.gather(*(person.press(share, "▲ Vote · 1") for person in (world.jo, world.sam)))
    told = sorted([privately(await call.settled(PATIENCE)).partition(".")[0] for call in pressed])
    assert told == ["Your vote counts: 2", "Your vote counts: 3"]
    await _votes(stage, share, 3)
    await world.off_topic.wait_for(lambda message: "▲ Vote · 3" in labels(message), PATIENCE)
    assert len([message for message in world.off_topic.messages if "best liked" in message.content]) == 1


async def test_what_is_removed_while_its_cards_are_open_answers_in_words_and_does_nothing(live: Play) -> None:
    world, clip_id = live.world, await a_track(live)
    listed = await live.use("library")
    entry = (await (await world.mira.select(listed.message, ids.make("entries"), [clip_id])).settled(PATIENCE)).message
    form = (await live.press(entry, "Share")).modal
    await share_there(live, clip_id)
    share = await _the_share(live)
    live.discord.faults.add(method="DELETE", route="/channels/{id}/messages/{id}", status=503, times=100)
    asked = await (await world.sam.context_menu(world.lounge, "Remove track", share)).settled(PATIENCE)
    await world.sam.press(asked.message, "Remove")
    await world.lounge.wait_for(lambda message: message is asked.message and "Removed" in text_of(message), PATIENCE)
    for button in ("▲ Vote · 0", "Continue", "Family", "Whole track"):
        await _says_removed(await world.jo.press(share, button))
    for button in ("Play", "Continue", "Share", "Family", "Whole track", "☆ Favourite", "Rename"):
        await _says_removed(await world.mira.press(entry, button))
    await _says_removed(await world.mira.submit(form, {"note": "too late"}))
    live.discord.faults.clear()
    await until(lambda: not _shares(live) and not live.results())
    assert len(live.submits()) == 1


async def _says_removed(call: InteractionCall) -> None:
    """See that a press is answered privately, be it beside the card that it was made on."""
    await until(
        lambda: "was removed" in text_of((call.followups or [call.message])[-1]) if call.interaction.original or call.followups else False
    )
    assert (call.followups or [call.message])[-1].is_ephemeral
