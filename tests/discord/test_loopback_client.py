"""The real discord.py client lives on the loopback as it does on Discord."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from bot.sandbox.discord import (
    ClientRefusal,
    InteractionChanged,
    InteractionState,
    LoopbackDiscord,
    Message,
    MessageFlag,
    Modal,
    Permission,
    SandboxWorld,
    Upload,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.discord.loopback_probe import ProbeBot


async def test_a_slash_command_is_answered(world: SandboxWorld, probe: ProbeBot) -> None:
    call = await world.mira.slash(world.music, "echo", text="la", times=2)
    await call.answered()
    assert call.message.content == "la la"
    seen = probe.seen[0]
    assert seen.user.id == world.mira.id
    assert seen.guild_id == world.guild.id
    assert seen.is_guild_integration()
    assert not seen.is_user_integration()
    assert seen.filesize_limit == 10 * 1024 * 1024
    assert seen.app_permissions.attach_files
    assert seen.permissions.use_application_commands
    assert isinstance(seen.channel, discord.TextChannel)


async def test_the_client_refuses_what_a_command_does_not_take(world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    for options in ({}, {"text": 3}, {"text": "a", "times": 4}, {"text": "a", "other": 1}):
        with pytest.raises(ClientRefusal):
            await world.mira.slash(world.music, "echo", **options)
    with pytest.raises(ClientRefusal, match="unknown command"):
        await world.mira.slash(world.music, "sing")
    with pytest.raises(ClientRefusal):
        await world.stranger.slash(world.music, "echo", text="a")


async def test_autocomplete_answers_with_choices(world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    choices = await world.mira.autocomplete(world.music, "echo", focused="text", value="la")
    assert [(choice.name, choice.value) for choice in choices] == [("la!", "la-1"), ("-", "x")]


async def test_a_deferred_answer_thinks_then_is_edited(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    states: list[InteractionState] = []
    stop = loopback.listen(lambda event: states.append(event.interaction.state) if isinstance(event, InteractionChanged) else None)
    call = await (await world.mira.slash(world.music, "later", followups=2)).settled()
    assert call.message.content == f"done {call.message.id}"
    await world.music.wait_for(lambda message: message.content == "more 1")
    stop()
    assert states == [InteractionState.PENDING, InteractionState.DEFERRED, InteractionState.ANSWERED]
    assert [m.content for m in call.followups] == ["more 0", "more 1"]
    assert not call.message.is_loading


async def test_button_modal_and_its_prefilled_field(world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    echo = await (await world.mira.slash(world.music, "echo", text="la")).answered()
    pressed = await (await world.jo.press(echo.message, "Again")).answered()
    assert isinstance(pressed.response, Modal)
    assert [(f.label, f.value) for f in pressed.modal.fields] == [("Note", "hello")]
    with pytest.raises(ClientRefusal):
        await world.mira.submit(pressed.modal)
    with pytest.raises(ClientRefusal):
        await world.jo.submit(pressed.modal, {"Note": "x" * 21})
    submitted = await (await world.jo.submit(pressed.modal, {"Note": "good"})).answered()
    assert submitted.message.content == "noted: good"
    assert submitted.message in world.music.messages_for(world.jo)
    assert submitted.message not in world.music.messages_for(world.mira)


async def test_a_persistent_button_works_after_a_restart(
    world: SandboxWorld, start_bot: Callable[..., AbstractAsyncContextManager[ProbeBot]]
) -> None:
    async with start_bot():
        echo = await (await world.mira.slash(world.music, "echo", text="la")).answered()
    async with start_bot():
        pressed = await (await world.mira.press(echo.message, "again:1:echo")).answered()
        assert pressed.modal.title == "A note"


async def test_private_answers_are_seen_by_one_person(world: SandboxWorld, probe: ProbeBot) -> None:
    call = await (await world.mira.slash(world.music, "private")).answered()
    follow = await world.music.wait_for(lambda m: m.content == "ephemeral: True")
    assert follow.viewer_id == world.mira.id
    assert world.music.messages_for(world.jo) == []
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(call.message.id)


async def test_a_context_menu_gets_its_message(world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    said = await world.jo.send(world.music, "a tune")
    call = await (await world.mira.context_menu(world.music, "Quote", said)).answered()
    assert call.message.content == "Jo: a tune"


async def test_an_attachment_option_and_an_upload(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    cover = Upload(0, "my song.mp3", b"x")
    call = await (await world.mira.slash(world.music, "upload", size=1000, cover=cover)).answered()
    (attachment,) = call.message.attachments
    assert (attachment.filename, attachment.size, attachment.content_type) == ("my_song.mp3", 1000, "audio/mpeg")
    assert attachment.description == "a track"
    address = loopback.attachment_url(attachment)
    async with aiohttp.ClientSession() as session:
        async with session.get(address, headers={"Range": "bytes=10-19"}) as response:
            assert (response.status, response.content_type) == (206, "audio/mpeg")
            assert response.headers["Content-Range"] == "bytes 10-19/1000"
            assert await response.read() == bytes(10)
        async with session.get(address.replace("hm=", "hm=0")) as response:
            assert response.status == 404


async def test_too_large_an_upload_is_413(world: SandboxWorld, probe: ProbeBot) -> None:
    world.guild.attachment_size_limit = 500
    world.mira.user.attachment_size_limit = 500
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send(file=discord.File(io.BytesIO(bytes(501)), "a.mp3"))
    assert (caught.value.status, caught.value.code) == (413, 40005)


async def test_an_unanswered_command_fails_after_three_seconds(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    call = await world.mira.slash(world.music, "silent")
    loopback.advance(2.9)
    assert call.failed is None
    loopback.advance(0.2)
    assert call.failed == "The application did not respond"


async def test_channel_messages_replies_edits_and_history(world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    first = await channel.send("one", embed=discord.Embed(title="A"))
    reply = await first.reply(f"two {world.mira.mention}", allowed_mentions=discord.AllowedMentions(users=[discord.Object(world.mira.id)]))
    assert [user.id for user in reply.mentions] == [world.mira.id]
    assert world.music.messages[1].pinged == {world.mira.id}
    await reply.edit(content="three")
    found = [message async for message in channel.history(limit=10, after=discord.Object(first.id))]
    assert [message.content for message in found] == ["three"]
    assert found[0].reference is not None
    assert found[0].reference.message_id == first.id
    await first.delete()
    assert [message.id for message in world.music.messages] == [reply.id]


async def test_attachments_are_kept_replaced_and_added(world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)

    def file(name: str) -> discord.File:
        return discord.File(io.BytesIO(name.encode()), name)

    message = await channel.send(files=[file("a.mp3"), file("b.mp3")])
    stored: Message = world.music.messages[0]
    message = await message.edit(content="same files")
    assert [a.filename for a in stored.attachments] == ["a.mp3", "b.mp3"]
    await message.edit(attachments=[message.attachments[1], file("c.mp3")])
    assert [a.filename for a in stored.attachments] == ["b.mp3", "c.mp3"]


async def test_embed_pictures_take_their_attachment(world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    embed = discord.Embed(title="Cover").set_image(url="attachment://cover.bin")
    message = await channel.send(embed=embed, files=[discord.File(io.BytesIO(b"x"), "cover.bin"), discord.File(io.BytesIO(b"y"), "a.mp3")])
    assert [attachment.filename for attachment in message.attachments] == ["a.mp3"]
    assert (message.embeds[0].image.url or "").startswith("http://127.0.0.1")


async def test_threads(world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("a start")
    thread = await message.create_thread(name="A session", auto_archive_duration=60)
    assert thread.id == message.id
    inside = await thread.send("inside")
    await thread.edit(archived=True)
    with pytest.raises(discord.HTTPException) as caught:
        await inside.edit(content="late")
    assert caught.value.code == 50083
    await thread.send("awake again")
    await inside.edit(content="late")


async def test_direct_messages(world: SandboxWorld, probe: ProbeBot) -> None:
    mira = await probe.fetch_user(world.mira.id)
    sent = await mira.send("hello")
    world.mira.user.dms_open = False
    with pytest.raises(discord.Forbidden) as caught:
        await mira.send("again")
    assert caught.value.code == 50007
    assert sent.content == "hello"


async def test_a_command_in_direct_messages(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    room = loopback.direct_message(world.mira)
    call = await (await world.mira.slash(room, "echo", text="la")).answered()
    assert call.message.content == "la"
    assert probe.seen[0].context.dm_channel


async def test_user_install(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    elsewhere = loopback.add_guild("Elsewhere", world.jo, with_bot=False)
    room = loopback.add_channel(elsewhere, "talk")
    with pytest.raises(ClientRefusal, match="not installed"):
        await world.jo.slash(room, "later")
    loopback.install_user(world.jo)
    call = await (await world.jo.slash(room, "later", followups=6)).settled()
    await room.wait_for(lambda m: m.content == "more 4")
    assert len(call.followups) == 5
    assert probe.seen[0].is_user_integration()
    assert not probe.seen[0].is_guild_integration()
    assert probe.seen[0].app_permissions.attach_files
    assert not call.message.is_ephemeral


async def test_without_use_external_apps_a_user_installed_answer_is_private(
    loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot
) -> None:
    del probe
    elsewhere = loopback.add_guild("Elsewhere", world.sam, with_bot=False)
    loopback.add_member(elsewhere, world.jo)
    room = loopback.add_channel(elsewhere, "talk")
    elsewhere.everyone.permissions &= ~(1 << 50)
    loopback.install_user(world.jo)
    call = await (await world.jo.slash(room, "echo", text="la")).answered()
    assert MessageFlag.EPHEMERAL in call.message.flags
    assert room.messages_for(world.sam) == []


async def test_a_user_installed_app_in_a_group(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    group = loopback.add_group("Trio", world.mira, world.jo)
    loopback.install_user(world.mira)
    call = await (await world.mira.slash(group, "echo", text="la")).answered()
    assert call.message in group.messages_for(world.jo)
    assert probe.seen[0].context.private_channel
    with pytest.raises(discord.Forbidden) as caught:
        await probe.get_partial_messageable(group.id).send("uninvited")
    assert caught.value.code == 50001
    with pytest.raises(ClientRefusal):
        await world.stranger.slash(group, "echo", text="la")


async def test_pins_need_their_permission(world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("a board")
    with pytest.raises(discord.Forbidden):
        await message.pin()
    next(role for role in world.guild.roles.values() if role.name == "Encore").permissions |= Permission.PIN_MESSAGES
    await message.pin()
    assert [pinned.id async for pinned in channel.pins()] == [message.id]


async def test_a_restarted_bot_is_told_from_the_one_before(
    loopback: LoopbackDiscord, world: SandboxWorld, start_bot: Callable[..., AbstractAsyncContextManager[ProbeBot]]
) -> None:
    del world
    for number in (1, 2):
        async with start_bot():
            await loopback.wait_identified(number)
    with pytest.raises(TimeoutError):
        await loopback.wait_identified(3, timeout=0.01)
    await loopback.wait_for_command("echo")


async def test_the_application_is_known(probe: ProbeBot, loopback: LoopbackDiscord, world: SandboxWorld) -> None:
    info = await probe.application_info()
    assert info.id == loopback.application_id
    assert [guild.id for guild in probe.guilds] == [world.guild.id]
    assert probe.guilds[0].me.guild_permissions.send_messages
