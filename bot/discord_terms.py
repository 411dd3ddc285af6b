"""What Discord answered, in our terms: its statuses and codes become the DiscordErrors that delivery decides by.

Codes: Discord's page Opcodes and Status Codes.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
import discord

from bot.errors import CannotPost, DiscordError, DiscordUnavailable, RefusedByDiscord, ReplyGone, TokenExpired, TooLargeForDiscord

T = TypeVar("T")

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
INVALID_WEBHOOK_TOKEN = 50027
"""JSON error codes of Discord."""
UNAUTHORIZED, FORBIDDEN, MISSING, TOO_LARGE, RATE_LIMITED, SERVER_ERROR = 401, 403, 404, 413, 429, 500

PATIENCE = 60.0
"""Seconds for one request with all that discord.py retries in it; its sleep on a webhook's 429 has no bound of its own."""


async def translated(request: Awaitable[T]) -> T:
    """Await a request, in our errors. Raises DiscordError."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await request
    except discord.HTTPException as error:
        raise _in_our_terms(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        # The error's text may hold the URL, and with it an interaction token.
        raise DiscordUnavailable(type(error).__name__) from error


def _in_our_terms(error: discord.HTTPException) -> DiscordError:
    """Translate Discord's refusal; the text keeps its code and its words, never the request."""
    words_of = f"HTTP {error.status}, code {error.code}: {error.text[:200]}"
    if error.status >= SERVER_ERROR or error.status == RATE_LIMITED:
        return DiscordUnavailable(words_of)
    if error.status == TOO_LARGE:
        return TooLargeForDiscord(words_of)
    if error.code in (INVALID_WEBHOOK_TOKEN, UNKNOWN_WEBHOOK) or error.status == UNAUTHORIZED:
        return TokenExpired(words_of)
    if error.code == UNKNOWN_MESSAGE:
        return ReplyGone(words_of)
    if error.code == UNKNOWN_CHANNEL or error.status in (FORBIDDEN, MISSING):
        return CannotPost(words_of)
    return RefusedByDiscord(words_of)
