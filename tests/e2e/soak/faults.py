"""What goes wrong in single requests, by name: tables alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox import music_faults as provider
from bot.sandbox.music_faults import Audio, Outcome, Shape
from bot.sandbox.music_wire import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.music_faults import Fault

PATIENCE = 1.5
"""Seconds that the bot waits here for an answer of the provider."""
STALLED = 2.5 * PATIENCE
SLOW = PATIENCE / 2

SUBMIT: Mapping[str, Fault] = {
    "timeout before": provider.stall(STALLED),
    "timeout after": provider.stall(STALLED, accepted=True),
    "slow": provider.stall(SLOW, accepted=True),
    "500 before": provider.http_error(500),
    "503 after": provider.http_error(503, accepted=True),
    "500 in 200": provider.code_in_200(500),
    "429": provider.too_often(),
    "429 with Retry-After": provider.too_often(retry_after=1),
    "405": provider.too_often(status=405),
    "reset before": provider.reset(),
    "reset after": provider.reset(accepted=True),
    "truncated": provider.truncated(),
    "maintenance": provider.maintenance(),
    "key refused": provider.http_error(401, code=401, message="Key verification failed"),
    "no credits": provider.no_credits(status=429),
    "refused": provider.http_error(400, code=400, message="tags are not valid"),
    "HTML": provider.html(status=502),
    "no task_id": provider.without_task_id(),
    "redirect": provider.redirect(),
}
CERTAINLY_NOT_ACCEPTED = frozenset(SUBMIT[name].name for name in ("429", "405", "maintenance", "key refused", "no credits"))
"""After these alone a request may be sent again; the names are the provider's."""

QUERY: Mapping[str, Fault] = {
    "timeout": provider.stall(STALLED),
    "500": provider.http_error(500),
    "429": provider.too_often(),
    "429 with Retry-After": provider.too_often(retry_after=1),
    "reset": provider.reset(),
    "truncated": provider.truncated(),
    "maintenance": provider.maintenance(),
    "key refused": SUBMIT["key refused"],
    "HTML": provider.html(),
}
AUDIO: Mapping[str, Fault] = {
    "timeout": provider.stall(STALLED),
    "500": provider.http_error(500),
    "reset": provider.reset(accepted=True),
    "truncated": provider.truncated(),
    "HTML": provider.html(),
}
PROVIDER: Mapping[str, tuple[Endpoint, Mapping[str, Fault]]] = {
    "submit": (Endpoint.EXTEND, SUBMIT),
    "query": (Endpoint.QUERY, QUERY),
    "audio": (Endpoint.AUDIO, AUDIO),
}

TASKS: Mapping[str, Outcome] = {
    "fails": Outcome(fails_as="failed"),
    "never ends": Outcome(hangs_as="streaming", late=frozenset()),
    "loses A": Outcome(clip_fails={0: "error"}),
    "loses B": Outcome(clip_fails={1: "error"}),
    "late B": Outcome(late_by=3.0),
    "late audio": Outcome(audio=Audio.EMPTY_FILE, mended_after=1.5),
    "no audio for B": Outcome(audio=Audio.NULL_URL, bad_clips=frozenset({1})),
    "spelt otherwise": Outcome(words={"complete": "SUCCESS", "streaming": "in_progress"}, shape=Shape.OBJECT),
}

ROUTES: Mapping[str, tuple[str, str]] = {
    "acknowledgement": ("POST", "/interactions/{id}/{token}/callback"),
    "reply": ("PATCH", "/webhooks/{application}/{token}/messages/{message}"),
    "result": ("POST", "/channels/{id}/messages"),
    "edit": ("PATCH", "/channels/{id}/messages/{message}"),
    "history": ("GET", "/channels/{id}/messages"),
}
# Any: each is a set of the arguments of the loopback's `faults.add`.
DISCORD: Mapping[str, Mapping[str, Any]] = {
    "500 before": {"status": 500},
    "502 after": {"status": 502, "before": False},
    "429": {"status": 429, "retry_after": 0.3},
    "reset before": {"reset": True},
    "reset after": {"reset": True, "before": False},
    "slow": {"delay": SLOW},
}
TOO_LARGE: Mapping[str, Any] = {"status": 413, "code": 40005}
