"""What Discord does to the reply and the result: everything is announced, once, or waits under /jobs."""

from bot.sandbox.discord import Overwrite, OverwriteKind, Permission, Room
from bot.sandbox.discord.announcements import channel_changed
from tests.e2e.play import PATIENCE, Play, audio_of, labels, privately, until


def _deny(live: Play, *rights: Permission) -> None:
    denied = Permission(0)
    for right in rights:
        denied |= right
    live.room.channel.overwrites[OverwriteKind.MEMBER, live.discord.application_id] = Overwrite(deny=denied)


def _delete_channel(live: Play, room: Room) -> None:
    channel = room.channel
    channel.messages.clear()
    del live.world.guild.channels[channel.id], live.discord.core.world.channels[channel.id]
    channel_changed(live.discord.core, channel, "DELETE")


async def test_with_an_expired_token_the_reply_is_edited_as_a_message_of_the_bot(live: Play) -> None:
    live.hold_downloads()
    call = await live.extend()
    await live.shows(call, "Being made")
    live.discord.advance(901)
    result = await live.result()
    await live.shows(call, f"/{result.id})")
    refused = [request.status for request in live.sent("PATCH", "/@original")]
    assert refused[-1] == 401
    assert live.sent("PATCH", f"/channels/{live.room.id}/messages/{call.message.id}")[-1].status == 200
    assert live.results() == [result]


async def test_a_deleted_reply_does_not_keep_the_result_from_its_channel(live: Play) -> None:
    live.hold_downloads()
    call = await live.extend()
    await live.world.sam.delete(await live.shows(call, "Being made"))
    result = await live.result()
    assert result.reference is None
    assert result.pinged == {live.world.mira.id}
    assert live.results() == [result]


async def test_where_the_bot_may_not_post_the_result_is_in_the_reply_with_one_ping(live: Play) -> None:
    _deny(live, Permission.SEND_MESSAGES)
    call = await live.extend()
    result = await live.result()
    assert result is call.message
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert len(audio_of(result)) == 2
    ping = await live.room.wait_for(lambda message: message in call.followups, PATIENCE)
    assert (ping.content, ping.pinged) == (live.world.mira.mention, {live.world.mira.id})
    more = await live.press(result, "More")
    assert "Track id" in privately(more)
    await live.restart()
    assert len(call.followups) == 1
    assert live.results() == [result]


async def test_without_history_the_result_is_posted_all_the_same(live: Play) -> None:
    _deny(live, Permission.READ_MESSAGE_HISTORY)
    await live.extend()
    result = await live.result()
    assert len(audio_of(result)) == 2
    assert live.results() == [result]


async def test_from_a_deleted_channel_the_result_comes_as_a_direct_message(live: Play) -> None:
    live.hold_downloads()
    call = await live.extend()
    await live.shows(call, "Being made")
    _delete_channel(live, live.room)
    result = await live.result(live.discord.direct_message(live.world.mira))
    assert len(audio_of(result)) == 2
    await live.nothing_under_way(room=live.world.lounge)


async def test_what_can_reach_nobody_waits_under_jobs_until_it_is_fetched(live: Play) -> None:
    live.world.mira.user.dms_open = False
    live.hold_downloads()
    call = await live.extend()
    await live.shows(call, "Being made")
    _delete_channel(live, live.room)
    await until(lambda: "it waits under /jobs" in live.bot.log)
    await live.restart()
    listed = await live.use("jobs", None, live.world.lounge)
    assert "could not" in privately(listed)
    assert labels(listed.message) == ["Fetch 1", "Hide 1"]
    fetched = await (await live.press(listed.message, "Fetch 1")).settled()
    assert "is finished" in privately(fetched)
    assert len(audio_of(fetched.message)) == 2
    await live.nothing_under_way(room=live.world.lounge)
    assert len(live.submits()) == 1


async def test_what_is_too_large_to_attach_is_linked_and_said_so(live: Play) -> None:
    live.world.guild.attachment_size_limit = 30_000
    await live.extend()
    result = await live.room.wait_for(lambda message: "is finished" in message.content, PATIENCE)
    assert audio_of(result) == []
    assert [request.status for request in live.sent("POST", f"/channels/{live.room.id}/messages")] == [413, 200]
    clips = live.music.tasks[live.music.counts.accepted[0].task_id].clips
    for clip, embed in zip(clips, result.embeds, strict=True):
        assert f"[Listen]({live.music.url}/media/{clip.id}.mp3)" in embed["description"]
        assert "too large to attach" in embed["description"]
    assert live.results() == [result]
