"""A round of a session on a phone: an idea by its form, a vote in the select, by tap, as most people take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.sessions import ADD_IDEA, SKIP, starts

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser.sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fits(page: Page) -> bool:
    """Tell whether nothing sticks out to the side."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_a_round_is_played_by_tap_on_a_phone(sandbox: Sandbox) -> None:
    played = await starts(sandbox, "pier", rounds="1")
    board = await played.shows("Round 1 of 1", ADD_IDEA)
    await played.answers("sam", board, ADD_IDEA, tags="brass, a march, and a very long list of styles, " * 4)
    async with sandbox.tab("jo", phone=True) as tab:
        page = tab.page
        await page.get_by_role("button", name="Channels").tap()
        await page.get_by_role("link", name=played.thread.channel.name or "").last.tap()
        shown = page.locator(f"#m-{board.id}")
        await expect(shown.locator("audio")).to_have_count(1)
        await expect(shown.get_by_role("img", name="Waveform")).to_be_visible()
        await shown.get_by_role("button", name=ADD_IDEA).tap()
        form = page.get_by_role("dialog")
        await form.get_by_label("Styles").fill("a choir, far away")
        await form.get_by_role("button", name="Submit").tap()
        await expect(tab.private("Your idea: 2 · a choir, far away")).to_be_visible()
        await expect(shown).to_contain_text("Idea 2 · a choir, far away")
        await played.steers(SKIP)
        await shown.get_by_role("combobox", name="Vote for an idea").select_option("1")
        await expect(tab.private("Your vote: 1 · brass")).to_be_visible()
        await expect(shown).to_contain_text("1 person has voted.")
        assert await fits(page)
