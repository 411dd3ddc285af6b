"""The page's server over real sockets: what it serves, to whom, and what it does; and `python -m bot sandbox` as a whole."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.discord import MessageFlag, Permission, Person, Room, Upload
from bot.sandbox.discord import messages as wire
from bot.sandbox.page import uploads
from bot.sandbox.page.fault_switches import SWITCHES
from bot.sandbox.page.scene import Scene, set_scene
from bot.sandbox.page.server import PageServer
from bot.sandbox.stage import PROJECT, open_stage
from tests.e2e.play import until
from tests.warm import start_warm

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from bot.sandbox.discord.world import JsonObject, Message

HOSTILE = "<img src=x onerror=alert(1)> <script>alert(1)</script> [x](javascript:alert(1)) \u202e"


@dataclass(slots=True)
class Tab:
    """A browser's tab, without the browser."""

    page: PageServer
    session: aiohttp.ClientSession
    person: str = "mira"

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        async with self.session.get(self.page.origin + path, params={"person": self.person} | query) as response:
            return response.status, await response.json()

    async def post(self, path: str, body: object = None, **options: Any) -> tuple[int, Any]:  # noqa: ANN401 - passed to aiohttp
        headers = {"Origin": self.page.origin} | options.pop("headers", {})
        if "data" not in options:
            options["json"] = {"person": self.person} | (body if isinstance(body, dict) else {})
        async with self.session.post(self.page.origin + path, headers=headers, **options) as response:
            return response.status, await response.json()

    async def act(self, act: str, room: Room, **body: object) -> tuple[int, Any]:
        return await self.post(f"/api/do/{act}", {"channel": str(room.id)} | body)

    async def messages(self, room: Room) -> list[JsonObject]:
        _, found = await self.get(f"/api/channels/{room.id}/messages")
        return found["messages"]

    @asynccontextmanager
    async def events(self, **headers: str) -> AsyncGenerator[AsyncIterator[tuple[str, str, Any]]]:
        """Open the stream; yield cursor, name and data of each event."""
        url = f"{self.page.origin}/api/events"
        async with self.session.get(url, params={"person": self.person, "cursor": self.page.feed.cursor}, headers=headers) as response:
            assert response.content_type == "text/event-stream"
            yield _parsed(response.content)


async def _parsed(content: aiohttp.StreamReader) -> AsyncIterator[tuple[str, str, Any]]:
    fields: dict[str, str] = {}
    async for raw in content:
        line = raw.decode().rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], fields["event"], json.loads(fields.pop("data"))


async def next_named(stream: AsyncIterator[tuple[str, str, Any]], wanted: str) -> tuple[str, Any]:
    async with asyncio.timeout(30):
        async for cursor, name, data in stream:
            if name == wanted:
                return cursor, data
    pytest.fail(f"the stream ended without {wanted}")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_stage(launch=start_warm) as stage:
        yield set_scene(stage)


@pytest.fixture
async def page(scene: Scene) -> AsyncIterator[PageServer]:
    async with PageServer(scene, port=0) as page:
        yield page


@pytest.fixture
async def tab(page: PageServer) -> AsyncIterator[Tab]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(page.url) as response:
            assert response.status == 200
        yield Tab(page, session)


@pytest.fixture
def room(scene: Scene) -> Room:
    return scene.stage.world.music


def posted(room: Room, body: JsonObject, *, viewer: Person | None = None, files: tuple[Upload, ...] = ()) -> Message:
    flags = MessageFlag(0) if viewer is None else MessageFlag.EPHEMERAL
    draft = wire.Draft(body=body, uploads=files, flags=flags, viewer_id=None if viewer is None else viewer.id)
    return wire.post(room.core, room.channel, room.core.bot, draft)


async def test_the_page_and_all_of_its_parts_come_with_their_headers(tab: Tab) -> None:
    async with tab.session.get(tab.page.origin) as response:
        text = await response.text()
        assert "unsafe" not in response.headers["Content-Security-Policy"]
    for path in ["/", *re.findall(r'"(/static/[^"]+)"', text)]:
        async with tab.session.get(tab.page.origin + path) as response:
            assert response.status == 200, path
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_without_the_key_nothing_is_served(page: PageServer) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/static/js/main.js", "/api/state?person=mira", "/api/events?person=mira", "/files/1/x"):
            async with session.get(page.origin + path) as response:
                assert response.status == 403, path
                assert "Content-Security-Policy" in response.headers
        async with session.get(page.url, headers={"Host": "evil.example"}) as response:
            assert response.status == 421


async def test_a_form_of_another_page_is_refused(tab: Tab, room: Room) -> None:
    status, _ = await tab.post("/api/do/send", {"channel": str(room.id), "content": "x"}, headers={"Origin": "http://evil.example"})
    assert status == 403
    status, answer = await tab.post("/api/do/send", data="person=mira", headers={"Content-Type": "text/plain"})
    assert (status, answer) == (415, {"error": "The page sends JSON, and less of it."})
    assert room.messages == []


async def test_the_state_names_people_places_and_who_may_be_where(tab: Tab, scene: Scene) -> None:
    _, state = await tab.get("/api/state")
    assert [(one["name"], one["moderator"], one["member"]) for one in state["cast"]] == [
        ("Mira", False, True),
        ("Jo", False, True),
        ("Sam", True, True),
        ("Olive", True, True),
        ("Pat", False, True),
        ("Robin", False, False),
    ]
    assert [channel["name"] for channel in state["channels"]] == ["music", "lounge", "off-topic", "general", "Encore"]
    assert [(guild["name"], "Musicians" in [role["name"] for role in guild["roles"]]) for guild in state["guilds"]] == [
        ("Encore Sandbox", True),
        ("Fresh Server", False),
    ]
    tab.person = "robin"
    _, state = await tab.get("/api/state")
    assert [(channel["name"], channel["kind"]) for channel in state["channels"]] == [("Weekend band", "group"), ("Encore", "direct")]
    assert (await tab.get(f"/api/channels/{scene.stage.world.music.id}/messages"))[0] == 404


@pytest.mark.parametrize("person", ["", "nobody", "../mira"])
async def test_nobody_else_can_be_used(tab: Tab, person: str) -> None:
    tab.person = person
    status, answer = await tab.get("/api/state")
    assert status == 404
    assert "mira, jo, sam, olive, pat, robin" in answer["error"]


async def test_what_somebody_writes_arrives_as_it_was_written(tab: Tab, room: Room) -> None:
    async with tab.events() as stream:
        assert (await tab.act("send", room, content=HOSTILE))[0] == 200
        _, data = await next_named(stream, "message")
    assert data["new"] is True
    assert data["message"]["content"] == HOSTILE
    assert data["message"]["author"] == {"id": str(room.messages[0].author.id), "name": "Mira", "bot": False, "moderator": False}


async def test_a_stream_goes_on_where_it_was_broken(tab: Tab, room: Room, scene: Scene) -> None:
    mira = scene.stage.world.mira
    async with tab.events() as stream:
        await mira.send(room, "one")
        cursor, _ = await next_named(stream, "message")
    await mira.send(room, "two")
    await mira.send(room, "three")
    async with tab.events(**{"Last-Event-ID": cursor}) as stream:
        assert [(await next_named(stream, "message"))[1]["message"]["content"] for _ in range(2)] == ["two", "three"]


async def test_a_stream_that_missed_too_much_says_so(tab: Tab) -> None:
    async with tab.events(**{"Last-Event-ID": "earlier-7"}) as stream:
        cursor, _ = await next_named(stream, "resync")
    assert tab.page.feed.position(cursor) is not None


async def test_an_ephemeral_message_is_its_person_s_alone_and_can_be_dismissed(tab: Tab, room: Room, scene: Scene) -> None:
    message = posted(room, {"content": "between us"}, viewer=scene.stage.world.mira)
    assert [m["ephemeral"] for m in await tab.messages(room)] == [True]
    tab.person = "sam"
    assert await tab.messages(room) == []
    assert (await tab.act("dismiss", room, message=str(message.id)))[0] == 404
    tab.person = "mira"
    assert (await tab.act("dismiss", room, message=str(message.id))) == (200, {})
    assert await tab.messages(room) == []


async def test_files_are_served_with_ranges_to_those_who_see_them(tab: Tab, room: Room, scene: Scene) -> None:
    body = {"attachments": [{"id": 0, "description": "a tune"}]}
    posted(room, body, viewer=scene.stage.world.mira, files=(Upload(0, "tune.mp3", b"0123456789"),))
    [shown] = await tab.messages(room)
    [file] = shown["files"]
    assert (file["name"], file["type"], file["alt"], file["size"]) == ("tune.mp3", "audio/mpeg", "a tune", 10)
    async with tab.session.get(tab.page.origin + file["url"], headers={"Range": "bytes=2-5"}) as response:
        assert (response.status, await response.read()) == (206, b"2345")
        assert response.content_type == "audio/mpeg"
    async with tab.session.get(tab.page.origin + file["url"].replace("mira", "jo")) as response:
        assert response.status == 404


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "script.js", "noname", "page.xhtml"])
async def test_a_file_that_could_act_can_only_be_saved(tab: Tab, room: Room, name: str) -> None:
    posted(room, {"content": "x"}, files=(Upload(0, name, b"<script>alert(1)</script>"),))
    [shown] = await tab.messages(room)
    async with tab.session.get(tab.page.origin + shown["files"][0]["url"]) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_pictures_of_a_card_come_from_the_page_or_not_at_all(tab: Tab, room: Room) -> None:
    embeds = [{"title": "x", "thumbnail": {"url": "attachment://cover.png"}, "image": {"url": "https://example.org/x.png"}}]
    posted(room, {"embeds": embeds}, files=(Upload(0, "cover.png", b"not a picture"),))
    [shown] = await tab.messages(room)
    [embed] = shown["embeds"]
    assert embed["thumbnail"]["url"].startswith("/files/")
    assert embed["image"] == {"link": "https://example.org/x.png"}
    assert shown["files"] == []


async def test_a_reply_shows_what_it_answers_until_that_is_gone(tab: Tab, room: Room) -> None:
    _, sent = await tab.act("send", room, content="question")
    await tab.act("send", room, content="answer", reply=sent["message"])
    assert (await tab.messages(room))[-1]["reply"]["text"] == "question"
    assert (await tab.act("delete", room, message=sent["message"])) == (200, {})
    assert (await tab.messages(room))[-1]["reply"] == {"id": sent["message"], "gone": True}


async def test_only_a_moderator_deletes_what_others_wrote(tab: Tab, room: Room, scene: Scene) -> None:
    message = await scene.stage.world.jo.send(room, "mine")
    status, answer = await tab.act("delete", room, message=str(message.id))
    assert status == 400
    assert "may not delete" in answer["error"]
    tab.person = "sam"
    assert (await tab.act("delete", room, message=str(message.id)))[0] == 200


async def test_reactions_come_and_go(tab: Tab, room: Room) -> None:
    _, sent = await tab.act("send", room, content="x")
    await tab.act("react", room, message=sent["message"], emoji="🔥")
    [shown] = await tab.messages(room)
    assert shown["reactions"] == [{"emoji": "🔥", "count": 1, "mine": True, "names": ["Mira"]}]
    await tab.act("react", room, message=sent["message"], emoji="🔥", on=False)
    assert (await tab.messages(room))[0]["reactions"] == []


async def test_a_command_that_nobody_answers_fails_as_in_discord(tab: Tab, room: Room, scene: Scene) -> None:
    discord = scene.stage.discord
    discord.core.commands.replace(None, [{"name": "hello", "description": "x", "options": []}])
    asked = asyncio.create_task(tab.act("command", room, name="hello", options={}))
    await discord.core.hub.wait_until(lambda: bool(discord.core.interactions), 5)
    discord.advance(4)
    assert await asked == (200, {"state": "failed", "failure": "The application did not respond"})


async def test_options_are_checked_and_refusals_are_words(tab: Tab, room: Room, scene: Scene) -> None:
    options = [
        {"name": "file", "description": "x", "type": 11, "required": True},
        {"name": "who", "description": "x", "type": 6},
        {"name": "count", "description": "x", "type": 4, "max_value": 3},
    ]
    scene.stage.discord.core.commands.replace(None, [{"name": "hello", "description": "x", "options": options}])
    assert (await tab.act("command", room, name="bye", options={}))[0] == 404
    for given, said in (
        ({}, "'file' is required"),
        ({"file": "x"}, "no longer there"),
        ({"who": "1"}, "from the list"),
        ({"count": "many"}, "not a whole number"),
    ):
        status, answer = await tab.act("command", room, name="hello", options=given)
        assert status in {400, 404}
        assert said in answer["error"]


@dataclass(slots=True)
class Bot:
    """What a bot would do: answer the latest interaction."""

    scene: Scene
    session: aiohttp.ClientSession

    async def answers(self, asked: asyncio.Task[tuple[int, Any]], body: JsonObject) -> tuple[JsonObject, Any]:
        """Answer what was asked; return the interaction's data, and what the page got."""
        discord = self.scene.stage.discord
        await discord.core.hub.wait_until(lambda: any(i.callback is None for i in discord.core.interactions.values()), 5)
        interaction = list(discord.core.interactions.values())[-1]
        async with self.session.post(
            f"{discord.api_url}/interactions/{interaction.id}/{interaction.token}/callback", json=body
        ) as response:
            assert response.status in {200, 204}, await response.text()
        status, answer = await asked
        assert status == 200, answer
        return interaction.data, answer


@pytest.fixture
def bot(scene: Scene, tab: Tab) -> Bot:
    return Bot(scene, tab.session)


FORM: JsonObject = {
    "custom_id": "form",
    "title": "A form",
    "components": [
        {"type": 18, "label": "Words", "component": {"type": 4, "custom_id": "words", "style": 1, "required": True}},
        {"type": 18, "label": "Colour", "component": {"type": 3, "custom_id": "colour", "options": [{"label": "Red", "value": "r"}]}},
        {"type": 18, "label": "Person", "component": {"type": 5, "custom_id": "who"}},
    ],
}


async def test_a_button_opens_a_form_in_the_tab_that_pressed_it(tab: Tab, room: Room, bot: Bot, scene: Scene) -> None:
    sam = str(scene.stage.world.sam.id)
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
    message = posted(room, {"content": "x", "components": [{"type": 1, "components": [button]}]})
    pressed = asyncio.create_task(tab.act("press", room, message=str(message.id), custom_id="go"))
    _, answer = await bot.answers(pressed, {"type": 9, "data": FORM})
    assert (answer["state"], answer["modal"]["title"]) == ("answered", "A form")
    shown = {"interaction": answer["modal"]["interaction"], "values": {"words": "hello", "colour": ["r"], "who": [sam]}}
    refused = await tab.act("submit", room, **shown | {"values": {"words": ""}})
    assert refused == (400, {"error": "Discord would not send this: 'Words' takes 1 to 4000 characters."})
    tab.person = "jo"
    assert (await tab.act("submit", room, **shown))[0] == 404
    tab.person = "mira"
    submitted = asyncio.create_task(tab.act("submit", room, **shown))
    data, answer = await bot.answers(submitted, {"type": 4, "data": {"content": "thanks", "flags": 64}})
    assert [line["component"].get("value") or line["component"]["values"] for line in data["components"]] == ["hello", ["r"], [sam]]
    assert answer == {"state": "answered", "failure": None}
    assert (await tab.messages(room))[-1]["content"] == "thanks"


async def test_people_are_chosen_by_id_in_a_select(tab: Tab, room: Room, bot: Bot, scene: Scene) -> None:
    message = posted(room, {"content": "x", "components": [{"type": 1, "components": [{"type": 5, "custom_id": "who"}]}]})
    jo = str(scene.stage.world.jo.id)
    choice = {"message": str(message.id), "custom_id": "who", "values": [jo]}
    data, _ = await bot.answers(asyncio.create_task(tab.act("select", room, **choice)), {"type": 6})
    assert data["values"] == [jo]
    assert data["resolved"]["users"][jo]["username"] == "jo"


async def test_roles_and_channels_are_chosen_by_id_in_selects(tab: Tab, room: Room, bot: Bot, scene: Scene) -> None:
    world = scene.stage.world
    selects = [
        {"type": 6, "custom_id": "role", "min_values": 0},
        {"type": 8, "custom_id": "channels", "max_values": 9, "channel_types": [0]},
    ]
    message = posted(room, {"content": "x", "components": [{"type": 1, "components": [one]} for one in selects]})

    async def choose(custom_id: str, *values: int) -> JsonObject:
        body = {"message": str(message.id), "custom_id": custom_id, "values": [str(value) for value in values]}
        data, _ = await bot.answers(asyncio.create_task(tab.act("select", room, **body)), {"type": 6})
        return data

    assert (await choose("role", world.musicians.id))["resolved"]["roles"][str(world.musicians.id)]["name"] == "Musicians"
    assert (await choose("role"))["values"] == []
    data = await choose("channels", room.id, world.off_topic.id)
    seen = data["resolved"]["channels"]
    assert {channel["name"] for channel in seen.values()} == {"music", "off-topic"}
    assert all(int(channel["permissions"]) & Permission.VIEW_CHANNEL for channel in seen.values())
    elsewhere = next(channel for channel in scene.fresh.channels)
    thread = scene.stage.discord.add_thread(room, "jam", world.mira)
    for custom_id, wrong in (("role", scene.fresh.id), ("role", world.mira.id), ("channels", elsewhere), ("channels", thread.id)):
        body = {"message": str(message.id), "custom_id": custom_id, "values": [str(wrong)]}
        assert (await tab.act("select", room, **body))[0] == 400, custom_id


async def test_a_person_s_menu_reaches_the_bot_and_only_from_those_who_may(tab: Tab, room: Room, bot: Bot, scene: Scene) -> None:
    moderators = str(int(Permission.MANAGE_MESSAGES))
    scene.stage.discord.core.commands.replace(None, [{"name": "Block", "type": 2, "default_member_permissions": moderators}])
    jo = str(scene.stage.world.jo.id)
    _, state = await tab.get("/api/state")
    assert state["channels"][0]["commands"] == []
    assert (await tab.act("menu", room, name="Block", user=jo))[0] == 400
    tab.person = "sam"
    _, state = await tab.get("/api/state")
    assert state["channels"][0]["commands"] == [state["commands"][0]["key"]]
    data, _ = await bot.answers(asyncio.create_task(tab.act("menu", room, name="Block", user=jo)), {"type": 5, "data": {"flags": 64}})
    assert (data["target_id"], data["resolved"]["users"][jo]["username"]) == (jo, "jo")
    assert (await tab.act("menu", room, name="Block", user="1"))[0] == 404


async def test_a_command_of_one_server_is_offered_there_alone(tab: Tab, scene: Scene) -> None:
    tab.person = "olive"
    scene.stage.discord.core.commands.replace(scene.fresh.id, [{"name": "operator", "description": "x"}])
    _, state = await tab.get("/api/state")
    offered = {channel["name"]: len(channel["commands"]) for channel in state["channels"]}
    assert (offered["music"], offered["general"]) == (0, 1)


async def test_a_message_s_menu_and_suggestions_reach_the_bot(tab: Tab, room: Room, bot: Bot, scene: Scene) -> None:
    options = [{"name": "what", "description": "x", "type": 3, "autocomplete": True, "required": True}]
    commands: list[JsonObject] = [{"name": "Look closer", "type": 3}, {"name": "hello", "description": "x", "options": options}]
    scene.stage.discord.core.commands.replace(None, commands)
    message = await scene.stage.world.jo.send(room, "hello")
    _, state = await tab.get("/api/state")
    assert {command["name"] for command in state["commands"] if command["key"] in state["channels"][0]["commands"]} == {
        "Look closer",
        "hello",
    }
    used = asyncio.create_task(tab.act("menu", room, name="Look closer", message=str(message.id)))
    data, _ = await bot.answers(used, {"type": 5, "data": {"flags": 64}})
    assert data["target_id"] == str(message.id)
    assert (await tab.messages(room))[-1]["loading"] is True
    typed: JsonObject = {"name": "hello", "focused": "what", "value": "a", "options": {}}
    asked = asyncio.create_task(tab.act("autocomplete", room, **typed))
    data, answer = await bot.answers(asked, {"type": 8, "data": {"choices": [{"name": "Alpha", "value": "alpha"}]}})
    assert data["options"] == [{"name": "what", "type": 3, "value": "a", "focused": True}]
    assert answer == {"choices": [{"name": "Alpha", "value": "alpha"}]}


async def test_an_upload_belongs_to_its_person_and_is_limited(tab: Tab, room: Room, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    option = {"name": "file", "description": "x", "type": 11, "required": True}
    scene.stage.discord.core.commands.replace(None, [{"name": "hello", "description": "x", "options": [option]}])
    path = "/api/uploads?name=a.mp3&person="
    _, kept = await tab.post(path + "jo", data=b"audio")
    assert (kept["name"], kept["size"]) == ("a.mp3", 5)
    assert (await tab.act("command", room, name="hello", options={"file": kept["id"]}))[0] == 404
    assert (await tab.post(path + "mira", data=b"")) == (400, {"error": "This file is empty."})
    scene.stage.world.mira.user.attachment_size_limit = scene.stage.world.guild.attachment_size_limit = 3
    _, kept = await tab.post(path + "mira", data=b"audio")
    assert (await tab.act("command", room, name="hello", options={"file": kept["id"]}))[0] == 413
    monkeypatch.setattr(uploads, "MOST_BYTES", 4)
    assert (await tab.post(path + "mira", data=b"audio"))[0] == 413


async def test_too_much_json_and_too_long_a_message_are_refused(tab: Tab, room: Room) -> None:
    assert (await tab.act("send", room, content="x" * 2001)) == (400, {"error": "Invalid Form Body: Must be 2000 or fewer in length."})
    assert (await tab.act("send", room, content="x" * 300_000))[0] == 415
    assert (await tab.act("send", room, content=7))[0] == 400
    assert (await tab.act("unheard-of", room))[0] == 404


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.key)
async def test_every_fault_can_be_switched_on_and_off(tab: Tab, switch: Any) -> None:  # noqa: ANN401 - a Switch
    _, before = await tab.get("/api/controls")
    _, controls = await tab.post("/api/controls/fault", {"key": switch.key, "on": True})
    assert [one["key"] for one in controls["switches"] if one["on"]] == [switch.key]
    _, controls = await tab.post("/api/controls/clear")
    assert controls == before


async def test_a_missing_permission_is_given_back(tab: Tab, room: Room, scene: Scene) -> None:
    core = scene.stage.discord.core
    before = core.world.permissions_of(core.bot, room.channel)
    await tab.post("/api/controls/fault", {"key": "may-not-attach", "on": True})
    assert core.world.permissions_of(core.bot, room.channel) != before
    await tab.post("/api/controls/fault", {"key": "may-not-attach", "on": False})
    assert core.world.permissions_of(core.bot, room.channel) == before


async def test_without_credits_no_customer_of_the_music_service_has_any(tab: Tab, scene: Scene) -> None:
    def left() -> list[int | None]:
        return [account.credits for account in scene.stage.music.accounts]

    await tab.post("/api/controls/fault", {"key": "music-credits", "on": True})
    assert left() == [0, 0]
    await tab.post("/api/controls/fault", {"key": "music-credits", "on": False})
    assert left() == [None, None]


async def test_direct_messages_that_nobody_takes_are_refused(tab: Tab, scene: Scene) -> None:
    core, session = scene.stage.discord.core, tab.session
    room = scene.stage.discord.direct_message(scene.stage.world.jo)
    url = f"{scene.stage.discord.api_url}/channels/{room.id}/messages"
    headers = {"Authorization": f"Bot {core.world.application.token}"}

    async def send() -> tuple[int, Any]:
        async with session.post(url, json={"content": "Hello"}, headers=headers) as response:
            return response.status, (await response.json()).get("code")

    await tab.post("/api/controls/fault", {"key": "may-not-dm", "on": True})
    assert await send() == (403, 50007)
    await tab.post("/api/controls/fault", {"key": "may-not-dm", "on": False})
    assert await send() == (200, None)


async def test_after_15_minutes_a_reply_is_out_of_reach_and_the_next_one_is_not(tab: Tab, room: Room, scene: Scene, bot: Bot) -> None:
    discord = scene.stage.discord
    discord.core.commands.replace(None, [{"name": "hello", "description": "x", "options": []}])

    async def answer_and_edit() -> Any:  # noqa: ANN401 - JSON
        await bot.answers(asyncio.create_task(tab.act("command", room, name="hello", options={})), {"type": 4, "data": {"content": "Hi"}})
        token = list(discord.core.interactions.values())[-1].token
        return lambda: tab.session.patch(
            f"{discord.api_url}/webhooks/{discord.application_id}/{token}/messages/@original", json={"content": "Changed"}
        )

    now, edit = discord.clock(), await answer_and_edit()
    assert (await edit()).status == 200
    for _ in range(2):
        assert (await tab.post("/api/controls/expire"))[0] == 200
    refused = await edit()
    assert (refused.status, (await refused.json())["code"]) == (401, 50027)
    assert discord.clock() - now < 60
    assert (await (await answer_and_edit())()).status == 200


async def test_unknown_controls_are_refused_in_words(tab: Tab) -> None:
    assert (await tab.post("/api/controls/fault", {"key": "x", "on": True}))[0] == 404
    assert (await tab.post("/api/controls/bot", {"what": "dance"}))[0] == 400
    assert (await tab.post("/api/controls/gateway", {"what": "dance"}))[0] == 400


async def test_a_taken_port_leads_to_the_next(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with PageServer(scene, port=port) as page:
            assert page.origin.startswith("http://127.0.0.1:")
            assert port < int(page.origin.rpartition(":")[2]) < port + 50


async def test_the_sandbox_starts_ready_and_ends_whole(tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "PYTHONPATH": str(PROJECT),
        "TMPDIR": str(tmp_path),
    }
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--fast", "--no-open", "--port", "0"),
        cwd=PROJECT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert sandbox.stdout is not None
    try:
        async with asyncio.timeout(90):
            url = ""
            while not url and (line := (await sandbox.stdout.readline()).decode()):
                url = next(iter(re.findall(r"http://\S+", line)), "")
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
                await _play(url, session)
            sandbox.send_signal(signal.SIGTERM)
            rest = (await sandbox.stdout.read()).decode()
            assert await sandbox.wait() == 0
    finally:
        if sandbox.returncode is None:
            sandbox.terminate()  # not killed: it is what ends the bot
            await sandbox.wait()
    assert "Traceback" not in rest
    assert left_in(tmp_path) == []


HOLDER = """\
import asyncio, json, sys
from pathlib import Path
from bot.sandbox.stage import BotProcess

async def hold(environment, folder):
    await BotProcess(environment, folder, folder / "bot.log").start()
    await asyncio.Event().wait()

asyncio.run(hold(json.loads(sys.argv[1]), Path(sys.argv[2])))
"""
"""A sandbox without its servers, which are the test's: they see what becomes of the bot."""


async def test_a_sandbox_that_is_killed_takes_its_bot_along(scene: Scene) -> None:
    discord, bot = scene.stage.discord, scene.stage.bot
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, json.dumps(dict(bot.environment)), str(bot.folder)), cwd=PROJECT
    )
    try:
        await discord.wait_ready(60)
    finally:
        holder.kill()
        await holder.wait()
    await until(lambda: not discord.gateway.is_ready())
    assert "SIGTERM: finishing what is in hand" in bot.log
    assert "Traceback" not in bot.log


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _play(url: str, session: aiohttp.ClientSession) -> None:
    """Find the starter in the list of /extend, restart the bot, and see it come back."""
    origin = url.partition("/?")[0]
    (await session.get(url)).release()
    state = await (await session.get(f"{origin}/api/state?person=mira")).json()
    assert {command["name"] for command in state["commands"]} >= {"create", "extend", "help", "jobs", "track"}
    music = state["channels"][0]
    listed = await (await session.get(f"{origin}/api/channels/{music['id']}/messages?person=mira")).json()
    assert [message["author"]["name"] for message in listed["messages"]][-1] == "Sam"
    assert sum(file["type"] == "audio/mpeg" for message in listed["messages"] for file in message["files"]) == 2
    typed: JsonObject = {"name": "extend", "focused": "continue_clip_id", "value": "", "options": {}}
    body = {"person": "mira", "channel": music["id"]} | typed
    headers = {"Origin": origin}
    found = await (await session.post(f"{origin}/api/do/autocomplete", json=body, headers=headers)).json()
    assert len(found["choices"]) == 2
    async with session.get(f"{origin}/api/events", params={"person": "mira", "cursor": state["cursor"]}) as response:
        (await session.post(f"{origin}/api/controls/bot", json={"person": "mira", "what": "kill"}, headers=headers)).release()
        async with asyncio.timeout(60):
            async for _, name, data in _parsed(response.content):
                if name == "controls" and data["bot"] == {"state": "ready", "starts": 2}:
                    break
    assert "ready as Encore" in (await (await session.get(f"{origin}/api/log?person=mira")).json())["log"]
