"""What work on sound is told, and what comes of it: all that the bot's own process needs, without the libraries that the work takes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Work(StrEnum):
    """What there is to do; `bot.sound.worker` says by which function."""

    JOIN = "join"
    EXCERPT = "excerpt"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file, in seconds; `until` None: to its end."""

    path: Path
    start: float = 0.0
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a file says of itself (ID3); all of it is foreign text. `cover` is a JPEG."""

    title: str = ""
    artists: tuple[str, ...] = ()
    genre: str = ""
    comment: str = ""
    cover: bytes | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The length of what came of it, its bits a second, and the seconds at which one piece hands over to the next."""

    seconds: float
    bit_rate: int
    joints: tuple[float, ...]
