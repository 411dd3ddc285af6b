"""The operator's server, over a real socket."""

import logging

import aiohttp
import pytest

from bot.ops.server import ops_server


class Patient:
    """A bot with these complaints."""

    def __init__(self, *complaints: str) -> None:
        self.complaints = list(complaints)

    async def not_ready(self) -> list[str]:
        return self.complaints


async def ask(port: int, path: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.json()


async def test_a_process_that_answers_is_healthy_and_one_that_works_is_ready(unused_tcp_port: int) -> None:
    async with ops_server(Patient(), host="127.0.0.1", port=unused_tcp_port):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
        assert await ask(unused_tcp_port, "/readyz") == (200, {"status": "ready", "reasons": []})


async def test_what_keeps_it_from_working_is_named_and_it_is_healthy_all_the_same(unused_tcp_port: int) -> None:
    async with ops_server(Patient("the lane is no_credits"), host="127.0.0.1", port=unused_tcp_port):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
        assert await ask(unused_tcp_port, "/readyz") == (503, {"status": "not ready", "reasons": ["the lane is no_credits"]})


async def test_without_a_port_nothing_listens() -> None:
    async with ops_server(Patient(), host="127.0.0.1", port=None):
        pass


async def test_a_port_that_is_taken_costs_a_line_not_the_bot(unused_tcp_port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with (
        ops_server(Patient(), host="127.0.0.1", port=unused_tcp_port),
        ops_server(Patient(), host="127.0.0.1", port=unused_tcp_port),
    ):
        assert await ask(unused_tcp_port, "/healthz") == (200, {"status": "ok"})
    assert "OPS_HOST:OPS_PORT" in caplog.text
