"""Starting and stopping: what an operator sees, and what a stop leaves for the next start."""

import asyncio
import signal
import socket
import time

import pytest

from bot.sandbox.discord import LoopbackDiscord
from bot.sandbox.music_faults import stall
from bot.sandbox.music_wire import Endpoint
from tests.e2e.play import Play, until


async def test_every_wrong_setting_is_named_at_once_in_words(afresh: Play) -> None:
    kept = {name: value for name, value in afresh.bot.environment.items() if name not in {"DISCORD_TOKEN", "MUSIC_API_KEY"}}
    afresh.bot.environment = kept
    afresh.set(DISCORD_API_URL="discord.com", JOB_DEADLINE="soon", OPS_PORT="99999", DATABASE_URL="mysql://here", MUSIC_API_KEY=" ")
    await afresh.bot.start()
    assert await afresh.ended() == 2
    first, *problems = afresh.bot.log.splitlines()
    assert first == "The settings are not right yet:"
    named = [problem.split()[1] for problem in problems]
    assert sorted(named) == ["DATABASE_URL", "DISCORD_API_URL", "DISCORD_TOKEN", "JOB_DEADLINE", "MUSIC_API_KEY", "OPS_PORT"]
    assert all("Example: " in problem for problem in problems)


async def test_a_wrong_token_is_one_clear_line(stage: Play) -> None:
    stage.set(DISCORD_TOKEN="loopback.mistyped")
    await stage.bot.start()
    assert await stage.ended() == 2
    said = [line for line in stage.bot.log.splitlines() if "DISCORD_TOKEN" in line]
    assert len(said) == 1
    assert "copy it anew from the Developer Portal" in said[0]
    assert "mistyped" not in stage.bot.log


@pytest.mark.parametrize(("code", "words"), [(4014, "intents"), (4004, "token"), (4012, "4012")])
async def test_a_gateway_that_turns_the_bot_away_for_good_ends_it_in_words(live: Play, code: int, words: str) -> None:
    ending = asyncio.create_task(live.ended())
    while not ending.done():
        # A connection that closes before the client has answered the close may be taken for a lost one: Discord closes the next too.
        live.discord.gateway.close(code)
        await asyncio.sleep(0.05)
    assert await ending == 1
    last = live.bot.log.splitlines()[-1]
    assert "CRITICAL" in last
    assert words in last


async def test_a_second_bot_on_the_same_database_refuses_to_start(live: Play) -> None:
    first, live.bot.process = live.bot.process, None
    assert first is not None
    await live.bot.start()
    assert await live.ended() == 1
    assert f"Another bot (process {first.pid}) is using" in live.bot.log
    live.bot.process = first
    await live.extend()
    await live.result()


async def test_sigterm_finishes_what_is_in_hand(afresh: Play) -> None:
    await afresh.start()
    struck = afresh.strike(Endpoint.EXTEND, stall(1.0, accepted=True))
    call = await afresh.extend()
    await struck.wait()
    began = time.monotonic()
    assert await afresh.bot.stop() == 0
    assert time.monotonic() - began < 10
    await afresh.start()
    await afresh.result()
    await afresh.shows(call, "The track is here")
    assert len(afresh.submits()) == 1


async def test_while_it_stops_it_takes_no_requests_and_says_so(live: Play) -> None:
    struck = live.strike(Endpoint.EXTEND, stall(4.0, accepted=True))
    await live.extend()
    await struck.wait()
    assert live.bot.process is not None
    live.bot.process.send_signal(signal.SIGTERM)
    await until(lambda: "finishing what is in hand" in live.bot.log)
    refused = await live.extend(live.world.jo)
    assert "try again" in refused.message.content
    assert await live.ended() == 0
    assert len(live.submits()) == 1


async def test_what_takes_too_long_is_left_for_the_next_start(stage: Play) -> None:
    stage.shorten({"bot.app.running.GRACE": 1.0})
    await stage.start()
    struck = stage.strike(Endpoint.EXTEND, stall(600, accepted=True))
    call = await stage.extend()
    await struck.wait()
    began = time.monotonic()
    assert await stage.bot.stop() == 0
    assert 1 <= time.monotonic() - began < 10
    await stage.start()
    await stage.shows(call, "Not clear whether it started")
    assert len(stage.submits()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(afresh: Play, number: signal.Signals) -> None:
    await afresh.start()
    struck = afresh.strike(Endpoint.EXTEND, stall(600, accepted=True))
    await afresh.extend()
    await struck.wait()
    assert afresh.bot.process is not None
    afresh.bot.process.send_signal(number)
    await until(lambda: "finishing what is in hand" in afresh.bot.log)
    began = time.monotonic()
    afresh.bot.process.send_signal(number)
    assert await afresh.ended() == -number
    assert time.monotonic() - began < 5
    afresh.may_log_tracebacks = True


async def test_ctrl_c_stops_in_order(afresh: Play) -> None:
    await afresh.start()
    assert await afresh.bot.stop(signal.SIGINT) == 0


async def test_commands_are_sent_to_discord_only_when_they_have_changed(live: Play) -> None:
    await live.restart()
    await live.restart()
    assert len(live.sent("PUT", "/commands")) == 1


async def test_discord_down_at_the_start_is_waited_for(stage: Play) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    late = LoopbackDiscord(port=port)
    stage.set(DISCORD_TOKEN=late.token, DISCORD_API_URL=f"http://127.0.0.1:{port}/api/v10")
    stage.set(DISCORD_GATEWAY_URL=f"ws://127.0.0.1:{port}/gateway-socket/")
    await stage.bot.start()
    await until(lambda: "Discord cannot be reached" in stage.bot.log)
    async with late:
        stage.discord, early = late, stage.discord
        await stage.connected()
        assert await stage.bot.stop() == 0
    stage.discord = early


@pytest.mark.parametrize("route", ["/users/@me", "/gateway/bot", "/applications/{id}/commands"])
async def test_a_discord_that_stumbles_at_the_start_is_tried_again(stage: Play, route: str) -> None:
    stage.discord.faults.add(route=route, status=503, times=2)
    await stage.start()
    await stage.extend()
    await stage.result()


async def test_without_a_gateway_setting_the_bot_connects_where_discord_says(stage: Play) -> None:
    stage.set(DISCORD_GATEWAY_URL="")
    stage.discord.faults.add(route="/gateway/bot", status=503)
    await stage.start()
    await stage.extend()
    await stage.result()


async def test_the_provider_down_at_the_start_keeps_nobody_from_asking(stage: Play) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    url = stage.bot.environment["MUSIC_API_URL"]
    stage.set(MUSIC_API_URL=f"http://127.0.0.1:{port}")
    await stage.start()
    await stage.extend()
    await until(lambda: "the lane is unreachable" in stage.bot.log)
    stage.set(MUSIC_API_URL=url)
    await stage.restart()
    await stage.result()
    assert len(stage.submits()) == 1
