"""Ports that count what goes through them, so that the services need not know of metrics."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, TypeVar

from prometheus_client import Counter

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.reports import Stage, TaskReport
from bot.domain.requests import MusicRequest
from bot.domain.standing import Standing
from bot.errors import (
    Ambiguous,
    ContentRefused,
    EncoreError,
    KeyRefused,
    Maintenance,
    NotConnected,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.ops.metrics import Metrics
from bot.ops.sightings import Sightings
from bot.services.ports.outside import Announcer, Clock, Music

T = TypeVar("T")

ACCEPTED: Final = "accepted"
OK: Final = "ok"
BROKE_OFF: Final = "broke_off"
"""Outcomes beside those that are named after an error of ours; the last is a bug's."""
BY_QUERY, BY_SUBMIT = "query", "submit"
"""What a track was last known to be unfinished by."""
_NOT_ACCEPTED: Final = (NotConnected, TooOften, Maintenance, KeyRefused, OutOfCredits, Refused, ContentRefused)
_WAYS: Final = ("reply", "message", "message_edit", "result_in_reply", "ping", "direct_message", "removal", "explanation")


def outcome_of(error: Exception) -> str:
    """Name what an error stands for: the class of ours in snake case, `broke_off` for any other."""
    return _name_of(type(error)) if isinstance(error, EncoreError) else BROKE_OFF


def _name_of(kind: type[EncoreError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def _begin(counter: Counter, outcomes: Iterable[str | type[ProviderError]]) -> None:
    """Show outcomes from the start: an increase from nothing to one is none to Prometheus."""
    for outcome in outcomes:
        counter.labels(outcome if isinstance(outcome, str) else _name_of(outcome))


class CountingMusic:
    """A music API whose submits, queries and waits for the quota are counted, and in which tasks are sighted."""

    def __init__(self, music: Music, *, metrics: Metrics, sightings: Sightings, clock: Clock) -> None:
        """Pass everything on to `music`."""
        _begin(metrics.submits, (ACCEPTED, *_NOT_ACCEPTED, Ambiguous, BROKE_OFF))
        _begin(metrics.queries, (*(stage.value for stage in Stage), *_NOT_ACCEPTED, TaskUnknown, Unreadable, BROKE_OFF))
        self._music = music
        self._metrics = metrics
        self._sightings = sightings
        self._clock = clock

    async def submit(self, request: MusicRequest) -> str:
        """Pass a submit on."""
        sent_at = self._clock.monotonic()
        try:
            task_id = await self._music.submit(request)
        except Exception as error:
            self._metrics.submits.labels(outcome_of(error)).inc()
            raise
        self._metrics.submits.labels(ACCEPTED).inc()
        self._sightings.accepted(task_id, sent_at)
        return task_id

    async def task(self, task_id: str, *, slot: Callable[[], AbstractAsyncContextManager[None]]) -> TaskReport:
        """Pass a query on; its tries are counted where they wait for their slots."""
        sent_at = 0.0

        @asynccontextmanager
        async def counted_slot() -> AsyncGenerator[None]:
            nonlocal sent_at
            asked_at = self._clock.monotonic()
            async with slot():
                sent_at = self._clock.monotonic()
                self._metrics.query_slot_wait.observe(sent_at - asked_at)
                try:
                    yield
                except Exception as error:
                    self._metrics.queries.labels(outcome_of(error)).inc()
                    raise

        report = await self._music.task(task_id, slot=counted_slot)
        self._metrics.queries.labels(report.stage.value).inc()
        self._sightings.reported(report, sent_at, self._clock.monotonic())
        return report


class CountingAnnouncer:
    """A way to people on which every message is counted, and a track's lag is measured where it arrives."""

    def __init__(self, announcer: Announcer, *, metrics: Metrics, sightings: Sightings, clock: Clock) -> None:
        """Pass everything on to `announcer`."""
        for way in _WAYS:
            metrics.deliveries.labels(way, OK)
        for since in (BY_QUERY, BY_SUBMIT):
            metrics.lag_upper.labels(since)
        self._announcer = announcer
        self._metrics = metrics
        self._sightings = sightings
        self._clock = clock

    async def show_reply(self, job: Job, standing: Standing) -> None:
        """Pass an edit of the reply on."""
        await self._counted("reply", self._announcer.show_reply(job, standing))

    async def open_thread(self, job: Job, clips: Sequence[Clip]) -> int | None:
        """Pass the start of a thread on: nobody is told anything by it."""
        return await self._announcer.open_thread(job, clips)

    def known_thread(self, job: Job) -> int | None:
        """Pass on what is known of a thread."""
        return self._announcer.known_thread(job)

    async def post_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> int:
        """Pass a result on."""
        return self._delivered(job, await self._counted("message", self._announcer.post_result(job, clips, pings=pings)))

    async def find_result(self, job: Job) -> int | None:
        """Pass a look at the channel on: nobody is told anything by it."""
        return await self._announcer.find_result(job)

    async def update_result(self, job: Job, clips: Sequence[Clip], *, pings: bool = True) -> None:
        """Pass an edit of a result on."""
        await self._counted("message_edit", self._announcer.update_result(job, clips, pings=pings))

    async def result_into_reply(self, job: Job, clips: Sequence[Clip]) -> int:
        """Pass on a result that goes into the reply."""
        return self._delivered(job, await self._counted("result_in_reply", self._announcer.result_into_reply(job, clips)))

    async def ping(self, job: Job) -> None:
        """Pass a ping on."""
        await self._counted("ping", self._announcer.ping(job))

    async def send_privately(self, job: Job, clips: Sequence[Clip]) -> int:
        """Pass on a result that goes into a direct message."""
        return self._delivered(job, await self._counted("direct_message", self._announcer.send_privately(job, clips)))

    async def take_down(self, job: Job) -> None:
        """Pass a removal on."""
        await self._counted("removal", self._announcer.take_down(job))

    async def explain_privately(self, job: Job) -> None:
        """Pass an explanation on."""
        await self._counted("explanation", self._announcer.explain_privately(job))

    async def _counted(self, way: str, act: Awaitable[T]) -> T:
        return await _counted(self._metrics.deliveries, way, act)

    def _delivered(self, job: Job, message_id: int) -> int:
        seen = self._sightings.pop(job.task_id or "")
        now = self._clock.monotonic()
        if seen is not None and seen.unfinished_at is not None:
            self._metrics.lag_upper.labels(BY_QUERY if seen.by_query else BY_SUBMIT).observe(now - seen.unfinished_at)
        if seen is not None and seen.finished_at is not None:
            self._metrics.lag_lower.observe(now - seen.finished_at)
        return message_id


async def _counted(counter: Counter, way: str, act: Awaitable[T]) -> T:
    try:
        result = await act
    except Exception as error:
        counter.labels(way, outcome_of(error)).inc()
        raise
    counter.labels(way, OK).inc()
    return result
