"""A music API as somebody would write it who has read the provider's pages and nothing of ours: submit, query, files."""

import asyncio
import uuid
from typing import Any, Self

from aiohttp import web

Json = dict[str, Any]
KEY = "foreign-key-abcdefghijklmnop"


class Server:
    """One aiohttp application on a free port."""

    def __init__(self) -> None:
        self.app = web.Application(client_max_size=64 * 1024 * 1024)
        self.port = 0

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


class MusicService(Server):
    """A task that ends when the test says so."""

    def __init__(self, mp3: bytes) -> None:
        super().__init__()
        self.mp3 = mp3
        self.submits: list[Json] = []
        self.queried = asyncio.Event()
        self.finished = False
        post, get = self.app.router.add_post, self.app.router.add_get
        post("/suno/music/extend-Instrumental", self._submit)
        post("/suno/music/get-task", self._query)
        get("/{name}.mp3", self._file)

    async def _submit(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        self.submits.append(await request.json())
        return web.json_response({"code": 200, "task_id": "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e", "message": "success"})

    async def _query(self, request: web.Request) -> web.Response:
        task: Json = {
            "code": 200,
            "task_id": (await request.json())["task_id"],
            "status": "streaming",
            "prompt": {"prompt": ""},
            "clips": [],
        }
        if self.finished:
            task |= {"status": "complete", "clips": [self._clip(name) for name in ("one", "two")]}
        self.queried.set()
        return web.json_response(task)

    def _clip(self, name: str) -> Json:
        return {
            "continue_clip_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
            "title": "",
            "status": "complete",
            "audio_url": f"http://127.0.0.1:{self.port}/{name}.mp3",
            "image_url": "",
            "duration": "240",
            "created_at": "2024-07-10T13:41:18.077Z",
            "model_name": "chirp-v3.5",
            "major_model_version": "v3.5",
        }

    async def _file(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.mp3, content_type="audio/mpeg")
