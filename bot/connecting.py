"""The way onto Discord: logging in with patience, and staying connected."""

import asyncio
import logging
from http import HTTPStatus

import aiohttp
import discord
import stamina

from bot.discord_bot import EncoreBot
from bot.errors import DiscordUnavailable, SettingsError, StartupError

log = logging.getLogger(__name__)

REFUSED_CLOSES = {4004: "the token", 4013: "the intents", 4014: "the intents (one of them has to be switched on in the Developer Portal)"}
"""Close codes with which the gateway turns a bot away for good (Gateway Close Event Codes)."""


async def log_in(bot: EncoreBot, session: aiohttp.ClientSession, *, api_url: str, token: str) -> None:
    """Wait until Discord can be reached, log in, and sync the commands. Raises SettingsError for a refused token, StartupError."""
    async for attempt in stamina.retry_context(on=DiscordUnavailable, attempts=None, timeout=None, wait_max=30.0):
        with attempt:
            if attempt.num == 2:  # noqa: PLR2004 - said once, at the first repetition
                log.warning("Discord cannot be reached at %s: trying on", api_url)
            await _knock(session, api_url=api_url, token=token, user_agent=bot.http.user_agent)
    try:
        await bot.login(token)
    except discord.LoginFailure as error:
        raise SettingsError(["DISCORD_TOKEN is refused by Discord: copy it anew from the Developer Portal (Bot, Reset Token)."]) from error
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise StartupError(f"Discord broke the login off ({type(error).__name__}): start again in a moment.") from error


async def _knock(session: aiohttp.ClientSession, *, api_url: str, token: str, user_agent: str) -> None:
    """Ask Discord who we are, as the login will: discord.py gives up at the first failure. Raises DiscordUnavailable."""
    headers = {"Authorization": f"Bot {token}", "User-Agent": user_agent}
    try:
        async with session.get(f"{api_url}/users/@me", headers=headers) as response:
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DiscordUnavailable(type(error).__name__) from error
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise DiscordUnavailable(f"HTTP {status}")


async def stay_connected(bot: EncoreBot) -> None:
    """Stay connected to the gateway. Raises StartupError where it turns the bot away for good."""
    try:
        await _connect(bot)
    except discord.PrivilegedIntentsRequired as error:
        raise StartupError("Discord refuses the intents: switch them on in the Developer Portal.") from error
    except discord.ConnectionClosed as error:
        what = REFUSED_CLOSES.get(error.code, "the connection")
        raise StartupError(f"Discord refuses {what} (close code {error.code}).") from error


async def _connect(bot: EncoreBot) -> None:
    connecting = asyncio.create_task(bot.connect(), name="discord")
    try:
        await asyncio.wait({connecting})
    except asyncio.CancelledError:
        # In the middle of a reconnect discord.py takes a cancellation for the end of that alone: it is closing that ends it all.
        connecting.cancel()
        await bot.close()
        await asyncio.gather(connecting, return_exceptions=True)
        raise
    connecting.result()
