"""The provider's words, of its pages "Extend Instrumental" and "Generate Instrumental": endpoints, the bodies they take, refusals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, cast

MODELS = ("v3.5",)
TAGS_LIMIT, TITLE_LIMIT = 200, 80
KEY_REFUSED = "Key verification failed, please check whether the key is correct"

Body: TypeAlias = Mapping[str, object]


class Endpoint(StrEnum):
    """What a request can address; AUDIO stands for every audio file under `/media/`."""

    EXTEND = "/suno/music/extend-Instrumental"
    GENERATE = "/suno/music/generate-instrumental"
    QUERY = "/suno/music/get-task"
    AUDIO = "/media/*.mp3"


SUBMITS = frozenset({Endpoint.EXTEND, Endpoint.GENERATE})


class Refusal(Exception):  # noqa: N818 - what the provider does, not what went wrong in it
    """The provider says no; `code` is the number in the body and the HTTP status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checked submit; `source` is the clip to continue, and None for a first clip."""

    tags: str
    title: str
    source: str | None
    continue_at: float


def parse_json(raw: bytes, content_type: str) -> Body:
    """Read a request's body; raises Refusal unless it is a JSON object sent as JSON."""
    if content_type != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    try:
        value: object = json.loads(raw)
    except ValueError as error:
        raise Refusal(400, "The body is not valid JSON") from error
    if not isinstance(value, dict):
        raise Refusal(400, "The body must be a JSON object")
    return cast("Body", value)


def parse_submit(body: Body, endpoint: Endpoint) -> Submission:
    """Check a submit against the page's table; raises Refusal naming the first field that is wrong."""
    extends = endpoint is Endpoint.EXTEND
    known = {"tags", "title", "model", "negative_tags"} | ({"continue_clip_id", "continue_at"} if extends else set[str]())
    if unknown := sorted(set(body) - known):
        raise Refusal(400, f"Unknown parameter: {', '.join(unknown)}")
    tags = _text(body, "tags", TAGS_LIMIT)
    if not tags.strip():
        raise Refusal(400, "tags is required")
    if body.get("model", "v3.5") not in MODELS:
        raise Refusal(400, "model must be v3.5")
    _text(body, "negative_tags", TAGS_LIMIT)
    source = _text(body, "continue_clip_id", TAGS_LIMIT) if extends else None
    if source == "":
        raise Refusal(400, "continue_clip_id is required")
    return Submission(tags=tags, title=_text(body, "title", TITLE_LIMIT), source=source, continue_at=_second(body) if extends else 0.0)


def parse_query(body: Body) -> str:
    """Give the task_id that a query names; raises Refusal unless it is all the body holds."""
    task_id = body.get("task_id")
    if not isinstance(task_id, str) or not task_id or len(body) > 1:
        raise Refusal(400, "task_id is required")
    return task_id


def _text(body: Body, name: str, limit: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string")
    if len(value) > limit:
        raise Refusal(400, f"{name} is too long: at most {limit} characters")
    return value


def _second(body: Body) -> float:
    """Read `continue_at`: the page's table says string, its sample sends a number."""
    value = body.get("continue_at")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refusal(400, "continue_at must be a number of seconds")
    try:
        second = float(value)
    except ValueError as error:
        raise Refusal(400, "continue_at must be a number of seconds") from error
    if not math.isfinite(second) or second <= 0:
        raise Refusal(400, "continue_at must be more than 0")
    return second
