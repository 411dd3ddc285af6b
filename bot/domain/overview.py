"""What the operator sees of the bot at a glance, and of what went wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.jobs import JobState
from bot.domain.standing import LaneCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """An error of ours that somebody met. `at` is in epoch seconds; `cause` is one line without secrets."""

    reference: str
    at: float
    where: str
    """What they used: a command's name, or a control's custom_id."""
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How late tracks were announced by this process: `seconds` is the mean of the upper bounds, over `tracks`."""

    seconds: float
    tracks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The bot at a moment. Times are epoch seconds, sizes are bytes; the lane is the operator's own."""

    version: str
    started_at: float
    servers: int
    jobs: Mapping[JobState, int]
    """Those that still need something."""
    line: int
    """Jobs in line, on every key."""
    lane: LaneCondition
    lane_since: float | None
    spent_today: int
    daily_limit: int
    """0: there is none."""
    resets_at: float
    lag: Lag | None
    database_bytes: int
    media_bytes: int
    media_limit: int
