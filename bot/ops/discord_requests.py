"""Counting the requests to Discord, by a tracing hook of aiohttp: discord.py's own session has no other place to look in from."""

from types import SimpleNamespace
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.ops.metrics import Metrics

_OWNERS: Final = {
    "applications": ("application_id",),
    "channels": ("channel_id",),
    "commands": ("command_id",),
    "guilds": ("guild_id",),
    "interactions": ("interaction_id", "interaction_token"),
    "members": ("user_id",),
    "messages": ("message_id",),
    "users": ("user_id",),
    "webhooks": ("webhook_id", "webhook_token"),
}
"""Words of Discord's paths, and what the parts behind each stand for."""
_WORDS: Final = frozenset(
    {*_OWNERS, "@me", "@original", "bot", "callback", "gateway", "oauth2", "permissions", "roles", "threads", "typing", "voice"}
)
"""The parts of a path that are shown. No id and no token can be one of them, and nothing else is ever shown."""
_LONGEST: Final = 8
ELSEWHERE: Final = "elsewhere"
"""What is no path of the REST API: the gateway, and files."""


def route_of(path: str, prefix: str) -> str:
    """Make the template of a path, as Discord's reference writes it: `/channels/{channel_id}/messages`."""
    if not path.startswith(f"{prefix}/"):
        return ELSEWHERE
    shown: list[str] = []
    names: list[str] = []
    for part in path.removeprefix(f"{prefix}/").split("/")[:_LONGEST]:
        if part in _WORDS:
            shown.append(part)
            names = list(_OWNERS.get(part, ()))
        else:
            shown.append("{" + (names.pop(0) if names else "other") + "}")
    return "/" + "/".join(shown)


def trace_requests(metrics: Metrics, api_url: str) -> aiohttp.TraceConfig:
    """Make the hooks for a session; `api_url` is where REST is, version included."""
    prefix = urlsplit(api_url).path.rstrip("/")

    def count(params: aiohttp.TraceRequestEndParams | aiohttp.TraceRequestExceptionParams, status: str) -> None:
        metrics.discord_requests.labels(params.method, route_of(params.url.path, prefix), status).inc()

    async def answered(_session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        count(params, str(params.response.status))

    async def failed(_session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams) -> None:
        count(params, "none")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(answered)
    trace.on_request_exception.append(failed)
    return trace
