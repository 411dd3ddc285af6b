"""In a fresh server: from the bot's arrival to a first heard track with /help alone, without knowing what any id is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.test_flow import plays

if TYPE_CHECKING:
    from bot.sandbox.discord import Person, Room
    from tests.browser.sandbox import Sandbox, Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")


def newcomers(sandbox: Sandbox, name: str, person: Person) -> Room:
    """Make a server of Olive's in which the bot is not yet."""
    discord = sandbox.stage.discord
    guild = discord.add_guild(name, sandbox.stage.world.owner, with_bot=False)
    discord.add_member(guild, person)
    return discord.add_channel(guild, "hello")


async def arrives(sandbox: Sandbox, tab: Tab, person: str, room: Room) -> None:
    """Open the channel, see that there is nothing to be used, and let the bot join."""
    guild = sandbox.stage.discord.core.world.guild_of(room.channel)
    assert guild is not None
    await tab.page.goto(f"{sandbox.server.origin}/?as={person}#{room.id}")
    await tab.page.reload()
    await expect(tab.page.locator("#blank")).to_contain_text("offers")
    sandbox.stage.discord.install_guild(guild)


async def test_with_a_starter_track_help_leads_to_the_first_sound(sandbox: Sandbox) -> None:
    room = newcomers(sandbox, "First Night", sandbox.stage.world.mira)
    async with sandbox.tab("mira") as tab:
        await arrives(sandbox, tab, "mira", room)
        page, keys = tab.page, tab.page.keyboard
        await page.get_by_role("button", name="/help").click()
        await keys.press("Enter")
        answer = tab.private("How to make music here")
        await expect(answer).to_contain_text("Your next step")
        await answer.get_by_role("button", name="Extend a starter track").click()
        form = page.get_by_role("dialog")
        await expect(form.get_by_label("Start point")).not_to_have_value("")
        await form.get_by_role("button", name="Submit").click()
        await expect(form).to_have_count(0)
        result = tab.message("is finished")
        await expect(result.locator("audio")).to_have_count(2)
        await result.locator("audio").first.focus()
        await keys.press("Space")
        await plays(result.locator("audio").first)


async def test_on_a_phone_it_is_as_short(sandbox: Sandbox) -> None:
    room = newcomers(sandbox, "Second Night", sandbox.stage.world.jo)
    async with sandbox.tab("jo", phone=True) as tab:
        await arrives(sandbox, tab, "jo", room)
        page = tab.page
        await page.get_by_role("button", name="/help").tap()
        await page.get_by_role("button", name="Send the command").tap()
        answer = tab.private("How to make music here")
        await expect(answer).to_contain_text("What it costs")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await answer.get_by_role("button", name="Extend a starter track").tap()
        form = page.get_by_role("dialog")
        await form.get_by_label("Title").fill("On the phone")
        await form.get_by_role("button", name="Submit").tap()
        result = tab.message("is finished")
        await expect(result.locator("audio")).to_have_count(2)
        sound = result.locator("audio").first
        await sound.scroll_into_view_if_needed()
        size = await sound.bounding_box()
        assert size is not None
        await page.touchscreen.tap(size["x"] + 24, size["y"] + size["height"] / 2)
        await plays(sound)
