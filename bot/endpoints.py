"""Where Discord is: the real one, or whatever proxy the operator has put before it.

discord.py keeps its addresses in class attributes, so this holds for the whole process.
"""

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


def use_endpoints(api_url: str, gateway_url: str | None) -> None:
    """Send REST requests to `api_url` (version included) and connect to `gateway_url`, if one is given."""
    Route.BASE = api_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        _pin_gateway(DiscordWebSocket.DEFAULT_GATEWAY)


def _pin_gateway(url: yarl.URL) -> None:
    """Resume at this gateway too: the `resume_gateway_url` that READY names would lead past the proxy."""

    def read(_socket: DiscordWebSocket) -> yarl.URL:
        return url

    def ignore(_socket: DiscordWebSocket, _value: yarl.URL) -> None:
        """Take what discord.py assigns at READY, and keep the operator's choice."""

    setattr(DiscordWebSocket, "gateway", property(read, ignore))  # noqa: B010 - a plain assignment would claim the attribute's type


async def shards_behind(client: discord.AutoShardedClient) -> int:
    """Ask how many shards Discord recommends, without taking its gateway's address (Get Gateway Bot)."""
    shards, _, _ = await client.http.get_bot_gateway()
    return shards
