"""A whole track: a track with all that it grew from, and what of that can be heard."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from bot.domain.clips import Clip

OnProgress = Callable[[float], None]
"""Hears which share of the work is done; what it raises ends the work."""


def nobody(_share: float) -> None:
    """Hear nothing of the progress."""


class Lost(Enum):
    """Why a part of a whole track cannot be heard."""

    PRIVATE = "private"
    """Somebody keeps it to themselves."""
    REMOVED = "removed"
    GONE = "gone"
    """Its audio is nowhere to be had any more."""
    UNKNOWN = "unknown"
    """It was made elsewhere, and nothing is known of it but that it is there."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a clip, in seconds; `until` None: to its end."""

    clip: Clip
    start: float
    until: float | None

    @property
    def seconds(self) -> float:
        """Tell how long it is."""
        return (self.clip.seconds if self.until is None else self.until) - self.start


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that cannot be heard; `clip` is None where it may not be named."""

    why: Lost
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played, in order, the chosen clip last; and what should have come before it, the first first."""

    segments: tuple[Segment, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def seconds(self) -> float:
        """Tell how long all of it is."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """List what is heard of, in order."""
        return tuple(segment.clip for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A file of the archive with what is in it: `size` in bytes, `bit_rate` in bits a second."""

    name: str
    size: int
    seconds: float
    bit_rate: int
    plan: Plan


def plan(path: Sequence[Clip], lost: Mapping[str, Lost]) -> Plan:
    """Plan the whole track of the last clip of a path, which begins at its root and is not empty.

    `lost` names the clips that cannot be heard; the last one is none of them. Each parent plays up to the second where its child begins.
    Before one that is lost there is nothing to join on to: what is played begins behind the last of these.
    """
    begin = next((place + 1 for place in reversed(range(len(path) - 1)) if path[place].clip_id in lost), 0)
    missing = [Missing(lost.get(clip.clip_id, Lost.GONE), clip) for clip in path[:begin] if clip.clip_id in lost]
    if path[0].parent_id is not None:
        missing.insert(0, Missing(Lost.UNKNOWN))
    heard = path[begin:]
    segments = [Segment(clip, 0.0, _handover(clip, child)) for clip, child in pairwise(heard)]
    return Plan(
        segments=tuple(segment for segment in (*segments, Segment(heard[-1], 0.0, None)) if segment.seconds > 0),
        missing=tuple(_without_names(missing)),
    )


def _handover(clip: Clip, child: Clip) -> float:
    at = clip.seconds if child.continued_at is None else child.continued_at
    return min(max(at, 0.0), clip.seconds)


def _without_names(missing: Sequence[Missing]) -> list[Missing]:
    """Take out what is private: that there is something is all that may be said."""
    return [Missing(each.why) if each.why is Lost.PRIVATE else each for each in missing]


def around_joint(path: Sequence[Clip], seconds: float) -> Plan:
    """Plan to hear how the last clip of a path goes on from its parent, so many seconds before and behind; there has to be a parent."""
    parent, child = path[-2], path[-1]
    at = _handover(parent, child)
    return Plan((Segment(parent, max(0.0, at - seconds), at), Segment(child, 0.0, min(seconds, child.seconds))))


def key_of(made: Plan, *said: str) -> str:
    """Name a plan so that only the same one has the same name: 40 characters; `said` is what else makes the file what it is."""
    parts = [f"{segment.clip.clip_id} {segment.start:.3f} {segment.until}" for segment in made.segments]
    return hashlib.sha256("\n".join((*parts, *said)).encode(errors="surrogatepass")).hexdigest()[:40]
