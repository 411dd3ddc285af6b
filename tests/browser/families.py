"""What the screenshots show of a family of thirty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.seeding import add_family
from bot.store.database import Database
from tests.browser.managing import named
from tests.browser.sandbox import PHONE
from tests.browser.studio import open_studio, save

if TYPE_CHECKING:
    from tests.browser.sandbox import Sandbox

HIGH = 1900
"""Pixels of a window that holds the card as a whole."""
IN_THE_MIDDLE = 14
"""The track of the family that is looked at."""


async def families(sandbox: Sandbox) -> None:
    """Show the card on a desktop and on a phone, and there the picture as it is after a tap."""
    world = sandbox.stage.world
    people = [person.user.id for person in (world.mira, world.jo, world.sam)]
    async with Database(sandbox.stage.bot.environment["DATABASE_URL"]) as database:
        grown = await add_family(database, guild_id=world.guild.id, channel_id=world.music.id, people=people)
    for phone in (False, True):
        async with open_studio(sandbox, "mira", world.music, phone=phone) as studio:
            await studio.tab.page.set_viewport_size({"width": PHONE["width"] if phone else 760, "height": HIGH})
            shown = await studio.use("family", track=grown[IN_THE_MIDDLE].clip_id)
            await studio.shoot(named("family", phone), shown, "Family of")
            if phone:
                picture = await studio.shown(shown.message).locator("a.picture").get_attribute("href")
                tapped = await studio.tab.page.context.new_page()
                await tapped.set_viewport_size(PHONE)
                await tapped.goto(f"{sandbox.server.origin}{picture}")
                save("family-picture", await tapped.screenshot())
