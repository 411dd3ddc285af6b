"""The post office with the real client, on the loopback: what it does in channels and threads, and what it can be sure of."""

from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.domain.posts import Post, PostKind, SharedTrack
from bot.errors import CannotPost, DiscordUnavailable, ReplyGone
from bot.messages import Messages
from bot.post_office import DiscordPostOffice
from bot.sandbox.discord import LoopbackDiscord, Overwrite, OverwriteKind, Permission
from bot.sandbox.discord.sandbox_world import SandboxWorld
from tests.contract.builders import USER, make_clip
from tests.discord.loopback_probe import ProbeBot
from tests.e2e.reading import audio_of, labels

CLIP = make_clip(audio_name="a.mp3", audio_size=20, image_name=None)


def shown(votes: int = 0) -> SharedTrack:
    return SharedTrack(clip=CLIP, job_id="job1", credits=(USER,), votes=votes)


@pytest.fixture
def office(probe: ProbeBot, tmp_path: Path) -> DiscordPostOffice:
    (tmp_path / "a.mp3").write_bytes(bytes(20))
    return DiscordPostOffice(bot=probe, messages=Messages(bot=probe, media_path=tmp_path.joinpath))


@pytest.fixture
def post(loopback: LoopbackDiscord, world: SandboxWorld) -> Post:
    return Post(
        id="abcdefghjk",
        kind=PostKind.SHARE,
        guild_id=world.guild.id,
        channel_id=world.lounge.id,
        user_id=USER,
        clip_id=CLIP.clip_id,
        task_id=CLIP.task_id,
        created_at=loopback.core.clock(),
    )


async def test_it_is_posted_once_for_its_nonce_and_found_again(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    assert await office.find(post) is None
    message_id = await office.post(post, shown())
    assert await office.post(post, shown()) == message_id
    assert await office.find(post) == message_id
    assert await office.find(replace(post, id="another")) is None
    assert len(world.lounge.messages) == 1


async def test_an_edit_shows_the_votes_and_keeps_the_audio(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    up = replace(post, message_id=await office.post(post, shown()))
    await office.edit(up, shown(votes=4))
    (message,) = world.lounge.messages
    assert labels(message)[0] == "▲ Vote · 4"
    assert len(audio_of(message)) == len(message.embeds) == 1


async def test_what_somebody_has_deleted_is_told_apart(office: DiscordPostOffice, post: Post, world: SandboxWorld) -> None:
    up = replace(post, message_id=await office.post(post, shown()))
    await world.sam.delete(world.lounge.messages[0])
    with pytest.raises(ReplyGone):
        await office.edit(up, shown())
    await office.delete(up, up.message_id or 0)
    assert await office.find(post) is None


async def test_an_archived_thread_is_opened_again(
    office: DiscordPostOffice, post: Post, loopback: LoopbackDiscord, world: SandboxWorld
) -> None:
    thread = loopback.add_thread(world.lounge, "jam", world.mira)
    # The loopback lets only its owner open it again, or who manages threads.
    thread.channel.owner_id = loopback.application_id
    there = replace(post, channel_id=thread.id)
    up = replace(there, message_id=await office.post(there, shown()))
    for act in (lambda: office.edit(up, shown(votes=1)), lambda: office.delete(up, up.message_id or 0)):
        thread.channel.archived = True
        await act()
        assert not thread.channel.archived
    assert thread.messages == []


async def test_where_history_can_not_be_read_nothing_is_concluded_from_seeing_nothing(
    office: DiscordPostOffice, post: Post, world: SandboxWorld, probe: ProbeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.post(post, shown())
    denied = Permission.READ_MESSAGE_HISTORY
    world.lounge.channel.overwrites[OverwriteKind.MEMBER, probe.application_id or 0] = Overwrite(deny=denied)
    with monkeypatch.context() as as_the_gateway_tells:
        rights = discord.Permissions.all() & ~discord.Permissions(read_message_history=True)

        def permissions_for(_channel: discord.TextChannel, _member: discord.Member) -> discord.Permissions:
            return rights

        as_the_gateway_tells.setattr(discord.TextChannel, "permissions_for", permissions_for)
        with pytest.raises(CannotPost):
            await office.find(post)


async def test_just_after_a_start_an_unknown_server_is_waited_for(office: DiscordPostOffice, post: Post) -> None:
    with pytest.raises(DiscordUnavailable):
        await office.find(replace(post, guild_id=(post.guild_id or 0) + 1))


async def test_a_channel_that_is_closed_or_gone_takes_no_post(
    office: DiscordPostOffice, post: Post, world: SandboxWorld, probe: ProbeBot
) -> None:
    world.lounge.channel.overwrites[OverwriteKind.MEMBER, probe.application_id or 0] = Overwrite(deny=Permission.VIEW_CHANNEL)
    for closed in (post, replace(post, channel_id=5)):
        with pytest.raises(CannotPost):
            await office.post(closed, shown())
        with pytest.raises(CannotPost):
            await office.find(closed)
