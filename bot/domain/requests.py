"""The requests: the parameters of /extend and of /create, checked.

Limits are those of the provider's v3.5 (API.md, "What sibling providers do"): tags 200 characters, title 80.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.clips import Clip
from bot.errors import BadOption, NoTrackYet

MAX_TAGS = 200
MAX_TITLE = 80
MAX_SECONDS = 24 * 3600.0
"""No start point lies beyond a day: what is longer was mistyped."""

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_UUID = re.compile(rf"(?<![0-9a-fA-F-]){UUID}(?![0-9a-fA-F-])")
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9_-]{5,63}")
_NUMBER = re.compile(r"([0-9]{1,7}(?:[.,][0-9]{1,6})?)\s*(?:s|sec|secs|second|seconds)?")
_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2}(?:[.,][0-9]{1,6})?)")
_UNITS = re.compile(r"(?=.)(?:([0-9]{1,2})\s*h)?\s*(?:([0-9]{1,4})\s*m(?:in)?)?\s*(?:([0-9]{1,5}(?:[.,][0-9]{1,6})?)\s*s)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")

NO_TRACK = "no track yet"
"""What the list of tracks answers with where it has none: it is no track's id, and leads to help."""

EXAMPLE_ID = "186001a9-a9e2-487a-bdcc-417914676f24"
EXAMPLE_TASK = "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e"
EXAMPLE_AT = "1:40"
EXAMPLE_TAGS = "tropical house, wave, synthwave"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendRequest:
    """What is sent to the provider; every field has passed its check. `continue_at` is in seconds."""

    tags: str
    title: str
    model: str
    continue_clip_id: str
    continue_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """What is sent to the provider for a first track; every field has passed its check."""

    tags: str
    title: str
    model: str


MusicRequest = ExtendRequest | CreateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
    """The five options of /extend as a person typed them; empty where nothing was."""

    continue_clip_id: str
    continue_at: str
    tags: str
    title: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCreate:
    """The three options of /create as a person typed them; empty where nothing was."""

    tags: str
    title: str = ""
    model: str = ""


Typed = TypedRequest | TypedCreate


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of the clip to continue; `seconds` is its measured length."""

    clip_id: str
    variant: str
    title: str
    tags: str
    seconds: float
    task_id: str = ""

    @classmethod
    def of(cls, clip: Clip) -> "Source":
        """Take what a request needs to know of a clip."""
        return cls(
            clip_id=clip.clip_id,
            variant=clip.variant,
            title=clip.title,
            tags=clip.tags,
            seconds=clip.seconds,
            task_id=clip.task_id,
        )

    @property
    def label(self) -> str:
        """Name it as people do: "B · Night Train"."""
        return f"{self.variant} · {self.title}"


END = "end"

STEPS = (5, 10, 15, 30, 60)
"""Seconds between the round points that are offered, the finest that fits the list."""


def parse_clip_id(text: str) -> str:
    """Take a clip's id from what was typed: an id, or the clip's audio or song link. Raises BadOption, NoTrackYet."""
    text = text.strip().strip("<>")
    if not text:
        raise BadOption("continue_clip_id", "Name the track to continue: pick one from the list, or give its id or link.", EXAMPLE_ID)
    if text == NO_TRACK:
        raise NoTrackYet
    if "://" in text or "/" in text:
        return _id_from_link(text)
    if _UUID.fullmatch(text) or _ID.fullmatch(text):
        return text
    raise BadOption("continue_clip_id", "That is not a track: pick one from the list, or give its id or link.", EXAMPLE_ID)


def parse_track(text: str) -> str:
    """Take the id of a track that something is to be done with, the option `track`. Raises BadOption, NoTrackYet."""
    try:
        return parse_clip_id(text)
    except BadOption as error:
        raise BadOption("track", error.problem, error.example) from error


def _id_from_link(text: str) -> str:
    try:
        path = urlsplit(text if "://" in text else f"https://{text}").path
    except ValueError:
        path = ""
    found = _UUID.findall(path)
    if found:
        return str(found[-1])
    raise BadOption("continue_clip_id", "There is no track id in that link.", f"https://suno.com/song/{EXAMPLE_ID}")


def not_a_track(example: str) -> BadOption:
    """Refuse a task's id that was given for a track's; `example` is the id of a track."""
    problem = "That is a task's id, and a task has two tracks: pick A or B from the list, or copy a track's id under More."
    return BadOption("continue_clip_id", problem, example)


def parse_seconds(text: str) -> float:
    """Read a start point as seconds: `100`, `100.5`, `100s`, `1:40`, `1m40s`, `1:02:03`. Raises BadOption."""
    typed = text.strip().lower()
    if match := _NUMBER.fullmatch(typed):
        seconds = _number(match[1])
    elif match := _CLOCK.fullmatch(typed):
        hours, minutes, rest = int(match[1] or 0), int(match[2]), _number(match[3])
        if rest >= 60 or (match[1] is not None and minutes >= 60):  # noqa: PLR2004 - sixty is sixty
            raise BadOption("continue_at", "Minutes and seconds go up to 59.", EXAMPLE_AT)
        seconds = hours * 3600 + minutes * 60 + rest
    elif typed and (match := _UNITS.fullmatch(typed)):
        seconds = int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + _number(match[3] or "0")
    else:
        raise BadOption("continue_at", "That is not a start point: give seconds, minutes:seconds, or “end”.", EXAMPLE_AT)
    seconds = round(seconds, 3)
    if not 0 < seconds < MAX_SECONDS:
        raise BadOption("continue_at", "The start point must lie after the track's beginning and within a day.", EXAMPLE_AT)
    return seconds


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def parse_start(text: str, source: Source | None) -> float:
    """Read a start point, `end` included, and check it against the source's measured length. Raises BadOption."""
    _check_length(source)
    if text.strip().lower() == END:
        if source is None:
            raise BadOption("continue_at", "I don't know that track's length, so I can't tell where its end is: give a time.", EXAMPLE_AT)
        return check_start(float(last_start(source.seconds)), source)
    try:
        at = parse_seconds(text)
    except BadOption as error:
        raise BadOption(error.field, error.problem, _example_within(source)) from error
    return check_start(at, source)


def _example_within(source: Source | None) -> str:
    """Find a start point that this source has."""
    if source is None or source.seconds > parse_seconds(EXAMPLE_AT):
        return EXAMPLE_AT
    return show_seconds(last_start(source.seconds))


def last_start(seconds: float) -> int:
    """Find the last whole second strictly before a measured end; 0 for a track of a second or less."""
    return max(0, math.ceil(seconds) - 1)


def round_starts(last: int, most: int) -> list[int]:
    """Offer round start points before the last one, from the end on: as finely as so many allow."""
    step = next((step for step in STEPS if last / step < most), STEPS[-1])
    return [point for point in range(last // step * step, 0, -step) if point < last]


def _check_length(source: Source | None) -> None:
    if source is not None and last_start(source.seconds) < 1:
        raise BadOption("continue_clip_id", "That track is too short to continue.", EXAMPLE_ID)


def check_start(at: float, source: Source | None) -> float:
    """Check that a start point lies strictly inside the source, if its length is known. Raises BadOption."""
    _check_length(source)
    if source is not None and not 0 < at < source.seconds:
        problem = f"That track is only {exact_seconds(source.seconds)} long: start before its end."
        raise BadOption("continue_at", problem, show_seconds(last_start(source.seconds)))
    return at


def show_seconds(seconds: float) -> str:
    """Write seconds as people do: 3:12, or 1:02:03; a fraction is cut off, so that a start point is never shown as later than it is."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def exact_seconds(seconds: float) -> str:
    """Write seconds as people do, with a fraction if there is one: 1:40 or 1:40.5."""
    thousandths = int(round(seconds * 1000, 3))  # rounded first: 1.001 * 1000 is a little less than 1001
    fraction = f"{thousandths % 1000:03}".rstrip("0")
    return show_seconds(thousandths // 1000) + (f".{fraction}" if fraction else "")


def clean_tags(text: str) -> str:
    """Tidy tags: trimmed, empties and repeats (whatever their case) dropped. Raises BadOption."""
    kept: dict[str, str] = {}
    for part in text.replace("，", ",").replace("、", ",").split(","):
        tag = _one_line(part)
        if tag:
            kept.setdefault(tag.casefold(), tag)
    tags = ", ".join(kept.values())
    if not tags:
        raise BadOption("tags", "Name at least one style, separated by commas.", EXAMPLE_TAGS)
    if len(tags) > MAX_TAGS:
        raise BadOption("tags", f"Together the styles may have {MAX_TAGS} characters; these have {len(tags)}.", EXAMPLE_TAGS)
    return tags


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def clean_title(text: str | None, *, source: Source | None, tags: str) -> str:
    """Tidy a title; without one, take the source's, else make one from the first tags. Raises BadOption."""
    title = _one_line(text or "")
    if len(title) > MAX_TITLE:
        raise BadOption("title", f"A title may have {MAX_TITLE} characters; this has {len(title)}.", "Night Train")
    if title:
        return title
    if source is not None and (own := _one_line(source.title)):
        return own[:MAX_TITLE].rstrip()
    first_two = [tag.strip() for tag in tags.split(",")][:2]
    return " & ".join(tag[:1].upper() + tag[1:] for tag in first_two)[:MAX_TITLE].rstrip()


def check_model(text: str | None, models: Sequence[str]) -> str:
    """Check the model against those that are offered; without one, take the first. Raises BadOption."""
    typed = (text or "").strip()
    if not typed:
        return models[0]
    for model in models:
        if model.casefold() in (typed.casefold(), f"v{typed}".casefold()):
            return model
    raise BadOption("model", f"There is no model “{typed[:20]}” here. To choose from: {', '.join(models)}.", models[0])


def build_request(typed: Typed, *, source: Source | None, models: Sequence[str]) -> MusicRequest:
    """Check every option, against what is known of the source if there is one. Raises BadOption for the first that cannot be taken."""
    if isinstance(typed, TypedRequest):
        return build_extension(typed, source=source, models=models)
    tags = clean_tags(typed.tags)
    return CreateRequest(tags=tags, title=clean_title(typed.title, source=None, tags=tags), model=check_model(typed.model, models))


def build_extension(typed: TypedRequest, *, source: Source | None, models: Sequence[str]) -> ExtendRequest:
    """Check all five options against what is known of the source. Raises BadOption for the first that cannot be taken."""
    clip_id = parse_clip_id(typed.continue_clip_id)
    start = parse_start(typed.continue_at, source)
    tags = clean_tags(typed.tags)
    return ExtendRequest(
        tags=tags,
        title=clean_title(typed.title, source=source, tags=tags),
        model=check_model(typed.model, models),
        continue_clip_id=clip_id,
        continue_at=start,
    )


def parse_task_id(text: str) -> str:
    """Read a task's id as it was copied. Raises BadOption."""
    text = text.strip().strip("`<>")
    if _UUID.fullmatch(text) or _ID.fullmatch(text):
        return text
    raise BadOption("task_id", "That is not a task id: copy it from a reply, or from the site where the track was made.", EXAMPLE_TASK)
