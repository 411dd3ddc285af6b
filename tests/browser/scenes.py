"""What the screenshots show: every state that /extend, /track and /jobs can be in, and the page as a whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.sandbox import PATIENCE
from tests.browser.studio import LONG, Studio, open_studio

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message
    from tests.browser.sandbox import Sandbox

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""A task that the music service does not know."""
HELD = 8.0
"""Seconds that a download is held up, in which something is to happen."""


async def states(studio: Studio) -> None:
    """Show every state of a request that its channel sees; the slow ones begin first and are looked at last."""
    await studio.shoot("jobs-empty", await studio.use("jobs"), "Nothing under way")
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
    await studio.shoot("jobs", await studio.use("jobs"), "Your requests")


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
    await studio.shoot("more", await studio.press(await result_of(studio, "Harbour lights"), "More"), "More about this")
    for title in ("Second thoughts", "Third floor"):
        await result_of(studio, title)
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
                said = await studio.room.wait_for(lambda one: "names an artist" in one.content, person=studio.person)
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
    await studio.shoot("track-unknown", await studio.use("track", task_id=NOWHERE), "doesn't know this task")


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
    async with studio.fault("music-down"):
        # The first ones are sent, and nobody can tell what became of them; after that the line is slow to try another.
        calls = [await studio.extend(f"Is anybody there, part {number}") for number in range(1, 6)]
        await studio.shoot("unreachable", calls[-1], "doesn't answer at the moment")
        for call in calls:
            # Those that were sent are over; nobody is to stand before the next scene's people.
            if "In line" in await studio.shown(call.message).inner_text():
                await studio.press(call.message, "Cancel")
                await expect(studio.shown(call.message)).to_contain_text("Cancelled")
    await studio.restart()
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


async def unreached(sandbox: Sandbox) -> None:
    """Show what becomes of results that come later than Discord lets a bot answer, where the bot itself cannot post."""
    stage, robin = sandbox.stage, sandbox.scene.cast["robin"].person
    group = next(
        room for room in map(stage.discord.room, stage.discord.core.world.channels.values()) if room.channel.name == "Weekend band"
    )
    async with open_studio(sandbox, "robin", group) as studio:
        async with studio.fault("may-not-dm"):
            async with sandbox.logging("it waits under /jobs"):
                await _finish_late(studio, "Missed the bus")
            async with studio.fault("music-too-often"):
                call = await studio.extend("In the style of")
                await expect(studio.shown(call.message)).to_contain_text("asks us to go slower")
                await studio.let_tokens_expire()
            async with studio.fault("music-moderated"):
                async with sandbox.logging("submit: ContentRefused"):
                    pass
                # The bot tries the reply next, and notes that nobody can be told.
                await asyncio.sleep(1.0)
            listed = await studio.use("jobs")
            await studio.shoot("jobs-fetch", listed, "Finished, could not reach you")
            fetched = await (await studio.press(listed.message, "Fetch 2")).settled(PATIENCE)
            await studio.shoot("fetched", fetched, "is finished")
        await _finish_late(studio, "By the back door")
    async with open_studio(sandbox, "robin", stage.discord.direct_message(robin)) as studio:
        await studio.shoot_result("direct-message", "By the back door")
    async with open_studio(sandbox, "mira", stage.world.lounge) as studio, studio.fault("may-not-send", "may-not-attach"):
        call = await _finish_late(studio, "Door to door")
        await studio.shoot("sent-directly", call, "sent it to you in a direct message")


async def _finish_late(studio: Studio, title: str) -> InteractionCall:
    """Ask for a track that is finished when 15 minutes have passed."""
    studio.sandbox.hold_downloads(HELD)
    call = await studio.extend(title)
    await expect(studio.shown(call.message)).to_contain_text("Being made")
    await studio.let_tokens_expire()
    return call


async def overviews(sandbox: Sandbox) -> None:
    """Show the page as a whole: what the README shows, and the parts that come and go."""
    world = sandbox.stage.world
    async with sandbox.tab("mira") as tab:
        page = tab.page
        studio = Studio(sandbox=sandbox, tab=tab, room=world.music, person=world.mira)
        await tab.extend("Night train", at="1:40", tags="tropical house, wave")
        await expect(tab.results("Night train").locator("audio")).to_have_count(2)
        await world.jo.send(world.music, "Oh, **B** is lovely. I go on from there.")
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await studio.shoot_screen("page")
        await tab.box.click()
        await page.keyboard.type("/")
        await expect(tab.suggestions.filter(has_text="/extend")).to_have_count(1)
        await studio.shoot_screen("picker")
        await page.keyboard.type("extend")
        await page.keyboard.press("Enter")
        await expect(tab.suggestions.first).to_contain_text("·")
        await studio.shoot_screen("options")
        await page.get_by_role("button", name="Leave this command").click()
        await tab.results("Night train").get_by_role("button", name="Continue B").click()
        await tab.private("Nothing is spent").get_by_role("button", name="Change…").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await studio.shoot_screen("continue-form")
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Faults").click()
        await expect(page.locator("#drawer")).to_be_visible()
        await studio.shoot_screen("drawer")
    async with sandbox.tab("jo", phone=True) as tab:
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await tab.results("Night train").evaluate("message => message.scrollIntoView({ block: 'start' })")
        await Studio(sandbox=sandbox, tab=tab, room=world.music, person=world.mira).shoot_screen("page-phone")
    async with sandbox.tab("mira", dark=True) as tab:
        await expect(tab.message("is lovely")).to_be_in_viewport()
        await Studio(sandbox=sandbox, tab=tab, room=world.music, person=world.mira).shoot_screen("page-dark")
    async with sandbox.tab("mira") as tab:
        await sandbox.stage.bot.stop()
        await tab.begin("jobs")
        await tab.send()
        failed = tab.page.locator(".under .problem")
        await expect(failed).to_contain_text("/jobs")
        await Studio(sandbox=sandbox, tab=tab, room=world.music, person=world.mira).shoot_screen("no-answer")
        await sandbox.stage.bot.start()
        await sandbox.stage.discord.wait_ready(PATIENCE)


async def result_of(studio: Studio, title: str) -> Message:
    """Return the message that brought a track."""
    return await studio.room.wait_for(lambda one: f"**{title}** is finished" in one.content, LONG)
