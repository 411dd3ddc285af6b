"""What moderators and owners use, in a browser: selects of roles and channels, menus of people, deletion by hand, a second server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot.sandbox.discord import Permission, Room
from bot.sandbox.discord import messages as wire
from bot.sandbox.discord.world import MessageType
from tests.browser.sandbox import PHONE
from tests.browser.test_page_quality import AXE, is_whole, violations

if TYPE_CHECKING:
    from bot.sandbox.discord import Message
    from bot.sandbox.discord.world import JsonObject
    from tests.browser.sandbox import Sandbox, Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_ANSWER = "This interaction failed"
"""What Discord says of controls that are the test's own: the bot does not know them."""


def posted(sandbox: Sandbox, room: Room, *components: JsonObject) -> Message:
    """Let the bot's account show components, each in a row of its own."""
    body: JsonObject = {"content": "Choose", "components": [{"type": 1, "components": [one]} for one in components]}
    return wire.post(sandbox.stage.discord.core, room.channel, sandbox.stage.discord.core.bot, wire.Draft(body=body))


async def sent(sandbox: Sandbox, tab: Tab) -> JsonObject:
    """Return what the bot got of the latest interaction, once its failure is shown."""
    await expect(tab.page.get_by_text(NO_ANSWER)).to_be_visible()
    return list(sandbox.stage.discord.core.interactions.values())[-1].data


async def opened(sandbox: Sandbox, tab: Tab, person: str, room: Room) -> None:
    await tab.page.goto(f"{sandbox.server.origin}/?as={person}#{room.id}")
    await tab.page.reload()
    await expect(tab.page.locator("h1.title")).to_have_text(f"#{room.channel.name}")


async def test_a_role_is_chosen_and_taken_back_by_keyboard(sandbox: Sandbox) -> None:
    room = sandbox.stage.discord.add_channel(sandbox.stage.world.guild, "roles")
    musicians = sandbox.stage.world.musicians
    # As discord.py sends it; JavaScript's numbers could not hold it.
    chosen = [{"id": musicians.id, "type": "role"}]
    posted(sandbox, room, {"type": 6, "custom_id": "role", "placeholder": "Who may spend", "min_values": 0, "default_values": chosen})
    async with sandbox.tab("olive") as tab:
        await opened(sandbox, tab, "olive", room)
        select = tab.page.get_by_role("combobox", name="Who may spend")
        await expect(select.locator("option:checked")).to_have_text("@Musicians")
        await select.focus()
        await tab.page.keyboard.press("Home")
        assert (await sent(sandbox, tab))["values"] == []
        await tab.page.evaluate(AXE)
        assert await violations(tab.page) == []


async def test_a_select_with_a_long_name_stays_on_a_phones_screen(sandbox: Sandbox) -> None:
    world = sandbox.stage.world
    room = sandbox.stage.discord.add_channel(world.guild, "narrow")
    one: JsonObject = {"type": 6, "custom_id": "role", "placeholder": "The role that may do what hardly anybody may", "min_values": 0}
    posted(sandbox, room, one | {"default_values": [{"id": world.musicians.id, "type": "role"}]})
    async with sandbox.tab("olive", phone=True) as tab:
        await opened(sandbox, tab, "olive", room)
        box = await tab.page.get_by_role("combobox").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"]


async def test_several_channels_are_chosen_by_tap_on_a_phone(sandbox: Sandbox) -> None:
    world = sandbox.stage.world
    room = sandbox.stage.discord.add_channel(world.guild, "places")
    one: JsonObject = {"type": 8, "custom_id": "where", "placeholder": "Where", "min_values": 0, "max_values": 2, "channel_types": [0]}
    posted(sandbox, room, one | {"default_values": [{"id": str(world.music.id), "type": "channel"}]})
    async with sandbox.tab("olive", phone=True) as tab:
        await opened(sandbox, tab, "olive", room)
        await tab.page.get_by_text("Where: #music").tap()
        group = tab.page.get_by_role("group", name="Where")
        await expect(group.get_by_label("#music")).to_be_checked()
        await expect(group.get_by_label("#general")).to_have_count(0)
        await group.get_by_label("#lounge").tap()
        await group.get_by_label("#off-topic").tap()
        choose = tab.page.get_by_role("button", name="Choose")
        await expect(choose).to_be_disabled()
        await group.get_by_label("#lounge").tap()
        assert await is_whole(tab.page)
        await tab.page.evaluate(AXE)
        assert await violations(tab.page) == []
        await choose.tap()
        assert (await sent(sandbox, tab))["values"] == [str(world.music.id), str(world.off_topic.id)]


async def test_a_person_s_menu_is_for_those_who_may_and_opens_by_keyboard(sandbox: Sandbox) -> None:
    discord, world = sandbox.stage.discord, sandbox.stage.world
    room = discord.add_channel(world.guild, "people")
    moderators = str(int(Permission.MANAGE_MESSAGES))
    discord.core.commands.replace(world.guild.id, [{"name": "Look at", "type": 2, "default_member_permissions": moderators}])
    await world.jo.send(room, "Here I am")
    try:
        async with sandbox.tab("sam") as sam, sandbox.tab("mira") as mira:
            await opened(sandbox, sam, "sam", room)
            await opened(sandbox, mira, "mira", room)
            name = sam.message("Here I am").get_by_role("button", name="Jo", exact=True)
            await name.focus()
            await sam.page.keyboard.press("Enter")
            await sam.page.keyboard.press("End")
            await expect(sam.page.get_by_role("menuitem", name="Look at")).to_be_focused()
            await sam.page.evaluate(AXE)
            assert await violations(sam.page) == []
            await sam.page.keyboard.press("Escape")
            await expect(name).to_be_focused()
            await expect(mira.message("Here I am")).to_be_visible()
            await expect(mira.message("Here I am").get_by_role("button", name="Jo", exact=True)).to_have_count(0)
    finally:
        discord.core.commands.replace(world.guild.id, [])


async def test_a_person_who_only_used_a_command_has_the_menu_too(sandbox: Sandbox) -> None:
    core, world = sandbox.stage.discord.core, sandbox.stage.world
    used: JsonObject = {"id": "1", "type": 2, "name": "extend", "user": {"id": str(world.jo.id), "username": "jo"}}
    draft = wire.Draft(body={"content": "An answer"}, type=MessageType.CHAT_INPUT_COMMAND, interaction=used)
    wire.post(core, world.lounge.channel, core.bot, draft)
    async with sandbox.tab("sam") as tab:
        await opened(sandbox, tab, "sam", world.lounge)
        await tab.message("An answer").get_by_role("button", name="Jo", exact=True).click()
        await expect(tab.page.get_by_role("menuitem", name="Block from Encore")).to_be_visible()


async def test_fields_share_a_row_as_they_do_in_discord(sandbox: Sandbox) -> None:
    core, world = sandbox.stage.discord.core, sandbox.stage.world
    inline = (True, True, False, True, True, True, True)
    embed = {"title": "Fields", "fields": [{"name": f"f{n}", "value": "x", "inline": each} for n, each in enumerate(inline)]}
    wire.post(core, world.lounge.channel, core.bot, wire.Draft(body={"embeds": [embed]}))
    async with sandbox.tab("mira") as tab:
        await opened(sandbox, tab, "mira", world.lounge)
        classes = await tab.message("Fields").locator(".field").evaluate_all("fields => fields.map((one) => one.className.slice(6))")
        assert classes == ["half", "half", "", "third", "third", "third", ""]


async def test_a_moderator_deletes_by_hand_and_others_cannot(sandbox: Sandbox) -> None:
    world = sandbox.stage.world
    await world.jo.send(world.lounge, "Not for long")
    async with sandbox.tab("sam") as sam, sandbox.tab("mira") as mira:
        await opened(sandbox, sam, "sam", world.lounge)
        await opened(sandbox, mira, "mira", world.lounge)
        await mira.message("Not for long").get_by_role("button", name="More about this message").click()
        await expect(mira.page.get_by_role("menuitem", name="Reply")).to_be_visible()
        await expect(mira.page.get_by_role("menuitem", name="Delete")).to_have_count(0)
        await mira.page.keyboard.press("Escape")
        await sam.message("Not for long").get_by_role("button", name="More about this message").click()
        await sam.page.get_by_role("menuitem", name="Delete").click()
        await expect(mira.message("Not for long")).to_have_count(0)


async def test_a_thread_is_reached_from_its_message(sandbox: Sandbox) -> None:
    discord, world = sandbox.stage.discord, sandbox.stage.world
    room = discord.add_channel(world.guild, "threads")
    await world.jo.send(room, "A message with a thread")
    thread = discord.add_thread(room, "Night train", world.jo, on=room.messages[0])
    await world.jo.send(thread, "In the thread")
    async with sandbox.tab("mira") as tab:
        await opened(sandbox, tab, "mira", room)
        await tab.message("A message with a thread").get_by_role("button", name="Night train").click()
        await expect(tab.message("In the thread")).to_be_visible()


async def test_the_second_server_stands_apart(sandbox: Sandbox) -> None:
    async with sandbox.tab("mira") as tab:
        sections = tab.page.locator("#channels section")
        await expect(sections.filter(has_text="Encore Sandbox")).to_contain_text("off-topic")
        await sections.filter(has_text="Fresh Server").get_by_role("link", name="general").click()
        await expect(tab.page.locator("#guild-name")).to_have_text("Fresh Server")
        await expect(tab.page.locator("#blank")).to_contain_text("Begin with /help")
    async with sandbox.tab("jo") as tab:
        await expect(tab.page.get_by_role("link", name="general")).to_have_count(0)
