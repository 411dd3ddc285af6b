"""A Discord as somebody would write it who has read Discord's pages and nothing of ours.

Only what one slash command cannot do without, with the fields that the pages document. What is not here is answered 404.
"""

import asyncio
import itertools
import json
import os
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, WSMsgType, web

from tests.e2e.foreign_music import Json, Server

TOKEN = "foreign-token-abcdefghijklmnop"
APP, GUILD, CHANNEL, PERSON = "100000000000000001", "100000000000000002", "100000000000000003", "100000000000000004"
EVERYONE = str(1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31)


def _user(user_id: str, name: str, *, bot: bool) -> Json:
    return {"id": user_id, "username": name, "discriminator": "0", "global_name": name, "avatar": None, "bot": bot}


@dataclass(slots=True)
class Shown:
    """A message as its channel shows it."""

    body: Json
    nonce: str | None = None
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])


class ChatService(Server):
    """As much of Discord as one slash command needs."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, Shown] = {}
        self.changed = asyncio.Event()
        self.unknown: list[str] = []
        self.commands: list[Json] = []
        self._numbers = itertools.count()
        self._originals: dict[str, str] = {}
        self._socket: web.WebSocketResponse | None = None
        self._sequence = 0
        self.app.router.add_get("/gateway/", self._gateway)
        self.app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._routes: list[tuple[str, Callable[..., Awaitable[object]]]] = [
            (r"GET gateway/bot", self._gateway_bot),
            (r"GET users/@me", self._me),
            (r"GET applications/@me|GET oauth2/applications/@me", self._application),
            (r"PUT applications/\d+/commands", self._sync),
            (r"POST interactions/(\d+)/(\w+)/callback", self._callback),
            (r"PATCH webhooks/\d+/(\w+)/messages/@original", self._edit_original),
            (r"POST channels/(\d+)/messages", self._post),
            (r"PATCH channels/\d+/messages/(\d+)", self._edit),
            (r"GET channels/(\d+)/messages", self._history),
        ]

    # The gateway: page "Gateway".

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            payload = json.loads(message.data)
            if payload["op"] == 1:
                await socket.send_json({"op": 11})
            elif payload["op"] == 2:
                assert payload["d"]["token"] == TOKEN
                self._socket = socket
                await self._ready(payload["d"]["shard"])
        return socket

    async def _ready(self, shard: list[int]) -> None:
        ready: Json = {
            "v": 10,
            "user": _user(APP, "Encore", bot=True),
            "guilds": [{"id": GUILD, "unavailable": True}],
            "session_id": "s",
            "resume_gateway_url": f"ws://127.0.0.1:{self.port}/gateway/",
            "shard": shard,
            "application": {"id": APP, "flags": 0},
        }
        await self._dispatch("READY", ready)
        await self._dispatch("GUILD_CREATE", self._guild())
        self.changed.set()

    def _guild(self) -> Json:
        role: Json = {"id": GUILD, "name": "@everyone", "permissions": EVERYONE, "position": 0, "color": 0, "hoist": False}
        role |= {"managed": False, "mentionable": False, "flags": 0}
        member: Json = {"user": _user(APP, "Encore", bot=True), "roles": [], "joined_at": "2024-01-01T00:00:00+00:00", "flags": 0}
        member |= {"deaf": False, "mute": False}
        channel: Json = {"id": CHANNEL, "type": 0, "name": "music", "position": 0, "permission_overwrites": []}
        guild: Json = {"id": GUILD, "name": "Foreign", "owner_id": PERSON, "roles": [role], "channels": [channel], "members": [member]}
        guild |= {"threads": [], "presences": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [], "emojis": []}
        guild |= {"stickers": [], "features": [], "member_count": 2, "large": False, "unavailable": False, "premium_tier": 0}
        guild |= {
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
        }
        return guild | {"preferred_locale": "en-US", "joined_at": "2024-01-01T00:00:00+00:00", "premium_progress_bar_enabled": False}

    async def _dispatch(self, name: str, data: Json) -> None:
        assert self._socket is not None
        self._sequence += 1
        await self._socket.send_json({"op": 0, "t": name, "s": self._sequence, "d": data})

    @property
    def connected(self) -> bool:
        return self._socket is not None and not self._socket.closed

    async def slash(self, name: str, **options: str) -> None:
        """Use a command: page "Receiving and Responding to Interactions"."""
        command = next(command for command in self.commands if command["name"] == name)
        given = [{"name": option, "type": 3, "value": value} for option, value in options.items()]
        member: Json = {"user": _user(PERSON, "Mira", bot=False), "roles": [], "joined_at": "2024-01-01T00:00:00+00:00"}
        member |= {"deaf": False, "mute": False, "flags": 0, "permissions": EVERYONE}
        interaction: Json = {
            "id": self._id(),
            "application_id": APP,
            "type": 2,
            "data": {"id": command["id"], "name": name, "type": 1, "options": given},
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "channel": {"id": CHANNEL, "type": 0, "name": "music", "permissions": EVERYONE},
            "member": member,
            "token": f"aW50ZXJhY3Rpb246{uuid.uuid4().hex}",
            "version": 1,
            "app_permissions": EVERYONE,
            "locale": "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": GUILD},
            "context": 0,
            "attachment_size_limit": 10485760,
        }
        await self._dispatch("INTERACTION_CREATE", interaction)

    def _id(self) -> str:
        # A snowflake holds its time: the milliseconds since 2015, 22 bits up (reference page).
        return str((int(time.time() * 1000) - 1420070400000 << 22) + next(self._numbers) % 4096)

    # REST.

    async def _rest(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        body, files = await _read(request)
        _record(request.method, f"/{path}", body)
        for pattern, handler in self._routes:
            match = re.fullmatch(pattern, f"{request.method} {path}")
            if match:
                answer = await handler(*match.groups(), body=body, files=files)
                return web.Response(body=json.dumps(answer).encode(), content_type="application/json")
        self.unknown.append(f"{request.method} {path}")
        return web.Response(status=404, body=b'{"message": "404: Not Found", "code": 0}', content_type="application/json")

    async def _gateway_bot(self, **_: object) -> Json:
        limit: Json = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": f"ws://127.0.0.1:{self.port}/gateway/", "shards": 1, "session_start_limit": limit}

    async def _me(self, **_: object) -> Json:
        return _user(APP, "Encore", bot=True)

    async def _application(self, **_: object) -> Json:
        return {"id": APP, "name": "Encore", "icon": None, "description": "", "bot_public": True, "bot_require_code_grant": False} | {
            "verify_key": "",
            "flags": 0,
            "team": None,
            "owner": _user(PERSON, "Mira", bot=False),
        }

    async def _sync(self, *, body: list[Json], **_: object) -> list[Json]:
        self.commands = [
            {"id": self._id(), "application_id": APP, "version": "1", "default_member_permissions": None, **command} for command in body
        ]
        return self.commands

    async def _callback(self, interaction_id: str, token: str, *, body: Json, **_: object) -> Json:
        assert body["type"] in (4, 5)
        thinks = body["type"] == 5
        message_id = self._show({"flags": 128} if thinks else body["data"], Shown({}))
        self._originals[token] = message_id
        told: Json = {"id": interaction_id, "type": 2, "response_message_id": message_id, "response_message_loading": thinks}
        told |= {"response_message_ephemeral": False}
        return {"interaction": told, "resource": {"type": body["type"], "message": self.messages[message_id].body}}

    async def _edit_original(self, token: str, *, body: Json, files: dict[str, bytes]) -> Json:
        return await self._edit(self._originals[token], body=body, files=files)

    async def _edit(self, message_id: str, *, body: Json, files: dict[str, bytes]) -> Json:
        shown = self.messages[message_id]
        shown.body |= {name: body[name] for name in ("content", "embeds", "components") if body.get(name) is not None}
        shown.files |= files
        self.changed.set()
        return shown.body

    async def _post(self, _channel: str, *, body: Json, files: dict[str, bytes]) -> Json:
        for shown in self.messages.values():
            if body.get("enforce_nonce") and shown.nonce == body["nonce"]:
                return shown.body
        return self.messages[self._show(body, Shown({}, body.get("nonce"), files))].body

    async def _history(self, _channel: str, **_: object) -> list[Json]:
        return [shown.body for shown in reversed(self.messages.values())]

    def _show(self, body: Json, shown: Shown) -> str:
        message_id = self._id()
        shown.body = {
            "id": message_id,
            "channel_id": CHANNEL,
            "author": _user(APP, "Encore", bot=True),
            "content": body.get("content") or "",
            "timestamp": "2024-01-01T00:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "pinned": False,
            "type": 0,
            "flags": body.get("flags") or 0,
        }
        self.messages[message_id] = shown
        self.changed.set()
        return message_id

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that people see has come to be so."""
        async with asyncio.timeout(30):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def _read(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    if not request.content_type.startswith("multipart/"):
        return (await request.json() if request.can_read_body else None), {}
    body, files = None, dict[str, bytes]()
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "payload_json":
            body = await part.json()
        else:
            files[part.filename or ""] = bytes(await part.read())
    return body, files


def _record(method: str, path: str, body: object) -> None:
    if record := os.environ.get("ENCORE_DISCORD_RECORD"):
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"method": method, "path": path, "body": body}) + "\n")
