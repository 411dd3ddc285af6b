"""What Discord does to the reply and the result: everything is announced, once, or waits under /jobs."""

from bot.sandbox.discord import Overwrite, OverwriteKind, Permission, Room
from bot.sandbox.discord.announcements import channel_changed
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately


def _deny(hurried: Play, *rights: Permission) -> None:
    denied = Permission(0)
    for right in rights:
        denied |= right
    hurried.room.channel.overwrites[OverwriteKind.MEMBER, hurried.discord.application_id] = Overwrite(deny=denied)


def _delete_channel(hurried: Play, room: Room) -> None:
    channel = room.channel
    channel.messages.clear()
    del hurried.world.guild.channels[channel.id], hurried.discord.core.world.channels[channel.id]
    channel_changed(hurried.discord.core, channel, "DELETE")


async def test_with_an_expired_token_the_reply_is_edited_as_a_message_of_the_bot(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.shows(call, "Being made")
    hurried.discord.advance(901)
    hurried.finish_late()
    result = await hurried.result()
    await hurried.shows(call, f"/{result.id})")
    refused = [request.status for request in hurried.sent("PATCH", "/@original")]
    assert refused[-1] == 401
    assert hurried.sent("PATCH", f"/channels/{hurried.room.id}/messages/{call.message.id}")[-1].status == 200
    assert hurried.results() == [result]


async def test_a_deleted_reply_does_not_keep_the_result_from_its_channel(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.world.sam.delete(await hurried.shows(call, "Being made"))
    hurried.finish_late()
    result = await hurried.result()
    assert result.reference is None
    assert result.pinged == {hurried.world.mira.id}
    assert hurried.results() == [result]


async def test_where_the_bot_may_not_post_the_result_is_in_the_reply_with_one_ping(hurried: Play) -> None:
    _deny(hurried, Permission.SEND_MESSAGES)
    call = await hurried.extend()
    result = await hurried.result()
    assert result is call.message
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert len(audio_of(result)) == 2
    ping = await hurried.room.wait_for(lambda message: message in call.followups, PATIENCE)
    assert (ping.content, ping.pinged) == (hurried.world.mira.mention, {hurried.world.mira.id})
    more = await hurried.press(result, "More")
    assert "Track id" in privately(more)
    await hurried.restart()
    assert len(call.followups) == 1
    assert hurried.results() == [result]


async def test_without_history_the_result_is_posted_all_the_same(hurried: Play) -> None:
    _deny(hurried, Permission.READ_MESSAGE_HISTORY)
    await hurried.extend()
    result = await hurried.result()
    assert len(audio_of(result)) == 2
    assert hurried.results() == [result]


async def test_from_a_deleted_channel_the_result_comes_as_a_direct_message(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.shows(call, "Being made")
    _delete_channel(hurried, hurried.room)
    hurried.finish_late()
    result = await hurried.result(hurried.discord.direct_message(hurried.world.mira))
    assert len(audio_of(result)) == 2
    await hurried.nothing_under_way(room=hurried.world.lounge)


async def test_what_can_reach_nobody_waits_under_jobs_until_it_is_fetched(hurried: Play) -> None:
    hurried.world.mira.user.dms_open = False
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.shows(call, "Being made")
    _delete_channel(hurried, hurried.room)
    hurried.finish_late()
    await until(lambda: "it waits under /jobs" in hurried.bot.log)
    await hurried.restart()
    listed = await hurried.use("jobs", None, hurried.world.lounge)
    assert "could not" in privately(listed)
    assert labels(listed.message) == ["Fetch 1", "Hide 1"]
    fetched = await (await hurried.press(listed.message, "Fetch 1")).settled()
    assert "is finished" in privately(fetched)
    assert len(audio_of(fetched.message)) == 2
    await hurried.nothing_under_way(room=hurried.world.lounge)
    assert len(hurried.submits()) == 1


async def test_what_is_too_large_to_attach_is_linked_and_said_so(hurried: Play) -> None:
    hurried.world.guild.attachment_size_limit = 30_000
    await hurried.extend()
    result = await hurried.room.wait_for(lambda message: "is finished" in message.content, PATIENCE)
    assert audio_of(result) == []
    assert [request.status for request in hurried.sent("POST", f"/channels/{hurried.room.id}/messages")] == [413, 200]
    clips = hurried.music.tasks[hurried.music.counts.accepted[0].task_id].clips
    for clip, embed in zip(clips, result.embeds, strict=True):
        assert f"[Listen]({hurried.music.url}/media/{clip.id}.mp3)" in embed["description"]
        assert "too large to attach" in embed["description"]
    assert hurried.results() == [result]
