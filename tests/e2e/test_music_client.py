"""The music client over real sockets."""

import asyncio
import json
import logging
import socket
import struct
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from time import time
from typing import Any

import aiohttp
import pytest
import stamina
from aiohttp import web
from pydantic import SecretStr

from bot.domain.reports import Stage
from bot.domain.requests import CreateRequest, ExtendRequest
from bot.errors import (
    Ambiguous,
    ContentRefused,
    KeyRefused,
    Maintenance,
    NotConnected,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.music.client import ATTEMPTS, EXTEND, MAX_BODY, QUERY, MusicClient, Timeouts

KEY = "sk-0123456789-very-secret"
REQUEST = ExtendRequest(
    tags="tropical house, wave, synthwave",
    title="crazy and wild",
    model="v3.5",
    continue_clip_id="186001a9-a9e2-487a-bdcc-417914676f24",
    continue_at=100.0,
)
SHORT = Timeouts(connect=0.3, submit=0.3, query=0.3)
CREATED = {"code": 200, "task_id": "t1", "message": "fine"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture(autouse=True)
def the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    logged = [record.getMessage() + str(vars(record)) for record in caplog.get_records("call")]
    assert not any(KEY in text for text in logged)


@dataclass
class Provider:
    """A music API of one answer; it records what came."""

    answer: Handler
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list[tuple[str, dict[str, str], Any]])
    peers: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.transport
        self.peers.add(request.transport.get_extra_info("peername"))
        self.requests.append((request.path, dict(request.headers), await request.json()))
        return await self.answer(request)


@asynccontextmanager
async def serve(answer: Handler) -> AsyncGenerator[tuple[Provider, str]]:
    provider = Provider(answer)
    app = web.Application()
    app.router.add_post("/{path:.*}", provider.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield provider, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listen(peer: Peer) -> AsyncGenerator[int]:
    """Serve raw TCP: for what no web server does."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(run(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def connect(url: str, timeouts: Timeouts = SHORT) -> AsyncGenerator[MusicClient]:
    async with MusicClient(url, SecretStr(KEY), timeouts=timeouts) as client:
        yield client


def says(body: object, status: int = 200, **headers: str) -> Handler:
    text = body if isinstance(body, str) else json.dumps(body)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


async def submit_error(url: str, timeouts: Timeouts = SHORT) -> ProviderError:
    async with connect(url, timeouts) as client:
        with pytest.raises(ProviderError) as caught:
            await client.submit(REQUEST)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in repr(caught.value)
    return caught.value


class Slots:
    """Counts the attempts that went through the quota, and how many were inside at once."""

    def __init__(self) -> None:
        self.taken = 0
        self.seen: list[type[BaseException] | None] = []

    def __call__(self) -> AbstractAsyncContextManager[None]:
        return self._slot()

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        self.taken += 1
        try:
            yield
        except BaseException as error:
            self.seen.append(type(error))
            raise
        else:
            self.seen.append(None)


async def test_the_submit_is_the_documented_request() -> None:
    async with serve(says(CREATED)) as (provider, url), connect(url + "/") as client:
        assert await client.submit(REQUEST) == "t1"
    ((path, headers, body),) = provider.requests
    assert path == EXTEND == "/suno/music/extend-Instrumental"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Content-Type"] == "application/json"
    assert body == {
        "tags": "tropical house, wave, synthwave",
        "title": "crazy and wild",
        "model": "v3.5",
        "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
        "continue_at": 100,
    }


async def test_a_first_track_is_asked_for_at_its_own_address() -> None:
    async with serve(says(CREATED)) as (provider, url), connect(url + "/") as client:
        assert await client.submit(CreateRequest(tags="wave", title="crazy and wild", model="v3.5")) == "t1"
    ((path, _headers, body),) = provider.requests
    assert path == "/suno/music/generate-instrumental"
    assert body == {"tags": "wave", "title": "crazy and wild", "model": "v3.5"}


ROWS: list[tuple[int, object, type[ProviderError]]] = [
    (400, {"code": 400, "message": "bad tags"}, Refused),
    (400, {"code": 400, "message": "contains an artist name"}, ContentRefused),
    (401, {"code": 401, "message": f"invalid key {KEY}"}, KeyRefused),
    (403, "<html>forbidden</html>", KeyRefused),
    (402, {"message": "pay"}, OutOfCredits),
    (404, "", Refused),
    (405, {"code": 405}, TooOften),
    (409, {"code": 409}, Refused),
    (413, {"code": 413}, Refused),
    (422, {"detail": [{"msg": "field required"}]}, Refused),
    (429, "", TooOften),
    (429, {"message": "insufficient credits"}, OutOfCredits),
    (430, {"code": 430}, TooOften),
    (451, {"code": 451}, ContentRefused),
    (455, {"code": 455}, Maintenance),
    (200, {"code": 400, "message": "bad tags"}, Refused),
    (200, {"code": 401, "message": f"invalid key {KEY}"}, KeyRefused),
    (200, {"code": 429}, TooOften),
    (200, {"code": 455}, Maintenance),
    (200, {"code": 500, "message": "internal error"}, Ambiguous),
    (200, {"code": 200}, Ambiguous),
    (200, {"code": 777}, Ambiguous),
    (200, "", Ambiguous),
    (200, "<!doctype html><p>hello</p>", Ambiguous),
    (200, '{"code": 200, "task_id": "t', Ambiguous),
    (408, "", Ambiguous),
    (500, {"code": 500}, Ambiguous),
    (502, "<html>bad gateway</html>", Ambiguous),
    (503, "", Ambiguous),
]


@pytest.mark.parametrize(("status", "body", "kind"), ROWS)
async def test_every_row_of_the_outcome_table(status: int, body: object, kind: type[ProviderError]) -> None:
    async with serve(says(body, status)) as (provider, url):
        error = await submit_error(url)
    assert type(error) is kind
    assert KEY not in error.words
    assert len(provider.requests) == 1


@pytest.mark.parametrize("form", [None, "seconds", "date"])
async def test_retry_after(form: str | None) -> None:
    value = "100" if form == "seconds" else formatdate(time() + 100, usegmt=True)
    async with serve(says("", 429, **({"Retry_After": value} if form else {}))) as (_, url):
        error = await submit_error(url)
    assert isinstance(error, TooOften)
    assert error.retry_after == (pytest.approx(100, abs=5) if form else None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serve(says(CREATED)) as (elsewhere, target), serve(says("", status, Location=target + "/x")) as (provider, url):
        assert type(await submit_error(url)) is Ambiguous
    assert (len(provider.requests), len(elsewhere.requests)) == (1, 0)


async def test_an_answer_without_end_is_cut_off() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(json.dumps(CREATED).encode())
        for _ in range(2 + MAX_BODY // 65536):
            await response.write(b" " * 65536)
        return response

    async with serve(flood) as (provider, url):
        assert type(await submit_error(url)) is Ambiguous
    assert len(provider.requests) == 1


async def test_every_submit_has_a_connection_of_its_own_and_queries_share_one() -> None:
    async with serve(says(CREATED | {"status": "queued"})) as (provider, url), connect(url) as client:
        for _ in range(3):
            await client.submit(REQUEST)
        assert len(provider.peers) == 3
        provider.peers.clear()
        for _ in range(3):
            await client.task("t1", slot=Slots())
        assert len(provider.peers) == 1


async def test_a_cookie_is_not_carried_to_the_next_request() -> None:
    async with serve(says(CREATED, Set_Cookie="session=1")) as (provider, url), connect(url) as client:
        for _ in range(2):
            await client.submit(REQUEST)
    assert not any("Cookie" in headers for _, headers, _ in provider.requests)


# Before a byte of the request can have left.


async def test_refused_is_not_connected() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert type(await submit_error(url)) is NotConnected


async def test_an_unknown_host_is_not_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert type(await submit_error("http://no-such-host.invalid")) is NotConnected


async def test_no_address_is_not_connected() -> None:
    assert type(await submit_error("http://")) is NotConnected


async def test_a_server_without_tls_is_not_connected() -> None:
    async with serve(says(CREATED)) as (provider, url):
        assert type(await submit_error(url.replace("http:", "https:"))) is NotConnected
    assert provider.requests == []


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("rude", [True, False])
async def test_a_connection_lost_in_the_handshake_is_not_connected(rude: bool) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        reset(writer) if rude else writer.close()

    async with listen(hang_up) as port:
        assert type(await submit_error(f"https://127.0.0.1:{port}")) is NotConnected


async def test_a_handshake_without_answer_is_not_connected() -> None:
    seen = bytearray()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            seen.extend(chunk)
        writer.close()

    async with listen(say_nothing) as port:
        assert type(await submit_error(f"https://127.0.0.1:{port}", Timeouts(connect=0.2, submit=5))) is NotConnected
    assert EXTEND.encode() not in seen


# After the request may have left.


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    return await reader.readexactly(length)


async def lost(ending: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> tuple[ProviderError, int]:
    """Take whole requests and end each connection so; return the error and how many requests came."""
    bodies: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bodies.append(await read_request(reader))
        await ending(writer)

    async with listen(peer) as port:
        error = await submit_error(f"http://127.0.0.1:{port}")
    return error, len(bodies)


async def test_no_answer_is_ambiguous() -> None:
    async def wait(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    error, requests = await lost(wait)
    assert (type(error), requests) == (Ambiguous, 1)


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"code": 200, "task']
)
@pytest.mark.parametrize("rude", [True, False])
async def test_an_answer_cut_off_is_ambiguous(sent: bytes, rude: bool) -> None:
    async def break_off(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        reset(writer) if rude else writer.close()

    error, requests = await lost(break_off)
    assert (type(error), requests) == (Ambiguous, 1)


async def test_an_answer_that_stalls_halfway_is_ambiguous() -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"code": 200')
        await asyncio.Event().wait()

    error, requests = await lost(stall)
    assert (type(error), requests) == (Ambiguous, 1)


async def test_an_answer_that_drips_is_ambiguous() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.05)

    error, requests = await lost(drip)
    assert (type(error), requests) == (Ambiguous, 1)


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    ],
)
async def test_an_answer_that_is_no_http_is_ambiguous(sent: bytes) -> None:
    async def babble(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        writer.close()

    error, requests = await lost(babble)
    assert (type(error), requests) == (Ambiguous, 1)


async def test_a_reset_before_the_request_was_read_is_ambiguous() -> None:
    async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with listen(slam) as port:
        assert type(await submit_error(f"http://127.0.0.1:{port}")) is Ambiguous


# Queries.


async def test_a_query() -> None:
    body = {"code": 200, "status": "complete", "clips": [{"id": "c1", "duration": "12.5", "audio_url": "https://cdn/c1.mp3"}]}
    slots = Slots()
    async with serve(says(body)) as (provider, url), connect(url) as client:
        report = await client.task("t1", slot=slots)
    assert (report.task_id, report.stage, report.clips[0].duration) == ("t1", Stage.DONE, 12.5)
    ((path, headers, sent),) = provider.requests
    assert (path, sent) == (QUERY, {"task_id": "t1"})
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert slots.seen == [None]


@pytest.mark.parametrize("first", [says("", 500), says("<html>", 502), says(""), says("{"), says("", 503, Retry_After="1")])
async def test_an_unreadable_answer_is_asked_for_again_through_the_quota(first: Handler) -> None:
    answers = iter([first, first, says({"code": 200, "status": "queued"})])
    slots = Slots()

    async def in_turn(request: web.Request) -> web.StreamResponse:
        return await next(answers)(request)

    async with serve(in_turn) as (provider, url), connect(url) as client:
        assert (await client.task("t1", slot=slots)).stage is Stage.WAITING
    assert len(provider.requests) == 3
    assert slots.seen == [Unreadable, Unreadable, None]


async def test_asking_again_ends() -> None:
    slots = Slots()
    async with serve(says("", 500)) as (provider, url), connect(url) as client:
        with pytest.raises(Unreadable):
            await client.task("t1", slot=slots)
    assert len(provider.requests) == slots.taken == ATTEMPTS


async def test_a_long_retry_after_ends_the_query() -> None:
    slots = Slots()
    async with serve(says("", 503, Retry_After="600")) as (_, url), connect(url) as client:
        with pytest.raises(Unreadable) as caught:
            await client.task("t1", slot=slots)
    assert caught.value.retry_after == 600
    assert slots.taken == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, "", TooOften),
        (401, "", KeyRefused),
        (404, "", TaskUnknown),
        (400, {"message": "task not found"}, TaskUnknown),
        (455, "", Maintenance),
    ],
)
async def test_a_clear_answer_is_not_asked_for_again(status: int, body: object, kind: type[ProviderError]) -> None:
    slots = Slots()
    async with serve(says(body, status)) as (provider, url), connect(url) as client:
        with pytest.raises(kind):
            await client.task("t1", slot=slots)
    assert len(provider.requests) == slots.taken == 1
    assert slots.seen == [kind]


async def test_a_query_that_finds_nobody_is_tried_again() -> None:
    slots = Slots()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with connect(f"http://127.0.0.1:{unused.getsockname()[1]}") as client:
            with pytest.raises(NotConnected):
                await client.task("t1", slot=slots)
    assert slots.seen == [NotConnected] * ATTEMPTS


async def test_a_kept_connection_that_died_costs_a_query_only_an_attempt() -> None:
    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{"code": 200, "status": "queued"}')
        await read_request(reader)
        reset(writer)

    slots = Slots()
    async with listen(one_answer) as port, connect(f"http://127.0.0.1:{port}") as client:
        for _ in range(2):
            assert (await client.task("t1", slot=slots)).stage is Stage.WAITING
    assert slots.seen == [None, Unreadable, None]


# The key.


async def test_the_key_is_in_no_repr() -> None:
    async with connect("http://127.0.0.1:1") as client:
        assert KEY not in repr(client) + repr(vars(client))


async def test_the_key_is_in_no_debug_log_of_the_libraries(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.get_running_loop().set_debug(True)
    async with serve(says(CREATED)) as (_, url), connect(url) as client:
        await client.submit(REQUEST)
    assert "submit: accepted as task t1" in caplog.text


async def test_a_key_in_the_providers_words_is_blotted_out(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(says({"code": 401, "message": f"{KEY} is wrong"}, 401)) as (_, url):
        error = await submit_error(url)
    assert error.words == "*** is wrong"
    assert "KeyRefused: *** is wrong" in caplog.text


async def test_submits_are_logged_for_operators_and_queries_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(says(CREATED | {"status": "queued"})) as (_, url), connect(url) as client:
        await client.submit(REQUEST)
        await client.task("t1", slot=Slots())
    levels = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "bot.music.client"]
    assert levels == [("INFO", "submit: accepted as task t1"), ("DEBUG", "query of task t1: waiting, clips: []")]


async def test_aiohttp_resends_no_post() -> None:
    """What the client builds on: aiohttp resends, on a kept connection that died, only the methods named here."""
    assert "POST" not in aiohttp.client.IDEMPOTENT_METHODS
