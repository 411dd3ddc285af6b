"""The HTTP side: find the route, record, fail when told to, refuse in Discord's words."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import zlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import hdrs, web

from bot.sandbox.discord import refusals, rest_channels, rest_commands, rest_guilds, rest_interactions, rest_messages, rest_reactions
from bot.sandbox.discord.calls import Call, Reply, Route, read_body
from bot.sandbox.discord.events import RequestAnswered
from bot.sandbox.discord.record import RecordedRequest

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.events import RequestAnswered
    from bot.sandbox.discord.faults import Fault, Faults
from bot.sandbox.discord.record import Record

log = logging.getLogger(__name__)

API = "/api/v10"
ROUTES: tuple[Route, ...] = (
    *rest_guilds.ROUTES,
    *rest_channels.ROUTES,
    *rest_reactions.ROUTES,
    *rest_messages.ROUTES,
    *rest_commands.ROUTES,
    *rest_interactions.ROUTES,
)
BUCKET_SIZE = 100
"""A lenient rate limit: it is told, and not enforced."""


class RestServer:
    """Answer Discord's REST API; `unknown_routes` is what the bot asked for in vain."""

    def __init__(self, core: Core, record: Record, faults: Faults) -> None:
        """Answer from `core`."""
        self._core = core
        self._record = record
        self._faults = faults
        self.unknown_routes: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raw_path = request.rel_url.raw_path.removeprefix(API)
        path = "/".join(unquote(part) for part in raw_path.split("/"))
        recorded = RecordedRequest(at=self._core.clock(), method=request.method, path=path, query=dict(request.query), body=None, files=[])
        route, params = self._route(request.method, raw_path)
        refusal: refusals.Refusal | None = None
        call = Call(method=request.method, path=path)
        try:
            body, uploads = await read_body(request, self._core.limits.request_bytes)
            recorded.body, recorded.files = body, [(upload.filename, len(upload.content)) for upload in uploads]
            call = Call(method=request.method, path=path, params=params, query=request.query, body=body, uploads=uploads)
        except refusals.Refusal as found:
            refusal = found
        except ConnectionError:
            # Whoever asked was gone before the end of the question.
            return web.Response(status=400)
        self._record.add(recorded)
        fault = self._faults.take(request.method, path)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.fails and fault.before:
                return self._fail(request, recorded, fault)
        reply, headers = self._answer(request, route, call, refusal)
        if fault is not None and fault.fails:
            return self._fail(request, recorded, fault)
        self._note(recorded, reply.status)
        return respond(reply, headers)

    def _note(self, recorded: RecordedRequest, status: int) -> None:
        recorded.status = status
        self._core.hub.publish(RequestAnswered(recorded))

    def _route(self, method: str, raw_path: str) -> tuple[Route | None, dict[str, str]]:
        for route in ROUTES:
            if route.method == method and (params := route.match(raw_path)) is not None:
                return route, {name: unquote(value) for name, value in params.items()}
        return None, {}

    def _answer(
        self, request: web.Request, route: Route | None, call: Call, refusal: refusals.Refusal | None
    ) -> tuple[Reply, dict[str, str]]:
        try:
            if route is None:
                self.unknown_routes.append(f"{call.method} {call.path}")
                log.error("the loopback Discord has no %s %s", call.method, call.path)
                raise refusals.unknown_route()
            if not route.public:
                self._check_token(request)
            if refusal is not None:
                raise refusal
            return route.handler(self._core, call), rate_limit_headers(route)
        except refusals.Refusal as found:
            log.info("refused %s %s: %s", call.method, "unknown" if route is None else route.template, found)
            headers = {} if route is None else rate_limit_headers(route)
            if found.status == 429:  # noqa: PLR2004 - a 429 of Discord itself carries Via, as discord.py expects of one to wait for
                headers["Via"] = "1.1 google"
            return Reply(found.status, found.body()), headers

    def _check_token(self, request: web.Request) -> None:
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        if not hmac.compare_digest(given.encode(), f"Bot {self._core.world.application.token}".encode()):
            raise refusals.unauthorized()

    def _fail(self, request: web.Request, recorded: RecordedRequest, fault: Fault) -> web.StreamResponse:
        if fault.reset:
            self._note(recorded, 0)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        status = fault.status or 500
        self._note(recorded, status)
        return respond(Reply(status, fault.body()), fault.headers())


def respond(reply: Reply, headers: dict[str, str]) -> web.Response:
    """Write an answer; JSON goes out as exactly `application/json`, without a charset."""
    if reply.status == 204:  # noqa: PLR2004 - No Content
        return web.Response(status=204, headers=headers)
    content = json.dumps(reply.body, separators=(",", ":")).encode()
    return web.Response(status=reply.status, body=content, content_type="application/json", headers=headers)


def rate_limit_headers(route: Route) -> dict[str, str]:
    """Return plausible rate limit headers that never make a client wait."""
    return {
        "X-RateLimit-Limit": str(BUCKET_SIZE),
        "X-RateLimit-Remaining": str(BUCKET_SIZE - 1),
        "X-RateLimit-Reset": "0",
        "X-RateLimit-Reset-After": "1.000",
        "X-RateLimit-Bucket": f"{zlib.crc32(f'{route.method} {route.template}'.encode()):08x}",
    }
