"""A clip, and where it came from."""

import string
from dataclasses import dataclass


def variant_name(index: int) -> str:
    """Name the clip at this place in its task: 0 is A, 1 is B."""
    return string.ascii_uppercase[index] if index < len(string.ascii_uppercase) else str(index + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAudio:
    """A verified file in the archive: `name` under the media folder, `size` in bytes.

    `seconds` is its decoded length, or the provider's where that is a little less (`services/audio_check.py`).
    """

    name: str
    seconds: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One finished piece of music whose audio was opened and measured.

    `seconds` is the measured length. `parent_id` and `continued_at` (seconds into the parent) are its lineage; both are
    None for a first clip and for one whose origin is not known.
    """

    clip_id: str
    task_id: str
    variant: str
    title: str
    tags: str
    model: str
    seconds: float
    audio_name: str | None
    """File under the media folder; None once the archive has let it go."""
    audio_size: int
    audio_url: str
    image_name: str | None
    image_url: str | None
    parent_id: str | None
    continued_at: float | None
    user_id: int
    guild_id: int | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClip:
    """What autocomplete shows of a clip that a person or a server knows."""

    clip_id: str
    variant: str
    title: str
    tags: str
    seconds: float
    known_since: float
