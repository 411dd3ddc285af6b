"""Who may talk to the page: loopback only, with the capability, from the page itself."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

KEY = "key"
"""The query parameter that carries the capability."""
COOKIE_SECONDS = 30 * 24 * 3600
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
"""Nothing from elsewhere, nothing inline; the last two make the browser itself refuse `innerHTML` and its kin."""
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOCKED_OUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Encore sandbox: this address needs its key</title></head>
<body><h1>This address needs its key</h1>
<p>The sandbox answers only the browser that was given its key. Open the whole address that
<code>python -m bot sandbox</code> has printed: it ends in <code>?key=…</code>, and each start makes a new one.</p></body></html>
"""


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class Guard:
    """Let in what comes from this machine's browser with the capability; `names` are the values of Host that are the page's own."""

    capability: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    names: frozenset[str] = frozenset()
    cookie: str = "encore_sandbox"

    def listens_at(self, host: str, port: int) -> None:
        """Take the page's address; the cookie is named after the port, since browsers send a host's cookies to every port of it."""
        self.names = frozenset(f"{name}:{port}" for name in (_in_url(host), "127.0.0.1", "localhost"))
        self.cookie = f"encore_sandbox_{port}"

    def middleware(self) -> Middleware:
        """Return what stands before every route."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.headers.get(hdrs.HOST) not in self.names:
                return _refused(request, "This is not the sandbox's address.", status=421)
            if not self._is_same_origin(request):
                return _refused(request, "Only the sandbox's own page may do that.")
            given = request.query.get(KEY, "")
            if not self._fits(given) and not self._fits(request.cookies.get(self.cookie, "")):
                return _refused(
                    request, "The key is missing or belongs to an earlier start: open the address that the sandbox has printed."
                )
            response = await handler(request)
            if given and not response.prepared:
                response.set_cookie(self.cookie, self.capability, max_age=COOKIE_SECONDS, httponly=True, samesite="Strict", path="/")
            return response

        return guarded

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self.capability.encode())

    def _is_same_origin(self, request: web.Request) -> bool:
        """Check who asks: what changes something must say where it comes from, and nothing may come from elsewhere."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None:
            return origin == f"http://{request.headers[hdrs.HOST]}"
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            return False
        site = request.headers.get("Sec-Fetch-Site", "none")
        return not request.path.startswith(("/api/", "/files/")) or site in ("same-origin", "none")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on every answer, errors included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-cache" if request.path.startswith("/static/") else "no-store")


def _refused(request: web.Request, words: str, *, status: int = 403) -> web.Response:
    if request.path.startswith("/api/"):
        return web.json_response({"error": words}, status=status)
    return web.Response(status=status, text=LOCKED_OUT, content_type="text/html")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
