"""What becomes of the requests and tracks of somebody who has their data deleted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState, amend, transition

UNTITLED = "Untitled"
"""What a track is called that others have continued, and whose own title was deleted."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person's wish to have their data deleted: all that was theirs up to a moment (epoch seconds); what they do afterwards is new."""

    user_id: int
    until: float


def withdrawn(job: Job, now: float) -> Job | None:
    """Take a job back, with what its person wrote: out of the line, or nothing more of it shown; None if that is done.

    What is just being sent keeps its text until that is over: it must not go out as something else.
    """
    cancelled = job.state is JobState.QUEUED
    emptied = job if job.state is JobState.SUBMITTING else replace(job, tags="", title="", source_label="", provider_words="")
    if job.removed and not cancelled and emptied == job and (job.watch_until is None or job.in_flight):
        return None
    # A late track, or a late end, is of no use to anybody.
    until = job.watch_until if job.in_flight else None
    by = job.removed_by if job.removed and job.removed_by is not None else job.origin.user_id
    if cancelled:
        return transition(emptied, JobState.CANCELLED, now, removed=True, removed_by=by, hidden=True, undeliverable=False)
    return amend(emptied, removed=True, removed_by=by, hidden=True, undeliverable=False, watch_until=until)


def kept(made: Collection[Clip], *, known_elsewhere: Collection[str], children: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Choose, of a person's tracks, those that stay without their name: others know them, or what came of them.

    `known_elsewhere` are ids of tracks, theirs among them, that others know or have made; `children` are the ids of what continues each.
    """
    own = {clip.clip_id for clip in made}
    parents = {clip.clip_id: clip.parent_id for clip in made}
    stays = {clip_id for clip_id in own if clip_id in known_elsewhere or any(each not in own for each in children.get(clip_id, ()))}
    rising = list(stays)
    while rising:
        parent = parents.get(rising.pop())
        if parent in own and parent not in stays:
            stays.add(parent)
            rising.append(parent)
    return frozenset(stays)
