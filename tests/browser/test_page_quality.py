"""What holds of the page in every state: foreign text is text, the reader is not moved, and axe finds nothing serious."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.sandbox import Sandbox, Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))"
RIGHT_TO_LEFT = "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd"
"""An override of the direction, Arabic, Hebrew."""
EMOJI = "🎹" * 80


async def violations(page: Page) -> list[str]:
    """Run axe on the page as it stands; list what is serious or critical, and where."""
    found = cast("dict[str, Any]", await page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })"))
    return [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


async def is_whole(page: Page) -> bool:
    """Tell whether nothing sticks out at the side."""
    return cast("bool", await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def top_of(tab: Tab, text: str) -> float:
    """Return where a message stands on the screen."""
    box = await tab.message(text).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_serious(sandbox: Sandbox, phone: bool, dark: bool) -> None:
    async with sandbox.tab("mira", phone=phone, dark=dark) as tab:
        page = tab.page
        await expect(tab.results("crazy and wild").locator("audio")).to_have_count(2)
        await page.evaluate(AXE)
        found = {"channel": await violations(page)}

        await tab.box.click()
        await page.keyboard.type("/")
        await expect(tab.suggestions.filter(has_text="/extend")).to_have_count(1)
        found["picker"] = await violations(page)
        await tab.suggestions.filter(has_text="/extend").click()
        await expect(page.get_by_role("group", name="Command extend")).to_be_visible()
        await expect(tab.suggestions.first).to_be_visible()
        found["options"] = await violations(page)
        await page.get_by_role("button", name="Leave this command").click()

        await tab.results("crazy and wild").get_by_role("button", name="Continue A").click()
        card = tab.private("Nothing is spent")
        await expect(card.locator("img").last).to_be_visible()
        found["card"] = await violations(page)
        await card.get_by_role("button", name="Change…").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        found["form"] = await violations(page)
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        # It outlives this tab, and the next one is to find its own.
        await card.get_by_role("button", name="Dismiss").click()

        await tab.results("crazy and wild").get_by_role("button", name="More", exact=True).click()
        await expect(tab.private("More about this").last).to_be_visible()
        found["private answer"] = await violations(page)

        await page.get_by_role("button", name="Faults").click()
        await expect(page.locator("#drawer")).to_be_visible()
        found["drawer"] = await violations(page)
        assert [f"{state}: {problem}" for state, problems in found.items() for problem in problems] == []


async def test_foreign_text_is_only_ever_text(sandbox: Sandbox) -> None:
    discord, world = sandbox.stage.discord, sandbox.stage.world
    room = discord.add_channel(world.guild, "hostile")
    async with sandbox.tab("mira", phone=True) as tab:
        page = tab.page
        await page.goto(f"{sandbox.server.origin}/?as=mira#{room.id}")
        await page.reload()
        await expect(page.locator("h1.title")).to_have_text("#hostile")
        await world.jo.send(room, f"{HOSTILE} <script>alert(1)</script> {RIGHT_TO_LEFT} {EMOJI}")
        await world.jo.send(room, "[x](javascript:alert(1)) " + "x" * 600)
        await expect(tab.message("onerror")).to_be_visible()
        for title in (HOSTILE, RIGHT_TO_LEFT, EMOJI):
            await tab.begin("extend")
            await tab.suggestions.first.click()
            await tab.give("continue_at", "0:05")
            await tab.give("tags", "<b>piano</b>, lo-fi")
            await tab.give("title", title)
            await tab.send()
        # Three tracks are made one after the other, beside all that the machine does else.
        await expect(tab.message("is finished").locator("audio")).to_have_count(6, timeout=90_000)
        await expect(
            tab.message("is finished").filter(has_text="<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))")
        ).to_have_count(1)
        assert await page.locator("img[src='x'], script:not([src^='/static/']), a[href^='javascript:'], .messages b").count() == 0
        assert await is_whole(page)


async def test_the_reader_stays_where_they_read(sandbox: Sandbox) -> None:
    discord, world = sandbox.stage.discord, sandbox.stage.world
    room = discord.add_channel(world.guild, "long")
    for number in range(60):
        await world.jo.send(room, f"Line number {number:02}\nand more of it")
    async with sandbox.tab("mira") as tab:
        page = tab.page
        await page.goto(f"{sandbox.server.origin}/?as=mira#{room.id}")
        await page.reload()
        await expect(tab.message("Line number 59")).to_be_in_viewport()
        await world.jo.send(room, "Seen at the end")
        await expect(tab.message("Seen at the end")).to_be_in_viewport()

        await page.locator("#scroll").hover()
        await page.mouse.wheel(0, -900)
        await expect(tab.message("Seen at the end")).not_to_be_in_viewport()
        await tab.message("Line number 40").evaluate("element => element.scrollIntoView({ block: 'center' })")
        place = await top_of(tab, "Line number 40")
        await world.jo.send(room, "Meanwhile, further down")
        await expect(page.get_by_role("button", name="1 new message")).to_be_visible()
        assert await top_of(tab, "Line number 40") == place
        await page.get_by_role("button", name="Show earlier messages").evaluate("button => button.click()")
        await expect(tab.message("Line number 00")).to_be_attached()
        assert await top_of(tab, "Line number 40") == pytest.approx(place, abs=1)
        await page.get_by_role("button", name="1 new message").click()
        await expect(tab.message("Meanwhile, further down")).to_be_in_viewport()
