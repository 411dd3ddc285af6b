"""Told to fail, it fails: before or after the effect, and the client behaves as on Discord."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from bot.sandbox.discord import InteractionState, Limits, LoopbackDiscord, MessageCreated, SandboxWorld, build_sandbox_world
from tests.discord.conftest import Rest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.discord.loopback_probe import ProbeBot

MESSAGES = "/channels/{channel_id}/messages"


async def test_a_lost_answer_and_the_nonce_leave_one_message(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    loopback.faults.add(method="POST", route=MESSAGES, reset=True, before=False)
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    with pytest.raises(aiohttp.ClientConnectionError):
        await rest("POST", f"/channels/{world.music.id}/messages", body)
    assert len(world.music.messages) == 1
    status, answer = await rest("POST", f"/channels/{world.music.id}/messages", body)
    assert (status, answer["id"], answer["nonce"]) == (200, str(world.music.messages[0].id), "n1")
    loopback.advance(301)
    await rest("POST", f"/channels/{world.music.id}/messages", body)
    assert len(world.music.messages) == 2


async def test_without_enforce_nonce_it_is_posted_again(world: SandboxWorld, rest: Rest) -> None:
    for _ in range(2):
        await rest("POST", f"/channels/{world.music.id}/messages", {"content": "twice", "nonce": "n1"})
    assert len(world.music.messages) == 2


async def test_a_failure_before_the_effect_has_none(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    fault = loopback.faults.add(method="POST", route=MESSAGES, status=503, times=2)
    for _ in range(2):
        assert await rest.refused("POST", f"/channels/{world.music.id}/messages", {"content": "a"}) == (503, 0)
    assert world.music.messages == []
    assert fault.hits == 2
    assert (await rest("POST", f"/channels/{world.music.id}/messages", {"content": "a"}))[0] == 200
    assert [request.status for request in loopback.requests] == [503, 503, 200]


async def test_the_client_waits_out_a_429_with_via(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    channel = probe.get_channel(world.music.id)
    assert isinstance(channel, discord.TextChannel)
    fault = loopback.faults.add(method="POST", route=MESSAGES, status=429, retry_after=0.01)
    await channel.send("patient")
    assert fault.hits == 1
    loopback.faults.add(method="POST", route=MESSAGES, status=429, retry_after=0.01, via=False)
    with pytest.raises(discord.HTTPException):
        await channel.send("banned")
    assert [m.content for m in world.music.messages] == ["patient"]


async def test_a_late_ack_is_unknown(loopback: LoopbackDiscord, world: SandboxWorld, probe: ProbeBot) -> None:
    del probe
    loopback.faults.add(method="POST", route="/interactions/{id}/{token}/callback", delay=0.05)
    call = await world.mira.slash(world.music, "later")
    loopback.advance(3.5)
    assert call.failed == "The application did not respond"
    assert (await loopback.wait_for_request("POST", "/callback")).status == 404
    assert call.state is InteractionState.FAILED


async def test_a_fault_can_speak_with_any_code(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    path = f"/channels/{world.music.id}/messages"
    _, message = await rest("POST", path, {"content": "a"})
    loopback.faults.add(method="PATCH", route=f"{MESSAGES}/{{message_id}}", status=403, code=50013)
    assert await rest.refused("PATCH", f"{path}/{message['id']}", {"content": "b"}) == (403, 50013)


async def test_messages_older_than_an_hour_have_few_edits_left() -> None:
    async with LoopbackDiscord(limits=Limits(late_edits=1)) as loopback, aiohttp.ClientSession() as session:
        rest = Rest(loopback, session)
        path = f"/channels/{build_sandbox_world(loopback).music.id}/messages"
        _, message = await rest("POST", path, {"content": "a"})
        assert (await rest("PATCH", f"{path}/{message['id']}", {"content": "b"}))[0] == 200
        loopback.advance(3601)
        assert (await rest("PATCH", f"{path}/{message['id']}", {"content": "c"}))[0] == 200
        assert await rest.refused("PATCH", f"{path}/{message['id']}", {"content": "d"}) == (429, 30046)


async def test_the_gateway_can_refuse_connections(loopback: LoopbackDiscord) -> None:
    loopback.gateway.refuse_connections(1)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(loopback.gateway_url)
        async with session.ws_connect(loopback.gateway_url) as socket:
            assert (await socket.receive_json())["op"] == 10


async def test_an_unknown_route_is_loud(rest: Rest, caplog: pytest.LogCaptureFixture) -> None:
    assert await rest.refused("POST", "/nothing/here", {}) == (404, 0)
    assert rest.discord.unknown_routes == ["POST /nothing/here"]
    assert "has no POST /nothing/here" in caplog.text
    rest.discord.unknown_routes.clear()


async def test_requests_are_written_down_before_they_are_answered(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    async with LoopbackDiscord(record_path=path) as loopback, aiohttp.ClientSession() as session:
        loopback.faults.add(reset=True)
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.post(f"{loopback.api_url}/channels/1/messages?x=1", json={"content": "a"})
        (line,) = path.read_text().splitlines()
    found = json.loads(line)
    assert (found["method"], found["path"], found["body"], found["query"]) == ("POST", "/channels/1/messages", {"content": "a"}, {"x": "1"})


async def test_events_can_be_followed(loopback: LoopbackDiscord, world: SandboxWorld) -> None:
    async with loopback.subscribe() as events:
        await world.mira.send(world.music, "hi")
        async with asyncio.timeout(30):
            event = await anext(events)
    assert isinstance(event, MessageCreated)
    assert event.message.content == "hi"
