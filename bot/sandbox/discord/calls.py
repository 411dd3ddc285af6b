"""A REST request as the routes see it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from aiohttp import BodyPartReader, web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.files import Upload
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.world import JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.sandbox.discord.core import Core

FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(slots=True, frozen=True, kw_only=True)
class Call:
    """One request: `params` from its path, `body` its JSON or the multipart `payload_json`."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    uploads: tuple[Upload, ...] = ()

    @property
    def fields(self) -> JsonObject:
        """Return the body as an object; raises Refusal 50035 for a list or a text."""
        body = self.body
        if isinstance(body, dict):
            return cast("JsonObject", body)
        if body is not None:
            form = Form()
            form.complain("_", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            form.close()
        return {}

    def snowflake(self, name: str) -> int:
        """Return an id from the path; raises Refusal 50035 for anything but a number."""
        form = Form()
        found = form.snowflake(name, self.params[name])
        form.close()
        return found

    def cursor(self, name: str) -> int | None:
        """Return an id from the query, None where it is not given; raises Refusal 50035 for anything but a number."""
        if name not in self.query:
            return None
        form = Form()
        found = form.snowflake(name, self.query[name])
        form.close()
        return found

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number from the query; raises Refusal 50035 outside its bounds."""
        value = self.query.get(name)
        if value is None:
            return default
        form = Form()
        form.whole(name, int(value) if value.isdecimal() and value.isascii() else value, least, most)
        form.close()
        return int(value)


@dataclass(slots=True, frozen=True)
class Reply:
    """What a route answers; 204 has no body."""

    status: int = 204
    body: object = None


Handler: TypeAlias = "Callable[[Core, Call], Reply]"


@dataclass(slots=True, frozen=True)
class Route:
    """One method of one path; `public` ones need no bot token, since the path holds an interaction's."""

    method: str
    template: str
    handler: Handler
    public: bool = False

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parts that the path's placeholders stand for, None when it is another path."""
        wanted, found = self.template.split("/"), path.split("/")
        if len(wanted) != len(found):
            return None
        params: dict[str, str] = {}
        for name, value in zip(wanted, found, strict=True):
            if name.startswith("{"):
                params[name[1:-1]] = value
            elif name != value:
                return None
        return params


async def read_body(request: web.Request, most: int) -> tuple[object, tuple[Upload, ...]]:
    """Read JSON or multipart; raises Refusal 40005 above `most` bytes and 50109 for broken JSON."""
    if (request.content_length or 0) > most:
        await _discard(request)
        raise refusals.too_large()
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request, most)
    raw = await request.read()
    if len(raw) > most:
        raise refusals.too_large()
    return (_parse(raw) if raw else None), ()


async def _discard(request: web.Request) -> None:
    """Read to the end, so that the client gets the answer rather than a broken pipe."""
    async for _ in request.content.iter_chunked(1 << 16):
        pass


async def _read_multipart(request: web.Request, most: int) -> tuple[object, tuple[Upload, ...]]:
    body: object = None
    uploads: list[Upload] = []
    total = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise refusals.invalid_json()
        raw = bytes(await part.read(decode=True))
        total += len(raw)
        matched = FILE_FIELD.fullmatch(part.name or "")
        if part.name == "payload_json":
            body = _parse(raw)
        elif matched is not None and total <= most:
            uploads.append(Upload(int(matched[1]), part.filename or "unknown", raw))
    if total > most:
        raise refusals.too_large()
    return body, tuple(uploads)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise refusals.invalid_json() from error
