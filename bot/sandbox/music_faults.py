"""Failures on demand: what the provider's endpoints answer instead, and how its next tasks turn out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from bot.sandbox.music_wire import Body, Endpoint

HTML = b"<!doctype html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
ELSEWHERE = "/suno/music/elsewhere"

T = TypeVar("T")
Predicate = Callable[["Body"], bool]


class Stage(StrEnum):
    """When a fault strikes."""

    UNREAD = "before the body is read: nothing was accepted"
    BEFORE = "instead of acting: nothing was accepted"
    AFTER = "after acting: a submit was accepted and charged"


class Ending(StrEnum):
    """How the answer leaves."""

    WHOLE = "all of it"
    CUT = "half of the announced length, then the connection closes"
    RESET = "not at all: the connection is reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure. `delay` is in seconds, before the answer; a `body` of None keeps what would have been answered."""

    name: str
    stage: Stage
    delay: float = 0.0
    status: int = 200
    body: bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ending: Ending = Ending.WHOLE


def http_error(status: int, *, code: int | None = None, message: str = "Internal error", accepted: bool = False) -> Fault:
    """Answer with an HTTP error; its JSON body carries `code` if one is given."""
    body: dict[str, object] = {"message": message} if code is None else {"code": code, "message": message}
    return _answer(f"http {status}", body, status=status, accepted=accepted)


def code_in_200(code: int, message: str = "Internal error", *, accepted: bool = False) -> Fault:
    """Answer 200 whose body says failure."""
    return _answer(f"code {code} in 200", {"code": code, "message": message}, accepted=accepted)


def too_often(*, retry_after: float | None = None, status: int = 429) -> Fault:
    """Refuse as sent too often, with or without the header Retry-After (seconds)."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return _answer("too often", {"code": status, "message": "Too many requests, please try again later"}, status=status, headers=headers)


def no_credits(*, status: int = 402) -> Fault:
    """Refuse for want of credits; 429 is how some providers say it."""
    return _answer(f"no credits {status}", {"code": status, "message": "Insufficient credits, please top up"}, status=status)


def maintenance() -> Fault:
    """Refuse with 455, the family's word for maintenance."""
    return _answer("maintenance", {"code": 455, "message": "System maintenance, please try again later"}, status=455)


def html(*, status: int = 200, accepted: bool = False) -> Fault:
    """Answer with a page of HTML."""
    return Fault(name=f"html {status}", stage=_stage(accepted), status=status, body=HTML, content_type="text/html")


def empty(*, status: int = 200, accepted: bool = False) -> Fault:
    """Answer with no body at all."""
    return Fault(name=f"empty {status}", stage=_stage(accepted), status=status, body=b"")


def oversized(size: int, *, accepted: bool = False) -> Fault:
    """Answer with valid JSON of `size` bytes at least."""
    return _answer("oversized", {"code": 200, "message": "x" * size}, accepted=accepted)


def without_task_id(*, accepted: bool = True) -> Fault:
    """Answer a submit with `code` 200 and no task_id."""
    return _answer("no task_id", {"code": 200, "message": "success"}, accepted=accepted)


def redirect(location: str = ELSEWHERE) -> Fault:
    """Answer 307 to another address; whoever follows it is counted as `unknown` there."""
    return Fault(name="redirect", stage=Stage.BEFORE, status=307, body=b"", headers={"Location": location})


def truncated() -> Fault:
    """Act, then close the connection in the middle of the answer."""
    return Fault(name="truncated", stage=Stage.AFTER, ending=Ending.CUT)


def reset(*, accepted: bool = False) -> Fault:
    """Reset the connection: before the body is read, or after acting, so that the answer is lost."""
    return Fault(name="reset after" if accepted else "reset before", stage=Stage.AFTER if accepted else Stage.UNREAD, ending=Ending.RESET)


def stall(seconds: float, *, accepted: bool = False) -> Fault:
    """Be silent for `seconds`; then answer 504 with nothing accepted, or the true answer of what was accepted at once."""
    if accepted:
        return Fault(name="stall after", stage=Stage.AFTER, delay=seconds)
    body = json.dumps({"code": 504, "message": "Gateway timeout"}).encode()
    return Fault(name="stall before", stage=Stage.BEFORE, delay=seconds, status=504, body=body)


def _stage(accepted: bool) -> Stage:  # noqa: FBT001 - private
    return Stage.AFTER if accepted else Stage.BEFORE


def _answer(
    name: str, body: Mapping[str, object], *, status: int = 200, accepted: bool = False, headers: Mapping[str, str] | None = None
) -> Fault:
    return Fault(name=name, stage=_stage(accepted), status=status, body=json.dumps(body).encode(), headers=headers or {})


class Audio(StrEnum):
    """What a complete clip's audio turns out to be; all but GOOD were seen in the wild."""

    GOOD = "audio"
    NULL_URL = "audio_url is null"
    EMPTY_URL = "audio_url is an empty string"
    NONE_FILE = "audio_url ends in None.mp3"
    FORBIDDEN_PAGE = "audio_url is …/api/forbidden, a page of HTML"
    EMPTY_FILE = "the file has no bytes"
    HTTP_403 = "the file answers 403"
    HTML_PAGE = "the file answers 200 with HTML"


class Shape(StrEnum):
    """How `clips` is written."""

    LIST = "a list, ids as continue_clip_id"
    OBJECT = "an object keyed by id, ids as id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a task turns out; the default is well.

    `fails_as` is the status word with which the whole task fails; `clip_fails` maps clips (0 is A, 1 is B) to theirs. `hangs_as` is the
    word of a task that never ends. `late` clips take `late_by` seconds longer. `bad_clips` have `audio` until `mended_after` seconds past
    their end. An extension that `holds_source` begins with the clip that it continues. `words` respells documented statuses. `duration`
    writes the length, given in seconds.
    """

    fails_as: str | None = None
    clip_fails: Mapping[int, str] = field(default_factory=dict[int, str])
    hangs_as: str | None = None
    late: frozenset[int] = frozenset({1})
    late_by: float = 0.0
    audio: Audio = Audio.GOOD
    bad_clips: frozenset[int] = frozenset({0, 1})
    mended_after: float = float("inf")
    holds_source: bool = False
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    shape: Shape = Shape.LIST
    duration: Callable[[float], object] = "{:g}".format


@dataclass(slots=True, eq=False)
class Armed(Generic[T]):
    """Something waiting to happen `left` more times, to bodies that satisfy `when`."""

    what: T
    left: float
    when: Predicate | None

    def strikes(self, body: Body) -> bool:
        """Tell whether it would happen to this body."""
        return self.when is None or self.when(body)


class Faults:
    """The failures waiting to happen, first armed first."""

    def __init__(self) -> None:
        """Begin with none."""
        self._armed: dict[Endpoint, list[Armed[Fault]]] = {}
        self._outcomes: list[Armed[Outcome]] = []

    def add(self, endpoint: Endpoint, fault: Fault, *, times: int | None = 1, when: Predicate | None = None) -> Armed[Fault]:
        """Arm a fault for the next `times` requests of an endpoint (None: all) whose body satisfies `when`."""
        armed = Armed(fault, float("inf") if times is None else times, when)
        self._armed.setdefault(endpoint, []).append(armed)
        return armed

    def next_task(self, outcome: Outcome, *, times: int | None = 1, when: Predicate | None = None) -> Armed[Outcome]:
        """Decide how the next `times` accepted tasks (None: all) whose body satisfies `when` turn out."""
        armed = Armed(outcome, float("inf") if times is None else times, when)
        self._outcomes.append(armed)
        return armed

    def disarm(self, armed: Armed[Fault] | Armed[Outcome]) -> None:
        """Let one thing that waits to happen not happen."""
        for waiting in (self._outcomes, *self._armed.values()):
            if armed in waiting:
                waiting.remove(armed)  # pyright: ignore[reportArgumentType] - it is of the list's kind, since it is in it

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()
        self._outcomes.clear()

    def take_unread(self, endpoint: Endpoint) -> Fault | None:
        """Take the endpoint's first fault if it strikes before the body is read, for any body."""
        armed = self._armed.get(endpoint, [])
        first = armed[0] if armed else None
        if first is None or first.what.stage is not Stage.UNREAD or first.when is not None:
            return None
        return _take(armed, {})

    def take(self, endpoint: Endpoint, body: Body) -> Fault | None:
        """Take the endpoint's first fault that strikes this body."""
        return _take(self._armed.get(endpoint, []), body)

    def take_outcome(self, body: Body) -> Outcome:
        """Take what was decided for a task with this body; well, if nothing was."""
        return _take(self._outcomes, body) or Outcome()


def _take(armed: list[Armed[T]], body: Body) -> T | None:
    for one in armed:
        if one.strikes(body):
            one.left -= 1
            if one.left <= 0:
                armed.remove(one)
            return one.what
    return None
