"""What the screenshots show of finished tracks: found again, gone on from, heard as a whole, shown to others, kept to oneself, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from bot.sandbox.discord.component_types import Component, walk
from bot.sandbox.music_library import SAMPLE_CLIP_ID
from bot.ui import ids
from bot.ui.settings_card import Topic
from tests.browser.managing import named
from tests.browser.sandbox import PATIENCE
from tests.browser.scenes import result_of
from tests.browser.studio import open_studio

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message, Room
    from tests.browser.sandbox import Sandbox
    from tests.browser.studio import Studio

TITLES = ("Slow ferry", "Harbour bells", "Out at sea")
"""Each continues the one before."""
NOTE = "The bells at the join are my favourite part."


async def finds(sandbox: Sandbox) -> None:
    """Show the library with an entry, the card for going on from it, the whole track and the join, and what is shared."""
    room = sandbox.stage.discord.add_channel(sandbox.stage.world.guild, "ferry")
    newest = await _grow(sandbox, room)
    for phone in (False, True):
        async with open_studio(sandbox, "mira", room, phone=phone) as studio:
            await studio.shoot(named("library", phone), await studio.use("library", whose="everyone here"), "newest first")
            await _continue_card(studio, phone=phone)
    async with open_studio(sandbox, "mira", room) as studio:
        await studio.shoot("library-nothing", await studio.use("library", search="bagpipes"), "Nothing found for")
        listed = await studio.use("library")
        entry = await studio.select(listed.message, ids.make("entries"), newest)
        await studio.shoot("entry", entry, "Jump to post")
        whole = await studio.press(entry.message, "Whole track")
        await studio.shoot("whole-track", whole, "kbit/s")
        await studio.shoot("join", await studio.press(whole.message, "Hear the join"), "The join")
    await _shares(sandbox, room, newest)


async def _grow(sandbox: Sandbox, room: Room) -> str:
    """Let two people continue each other's tracks; return the id of the last one."""
    source = SAMPLE_CLIP_ID
    for who, title, at in zip(("mira", "jo", "mira"), TITLES, ("1:10", "0:40", "0:45"), strict=True):
        async with open_studio(sandbox, who, room) as studio:
            await studio.use("extend", continue_clip_id=source, continue_at=at, tags="ambient, cinematic, piano", title=title)
            source = await _id_of(studio, await result_of(studio, title))
    return source


async def _id_of(studio: Studio, result: Message) -> str:
    """Copy the id of a result's first version, as a person would."""
    more = await studio.press(result, "More")
    return (await studio.press(more.message, "Copy ID A")).message.content


async def _continue_card(studio: Studio, *, phone: bool) -> None:
    """Choose a start point in the middle at which it is quiet."""
    card = await (await studio.press(await result_of(studio, TITLES[-1]), "Continue B")).settled(PATIENCE)
    await expect(studio.shown(card.message)).to_contain_text("Start point")
    select = next(one for one in walk(card.message.components) if one.get("type") == Component.STRING_SELECT)
    quiet = [option["value"] for option in select["options"] if option["label"].startswith("Quiet")]
    await studio.select(card.message, str(select["custom_id"]), quiet[len(quiet) // 2])
    await expect(studio.shown(card.message)).not_to_contain_text("(the end)")
    await studio.shoot(named("continue", phone), card, "Nothing is spent")


async def _shares(sandbox: Sandbox, room: Room, clip_id: str) -> None:
    """Show a shared track with votes, where the best liked ones go, and the list of them."""
    showcase = sandbox.stage.discord.add_channel(sandbox.stage.world.guild, "showcase")
    async with open_studio(sandbox, "olive", room) as studio:
        card = await studio.use("settings")
        await studio.select(card.message, ids.make("settings"), Topic.SHOWCASE)
        await studio.select(card.message, ids.make("settings-set", Topic.SHOWCASE), showcase)
    async with open_studio(sandbox, "mira", room) as studio:
        shared = await studio.use("share", track=clip_id, note=NOTE)
        await studio.shoot("share", shared, "Shared in")
        post = await room.wait_for(lambda one: NOTE in one.content, PATIENCE)
        for who in ("jo", "sam", "olive"):
            await (await sandbox.scene.cast[who].person.press(post, _vote(post))).settled(PATIENCE)
        await studio.shoot_message("shared", post, "Vote · 3")
        top = await studio.use("top")
        await studio.select(top.message, ids.make("top", "week"), clip_id)
        await expect(studio.shown(top.message).get_by_role("button", name="Play")).to_be_visible()
        await studio.shoot("top", top, "Most votes")
        await studio.shoot("unshare", await studio.press(shared.message, "Unshare"), "Take it down")
    async with open_studio(sandbox, "mira", room, phone=True) as studio:
        await studio.shoot_message(named("shared", True), post, "Vote · 3")
    async with open_studio(sandbox, "mira", showcase) as studio:
        shown = await showcase.wait_for(lambda one: "best liked" in one.content, PATIENCE)
        await studio.shoot_message("showcase", shown, "best liked")


def _vote(post: Message) -> str:
    return next(str(one["label"]) for one in walk(post.components) if "Vote" in str(one.get("label")))


async def discreet(sandbox: Sandbox) -> None:
    """Show what somebody keeps to themselves, how it is published, and what /privacy says."""
    room = sandbox.stage.discord.add_channel(sandbox.stage.world.guild, "backstage")
    async with open_studio(sandbox, "jo", room) as studio:
        mine = await studio.use("settings")
        await studio.press(mine.message, "Switch it on")
        await studio.shoot("my-settings", mine, "Private first: on")
        asked = await studio.extend("Not yet for you")
        await studio.shoot("private", asked, "pick the one to go on with")
        published = await studio.press(asked.message, "Publish")
        await studio.shoot("publish", published, "Published")
        post = await room.wait_for(lambda one: one is not asked.message and "**Not yet for you** is finished" in one.content, PATIENCE)
        await studio.shoot_message("published", post, "is finished")
        await studio.press(mine.message, "Switch it off")
        await _privacy(studio)


async def _privacy(studio: Studio) -> None:
    shown: InteractionCall = await studio.use("privacy")
    await studio.shoot("privacy", shown, "Who runs this bot")
    await studio.press(shown.message, "Delete mine…")
    await studio.shoot("privacy-delete", shown, "What remains")
