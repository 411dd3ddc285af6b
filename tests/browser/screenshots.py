"""`make screenshots`: bring the page into every state, and write docs/images/ anew."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from playwright.async_api import expect

from tests.browser import scenes
from tests.browser.sandbox import PATIENCE, PROVIDER, find_chromium, open_browser, open_sandbox
from tests.browser.studio import IMAGES, Studio

SUBMIT_INTERVAL = 4.0
MUSIC = replace(PROVIDER, length=(60.0, 90.0), submit_interval=SUBMIT_INTERVAL)
SETTINGS = {"MUSIC_SUBMIT_INTERVAL": str(SUBMIT_INTERVAL), "JOB_DEADLINE": "110"}
"""The real pace of submits, so that there is a line to stand in; and an early deadline."""


async def write_all(executable: str) -> None:
    """Take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE * 1000)
    async with open_browser(executable) as browser, open_sandbox(browser, music=MUSIC, settings=SETTINGS) as sandbox:
        world = sandbox.stage.world
        await scenes.overviews(sandbox)
        async with sandbox.tab("mira") as tab:
            await tab.page.set_viewport_size({"width": 760, "height": 900})
            await tab.page.goto(f"{sandbox.server.origin}/?as=mira#{world.lounge.id}")
            await tab.page.reload()
            await expect(tab.page.locator("h1.title")).to_have_text("#lounge")
            await scenes.states(Studio(sandbox=sandbox, tab=tab, room=world.lounge, mira=world.mira))


def main() -> int:
    """Take every picture; return the exit code."""
    executable = find_chromium()
    if executable is None:
        print("The screenshots need chromium; on Debian: apt-get install chromium", file=sys.stderr)  # noqa: T201 - a script speaks
        return 1
    asyncio.run(write_all(executable))
    return 0


if __name__ == "__main__":
    sys.exit(main())
