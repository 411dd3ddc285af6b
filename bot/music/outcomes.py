"""What an answer of the music API means: a result, or the error that decides what happens to the job.

The rules are the outcome table's: an answer that certainly accepted nothing is NotAccepted, one that can never be accepted is
Refused, and all that leaves a doubt is Ambiguous (a submit) or Unreadable (a query). Statuses: the provider's page "Rate Limiting and
Status Code" and sibling providers' (API.md); they come as HTTP status, as `code` in a 200, or both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, cast

from bot.domain.reports import TaskReport
from bot.errors import (
    Ambiguous,
    ContentRefused,
    KeyRefused,
    Maintenance,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.music.payloads import Envelope, Statuses, read_envelope, read_json, read_task, seconds, words

MAX_RETRY_AFTER = 3600.0
"""Seconds; a provider that names more is asked again after an hour all the same."""

MAINTENANCE = 455
"""The provider's own status, in no registry."""
FREQUENCY = 430
"""Likewise: "your call frequency is too high"."""

TOO_OFTEN: Final = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.TOO_MANY_REQUESTS, FREQUENCY})
ERRORS: Final[Mapping[int, type[ProviderError]]] = {
    HTTPStatus.UNAUTHORIZED: KeyRefused,
    HTTPStatus.PAYMENT_REQUIRED: OutOfCredits,
    HTTPStatus.FORBIDDEN: KeyRefused,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: ContentRefused,
    MAINTENANCE: Maintenance,
}
SPECIFIC: Final = TOO_OFTEN | ERRORS.keys() | {HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
"""A `code` that says more than the HTTP error around it."""

_CREDITS = re.compile(r"\bcredits?\b|\bbalance\b|\binsufficient\b|\bpayments?\b|\bbilling\b|\btop[ -]?up\b|\brecharge\b", re.IGNORECASE)
_MODERATION = re.compile(
    r"\bmoderat(?:ion|ed)\b|(?<!case )(?<!case-)\bsensitive\b|\bartists?\b|\binappropriate\b|\bprohibited\b|\bcopyright|\bnsfw\b"
    r"|\bcontent polic|\bbanned\b",
    re.IGNORECASE,
)
_NO_SUCH_TASK = re.compile(
    r"(?:\btask|\brecord|\bid\b).*n[o']t (?:exist|found)|^not found\W*$"
    r"|\btask.*(?:invalid|unknown|expired)|(?:invalid|unknown|no such|no) .*\btask",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: the header Retry-After as it came, and when the answer came (epoch seconds)."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """An answer read: `verdict` is the one status that counts, None if there is no telling."""

    verdict: int | None
    document: Mapping[str, object] | None
    envelope: Envelope
    words: str
    retry_after: float | None


def task_id_of(answer: Answer) -> str:
    """Read a submit's answer: the task_id if the provider created a task. Raises ProviderError, as the table has it."""
    said = _read(answer)
    if said.envelope.task_id and said.envelope.code == HTTPStatus.OK:
        if said.verdict == HTTPStatus.OK:
            return said.envelope.task_id
        # An error around a success contradicts itself, and acting on either half could cost twice.
        raise Ambiguous(said.words)
    if refusal := _refusal(said):
        raise refusal
    raise Ambiguous(said.words)


def report_of(answer: Answer, task_id: str, statuses: Statuses) -> TaskReport:
    """Read a query's answer: how the task stands. Raises ProviderError; Unreadable if asking again may help."""
    said = _read(answer)
    if _says_unknown(said):
        raise TaskUnknown(said.words)
    if refusal := _refusal(said):
        raise refusal
    if said.document is not None and said.verdict == HTTPStatus.OK:
        return read_task(said.document, task_id, statuses)
    raise Unreadable(said.words, said.retry_after)


def _read(answer: Answer) -> _Said:
    value: object
    try:
        value = read_json(answer.body)
    except ValueError:
        value = answer.body.decode(errors="replace")
    said = words(value)
    document = cast("Mapping[str, object]", value) if isinstance(value, dict) else None
    envelope = read_envelope(document or {})
    return _Said(
        verdict=_verdict(answer.status, envelope.code, document),
        document=document,
        envelope=envelope,
        words=said,
        retry_after=_retry_after(answer, envelope),
    )


def _verdict(status: int, code: int | None, document: Mapping[str, object] | None) -> int | None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        if code is None and document is not None and ("status" in document or "clips" in document):
            return HTTPStatus.OK
        return code
    if _is_refusal(status) and code in SPECIFIC:
        return code
    return status


def _is_refusal(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.REQUEST_TIMEOUT


def _refusal(said: _Said) -> ProviderError | None:
    """Name the error of a status between 400 and 499; None for every other one, and for 408, which may come after acceptance."""
    status = said.verdict
    if status is None or not _is_refusal(status):
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS and _CREDITS.search(said.words):
        return OutOfCredits(said.words)
    if status in TOO_OFTEN:
        return TooOften(said.words, said.retry_after)
    kind = ERRORS.get(status)
    if kind is None:
        kind = ContentRefused if _MODERATION.search(said.words) else Refused
    return kind(said.words)


def _says_unknown(said: _Said) -> bool:
    if said.verdict in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return True
    return said.verdict == HTTPStatus.BAD_REQUEST and _NO_SUCH_TASK.search(said.words) is not None


def _retry_after(answer: Answer, envelope: Envelope) -> float | None:
    """Read the header Retry-After (RFC 9110: seconds or a date), else the body's `retry_after`: seconds from the answer on."""
    wait = envelope.retry_after
    if header := (answer.retry_after or "").strip():
        wait = seconds(header)
        if wait is None:
            wait = _seconds_until(header, answer.received_at)
    return None if wait is None else min(wait, MAX_RETRY_AFTER)


def _seconds_until(date: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    # RFC 9110 dates are GMT; one that names no zone is read so too.
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
