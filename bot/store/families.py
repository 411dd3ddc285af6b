"""Families in the database: where a track comes from."""

from bot.domain.clips import Clip
from bot.store.clips import Clips
from bot.store.database import Database

MOST_STEPS = 64
"""Generations that are climbed: more than anybody makes, and an end to a circle in bad data."""


class Families:
    """Fulfils `services.ports.stores.Families`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._clips = Clips(database)

    async def path(self, clip_id: str) -> list[Clip]:
        """Read a track and its ancestors, the root first, at most 64; nothing for a track that is not known."""
        path: dict[str, Clip] = {}
        above: str | None = clip_id
        while above is not None and above not in path and len(path) < MOST_STEPS and (clip := await self._clips.get(above)) is not None:
            path[above] = clip
            above = clip.parent_id
        return list(path.values())[::-1]
