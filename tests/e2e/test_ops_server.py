"""The operator's server, over a real socket, and what the doctor finds at its port."""

import logging
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.domain.jobs import JobState
from bot.domain.posts import Debt
from bot.domain.standing import LaneCondition
from bot.ops.build import Build
from bot.ops.check_machine import check_port
from bot.ops.findings import Finding
from bot.ops.metrics import Metrics
from bot.ops.server import ops_server


class Patient:
    """A bot with these complaints."""

    condition = LaneCondition.WORKING

    @property
    def own_conditions(self) -> Mapping[LaneCondition, int]:
        return {}

    def __init__(self, *complaints: str) -> None:
        self.complaints = list(complaints)

    async def not_ready(self) -> list[str]:
        return self.complaints

    async def unsettled(self) -> dict[JobState, int]:
        return {JobState.GENERATING: 3}

    async def owed(self) -> dict[Debt, int]:
        return {}


@asynccontextmanager
async def server(port: int | None, *complaints: str) -> AsyncGenerator[None]:
    async with ops_server(Patient(*complaints), Metrics(Build.here()), host="127.0.0.1", port=port):
        yield


async def ask(port: int, path: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.json()


async def test_a_process_that_answers_is_healthy_and_one_that_works_is_ready(unused_tcp_port: int) -> None:
    async with server(unused_tcp_port):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
        assert await ask(unused_tcp_port, "/readyz") == (200, {"status": "ready", "reasons": []})


async def test_what_keeps_it_from_working_is_named_and_it_is_healthy_all_the_same(unused_tcp_port: int) -> None:
    async with server(unused_tcp_port, "the lane is no_credits"):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
        assert await ask(unused_tcp_port, "/readyz") == (503, {"status": "not ready", "reasons": ["the lane is no_credits"]})


async def test_metrics_are_text_that_prometheus_takes(unused_tcp_port: int) -> None:
    async with (
        server(unused_tcp_port),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await response.text()
    assert 'encore_jobs{state="generating"} 3.0\n' in text
    assert "\nprocess_resident_memory_bytes " in text


async def test_without_a_port_nothing_listens() -> None:
    async with server(None):
        pass


async def test_a_port_that_is_taken_costs_a_line_not_the_bot(unused_tcp_port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with server(unused_tcp_port), server(unused_tcp_port):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
    assert "OPS_HOST:OPS_PORT" in caplog.text


async def found_at(host: str, port: int | None) -> Finding:
    (finding,) = [finding async for finding in check_port(host, port)]
    return finding


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104 - asked, not listened at
async def test_the_doctor_finds_a_bot_that_is_ready(unused_tcp_port: int, host: str) -> None:
    async with server(unused_tcp_port):
        found = await found_at(host, unused_tcp_port)
    assert (found.verdict, found.found) == ("ok", f"A bot answers at {host}:{unused_tcp_port}, and is ready.")


async def test_the_doctor_passes_on_what_keeps_a_bot_from_working(unused_tcp_port: int) -> None:
    async with server(unused_tcp_port, "not connected to Discord", "the database cannot be reached"):
        found = await found_at("127.0.0.1", unused_tcp_port)
    assert found.verdict == "look"
    assert "not connected to Discord; the database cannot be reached." in found.found


@pytest.mark.parametrize("body", ["<html>", "[]", '{"reasons": 1}'])
async def test_the_doctor_tells_a_stranger_from_a_bot(unused_tcp_port: int, body: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=body)

    stranger = web.Application()
    stranger.router.add_get("/readyz", answer)
    runner = web.AppRunner(stranger)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    found = await found_at("127.0.0.1", unused_tcp_port)
    await runner.cleanup()
    assert (found.verdict, found.found) == ("look", f"Something that is no bot answers at 127.0.0.1:{unused_tcp_port}.")
    assert "OPS_PORT" in found.mend


async def test_the_doctor_tries_a_port_that_nobody_answers_at(unused_tcp_port: int) -> None:
    assert (await found_at("127.0.0.1", unused_tcp_port)).found == f"127.0.0.1:{unused_tcp_port} is free."
    assert (await found_at("127.0.0.1", unused_tcp_port)).verdict == "ok", "the look has let it go again"
    assert "OPS_PORT is empty" in (await found_at("127.0.0.1", None)).found


async def test_the_doctor_finds_a_port_that_somebody_holds_in_silence(unused_tcp_port: int) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", unused_tcp_port))
        found = await found_at("127.0.0.1", unused_tcp_port)
    assert (found.verdict, "cannot be taken" in found.found, "OPS_PORT" in found.mend) == ("look", True, True)
