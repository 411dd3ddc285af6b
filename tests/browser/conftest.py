"""One browser and one sandbox a file; where there is no chromium, the tests are skipped, except in CI."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sandbox import PATIENCE, Sandbox, find_chromium, open_browser, open_sandbox
from tests.warm import start_warm

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser

MISSING = "There is no chromium on this machine; on Debian: apt-get install chromium"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where chromium is."""
    found = find_chromium()
    if found is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if found is None:
        pytest.skip(MISSING)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    expect.set_options(timeout=PATIENCE * 1000)
    async with open_browser(chromium) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(browser: Browser) -> AsyncGenerator[Sandbox]:
    """The real bot on its page; at the end, nothing was sent twice and no limit was broken."""
    async with open_sandbox(browser, launch=start_warm) as sandbox:
        yield sandbox
        counts = sandbox.stage.music.counts
        assert counts.accepted_twice() == []
        assert counts.violations == 0
        assert sandbox.stage.discord.unknown_routes == []
        assert "Traceback" not in sandbox.stage.bot.log
