"""From the typed slash to the sound, in a browser: by keyboard, by tap, with somebody else, and through a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.music_library import SAMPLE_CLIP_ID
from tests.browser.sandbox import TASK_ID

if TYPE_CHECKING:
    from tests.browser.sandbox import Sandbox, Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEN_THINKING = """
new MutationObserver(() => {
  if (document.querySelector(".thinking")) document.documentElement.dataset.thought = "yes";
}).observe(document, { childList: true, subtree: true });
"""
"""The bot thinks for milliseconds only: whether the page has shown it is noted as it happens."""


async def focus_moves_to(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {target}")


async def plays(audio: Locator) -> None:
    """Wait until the sound moves on."""
    await audio.evaluate("audio => new Promise(moved => audio.addEventListener('timeupdate', () => audio.currentTime > 0.2 && moved()))")


async def task_of(reply: Locator) -> str:
    """Read the task's id, which a person could copy."""
    shown = reply.locator("code").filter(has_text=TASK_ID)
    await expect(shown).to_be_visible()
    return await shown.inner_text()


async def shown_messages(tab: Tab) -> list[str]:
    """Read everything that stands still: ids, texts, buttons, files."""
    return await tab.page.locator("li.message").evaluate_all(
        """items => items.map((item) => {
            const copy = item.cloneNode(true);
            for (const time of copy.querySelectorAll("time, .audio-length")) time.remove();
            return `${item.id} ${copy.textContent}`;
        })"""
    )


async def ask_by_keyboard(tab: Tab) -> None:
    """Go from the slash to the sent command without a pointer."""
    page, keys = tab.page, tab.page.keyboard
    await expect(tab.box).to_be_focused()
    await keys.type("/")
    await expect(tab.suggestions.filter(has_text="/extend")).to_have_count(1)
    await keys.press("ArrowDown")
    await expect(tab.suggestions.nth(1)).to_have_attribute("aria-selected", "true")
    await keys.press("Escape")
    await expect(tab.suggestions).to_have_count(0)
    await keys.press("Backspace")
    await keys.type("/ext")
    await expect(tab.suggestions).to_have_count(1)
    await keys.press("Enter")

    await expect(tab.option("continue_clip_id")).to_be_focused()
    await expect(tab.suggestions).to_have_count(2)
    await keys.press("Enter")
    await expect(tab.option("continue_at")).to_be_focused()
    await keys.type("0:30")
    await expect(tab.suggestions.first).to_contain_text("as typed")
    await keys.press("Enter")
    await expect(tab.option("tags")).to_be_focused()
    await keys.type("piano, amb")
    await expect(tab.suggestions.nth(1)).to_have_text("piano, ambient")
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(tab.option("tags")).to_have_value("piano, ambient")
    await focus_moves_to(page, page.locator(".add-option", has_text="title"))
    await keys.press("Enter")
    await expect(tab.option("title")).to_be_focused()
    await keys.type("By keyboard")
    await keys.press("Enter")


async def continue_by_keyboard(tab: Tab) -> None:
    """Press Continue B, look at what its form holds, and send it."""
    page, keys = tab.page, tab.page.keyboard
    await tab.results("By keyboard").get_by_role("button", name="Continue B").focus()
    await keys.press("Enter")
    await tab.private("Nothing is spent").get_by_role("button", name="Change…").focus()
    await keys.press("Enter")
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("Start point")).to_be_focused()
    await expect(form.get_by_label("Start point")).not_to_have_value("")
    await keys.press("ControlOrMeta+a")
    await keys.type("0:05")
    await expect(form.get_by_label("Styles")).to_have_value("piano, ambient")
    await expect(form.get_by_label("Title")).to_have_value("By keyboard")
    await focus_moves_to(page, form.get_by_label("Title"))
    await keys.press("ControlOrMeta+a")
    await keys.type("B goes on")
    await keys.press("Enter")
    await expect(form).to_have_count(0)


async def test_the_whole_way_by_keyboard(sandbox: Sandbox) -> None:
    async with sandbox.tab("mira") as tab:
        await tab.page.evaluate(SEEN_THINKING)
        await ask_by_keyboard(tab)
        await expect(tab.page.locator("html")).to_have_attribute("data-thought", "yes")
        task = await task_of(tab.message("By keyboard").filter(has_text="Extension"))
        assert task in [arrival.task_id for arrival in sandbox.stage.music.counts.accepted]

        result = tab.results("By keyboard")
        await expect(result.locator("audio")).to_have_count(2)
        await expect(result.locator(".lead")).to_be_visible()
        sound = result.locator("audio").first
        await sound.focus()
        await tab.page.keyboard.press("Space")
        await plays(sound)

        await continue_by_keyboard(tab)
        await expect(tab.results("B goes on").locator("audio")).to_have_count(2)


async def test_the_whole_way_by_tap_on_a_phone(sandbox: Sandbox) -> None:
    async with sandbox.tab("jo", phone=True) as tab:
        page = tab.page
        await page.get_by_role("button", name="Channels").tap()
        await page.get_by_role("link", name="lounge").tap()
        await expect(page.locator("h1.title")).to_have_text("#lounge")

        await page.get_by_role("button", name="Commands", exact=True).tap()
        await tab.suggestions.filter(has_text="extend").first.tap()
        await tab.suggestions.first.tap()
        await expect(tab.option("continue_at")).to_be_focused()
        await tab.suggestions.get_by_text("0:05", exact=True).tap()
        await expect(tab.option("tags")).to_be_focused()
        await tab.option("tags").fill("piano, amb")
        await tab.suggestions.filter(has_text="piano, ambient").tap()
        await page.locator(".add-option", has_text="title").tap()
        await tab.option("title").fill("By tap")
        await page.get_by_role("button", name="Send the command").tap()

        await task_of(tab.message("By tap").filter(has_text="Extension"))
        result = tab.results("By tap")
        await expect(result.locator("audio")).to_have_count(2)
        sound = result.locator("audio").nth(1)
        await sound.scroll_into_view_if_needed()
        size = await sound.bounding_box()
        assert size is not None
        await page.touchscreen.tap(size["x"] + 24, size["y"] + size["height"] / 2)
        await plays(sound)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        await result.get_by_role("button", name="Continue B").tap()
        await tab.private("Nothing is spent").get_by_role("button", name="Change…").tap()
        form = page.get_by_role("dialog")
        await form.get_by_label("Start point").fill("0:05")
        await form.get_by_label("Title").fill("By tap again")
        await form.get_by_role("button", name="Submit").tap()
        await expect(tab.results("By tap again").locator("audio")).to_have_count(2)


async def test_what_is_private_stays_private_and_fix_brings_back_what_was_typed(sandbox: Sandbox) -> None:
    async with sandbox.tab("mira") as mira, sandbox.tab("jo") as jo:
        await mira.extend("Too late a start", at="59:59")
        refusal = mira.private("That track is only")
        await expect(refusal).to_be_visible()
        await expect(jo.message("Here is a first track").first).to_be_visible()
        await refusal.get_by_role("button", name="Fix").click()
        form = mira.page.get_by_role("dialog")
        await expect(form.get_by_label("Start point")).to_have_value("59:59")
        await expect(form.get_by_label("Styles")).to_have_value("lo-fi, piano")
        await expect(form.get_by_label("Title")).to_have_value("Too late a start")
        await form.get_by_label("Start point").fill("0:05")
        await form.get_by_label("Title").fill("Mended")
        await form.get_by_role("button", name="Submit").click()
        await expect(mira.results("Mended")).to_be_visible()
        await expect(jo.results("Mended")).to_be_visible()
        await expect(jo.private("")).to_have_count(0)
        await expect(jo.message("That track is only")).to_have_count(0)

        await refusal.get_by_role("button", name="Dismiss").click()
        await expect(refusal).to_have_count(0)


async def test_a_bot_that_is_killed_in_the_middle_still_brings_the_track_once(sandbox: Sandbox) -> None:
    async with sandbox.tab("mira") as tab:
        page = tab.page
        begun, starts = len(sandbox.stage.music.counts.accepted), sandbox.stage.bot.starts
        sandbox.hold_downloads(3.0)
        await tab.extend("Through the storm")
        await task_of(tab.message("Through the storm").filter(has_text="Extension"))
        await page.get_by_role("button", name="Faults").click()
        await page.get_by_role("button", name="Kill and start").click()
        await expect(page.locator(".bot-state")).to_have_text("Encore is starting…")
        await page.get_by_role("complementary", name="Faults").get_by_role("button", name="Close").click()
        await expect(tab.results("Through the storm").locator("audio")).to_have_count(2)
        await expect(page.locator(".bot-state")).to_be_hidden()
        assert sandbox.stage.bot.starts == starts + 1
        assert len(sandbox.stage.music.counts.accepted) == begun + 1
        await expect(tab.message("Through the storm").get_by_text("The track is here")).to_be_visible()
        await expect(tab.results("Through the storm")).to_have_count(1)

        before = await shown_messages(tab)
        await page.reload()
        await expect(tab.results("Through the storm")).to_be_visible()
        assert await shown_messages(tab) == before


async def test_a_track_that_could_reach_nobody_is_fetched_under_jobs(sandbox: Sandbox) -> None:
    async with sandbox.tab("robin") as tab:
        await tab.page.get_by_role("link", name="Weekend band").click()
        sandbox.hold_downloads(4.0)
        await tab.begin("extend")
        await tab.give("continue_clip_id", SAMPLE_CLIP_ID)
        await tab.give("continue_at", "1:40")
        await tab.give("tags", "piano")
        await tab.give("title", "Missed the bus")
        await tab.send()
        reply = tab.message("Missed the bus")
        await expect(reply).to_contain_text("Being made")
        async with sandbox.logging("it waits under /jobs"), tab.drawer() as drawer:
            await drawer.get_by_role("switch", name="No direct messages").check()
            await drawer.get_by_role("button", name="15 minutes pass").click()
            await expect(tab.page.get_by_text("15 minutes have passed")).to_be_visible()
        await expect(reply).to_contain_text("Being made")
        await tab.begin("jobs")
        await tab.send()
        await tab.private("could not reach you").get_by_role("button", name="Fetch").click()
        await expect(tab.private("Missed the bus is finished").locator("audio")).to_have_count(2)
        async with tab.drawer() as drawer:
            await drawer.get_by_role("button", name="Clear all faults").click()
            await expect(drawer.get_by_role("switch", name="No direct messages")).not_to_be_checked()
