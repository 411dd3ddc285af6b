"""What the page's requests carry, checked; what is wrong with one is said in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiohttp import web

from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from bot.sandbox.discord.rooms import Room
    from bot.sandbox.discord.world import JsonObject, Message
    from bot.sandbox.page.scene import Role, Scene

MOST_JSON = 256 * 1024
"""Bytes of a request that carries JSON."""
MOST_WORDS = 300
"""Characters of a refusal that are shown: some quote what was sent."""


class PageRefusal(Exception):  # noqa: N818 - an answer in words, not a defect
    """What the page cannot do; the message is shown to people."""

    def __init__(self, words: str, status: int = 400) -> None:
        """Say why, with the HTTP status that fits."""
        super().__init__(words)
        self.status = status


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what is refused with its words."""
    try:
        return await handler(request)
    except PageRefusal as refusal:
        return web.json_response({"error": str(refusal)}, status=refusal.status)
    except ClientRefusal as refusal:
        return web.json_response({"error": f"Discord would not send this: {str(refusal)[:MOST_WORDS]}."}, status=400)
    except Refusal as refusal:
        return web.json_response({"error": _told(refusal)}, status=400)
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        return web.json_response({"error": f"{error.reason}."}, status=error.status)


@dataclass(slots=True, frozen=True)
class Act:
    """What one person does: the body of a POST, read with care."""

    scene: Scene
    role: Role
    body: JsonObject

    def text(self, name: str, *, most: int = 8000) -> str:
        """Return a text; raises PageRefusal."""
        value = self.body.get(name)
        if not isinstance(value, str) or len(value) > most:
            msg = f"“{name}” should be a text of at most {most} characters."
            raise PageRefusal(msg)
        return value

    def mapping(self, name: str) -> JsonObject:
        """Return an object, an empty one where none is given; raises PageRefusal."""
        value: object = self.body.get(name) or {}
        if not isinstance(value, dict):
            msg = f"“{name}” should be an object."
            raise PageRefusal(msg)
        return cast("JsonObject", value)

    def room(self) -> Room:
        """Return the channel that is meant; raises PageRefusal."""
        discord = self.scene.stage.discord
        channel = discord.core.world.channels.get(_number(self.text("channel")))
        if channel is None or not discord.core.world.permissions_of(self.role.person.user, channel):
            msg = "This channel is gone, or this person is not in it."
            raise PageRefusal(msg, 404)
        return discord.room(channel)

    def message(self, name: str = "message") -> Message:
        """Return the message that is meant; raises PageRefusal."""
        return self.find_message(self.text(name))

    def someone(self, name: str) -> Person:
        """Return the person who is meant; raises PageRefusal."""
        user = self.scene.stage.discord.core.world.users.get(_number(self.text(name)))
        if user is None:
            msg = "There is nobody of that name any more."
            raise PageRefusal(msg, 404)
        return Person(self.scene.stage.discord.core, user)

    def find_message(self, message_id: str) -> Message:
        """Return a message of the channel by its id; raises PageRefusal."""
        message = self.room().channel.messages.get(_number(message_id))
        if message is None or not self.scene.sees(self.role.person, message):
            msg = "This message is gone."
            raise PageRefusal(msg, 404)
        return message


async def read_act(scene: Scene, request: web.Request) -> Act:
    """Read a POST of the page; raises PageRefusal."""
    if request.content_type != "application/json" or (request.content_length or 0) > MOST_JSON:
        msg = "The page sends JSON, and less of it."
        raise PageRefusal(msg, 415)
    raw = await request.content.read(MOST_JSON + 1)
    while len(raw) <= MOST_JSON and (more := await request.content.read(MOST_JSON + 1 - len(raw))):
        raw += more
    if len(raw) > MOST_JSON:
        msg = "That is too much at once."
        raise PageRefusal(msg, 413)
    try:
        body: object = json.loads(raw)
    except ValueError as error:
        msg = "That is not JSON."
        raise PageRefusal(msg) from error
    if not isinstance(body, dict):
        msg = "That is not an object."
        raise PageRefusal(msg)
    fields = cast("JsonObject", body)
    return Act(scene, role_named(scene, fields.get("person")), fields)


def role_named(scene: Scene, name: object) -> Role:
    """Return who acts; raises PageRefusal."""
    role = scene.cast.get(name) if isinstance(name, str) else None
    if role is None:
        msg = f"Nobody here is called {name!r}: there are {', '.join(scene.cast)}."
        raise PageRefusal(msg, 404)
    return role


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else -1  # noqa: PLR2004 - digits of a 64 bit id


def _told(refusal: Refusal) -> str:
    """Say what Discord complains about, with the first complaint of its nested form."""
    found = _first_complaint(refusal.extra.get("errors"))
    return f"{refusal.message}: {found}" if found else f"{refusal.message}."


def _first_complaint(errors: object) -> str:
    if not isinstance(errors, dict):
        return ""
    for key, value in cast("JsonObject", errors).items():
        if key == "_errors":
            return str(value[0].get("message", ""))
        if found := _first_complaint(value):
            return found
    return ""
