"""Sessions, shards, resuming and the gateway's refusals."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

from bot.sandbox.discord import LoopbackDiscord, SandboxWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.discord.loopback_probe import ProbeBot


@dataclass(slots=True)
class RawGateway:
    """A gateway connection by hand."""

    discord: LoopbackDiscord
    session: aiohttp.ClientSession
    socket: aiohttp.ClientWebSocketResponse = field(init=False)

    async def connect(self, query: str = "?v=10&encoding=json") -> None:
        self.socket = await self.session.ws_connect(self.discord.gateway_url + query)
        assert (await self.receive())["op"] == 10

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> dict[str, Any]:
        return json.loads((await self.socket.receive()).data)

    async def identify(self, **changes: object) -> None:
        data: dict[str, object] = {"token": self.discord.token, "intents": 1, "shard": [0, 1]}
        await self.send(2, data | changes)

    async def close_code(self) -> int | None:
        message = await self.socket.receive()
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        return self.socket.close_code


@pytest.fixture
async def raw(loopback: LoopbackDiscord, world: SandboxWorld) -> AsyncIterator[RawGateway]:
    del world
    async with aiohttp.ClientSession() as session:
        gateway = RawGateway(loopback, session)
        await gateway.connect()
        yield gateway


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [1, 1]}, 4010),
        ({"shard": "0,1"}, 4010),
        ({"intents": 1 << 15}, 4014),
        ({"intents": 1 << 30}, 4013),
        ({"intents": None}, 4013),
    ],
)
async def test_a_bad_identify_is_closed(raw: RawGateway, changes: dict[str, object], code: int) -> None:
    await raw.identify(**changes)
    assert await raw.close_code() == code


@pytest.mark.parametrize(("text", "code"), [("{", 4002), ('{"op": 99, "d": null}', 4001), ('{"op": 3, "d": {}}', 4003), ("[]", 4002)])
async def test_a_bad_message_is_closed(raw: RawGateway, text: str, code: int) -> None:
    await raw.socket.send_str(text)
    assert await raw.close_code() == code


async def test_ready_then_guilds_heartbeat_and_no_second_identify(raw: RawGateway, loopback: LoopbackDiscord) -> None:
    await raw.identify()
    ready = (await raw.receive())["d"]
    assert ready["resume_gateway_url"] == loopback.gateway_url
    assert ready["guilds"][0]["unavailable"] is True
    guild = await raw.receive()
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert [channel["name"] for channel in guild["d"]["channels"]] == ["music", "lounge", "off-topic"]
    await raw.send(1, 2)
    assert (await raw.receive())["op"] == 11
    await raw.identify()
    assert await raw.close_code() == 4005


async def test_messages_need_their_intent_and_their_content_a_privilege(
    raw: RawGateway, world: SandboxWorld, loopback: LoopbackDiscord
) -> None:
    await raw.identify(intents=1 | 1 << 9)
    await raw.receive()
    await raw.receive()
    await world.mira.send(world.music, "secret")
    await world.mira.send(world.music, f"for <@{loopback.application_id}>")
    assert (await raw.receive())["d"]["content"] == ""
    assert (await raw.receive())["d"]["content"].startswith("for")


async def test_zlib_stream(raw: RawGateway) -> None:
    raw.socket = await raw.session.ws_connect(raw.discord.gateway_url + "?v=10&encoding=json&compress=zlib-stream")
    stream = zlib.decompressobj()
    first = (await raw.socket.receive()).data
    assert first.endswith(b"\x00\x00\xff\xff")
    assert json.loads(stream.decompress(first))["op"] == 10
    await raw.identify()
    assert json.loads(stream.decompress((await raw.socket.receive()).data))["t"] == "READY"


async def test_resume_replays_what_was_missed(raw: RawGateway, world: SandboxWorld, loopback: LoopbackDiscord) -> None:
    await raw.identify(intents=1 | 1 << 9)
    session_id = (await raw.receive())["d"]["session_id"]
    await raw.receive()
    loopback.gateway.drop()
    assert (await raw.socket.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await world.mira.send(world.music, "missed")
    await raw.connect()
    await raw.send(6, {"token": loopback.token, "session_id": session_id, "seq": 2})
    assert [(await raw.receive())["t"] for _ in range(2)] == ["MESSAGE_CREATE", "RESUMED"]


async def test_resume_of_an_old_or_unknown_session_is_invalid(raw: RawGateway, loopback: LoopbackDiscord) -> None:
    await raw.identify()
    session_id = (await raw.receive())["d"]["session_id"]
    loopback.gateway.drop()
    await raw.socket.receive()
    await raw.socket.receive()
    await raw.connect()
    await raw.send(6, {"token": loopback.token, "session_id": session_id, "seq": 99})
    assert await raw.close_code() == 4007
    loopback.advance(600)
    await raw.connect()
    await raw.send(6, {"token": loopback.token, "session_id": session_id, "seq": 2})
    assert await raw.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_the_client_resumes_after_each_gateway_fault(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    for number, fault in enumerate((loopback.gateway.close, loopback.gateway.drop, loopback.gateway.request_reconnect)):
        fault()
        call = await world.mira.slash(world.music, "echo", text=f"after {number}")
        await call.answered()
        assert call.message.content == f"after {number}"
    assert loopback.gateway.identifies == 1
    assert loopback.gateway.resumes == 3
    assert probe.resumed == [0, 0, 0]


async def test_the_client_resumes_a_resumable_session(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    loopback.gateway.invalidate(resumable=True)
    call = await (await world.mira.slash(world.music, "echo", text="a")).answered()
    assert call.message.content == "a"
    assert loopback.gateway.identifies == 1


async def test_a_wrong_token_and_refused_intents_stop_the_client(
    routed: LoopbackDiscord, world: SandboxWorld, start_bot: Callable[..., AbstractAsyncContextManager[ProbeBot]]
) -> None:
    del world
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with asyncio.timeout(30), start_bot(intents=discord.Intents(guilds=True, message_content=True)):
            pass
    assert routed.gateway.identifies == 0


async def test_guilds_are_spread_over_shards(
    routed: LoopbackDiscord, world: SandboxWorld, start_bot: Callable[..., AbstractAsyncContextManager[ProbeBot]]
) -> None:
    # The world's own guild has an id of this moment, which may fall on any shard: the other takes the next one.
    shard = ((world.guild.id >> 22) + 1) % 8
    owner = routed.add_user("Ola")
    guild = routed.add_guild("Other", owner, guild_id=shard << 22)
    room = routed.add_channel(guild, "talk")
    async with start_bot(shard_count=8, shard_ids=[shard]) as bot:
        call = await (await owner.slash(room, "echo", text="a")).answered()
        assert call.message.content == "a"
        assert [g.id for g in bot.guilds] == [guild.id]


async def test_a_guild_comes_and_goes(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    guild = loopback.add_guild("New", world.jo)
    room = loopback.add_channel(guild, "talk")
    assert (await (await world.jo.slash(room, "echo", text="a")).answered()).message.content == "a"
    assert probe.get_channel(room.id) is not None
    removed = asyncio.Event()

    async def note(guild: discord.Guild) -> None:
        del guild
        removed.set()

    probe.add_listener(note, "on_guild_remove")
    loopback.uninstall_guild(guild)
    async with asyncio.timeout(30):
        await removed.wait()
