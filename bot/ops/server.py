"""The operator's small HTTP server: is the bot alive, does it work, and how well?"""

import contextlib
import logging
from collections.abc import AsyncGenerator

from aiohttp import web

from bot.ops.metrics import CONTENT_TYPE, Metrics, Vitals

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def ops_server(vitals: Vitals, metrics: Metrics, *, host: str, port: int | None) -> AsyncGenerator[None]:
    """Serve /healthz (200 while the process answers), /readyz (200, or 503 with the reasons) and /metrics here; no port: off.

    An address that cannot be taken is logged and does without: the bot's work does not depend on it.
    """
    if port is None:
        yield
        return
    runner = web.AppRunner(_application(vitals, metrics), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        log.warning("/healthz is off: OPS_HOST:OPS_PORT %s:%d cannot be used (%s)", host, port, error.strerror or error)
    try:
        yield
    finally:
        await runner.cleanup()


def _application(vitals: Vitals, metrics: Metrics) -> web.Application:
    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        reasons = await vitals.not_ready()
        return web.json_response({"status": "not ready" if reasons else "ready", "reasons": reasons}, status=503 if reasons else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics.scrape(vitals), headers={"Content-Type": CONTENT_TYPE})

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", show_metrics)
    return application
