"""The page's web server, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiohttp import hdrs, web

from bot.sandbox.page.actions import Actions
from bot.sandbox.page.controls import Controls
from bot.sandbox.page.fault_book import FaultBook
from bot.sandbox.page.feed import Feed, News
from bot.sandbox.page.guard import KEY, Guard, add_headers
from bot.sandbox.page.keeper import Keeper
from bot.sandbox.page.message_view import message_view
from bot.sandbox.page.requests import PageRefusal, in_words, read_act, role_named
from bot.sandbox.page.served_files import serve_file
from bot.sandbox.page.state_view import state_view
from bot.sandbox.page.uploads import MOST_BYTES, Uploads

if TYPE_CHECKING:
    from types import TracebackType

    from bot.sandbox.discord.people import Person
    from bot.sandbox.page.scene import Role, Scene

STATIC = Path(__file__).parent / "static"
PORT = 8400
PORTS_TRIED = 50
PAGE_OF_MESSAGES = 50
HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it is still there."""


class PageServer:
    """Serve the page of a scene; `async with` starts it. `url` opens it, capability included."""

    def __init__(self, scene: Scene, *, host: str = "127.0.0.1", port: int = PORT) -> None:
        """Prepare to listen on a loopback host; where the port is taken, the next ones are tried, and 0 is any that is free."""
        self.scene = scene
        self.guard = Guard()
        self.feed = Feed(scene)
        self.faults = FaultBook(scene.stage)
        self.keeper = Keeper(scene.stage, self.faults, self._publish_controls)
        self.controls = Controls(scene.stage, self.faults, self.keeper)
        self._uploads = Uploads()
        self._actions = Actions(self.feed, self._uploads)
        self._host, self._wanted_port = host, port
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen. Raises OSError where no port is free."""
        app = web.Application(client_max_size=MOST_BYTES + 1, middlewares=[self.guard.middleware(), in_words])
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/", self._page)
        app.router.add_static("/static/", STATIC)
        app.router.add_get("/api/state", self._state)
        app.router.add_get(r"/api/channels/{channel:\d{1,20}}/messages", self._messages)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/controls", self._controls)
        app.router.add_get("/api/log", self._log)
        app.router.add_post("/api/uploads", self._upload)
        app.router.add_post("/api/do/{act}", self._act)
        app.router.add_post("/api/controls/{act}", self._control)
        app.router.add_get(r"/files/{attachment:\d{1,20}}/{filename}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self._listen(self._runner)
        self._watch = asyncio.create_task(self.keeper.watch(), name="sandbox-keeper")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop listening, and end what waits."""
        self.feed.close()
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def origin(self) -> str:
        """Return the page's address without the capability."""
        return self.url.partition("/?")[0]

    async def _listen(self, runner: web.AppRunner) -> None:
        tried = [0] if self._wanted_port == 0 else range(self._wanted_port, min(self._wanted_port + PORTS_TRIED, 1 << 16))
        for port in tried:
            try:
                await web.TCPSite(runner, self._host, port).start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE or port == tried[-1]:
                    raise
                continue
            break
        port = runner.addresses[0][1]
        self.guard.listens_at(self._host, port)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{shown}:{port}/?{KEY}={self.guard.capability}"

    def _publish_controls(self) -> None:
        self.feed.publish(News("controls", self.controls.view()))

    async def _page(self, _request: web.Request) -> web.StreamResponse:
        # Not FileResponse: it would answer a reload with 304, and the key's cookie must go out with the page.
        return web.Response(body=(STATIC / "index.html").read_bytes(), content_type="text/html", charset="utf-8")

    def _role(self, request: web.Request) -> Role:
        return role_named(self.scene, request.query.get("person"))

    async def _state(self, request: web.Request) -> web.Response:
        cursor = self.feed.cursor
        return web.json_response(state_view(self.scene, self._role(request)) | {"cursor": cursor, "controls": self.controls.view()})

    async def _messages(self, request: web.Request) -> web.Response:
        """Answer a page of messages, the latest or those before `before`, oldest first."""
        person = self._role(request).person
        channel = self.scene.stage.discord.core.world.channels.get(int(request.match_info["channel"]))
        if channel is None or not self.scene.stage.discord.core.world.permissions_of(person.user, channel):
            msg = "This channel is gone, or this person is not in it."
            raise PageRefusal(msg, 404)
        before = request.query.get("before", "")
        limit = int(before) if before.isascii() and before.isdigit() else None
        room = self.scene.stage.discord.room(channel)
        seen = [m for m in room.messages_for(person) if self.scene.sees(person, m) and (limit is None or m.id < limit)]
        shown = seen[-PAGE_OF_MESSAGES:]
        return web.json_response({"messages": [message_view(self.scene, person, m) for m in shown], "more": len(shown) < len(seen)})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Stream what happens from a cursor on; `resync` says that too much was missed."""
        person = self._role(request).person
        position = self.feed.position(request.headers.get("Last-Event-ID") or request.query.get("cursor", ""))
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # the tab was closed
            await self._stream(response, person, -1 if position is None else position)
        return response

    async def _stream(self, response: web.StreamResponse, person: Person, position: int) -> None:
        while not self.feed.closed:
            entries, position = self.feed.read(position, person)
            for cursor, name, data in [(self.feed.cursor, "resync", {})] if entries is None else entries:
                await response.write(_written(cursor, name, data))
            if not await self.feed.wait(position, HEARTBEAT):
                await response.write(b": still here\n\n")

    async def _controls(self, _request: web.Request) -> web.Response:
        return web.json_response(self.controls.view())

    async def _log(self, _request: web.Request) -> web.Response:
        return web.json_response({"log": await asyncio.to_thread(self.keeper.log)})

    async def _upload(self, request: web.Request) -> web.Response:
        role = self._role(request)
        upload_id, upload = await self._uploads.keep(role.person.id, request.query.get("name", ""), request.content)
        return web.json_response({"id": upload_id, "name": upload.filename, "size": len(upload.content)})

    async def _act(self, request: web.Request) -> web.Response:
        act = self._actions.by_name.get(request.match_info["act"])
        if act is None:
            raise web.HTTPNotFound
        return web.json_response(await act(await read_act(self.scene, request)))

    async def _control(self, request: web.Request) -> web.Response:
        act = self.controls.by_name.get(request.match_info["act"])
        if act is None:
            raise web.HTTPNotFound
        return web.json_response(await act(await read_act(self.scene, request)))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return serve_file(self.scene, self._role(request).person, int(request.match_info["attachment"]))


def _written(cursor: str, name: str, data: object) -> bytes:
    return f"id: {cursor}\nevent: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
