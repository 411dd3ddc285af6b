"""The sandbox in process, and Debian's chromium on its page: what the browser tests and the screenshots stand on."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright, expect

from bot.sandbox.discord.loopback import LoopbackDiscord
from bot.sandbox.music_faults import stall
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.page.scene import Scene, put_in_starter, set_scene
from bot.sandbox.page.server import PageServer
from bot.sandbox.stage import Launch, Stage, open_stage, start_afresh

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request, ViewportSize

PATIENCE = 30.0
"""Seconds for anything that is to come: a slow machine must not fail a test."""
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SUBMIT_INTERVAL = 0.5
PROVIDER = MusicSettings(generation=(0.001, 0.002), length=(10.0, 12.0), submit_interval=SUBMIT_INTERVAL)
"""A task is done at its first query; `Sandbox.hold_downloads` makes time for what is to happen in the middle."""
SETTINGS = {
    "MUSIC_SUBMIT_INTERVAL": str(SUBMIT_INTERVAL),
    # Below two, one slot opens after half a second; with two, both open after a whole one, which every start would wait for.
    "MUSIC_QUERIES_PER_SECOND": "1.9",
    "JOBS_PER_USER": "100",
    "DAILY_PER_PERSON": "0",
    "DAILY_PER_SERVER": "0",
    "DAILY_IN_ALL": "0",
    "LONGEST_QUEUE": "0",
}
TASK_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$")


def find_chromium() -> str | None:
    """Return where Debian's chromium is, None where it is not installed."""
    return shutil.which("chromium")


@asynccontextmanager
async def open_browser(executable: str) -> AsyncGenerator[Browser]:
    """Start chromium without a screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*SWITCHES])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True, kw_only=True)
class Tab:
    """A tab with the page in it, and all that it complained of or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])

    def listen(self) -> None:
        """Note every error of the console and the scripts, and every request."""

        def console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        def error(problem: Error) -> None:
            self.complaints.append(str(problem))

        def request(sent: Request) -> None:
            self.asked.append(sent.url)

        self.page.on("console", console)
        self.page.on("pageerror", error)
        self.page.on("request", request)

    @property
    def box(self) -> Locator:
        """The message box."""
        return self.page.locator("#composer-input")

    @property
    def suggestions(self) -> Locator:
        """What is offered above the field in which one types."""
        return self.page.get_by_role("listbox").get_by_role("option")

    def message(self, text: str) -> Locator:
        """Find the messages that show a text."""
        return self.page.locator("li.message").filter(has_text=text)

    def results(self, title: str) -> Locator:
        """Find the messages that bring a finished track."""
        return self.message(f"{title} is finished")

    def private(self, text: str) -> Locator:
        """Find the messages that only this person sees."""
        return self.page.locator("li.message.ephemeral").filter(has_text=text)

    def option(self, name: str) -> Locator:
        """Find the field of a command's option."""
        return self.page.locator(".chip").filter(has=self.page.get_by_text(name, exact=False)).locator("input")

    async def begin(self, command: str) -> None:
        """Type a command's name and choose it."""
        await self.box.click()
        await self.box.fill(f"/{command}")
        await expect(self.suggestions).to_have_count(1)
        await self.page.keyboard.press("Enter")

    async def give(self, name: str, text: str) -> None:
        """Type an option's value; open the option first if it is not there."""
        field = self.option(name)
        if not await field.count():
            await self.page.locator(".add-option", has_text=name).click()
        await field.fill(text)

    async def send(self) -> None:
        """Send the command."""
        await self.page.get_by_role("button", name="Send the command").click()

    @asynccontextmanager
    async def drawer(self) -> AsyncGenerator[Locator]:
        """Open the drawer of faults, and close it again."""
        await self.page.get_by_role("button", name="Faults").click()
        drawer = self.page.get_by_role("complementary", name="Faults")
        yield drawer
        await drawer.get_by_role("button", name="Close").click()
        await expect(drawer).to_be_hidden()

    async def extend(self, title: str, *, at: str = "0:05", tags: str = "lo-fi, piano") -> None:
        """Use /extend on the newest track."""
        await self.begin("extend")
        await self.suggestions.first.click()
        await self.give("continue_at", at)
        await self.give("tags", tags)
        await self.give("title", title)
        await self.send()


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """Everything: the stage with the bot on it, its page, and the browser."""

    scene: Scene
    server: PageServer
    browser: Browser

    @property
    def stage(self) -> Stage:
        """The music service, the Discord and the bot."""
        return self.scene.stage

    def hold_downloads(self, seconds: float) -> None:
        """Let the next two downloads take their time."""
        self.stage.music.faults.add(Endpoint.AUDIO, stall(seconds, accepted=True), times=2)

    @asynccontextmanager
    async def logging(self, text: str) -> AsyncGenerator[None]:
        """Do something, and wait until the bot has logged a text in the meantime. Raises TimeoutError."""
        before = self.stage.bot.log.count(text)
        yield
        async with asyncio.timeout(PATIENCE):
            while self.stage.bot.log.count(text) == before:  # noqa: ASYNC110 - a file tells nobody that it has grown
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def tab(self, person: str = "mira", *, phone: bool = False, dark: bool = False) -> AsyncGenerator[Tab]:
        """Open the page as somebody, in a profile of its own; it must end without complaints, and have asked nobody else."""
        context = await self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE * 1000)
        tab = Tab(page=await context.new_page())
        tab.listen()
        try:
            await tab.page.goto(f"{self.server.url}&as={person}")
            await expect(tab.page.locator("h1.title")).not_to_be_empty()
            yield tab
        finally:
            await context.close()
        assert tab.complaints == []
        assert [url for url in tab.asked if not url.startswith((f"{self.server.origin}/", "data:", "blob:"))] == []


@asynccontextmanager
async def open_sandbox(
    browser: Browser, *, music: MusicSettings = PROVIDER, settings: Mapping[str, str] | None = None, launch: Launch = start_afresh
) -> AsyncGenerator[Sandbox]:
    """Start everything, with the starter track in #music."""
    record = os.environ.get("ENCORE_DISCORD_RECORD")
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    discord = LoopbackDiscord(record_path=Path(record) if record else None)
    started = {**SETTINGS, **measured, **(settings or {})}
    async with open_stage(music=music, settings=started, discord=discord, launch=launch) as stage:
        scene = set_scene(stage)
        async with PageServer(scene, port=0) as server:
            await stage.bot.start()
            await stage.discord.wait_ready(PATIENCE)
            await stage.discord.wait_for_command("track", PATIENCE)
            await put_in_starter(scene)
            yield Sandbox(scene=scene, server=server, browser=browser)
