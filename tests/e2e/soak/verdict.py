"""What must hold once everything has drained, whatever went wrong before; and the counts that show it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.domain.jobs import JobState
from bot.sandbox.discord import InteractionState
from bot.sandbox.discord.component_types import walk
from bot.sandbox.music_wire import Endpoint
from bot.ui import ids
from bot.ui.words import HEADINGS
from tests.e2e.reading import text_of
from tests.e2e.soak.faults import CERTAINLY_NOT_ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.jobs import Job
    from bot.sandbox.discord import Message, Room
    from bot.sandbox.music_api import MusicApi
    from bot.sandbox.music_counts import Arrival
    from tests.e2e.soak.people import Asked

ENDS = frozenset({JobState.DELIVERED, JobState.CANCELLED, JobState.FAILED, JobState.UNKNOWN, JobState.STALLED})
"""STALLED is an end that was told, although a late track would still be delivered."""
UNSENT = frozenset({JobState.CANCELLED})
"""Ends to which no submit leads."""
REFUSED = frozenset({"unauthorized", "violation", "refused"})
"""What the provider has done with an arrival of its own accord, and said so: its faults leave such an answer alone."""
LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (?P<level>[A-Z]+) +(?P<logger>\S+): (?P<message>.*)")
ERRORS = frozenset({"ERROR", "CRITICAL"})
TRACEBACK = "Traceback (most recent call last)"


@dataclass(slots=True)
class Verdict:
    """The counts, and whatever is wrong, in words."""

    ends: Counter[str] = field(default_factory=Counter[str])
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    violations: list[str] = field(default_factory=list[str])
    untrue: list[str] = field(default_factory=list[str])
    """What people were told, and is not so."""
    broken: list[str] = field(default_factory=list[str])
    """Errors in the log that nobody has thought of."""

    @property
    def problems(self) -> list[str]:
        """List everything that is wrong."""
        return [*self.lost, *self.doubled, *self.violations, *self.untrue, *self.broken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is left after a soak."""

    jobs: Sequence[Job]
    asked: Sequence[Asked]
    music: MusicApi
    room: Room
    log: str
    submit_interval: float
    queries_per_second: int


def judge(evidence: Evidence) -> Verdict:
    """Hold everything against what must be so."""
    verdict = Verdict(ends=Counter(job.state.value for job in evidence.jobs))
    _judge_interactions(evidence, verdict)
    _judge_jobs(evidence, verdict)
    _judge_submits(evidence, verdict)
    _judge_quotas(evidence, verdict)
    verdict.broken = unexpected(evidence.log)
    return verdict


def _judge_interactions(evidence: Evidence, verdict: Verdict) -> None:
    """Each acknowledged one has a job whose end its reply tells, or was refused privately; where none was, nothing was done."""
    job_of = {job.origin.interaction_id: job for job in evidence.jobs}
    for asked in evidence.asked:
        job = job_of.get(asked.call.id)
        if not asked.acknowledged:
            if job is not None and job.state is not JobState.CANCELLED:
                verdict.untrue.append(f"{asked.title}: told that the bot did not respond, but {_name(job)}")
        elif job is None:
            if asked.call.state is not InteractionState.ANSWERED or not asked.call.message.is_ephemeral:
                verdict.lost.append(f"{asked.title}: acknowledged, without a job")
        elif not (_tells(asked.call.message, job) or _was_refused(asked, job)):
            verdict.untrue.append(f"{asked.title}: {_name(job)}, but the reply says: {text_of(asked.call.message)!r}")


def _tells(reply: Message, job: Job) -> bool:
    text = text_of(reply)
    if job.state is JobState.DELIVERED and job.result_id != job.origin.reply_id:
        return f"/{job.result_id})" in text
    return job.state is JobState.DELIVERED or HEADINGS[job.state] in text


def _was_refused(asked: Asked, job: Job) -> bool:
    """Tell whether a person was told privately to try again, and what came too late was withdrawn."""
    return asked.call.message.is_ephemeral and not job.acknowledged and job.state is JobState.CANCELLED


def _judge_jobs(evidence: Evidence, verdict: Verdict) -> None:
    """Each is over, has been told so, and has its one result in the channel: its own track."""
    results: dict[str, list[Message]] = defaultdict(list)
    for message in evidence.room.messages:
        for job_id in _shows_result_of(message):
            results[job_id].append(message)
    for job in evidence.jobs:
        if job.state not in ENDS or job.announced < job.revision or job.undeliverable:
            verdict.lost.append(f"{_name(job)}: announced {job.announced} of {job.revision}, undeliverable: {job.undeliverable}")
        shown = results.pop(job.id, [])
        if len(shown) > 1:
            verdict.doubled.append(f"{_name(job)}: {len(shown)} results")
        if job.state is JobState.DELIVERED:
            if job.result_id not in {message.id for message in shown}:
                verdict.lost.append(f"{_name(job)}: its result is not in the channel")
            task = evidence.music.tasks.get(job.task_id or "")
            if task is None or task.body.get("title") != job.title:
                verdict.untrue.append(f"{_name(job)}: the track of another request")
        elif shown:
            verdict.untrue.append(f"{_name(job)}: yet there is a result")
    verdict.untrue += [f"a result of job {job_id}, which is unknown" for job_id in results]


def _shows_result_of(message: Message) -> set[str]:
    custom_ids = [str(part.get("custom_id", "")) for part in walk(message.components)]
    found = (re.fullmatch(ids.template("more", ids.JOB), custom_id) for custom_id in custom_ids)
    return {match["job"] for match in found if match}


def _judge_submits(evidence: Evidence, verdict: Verdict) -> None:
    """Each was accepted once at most, was never sent again after an answer that left a doubt, and not at all if people were told so."""
    sent: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in evidence.music.counts.log:
        if arrival.endpoint is Endpoint.EXTEND and arrival.body is not None:
            sent[str(arrival.body["title"])].append(arrival)
    for title, arrivals in sent.items():
        accepted = sum(arrival.outcome == "accepted" for arrival in arrivals)
        doubtful = [arrival for arrival in arrivals[:-1] if not _certainly_not_accepted(arrival)]
        if accepted > 1 or doubtful:
            verdict.doubled.append(f"{title}: sent {len(arrivals)} times, {[(each.outcome, each.fault) for each in arrivals]}")
    for job in evidence.jobs:
        if job.state in UNSENT and any(arrival.outcome == "accepted" for arrival in sent[job.title]):
            verdict.untrue.append(f"{_name(job)}: yet the provider has accepted it")
    known = {job.title for job in evidence.jobs}
    verdict.lost += [f"{title}: sent, without a job" for title, arrivals in sent.items() if arrivals and title not in known]


def _certainly_not_accepted(arrival: Arrival) -> bool:
    return arrival.outcome in REFUSED or arrival.fault in CERTAINLY_NOT_ACCEPTED


def _judge_quotas(evidence: Evidence, verdict: Verdict) -> None:
    """No window held more arrivals than the provider allows, those included that it refused."""
    counts = evidence.music.counts
    limits = ((Endpoint.EXTEND, 1, evidence.submit_interval), (Endpoint.QUERY, evidence.queries_per_second, 1.0))
    for endpoint, limit, window in limits:
        verdict.violations += [
            f"{endpoint.name}: {limit + 1} arrivals within {span:.3f} s" for span in too_close(counts.arrivals(endpoint), limit, window)
        ]
    verdict.violations += [
        f"{arrival.endpoint.name}: refused at {arrival.at:.3f}" for arrival in counts.log if arrival.outcome == "violation"
    ]


def too_close(times: Sequence[float], limit: int, window: float) -> Iterable[float]:
    """Yield how far `limit` + 1 arrivals are apart, wherever that is less than a window."""
    return (last - first for first, last in zip(times, times[limit:], strict=False) if last - first < window)


def unexpected(log: str) -> list[str]:
    """List the errors with a traceback in a log, other than those with which discord.py tells of a reconnect."""
    found: list[str] = []
    heads = list(LINE.finditer(log))
    for head, following in pairwise([*heads, None]):
        assert head is not None
        rest = log[head.end() : following.start() if following else len(log)]
        if TRACEBACK in rest and not head["logger"].startswith("discord"):
            last = rest.strip().splitlines()[-1]
            told = head["level"] in ERRORS
            found.append(f"{head['logger']}: {head['message']}: {last}" if told else f"the process ended: {last}")
    return found


def _name(job: Job) -> str:
    return f"{job.title} (job {job.id}, {job.state.value})"
