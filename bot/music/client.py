"""The music API over HTTP: one request each for a submit and for every attempt at a query."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp
import stamina
from pydantic import SecretStr

from bot.domain.reports import TaskReport
from bot.domain.requests import CreateRequest, MusicRequest
from bot.errors import Ambiguous, ContentRefused, NotConnected, ProviderError, Unreadable
from bot.music.outcomes import Answer, report_of, task_id_of
from bot.music.payloads import Statuses, query_body, submit_body

log = logging.getLogger(__name__)

EXTEND = "/suno/music/extend-Instrumental"
CREATE = "/suno/music/generate-instrumental"
QUERY = "/suno/music/get-task"

MAX_BODY = 1024 * 1024
"""Bytes of an answer; a task's is about 2 kB."""
ATTEMPTS = 3
FIRST_WAIT = 1.0
LONGEST_WAIT = 10.0
"""Seconds between a query's attempts. A provider that wants a longer rest than this gets it: the query is given up instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: until there is a connection, and from there until the whole answer is read."""

    connect: float = 10.0
    submit: float = 60.0
    query: float = 20.0


@dataclass(slots=True)
class _Progress:
    """How far a request got; `connected` is set before its first byte can leave."""

    connected: bool = False


class MusicClient:
    """One key's way to the music API; an async context manager. The key is in no repr, log line or error."""

    def __init__(self, base_url: str, key: SecretStr, *, timeouts: Timeouts | None = None, now: Callable[[], float] = time.time) -> None:
        """Take where the API is and the key to it; `now` (epoch seconds) is what a Retry-After date is compared with."""
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._timeouts = timeouts or Timeouts()
        self._now = now
        self._statuses = Statuses()

    async def __aenter__(self) -> Self:
        """Open the sessions; nothing is connected yet."""
        # A kept connection may be reset just when a request leaves on it, and nobody could tell whether it arrived. A query
        # may be lost and asked again, so it saves itself the handshake.
        self._submits = _session(aiohttp.TCPConnector(force_close=True))
        self._queries = _session(aiohttp.TCPConnector())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close every connection."""
        await self._submits.close()
        await self._queries.close()

    async def submit(self, request: MusicRequest) -> str:
        """Ask for an extension or a first track, once, on a fresh connection, and return its task_id.

        Raises NotAccepted where the job may be sent again, Refused where it never can be, else Ambiguous. If it is cancelled
        while it runs, nothing is known: that, too, is ambiguous.
        """
        try:
            path = CREATE if isinstance(request, CreateRequest) else EXTEND
            answer = await self._post(self._submits, path, submit_body(request), answer_within=self._timeouts.submit, lost=Ambiguous)
            task_id = task_id_of(answer)
        except ProviderError as error:
            log.info("submit: %s", _reason(error))
            raise
        log.info("submit: accepted as task %s", task_id)
        return task_id

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Query a task; every attempt runs inside a `slot()` of its own, so that each counts against the quota.

        NotConnected and Unreadable are tried again twice, with backoff and jitter or after the Retry-After that was named. Raises
        ProviderError.
        """
        async for attempt in stamina.retry_context(
            on=_wait_before_retry, attempts=ATTEMPTS, timeout=None, wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT
        ):
            with attempt:
                async with slot():
                    return await self._query(task_id)
        raise AssertionError

    async def _query(self, task_id: str) -> TaskReport:
        try:
            answer = await self._post(self._queries, QUERY, query_body(task_id), answer_within=self._timeouts.query, lost=Unreadable)
            report = report_of(answer, task_id, self._statuses)
        except ProviderError as error:
            log.debug("query of task %s: %s", task_id, _reason(error))
            raise
        log.debug("query of task %s: %s, clips: %s", task_id, report.stage, [str(clip.stage) for clip in report.clips])
        return report

    async def _post(
        self,
        session: aiohttp.ClientSession,
        path: str,
        body: Mapping[str, object],
        *,
        answer_within: float,
        lost: type[ProviderError],
    ) -> Answer:
        """Send one request. Raises NotConnected if certainly no byte of it left, and `lost` if it may have arrived."""
        progress = _Progress()
        connect = self._timeouts.connect
        try:
            async with session.post(
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {self._key.get_secret_value()}"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=connect + answer_within, connect=connect, sock_read=answer_within),
                trace_request_ctx=progress,
            ) as response:
                return Answer(
                    status=response.status,
                    body=self._without_key(await _read_capped(response)),
                    retry_after=response.headers.get("Retry-After"),
                    received_at=self._now(),
                )
        except aiohttp.ClientResponseError:
            # Its repr holds the request's headers, and so the key: it must not be chained.
            raise lost from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            kind = lost if progress.connected else NotConnected
            raise kind from error

    def _without_key(self, body: bytes) -> bytes:
        """Blot the key out of an answer that repeats it: the provider's words are logged and shown."""
        key = self._key.get_secret_value().encode()
        return body.replace(key, b"***") if key else body


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    # A tracing hook tells more surely than a list of exceptions whether the request can have left: it runs when the connection
    # stands (TLS included), before it is handed to the request. aiohttp resends on its own only idempotent methods, so no POST.
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_note_connection)
    trace.on_connection_reuseconn.append(_note_connection)
    return aiohttp.ClientSession(
        connector=connector, trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar(), headers={"Accept": "application/json"}
    )


async def _note_connection(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.connected = True


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            response.close()
            raise aiohttp.ClientPayloadError(f"the answer is larger than {MAX_BODY} bytes")
    return bytes(body)


def _reason(error: ProviderError) -> str:
    """Describe an error for the log: the provider's words, unless they are for the person alone, or what broke."""
    if isinstance(error, ContentRefused):
        return type(error).__name__
    cause = error.__cause__
    return f"{type(error).__name__}: {error.words or (f'{type(cause).__name__} {cause}' if cause else 'no words')}"


def _wait_before_retry(error: Exception) -> bool | float:
    if isinstance(error, Unreadable) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else False
    return isinstance(error, NotConnected | Unreadable)
