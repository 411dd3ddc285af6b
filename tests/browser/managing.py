"""What the screenshots show of running things: first steps, settings topic by topic, threads, usage, moderation, the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.sandbox.discord.component_types import Component, walk
from bot.ui import ids
from bot.ui.settings_card import TOPICS, Topic
from tests.browser.sandbox import PATIENCE
from tests.browser.scenes import result_of
from tests.browser.studio import Studio, open_studio

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message, Person, Room
    from tests.browser.sandbox import Sandbox


async def rules(sandbox: Sandbox) -> None:
    """Show first steps, settings, usage, a refusal by a rule, and how a track is removed, each on a desktop and on a phone."""
    world = sandbox.stage.world
    for phone in (False, True):
        await _first_steps(sandbox, world.mira, world.music, phone=phone)
        async with open_studio(sandbox, "olive", world.off_topic, phone=phone) as studio:
            shown = await studio.use("settings")
            await studio.shoot(named("settings", phone), shown, "Changes take effect at once")
        async with open_studio(sandbox, "sam", world.music, phone=phone) as studio:
            found = await result_of(studio, "crazy and wild")
            asked = await (await studio.person.context_menu(world.music, "Remove track", found)).settled(PATIENCE)
            await studio.shoot(named("remove", phone), asked, "Remove this track?")
            await studio.extend("In the phone's light" if phone else "By lamplight")
            await studio.shoot(named("usage", phone), await studio.use("usage"), "today")
    async with open_studio(sandbox, "olive", world.off_topic) as studio:
        shown = await studio.use("settings")
        await studio.select(shown.message, _custom_id(shown.message, Component.STRING_SELECT), "spender")
        await studio.shoot("settings-role", shown, "role")
        await studio.select(shown.message, _custom_id(shown.message, Component.ROLE_SELECT), world.musicians)
    for phone in (False, True):
        async with open_studio(sandbox, "jo", world.music, phone=phone) as studio:
            await studio.shoot(named("refusal-role", phone), await studio.extend("Not for everybody"), "need the role")
    # The scenes after this one have people without that role.
    await (await world.owner.press(shown.message, "Allow everybody")).settled(PATIENCE)


async def _first_steps(sandbox: Sandbox, person: Person, room: Room, *, phone: bool) -> None:
    async with open_studio(sandbox, person.user.name, room, phone=phone) as studio:
        await studio.shoot(named("help", phone), await studio.use("help"), "Your next step")


async def topics(sandbox: Sandbox) -> None:
    """Show what /settings says of each thing that can be changed, a form, and the channel that hears of changes."""
    world = sandbox.stage.world
    log = sandbox.stage.discord.add_channel(world.guild, "moderation")
    async with open_studio(sandbox, "olive", world.off_topic) as studio:
        shown = await studio.use("settings")
        for topic in Topic:
            if topic is not Topic.SPENDER:
                await _turn_to(studio, shown, topic)
                await studio.shoot(f"settings-{topic}", shown, f"{TOPICS[topic].about}.")
        await studio.select(shown.message, _custom_id(shown.message, Component.CHANNEL_SELECT), log)
        await _turn_to(studio, shown, Topic.WORDS)
        await studio.shown(shown.message).get_by_role("button", name="Edit").click()
        form = studio.tab.page.get_by_role("dialog")
        await form.get_by_label("Forbidden words").fill("badword, worse*")
        await studio.shoot_screen("settings-form")
        await form.get_by_role("button", name="Submit").click()
        await expect(studio.shown(shown.message)).to_contain_text("2 words of this server's own")
        await studio.press(shown.message, "Remove all")
        await _turn_to(studio, shown, Topic.LOG)
        await studio.press(shown.message, "Log nowhere")
    async with open_studio(sandbox, "olive", log) as studio:
        await expect(studio.tab.message("Log of moderation").last).to_be_visible()
        await studio.shoot_screen("moderation-log")


async def threads(sandbox: Sandbox) -> None:
    """Show a result in a thread, and the reply that leads there."""
    stage, world = sandbox.stage, sandbox.stage.world
    async with open_studio(sandbox, "olive", world.off_topic) as managing, open_studio(sandbox, "mira", world.lounge) as studio:
        shown = await managing.use("settings")
        await _turn_to(managing, shown, Topic.RESULTS)
        await managing.select(shown.message, _control(Topic.RESULTS), "thread")
        call = await studio.extend("Under the bridge")
        await studio.shoot("thread-reply", call, "Thread: Under the bridge")
        await managing.select(shown.message, _control(Topic.RESULTS), "channel")
    async with open_studio(sandbox, "mira", stage.discord.room(stage.discord.core.world.channels[call.message.id])) as studio:
        await studio.shoot_result("thread-result", "Under the bridge")


async def operator(sandbox: Sandbox) -> None:
    """Show what the operator can do in direct messages, what people see meanwhile, and what a server and the whole bot have used."""
    world = sandbox.stage.world
    room = sandbox.stage.discord.direct_message(world.operator)
    for phone in (False, True):
        async with open_studio(sandbox, "pat", room, phone=phone) as studio:
            await studio.shoot(named("operator-stats", phone), await studio.use("operator stats"), "Encore at a glance")
            await studio.shoot(named("usage-all", phone), await studio.use("usage", of="all"), "What the bot has used")
        async with open_studio(sandbox, "sam", world.music, phone=phone) as studio:
            await studio.shoot(named("usage-server", phone), await studio.use("usage", of="server"), "What this server has used")
    async with open_studio(sandbox, "pat", room) as studio, open_studio(sandbox, "mira", world.lounge) as asking:
        await asking.extend("Before the move")
        waiting = await asking.extend("After the move")
        paused = await studio.use("operator pause", reason="moving to a new machine, back at six")
        await studio.shoot("operator-pause", paused, "People are told")
        await asking.shoot("paused", waiting, "has paused this bot")
        await asking.shoot("paused-refusal", await asking.extend("In the middle of it"), "can't take requests now")
        await studio.press(paused.message, "Resume")
        await studio.shoot("operator-resume", paused, "Going on")
        await studio.use("operator block", person=str(world.stranger.id))
        await studio.shoot("operator-blocked", await studio.use("operator blocked"), "Blocked everywhere")
        await studio.use("operator unblock", person=str(world.stranger.id))
        await studio.shoot("operator-errors", await studio.use("operator errors"), "since the start")
        for title in ("Before the move", "After the move"):
            await result_of(asking, title)


async def _turn_to(studio: Studio, shown: InteractionCall, topic: Topic) -> None:
    await studio.select(shown.message, _custom_id(shown.message, Component.STRING_SELECT), topic)
    await expect(studio.shown(shown.message)).to_contain_text(f"{TOPICS[topic].about}.")


def _control(topic: Topic) -> str:
    return ids.make("settings-set", topic)


def _custom_id(message: Message, kind: Component) -> str:
    return next(str(one["custom_id"]) for one in walk(message.components) if one.get("type") == kind)


def named(name: str, phone: bool) -> str:
    """Tell the two pictures of a state apart."""
    return f"{name}-phone" if phone else name
