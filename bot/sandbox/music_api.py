"""The sandbox's music provider: the documented HTTP API on the loopback, with real audio, its rate limits and its failures."""

from __future__ import annotations

import asyncio
import functools
import hmac
import math
import time
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.cover import LARGE_SIZE, SIZE, cover
from bot.sandbox.music_answers import answer_with
from bot.sandbox.music_counts import Arrival, Counts
from bot.sandbox.music_faults import HTML, Audio, Faults, Stage
from bot.sandbox.music_library import Account, Library, MusicSettings
from bot.sandbox.music_media import Studio, send_file
from bot.sandbox.music_tasks import COMPLETE, STREAMING
from bot.sandbox.music_wire import KEY_REFUSED, SUBMITS, Endpoint, Refusal, parse_json, parse_query, parse_submit
from bot.sandbox.tape import Take, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from bot.sandbox.music_tasks import Clip, Task
    from bot.sandbox.music_wire import Body

STREAMED_AT_FIRST = 0.1  # share of the file that the first streaming answer already plays


class MusicApi:
    """The provider; `async with` starts and stops it on 127.0.0.1. What it knows lives in memory only.

    `url` is where it listens, `faults` makes it fail, `counts` tells what reached it, `tasks` holds its tasks by id.
    """

    def __init__(
        self,
        settings: MusicSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        recorder: Callable[[Take, str], bytes] = record,
        painter: Callable[[str, int, int], bytes] = cover,
    ) -> None:
        """Prepare to listen; `clock` counts seconds for rate limits and tasks.

        `recorder` makes the mp3 of a take with a title, `painter` the PNG of tags, a seed and the length of its edges.
        """
        self.settings = settings or MusicSettings()
        self.faults = Faults()
        self.counts = Counts()
        self.url = ""
        self._clock = clock
        self._recorder = recorder
        self._painter = painter
        self._library = Library(self.settings, clock())
        self._account = Account.of(self.settings, self.settings.key, self.settings.credits)
        self.accounts = [self._account]
        self._studio = Studio(self.settings.cache_bytes)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def tasks(self) -> dict[str, Task]:
        """Give every task by its id, the preloaded ones first."""
        return self._library.tasks

    @property
    def key(self) -> str:
        """Give or set the first account's key."""
        return self._account.key

    @key.setter
    def key(self, key: str) -> None:
        self._account.key = key

    @property
    def credits_left(self) -> int | None:
        """Give or set the credits that the first account has left; None means that they never run out."""
        return self._account.credits

    @credits_left.setter
    def credits_left(self, left: int | None) -> None:
        self._account.credits = left

    def refund(self, amount: int = 1) -> None:
        """Give credits back; nothing happens where they never run out."""
        if self._account.credits is not None:
            self._account.credits += amount

    def open_account(self, key: str, credits_left: int | None = None) -> Account:
        """Take in one customer more."""
        account = Account.of(self.settings, key, credits_left)
        self.accounts.append(account)
        return account

    def task_of(self, clip_id: str) -> Task:
        """Give the task that a clip belongs to; raises KeyError for a clip the provider never had."""
        return self._library.clips[clip_id][0]

    async def __aenter__(self) -> Self:
        """Start to listen; `url` is known from then on."""
        app = web.Application()
        for endpoint in (Endpoint.EXTEND, Endpoint.GENERATE, Endpoint.QUERY):
            app.router.add_post(endpoint.value, functools.partial(self._serve, endpoint))
        app.router.add_get("/media/image_large_{clip}.png", self._image)
        app.router.add_get("/media/image_{clip}.png", self._image)
        app.router.add_get("/media/api/forbidden", self._forbidden)
        app.router.add_get("/media/stream/{clip}.mp3", self._stream)
        app.router.add_get("/media/{clip}.mp3", self._audio)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.settings.port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop, as `close` does."""
        await self.close()

    async def close(self) -> None:
        """Stop listening, end stalled answers and wait for the file in hand."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._studio.close()

    async def _serve(self, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
        arrival = Arrival(self._clock(), endpoint)
        self.counts.log.append(arrival)
        try:
            account = self._account_of(request)
        except Refusal as refusal:
            return _refused(arrival, refusal, "unauthorized")
        arrival.key = account.key
        window = account.submits if endpoint in SUBMITS else account.queries
        wait = window.admit(arrival.at)
        if wait > 0:
            refusal = Refusal(429, "Too many requests, please try again later")
            return _refused(arrival, refusal, "violation", {"Retry-After": str(math.ceil(wait))})
        try:
            return await self._answer(request, arrival, account)
        except Refusal as refusal:
            return _refused(arrival, refusal, "refused")

    async def _answer(self, request: web.Request, arrival: Arrival, account: Account) -> web.StreamResponse:
        fault = self.faults.take_unread(arrival.endpoint)
        if fault is None:
            arrival.body = parse_json(await request.read(), request.content_type)
            fault = self.faults.take(arrival.endpoint, arrival.body)
        if fault is None:
            return web.json_response(self._act(arrival, account, arrival.body or {}))
        arrival.fault = fault.name
        truth = web.Response()
        if fault.stage is Stage.AFTER:
            truth = web.json_response(self._act(arrival, account, arrival.body or {}))
        else:
            arrival.outcome = "faulted"
        return await answer_with(request, fault, truth, self._closing)

    def _account_of(self, request: web.Request) -> Account:
        sent = request.headers.get("Authorization", "").encode()
        for account in self.accounts:
            if hmac.compare_digest(sent, f"Bearer {account.key}".encode()):
                return account
        raise Refusal(403, KEY_REFUSED)

    def _act(self, arrival: Arrival, account: Account, body: Body) -> Body:
        now = self._clock()
        if arrival.endpoint is Endpoint.QUERY:
            task = self.tasks.get(parse_query(body))
            if task is None:
                raise Refusal(404, "Task not found")
            arrival.outcome, arrival.task_id = "answered", task.id
            return task.payload(now, f"{self.url}/media")
        submission = parse_submit(body, arrival.endpoint)
        self._library.check(submission, account, now)
        task = self._library.accept(submission, account, body, self.faults.take_outcome(body), now)
        arrival.outcome, arrival.task_id = "accepted", task.id
        # The page's sample of a created task carries this very text: it proves nothing, and a client must know.
        return {"code": 200, "task_id": task.id, "message": KEY_REFUSED}

    async def _unknown(self, request: web.Request) -> web.Response:
        self.counts.unknown.append(f"{request.method} {request.path}")
        return web.json_response({"code": 404, "message": "No such address"}, status=404)

    def _clip(self, request: web.Request) -> tuple[Task, Clip]:
        try:
            return self._library.clips[request.match_info["clip"]]
        except KeyError as error:
            raise _absent() from error

    async def _sound(self, clip: Clip) -> bytes:
        return await self._studio.file(f"{clip.id}.mp3", functools.partial(self._recorder, clip.take, clip.title))

    async def _audio(self, request: web.Request) -> web.StreamResponse:
        task, clip = self._clip(request)
        now = self._clock()
        if task.clip_status(clip, now) != COMPLETE:
            raise _absent()
        match task.audio(clip, now):
            case Audio.EMPTY_FILE:
                truth = web.Response(body=b"", content_type="audio/mpeg")
            case Audio.HTTP_403:
                truth = web.Response(status=403, body=HTML, content_type="text/html")
            case Audio.HTML_PAGE:
                truth = _page()
            case _:
                truth = send_file(request, await self._sound(clip), "audio/mpeg")
        fault = self.faults.take(Endpoint.AUDIO, {"clip": clip.id})
        return truth if fault is None else await answer_with(request, fault, truth, self._closing)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Serve as much of a clip as exists by now; the address dies when the clip completes."""
        task, clip = self._clip(request)
        now = self._clock()
        if task.clip_status(clip, now) != STREAMING:
            raise _absent()
        whole = await self._sound(clip)
        share = STREAMED_AT_FIRST + (1 - STREAMED_AT_FIRST) * task.progress(clip, now)
        return send_file(request, whole[: int(len(whole) * min(share, 0.95))], "audio/mpeg")

    async def _image(self, request: web.Request) -> web.Response:
        _, clip = self._clip(request)
        size = LARGE_SIZE if "image_large_" in request.path else SIZE
        draw = functools.partial(self._painter, clip.take.tags, clip.take.seed * 2 + clip.index, size)
        return send_file(request, await self._studio.file(f"{clip.id}.{size}.png", draw), "image/png")

    async def _forbidden(self, _request: web.Request) -> web.Response:
        return _page()


def _refused(arrival: Arrival, refusal: Refusal, outcome: str, headers: dict[str, str] | None = None) -> web.Response:
    arrival.outcome = outcome
    return web.json_response({"code": refusal.code, "message": refusal.message}, status=refusal.code, headers=headers)


def _absent() -> web.HTTPNotFound:
    return web.HTTPNotFound(text=HTML.decode(), content_type="text/html")


def _page() -> web.Response:
    return web.Response(body=HTML, content_type="text/html")
