"""What goes over the wire to the music API and back: tolerant where providers of this family vary, exact in what is sent.

A field that cannot be read counts as missing; it never spoils the fields, or the clips, beside it.
"""

import json
import logging
import math
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, cast

from pydantic import BaseModel, BeforeValidator, ValidationError

from bot.domain.reports import ClipReport, Stage, TaskReport
from bot.domain.requests import CreateRequest, MusicRequest

log = logging.getLogger(__name__)

MAX_WORDS = 300
MAX_ID = 200
MAX_URL = 2048
MAX_WORD_DEPTH = 3
"""How deep an error's text is looked for, as in `{"detail": [{"msg": "…"}]}`."""
MAX_UNKNOWN_STATUSES = 100
"""Foreign text must not fill the memory, or the log."""

STAGES: Final[Mapping[str, Stage]] = {
    **dict.fromkeys(("submitted", "queued", "pending", "queuing", "not_start"), Stage.WAITING),
    **dict.fromkeys(("streaming", "running", "processing", "in_progress", "text_success", "first_success"), Stage.GENERATING),
    **dict.fromkeys(("complete", "completed", "success", "succeeded"), Stage.DONE),
    **dict.fromkeys(
        (
            "error",
            "failed",
            "failure",
            "timeout",
            "create_task_failed",
            "generate_audio_failed",
            "callback_exception",
            "sensitive_word_error",
        ),
        Stage.FAILED,
    ),
}
"""The documented statuses, and those of sibling providers (API.md)."""


class Statuses:
    """Turns the provider's status words into stages, and logs each unknown word once."""

    def __init__(self) -> None:
        """Start with no unknown word seen."""
        self._unknown: set[str] = set()

    def stage(self, word: str) -> Stage:
        """Name the stage that a word stands for, whatever its case; UNRECOGNISED for one that nobody knows."""
        key = "_".join(word.casefold().replace("-", " ").split())
        if stage := STAGES.get(key):
            return stage
        if key not in self._unknown and len(self._unknown) < MAX_UNKNOWN_STATUSES:
            self._unknown.add(key)
            log.warning("the provider uses a status nobody knows: %r; it counts as in progress", word[:64])
        return Stage.UNRECOGNISED


def plain(value: object) -> str:
    """Take foreign text without control, format and surrogate characters; "" for what is neither text nor a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    return " ".join("".join(" " if unicodedata.category(char)[0] == "C" else char for char in value).split())


def words(value: object, *, depth: int = MAX_WORD_DEPTH) -> str:
    """Take the provider's words out of a message, or of an error object or list; "" for markup. At most 300 characters."""
    if isinstance(value, dict):
        return first_words(cast("Mapping[str, object]", value), depth=depth - 1) if depth else ""
    if isinstance(value, list):
        return words(cast("list[object]", value)[0], depth=depth - 1) if depth and value else ""
    text = plain(value)
    is_code = text.startswith(("<", "{", "[")) or "<html" in text.casefold()
    return "" if is_code else text[:MAX_WORDS].rstrip()


def first_words(document: Mapping[str, object], *, depth: int = MAX_WORD_DEPTH) -> str:
    """Take the words of the first of the fields `message`, `msg`, `error` and `detail` that has any."""
    return next(filter(None, (words(document.get(key), depth=depth) for key in ("message", "msg", "error", "detail"))), "")


def _identifier(value: object) -> str | None:
    text = plain(value)
    return text if 0 < len(text) <= MAX_ID and " " not in text else None


def _url(value: object) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    return text if 0 < len(text) <= MAX_URL and text.isprintable() else None


def seconds(value: object) -> float | None:
    """Read seconds from a number or a numeral; None for garbage, negative and endless ones."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _code(value: object) -> int | None:
    number = seconds(value)
    return int(number) if number is not None and number.is_integer() else None


Text = Annotated[str, BeforeValidator(plain)]
Identifier = Annotated[str | None, BeforeValidator(_identifier)]
Url = Annotated[str | None, BeforeValidator(_url)]
Seconds = Annotated[float | None, BeforeValidator(seconds)]
Code = Annotated[int | None, BeforeValidator(_code)]


class Envelope(BaseModel):
    """What every answer has around it; `code` is None if it is missing or no number."""

    code: Code = None
    task_id: Identifier = None
    retry_after: Seconds = None


class WireClip(BaseModel):
    """One of a task's clips as it is on the wire. Before September 2024 its id was named `id`."""

    continue_clip_id: Identifier = None
    id: Identifier = None
    title: Text = ""
    status: Text = ""
    audio_url: Url = None
    image_url: Url = None
    duration: Seconds = None


def read_json(body: bytes) -> object:
    """Parse a body as JSON, whatever a byte order mark or a broken character says; raise ValueError if it is none."""
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_envelope(document: Mapping[str, object]) -> Envelope:
    """Take the fields that every answer may have."""
    return Envelope.model_validate(document)


def read_task(document: Mapping[str, object], task_id: str, statuses: Statuses) -> TaskReport:
    """Take the task that was asked for out of a query's answer. Clips without an id are left out, and so is a repeated id."""
    stage = statuses.stage(plain(document.get("status")))
    clips: dict[str, ClipReport] = {}
    failed = stage is Stage.FAILED
    said = first_words(document)
    for key, value in _entries(document.get("clips")):
        try:
            wire = WireClip.model_validate(value)
        except ValidationError:
            log.debug("task %s: a clip is no object: left out", task_id)
            continue
        clip_id = wire.continue_clip_id or wire.id or _identifier(key)
        if clip_id is None or clip_id in clips:
            continue
        own = statuses.stage(wire.status) if wire.status else stage
        if own is Stage.FAILED:
            failed = True
            said = said or words(value)
        clips[clip_id] = ClipReport(
            clip_id=clip_id, stage=own, title=wire.title, audio_url=wire.audio_url, image_url=wire.image_url, duration=wire.duration
        )
    return TaskReport(task_id=task_id, stage=stage, clips=tuple(clips.values()), words=said if failed else "")


def _entries(clips: object) -> Iterator[tuple[object, object]]:
    """Go through clips that are a list, or an object whose keys are the ids."""
    if isinstance(clips, dict):
        yield from cast("dict[object, object]", clips).items()
    elif isinstance(clips, list):
        yield from ((None, clip) for clip in cast("list[object]", clips))


def submit_body(request: MusicRequest) -> dict[str, str | float]:
    """Write the body that the pages "Extend Instrumental" and "Generate Instrumental" document.

    `continue_at` is a number, a whole one as in the former's sample.
    """
    body: dict[str, str | float] = {"tags": request.tags, "title": request.title, "model": request.model}
    if isinstance(request, CreateRequest):
        return body
    at = request.continue_at
    return body | {"continue_clip_id": request.continue_clip_id, "continue_at": int(at) if float(at).is_integer() else at}


def query_body(task_id: str) -> dict[str, str]:
    """Write the body that the page "Get songs or Instrumental or extend" documents."""
    return {"task_id": task_id}
