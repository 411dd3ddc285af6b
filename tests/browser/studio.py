"""A photographer on the sandbox's page: asks as people do, waits for what shows, and writes small pictures."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import Locator, expect

from bot.sandbox.music_library import SAMPLE_CLIP_ID
from tests.browser.sandbox import PATIENCE, PHONE, Sandbox, Tab

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import FloatRect

    from bot.sandbox.discord import InteractionCall, Message, Person, Room

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 120_000
COLOURS = (256, 128, 64, 32)
"""The palettes that are tried, until a picture is small enough."""
LONG = 110.0
"""Seconds for a late version and for a task that never ends."""


@dataclass(slots=True, kw_only=True)
class Studio:
    """The sandbox, a tab on it, and what a photographer does there."""

    sandbox: Sandbox
    tab: Tab
    room: Room
    person: Person

    @asynccontextmanager
    async def fault(self, *keys: str) -> AsyncGenerator[None]:
        """Switch faults of the drawer on, and off again."""
        for key in keys:
            self.sandbox.server.faults.turn(key, on=True)
        try:
            yield
        finally:
            for key in keys:
                self.sandbox.server.faults.turn(key, on=False)

    async def extend(self, title: str, *, at: str = "1:40", tags: str = "tropical house, wave") -> InteractionCall:
        """Ask for an extension of the sample track."""
        options = {"continue_clip_id": SAMPLE_CLIP_ID, "continue_at": at, "tags": tags, "title": title}
        return await (await self.person.slash(self.room, "extend", **options)).settled(PATIENCE)

    async def use(self, command: str, **options: str) -> InteractionCall:
        """Use another command."""
        return await (await self.person.slash(self.room, command, **options)).settled(PATIENCE)

    async def press(self, message: Message, button: str) -> InteractionCall:
        """Press a button."""
        return await (await self.person.press(message, button)).answered(PATIENCE)

    async def select(self, message: Message, custom_id: str, *values: object) -> InteractionCall:
        """Choose in a select."""
        return await (await self.person.select(message, custom_id, values)).settled(PATIENCE)

    async def let_tokens_expire(self) -> None:
        """Let 15 minutes pass, by the button in the drawer."""
        async with self.tab.drawer() as drawer:
            await drawer.get_by_role("button", name="15 minutes pass").click()

    async def restart(self) -> None:
        """Restart the bot, which then asks the music service anew instead of waiting for its next probe."""
        stage = self.sandbox.stage
        await stage.bot.stop()
        await stage.bot.start()
        await stage.discord.wait_ready(PATIENCE)

    def shown(self, message: Message) -> Locator:
        """Find a message on the page."""
        return self.tab.page.locator(f"#m-{message.id}")

    async def shoot(self, name: str, call: InteractionCall, text: str) -> None:
        """Wait until the answer shows a text, and take its picture."""
        await self.shoot_message(name, call.message, text)

    async def shoot_result(self, name: str, title: str, text: str = "is finished") -> Message:
        """Wait for a track, and take the picture of its message."""
        message = await self.room.wait_for(lambda one: f"**{title}** is finished" in one.content, LONG)
        await self.shoot_message(name, message, text)
        return message

    async def shoot_message(self, name: str, message: Message, text: str) -> None:
        """Wait until a message shows a text, and take its picture."""
        shown = self.shown(message)
        await expect(shown).to_contain_text(text, timeout=LONG * 1000)
        await shown.scroll_into_view_if_needed()
        await self.settle()
        save(name, await shown.screenshot())

    async def settle(self) -> None:
        """Take the pointer away; wait until every picture on the screen has come, and every player knows its length."""
        await self.tab.page.mouse.move(0, 0)
        await self.tab.page.evaluate(SETTLED)

    async def shoot_screen(self, name: str, clip: FloatRect | None = None) -> None:
        """Take the picture of the whole page, or of a part of it."""
        await self.settle()
        save(name, await self.tab.page.screenshot(clip=clip))


@asynccontextmanager
async def open_studio(sandbox: Sandbox, who: str, room: Room, *, phone: bool = False) -> AsyncGenerator[Studio]:
    """Open a room as one of the cast, in a window that is little wider than a message, or on a phone."""
    async with sandbox.tab(who, phone=phone) as tab:
        # High enough on a phone for a card to be seen as a whole.
        await tab.page.set_viewport_size({"width": PHONE["width"], "height": 1200} if phone else {"width": 760, "height": 900})
        await tab.page.goto(f"{sandbox.server.origin}/?as={who}#{room.id}")
        await tab.page.reload()
        await expect(tab.page.locator("h1.title")).to_contain_text(room.channel.name or "Encore")
        yield Studio(sandbox=sandbox, tab=tab, room=room, person=sandbox.scene.cast[who].person)


SETTLED = """async () => {
  const seen = [...document.querySelectorAll("img, audio")].filter((one) => {
    const { bottom, top } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  await Promise.all(seen.map((one) => (one.tagName === "IMG" ? one.decode() : one.readyState ? null : new Promise((come) => {
    one.addEventListener("loadedmetadata", come);
    one.addEventListener("error", come);
  }))));
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""


def save(name: str, png: bytes) -> None:
    """Write a picture with as many colours as it may have bytes for. Raises ValueError for one that is too large with the fewest."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            (IMAGES / f"{name}.png").write_bytes(out.getvalue())
            print(f"{name}.png  {out.tell() // 1000} kB, {colours} colours", flush=True)  # noqa: T201 - a script speaks
            return
    raise ValueError(name)
