"""`python -m bot sandbox`: the stage, the real bot, and the page, until somebody ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from typing import TYPE_CHECKING

from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.page.guard import is_loopback
from bot.sandbox.page.scene import SECOND_KEY, put_in_starter, set_scene
from bot.sandbox.page.server import PORT, PageServer
from bot.sandbox.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.page.scene import Scene

OK, FAILED, REFUSED = 0, 1, 2
"""Exit codes."""
START_PATIENCE = 60.0
"""Seconds for the bot to connect."""
BY_HAND = (12.0, 25.0)
"""Seconds for a track: long enough to see it being made, short enough that a first one is heard within a minute of the first look."""
DEADLINES = {True: "45", False: "120"}
"""The bot's JOB_DEADLINE here, by whether tracks are made fast: nobody wants to watch a stalled task for a quarter of an hour."""
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGINT, signal.SIGTERM)


async def serve(*, fast: bool, host: str = "127.0.0.1", port: int = PORT, open_browser: bool = True) -> int:
    """Serve the page until SIGINT, SIGTERM or SIGHUP; return the exit code. `fast` makes a track take 6 seconds."""
    if not is_loopback(host):
        _say(
            f"The sandbox does not listen on {host}: whoever reaches it could use it, so it is for this machine alone.\n"
            "Leave --host out, or give localhost or an address that begins with 127."
        )
        return REFUSED
    ended = _until_ended()
    settings = {"JOB_DEADLINE": DEADLINES[fast]}
    async with open_stage(music=MusicSettings.fast() if fast else MusicSettings(generation=BY_HAND), settings=settings) as stage:
        scene = set_scene(stage)
        try:
            async with PageServer(scene, host=host, port=port) as page:
                return await _perform(scene, page, ended, fast=fast, open_browser=open_browser)
        except OSError as error:
            _say(f"The page cannot listen on {host}: {error.strerror or error}.")
            return FAILED


async def _perform(scene: Scene, page: PageServer, ended: asyncio.Event, *, fast: bool, open_browser: bool) -> int:
    bot = scene.stage.bot
    _say("Encore's sandbox: starting the real bot, a music service and a Discord on this machine …")
    await bot.start()
    beginning = asyncio.create_task(_begun(scene), name="sandbox-begin")
    end = asyncio.create_task(ended.wait(), name="sandbox-end")
    await asyncio.wait([beginning, end], return_when=asyncio.FIRST_COMPLETED)
    if not beginning.done():
        beginning.cancel()
        return OK
    if not await beginning:
        end.cancel()
        _say(f"The bot did not come up. Its log:\n{bot.log}")
        return FAILED
    _say(_greeting(page.url, fast=fast))
    if open_browser and has_screen(os.environ, sys.platform):
        await asyncio.to_thread(webbrowser.open, page.url)
    await end
    return OK


async def _begun(scene: Scene) -> bool:
    """Wait until the bot is there and the first track with it."""
    try:
        await scene.stage.discord.wait_ready(START_PATIENCE)
        await scene.stage.discord.wait_for_command("track", START_PATIENCE)
        await put_in_starter(scene)
    except (TimeoutError, ClientRefusal):
        return False
    return True


def _greeting(url: str, *, fast: bool) -> str:
    length = "6 seconds" if fast else "12 to 25 seconds"
    return (
        f"\n  {url}\n\n"
        f"1. In #music type /extend, pick the track, a start point and its styles: a track takes {length} here.\n"
        "2. Listen to A and B, and press Continue B under the one you like; switch to another person at the bottom left.\n"
        f"3. As Olive, enter {SECOND_KEY} under /settings, API key…: the server then runs on a key of its own.\n"
        "4. Open “Faults” at the top right to slow things down, run out of credits, or kill the bot in the middle.\n"
        "\nCtrl-C ends it all."
    )


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser that is opened here would be seen by whoever started this."""
    if environment.get("CI"):
        return False
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    return platform in {"darwin", "win32"} and not environment.get("SSH_CONNECTION")


def _until_ended() -> asyncio.Event:
    """Return what is set when somebody ends the sandbox."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDINGS:
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows has no signals in its event loop
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(ended.set))
    return ended


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a script speaks
