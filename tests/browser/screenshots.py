"""`make screenshots`: bring the page into every state, and write docs/images/ anew; `SCENES="line outages"` does only these."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser import families, managing, scenes, sessions, sharing
from tests.browser.sandbox import PATIENCE, PROVIDER, find_chromium, open_browser, open_sandbox
from tests.browser.studio import IMAGES, open_studio

if TYPE_CHECKING:
    from collections.abc import Sequence

SUBMIT_INTERVAL = 4.0
MUSIC = replace(PROVIDER, length=(60.0, 90.0), submit_interval=SUBMIT_INTERVAL)
SETTINGS = {"MUSIC_SUBMIT_INTERVAL": str(SUBMIT_INTERVAL), "JOB_DEADLINE": "110"}
"""The real pace of submits, so that there is a line to stand in; and an early deadline."""

ON_THE_PAGE = {
    scene.__name__: scene
    for scene in (
        scenes.overviews,
        scenes.unreached,
        managing.rules,
        managing.topics,
        managing.threads,
        managing.operator,
        families.families,
        sharing.finds,
        sharing.discreet,
        sessions.sessions,
        sessions.ideas,
        sessions.relay,
        sessions.free,
    )
}
IN_THE_LOUNGE = {
    scene.__name__: scene for scene in (scenes.states, scenes.line, scenes.delivery, scenes.outcomes, scenes.refusals, scenes.outages)
}
ALL = ("overviews", "states", "unreached", "rules", "topics", "threads", "operator", "families", "finds", "discreet", "sessions")
"""The scenes that hold all the others."""


async def write(executable: str, names: Sequence[str]) -> None:
    """Take the pictures of these scenes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE * 1000)
    async with open_browser(executable) as browser, open_sandbox(browser, music=MUSIC, settings=SETTINGS) as sandbox:
        for name in names:
            if name in ON_THE_PAGE:
                await ON_THE_PAGE[name](sandbox)
                continue
            async with open_studio(sandbox, "mira", sandbox.stage.world.lounge) as studio:
                await IN_THE_LOUNGE[name](studio)


def main(names: Sequence[str]) -> int:
    """Take the pictures of the named scenes, of all where none is named; return the exit code."""
    executable = find_chromium()
    if executable is None:
        return _refused("The screenshots need chromium; on Debian: apt-get install chromium")
    if unknown := [name for name in names if name not in ON_THE_PAGE | IN_THE_LOUNGE]:
        return _refused(f"There is no scene {', '.join(unknown)}; there are {', '.join(ON_THE_PAGE | IN_THE_LOUNGE)}")
    asyncio.run(write(executable, names or ALL))
    return 0


def _refused(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201 - a script speaks
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
