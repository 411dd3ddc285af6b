"""Staying connected ends when it is told to, whatever discord.py is doing just then."""

import asyncio
from typing import cast

import discord
import pytest

from bot.connecting import stay_connected
from bot.discord_bot import EncoreBot
from bot.errors import StartupError


class Reconnecting:
    """A bot in the middle of a reconnect: discord.py 2.7.1, `Shard.reidentify`, takes a cancellation for the end of that alone."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def connect(self) -> None:
        while not self.closed.is_set():
            try:
                await self.closed.wait()
            except asyncio.CancelledError:
                continue

    async def close(self) -> None:
        self.closed.set()


class Refused(Reconnecting):
    async def connect(self) -> None:
        raise discord.PrivilegedIntentsRequired(None)


async def test_a_reconnect_does_not_outlive_its_cancellation() -> None:
    bot = Reconnecting()
    staying = asyncio.create_task(stay_connected(cast("EncoreBot", bot)))
    await asyncio.sleep(0.01)
    staying.cancel()
    async with asyncio.timeout(30):
        await asyncio.wait({staying})
    assert staying.cancelled()
    assert bot.closed.is_set()


async def test_what_turns_the_bot_away_is_told_in_words() -> None:
    with pytest.raises(StartupError, match="Developer Portal"):
        await stay_connected(cast("EncoreBot", Refused()))
