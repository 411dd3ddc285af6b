"""Which clips grew from which."""

from bot.domain.clips import Clip
from bot.store.clips import Clips

MOST = 64
"""Clips of a path at most."""


class Families:
    """Fulfils `services.ports.stores.Families`."""

    def __init__(self, clips: Clips) -> None:
        """Read from these clips."""
        self._clips = clips

    async def path(self, clip_id: str) -> list[Clip]:
        """Read a clip and what it grew from, the root first, as far as that is known, 64 at most; empty if it is not known itself."""
        path: list[Clip] = []
        wanted: str | None = clip_id
        while wanted is not None and len(path) < MOST and all(clip.clip_id != wanted for clip in path):
            clip = await self._clips.get(wanted)
            if clip is None:
                break
            path.append(clip)
            wanted = clip.parent_id
        return path[::-1]
