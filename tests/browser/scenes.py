"""What the screenshots show: every state that /extend, /track and /jobs can be in, and the page as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.sandbox import PATIENCE
from tests.browser.studio import Studio

if TYPE_CHECKING:
    from bot.sandbox.discord import Message
    from tests.browser.sandbox import Sandbox

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""A task that the music service does not know."""


async def states(studio: Studio) -> None:
    """Show every state of a request; the slow ones begin first and are looked at last."""
    await studio.shoot("jobs-empty", await studio.use(studio.mira, "jobs"), "Nothing under way")
    async with studio.fault("task-late"):
        late = await studio.extend("Late bloomer")
        await expect(studio.shown(late.message)).to_contain_text("Being made")
    async with studio.fault("task-endless"):
        endless = await studio.extend("Neverending")
        await studio.shoot("making", endless, "Being made")
    await line(studio)
    await delivery(studio)
    await outcomes(studio)
    await refusals(studio)
    await studio.shoot_result("sibling-pending", "Late bloomer", "Its other version is not done yet")
    await outages(studio)
    await studio.shoot("stalled", endless, "No end in sight")
    await studio.shoot("jobs", await studio.use(studio.mira, "jobs"), "Your requests")


async def line(studio: Studio) -> None:
    """Show what is before and after the line."""
    async with studio.fault("music-slow"):
        first = await studio.extend("Harbour lights")
        await studio.shoot("sending", first, "Being sent")
        others = [await studio.extend(title) for title in ("Second thoughts", "Third floor", "Fourth wall")]
        await studio.shoot("in-line", others[-1], "You can cancel until it is sent")
        await studio.press(others[-1].message, "Cancel")
        await studio.shoot("cancelled", others[-1], "Cancelled")
    await studio.shoot_result("result", "Harbour lights")
    await studio.shoot("finished", first, "The track is here")
    await studio.shoot("more", await studio.press(await _result(studio, "Harbour lights"), "More"), "More about this")
    for title in ("Second thoughts", "Third floor"):
        await _result(studio, title)
    async with studio.fault("task-endless"):
        hidden = await studio.extend("Out of sight")
        await expect(studio.shown(hidden.message)).to_contain_text("Being made")
        await studio.press(hidden.message, "Hide")
        await studio.shoot("hidden", hidden, "Hidden")


async def outcomes(studio: Studio) -> None:
    """Show how a submit and a task can end otherwise than well."""
    for name, fault, title, text in (
        ("unknown", "music-lost", "Lost letter", "Not clear whether it started"),
        ("refused", "music-refused", "Odd styles", "unknown style"),
        ("moderated", "music-moderated", "In the style of", "moderation refused"),
        ("failed", "task-fails", "Broken string", "gave up"),
    ):
        async with studio.fault(fault):
            call = await studio.extend(title)
            await studio.shoot(name, call, text)
            if name == "moderated":
                said = await studio.room.wait_for(lambda one: "names an artist" in one.content, person=studio.mira)
                await studio.shoot_message("moderated-private", said, "names an artist")
    async with studio.fault("task-one-fails"):
        await studio.extend("Solo")
        await studio.shoot_result("one-version", "Solo", "Only one version came of it")


async def refusals(studio: Studio) -> None:
    """Show what is answered at once, in private."""
    refused = await studio.extend("Too far", at="59:59")
    await studio.shoot("refusal", refused, "start before its end")
    await studio.shown(refused.message).get_by_role("button", name="Fix").click()
    form = studio.tab.page.get_by_role("dialog")
    await expect(form).to_be_visible()
    await studio.settle()
    await studio.shoot_screen("fix-form")
    await form.get_by_role("button", name="Cancel").click()
    await studio.shoot("track-unknown", await studio.use(studio.mira, "track", task_id=NOWHERE), "doesn't know this task")


async def delivery(studio: Studio) -> None:
    """Show results that could not come as they should."""
    async with studio.fault("discord-413"):
        await studio.extend("Long player")
        await studio.shoot_result("too-large", "Long player", "too large to attach here")
    async with studio.fault("may-not-send"):
        call = await studio.extend("Quiet please")
        await studio.shoot("in-reply", call, "pick the one to go on with")


async def outages(studio: Studio) -> None:
    """Show a music service that does not take requests."""
    for name, fault, words in (
        ("maintenance", "music-maintenance", "your place is kept"),
        ("slowed", "music-too-often", "asks us to go slower"),
        ("key-refused", "music-key", "refuses this bot's key"),
        ("no-credits", "music-credits", "credits at the music service are used up"),
    ):
        async with studio.fault(fault):
            call = await studio.extend("Patience")
            await studio.shoot(name, call, words)
            if name in {"key-refused", "no-credits"}:
                await studio.shoot(f"{name}-refusal", await studio.extend("Impatience"), "can't take requests now")
            await studio.press(call.message, "Cancel")
            await expect(studio.shown(call.message)).to_contain_text("Cancelled")
        await studio.restart()


async def overviews(sandbox: Sandbox) -> None:
    """Show the page as a whole: what the README shows, and the parts that come and go."""
    world = sandbox.stage.world
    async with sandbox.tab("mira") as tab:
        page = tab.page
        studio = Studio(sandbox=sandbox, tab=tab, room=world.music, mira=world.mira)
        await tab.extend("Night train", at="1:40", tags="tropical house, wave")
        await expect(tab.results("Night train").locator("audio")).to_have_count(2)
        await world.jo.send(world.music, "Oh, **B** is lovely. I go on from there.")
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await studio.shoot_screen("page")
        await tab.box.click()
        await page.keyboard.type("/")
        await expect(tab.suggestions).to_have_count(3)
        await studio.shoot_screen("picker")
        await page.keyboard.press("Enter")
        await expect(tab.suggestions.first).to_contain_text("·")
        await studio.shoot_screen("options")
        await page.get_by_role("button", name="Leave this command").click()
        await tab.results("Night train").get_by_role("button", name="Continue B").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await studio.shoot_screen("continue-form")
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Faults").click()
        await expect(page.locator("#drawer")).to_be_visible()
        await studio.shoot_screen("drawer")
    async with sandbox.tab("jo", phone=True) as tab:
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await tab.results("Night train").evaluate("message => message.scrollIntoView({ block: 'start' })")
        await Studio(sandbox=sandbox, tab=tab, room=world.music, mira=world.mira).shoot_screen("page-phone")
    async with sandbox.tab("mira", dark=True) as tab:
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await Studio(sandbox=sandbox, tab=tab, room=world.music, mira=world.mira).shoot_screen("page-dark")
    async with sandbox.tab("mira") as tab:
        await sandbox.stage.bot.stop()
        await tab.begin("jobs")
        await tab.send()
        failed = tab.page.locator(".under .problem")
        await expect(failed).to_contain_text("/jobs")
        await Studio(sandbox=sandbox, tab=tab, room=world.music, mira=world.mira).shoot_screen("no-answer")
        await sandbox.stage.bot.start()
        await sandbox.stage.discord.wait_ready(PATIENCE)


async def _result(studio: Studio, title: str) -> Message:
    """Return the message that brought a track."""
    return await studio.room.wait_for(lambda one: f"**{title}** is finished" in one.content, PATIENCE)
