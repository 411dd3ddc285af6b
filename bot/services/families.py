"""A track's family as somebody sees it, with what people are called."""

from collections.abc import Iterable, Mapping

from bot.domain.clips import Clip
from bot.domain.family import Kin, Tree, tree_of
from bot.domain.viewing import Seen, Viewer
from bot.errors import Removed, UnknownTrack
from bot.services.ports.outside import Names
from bot.services.ports.stores import Families, Visibility

MOST_NAMED = 100
"""People whom Discord is asked about for one family."""


class FamilyTrees:
    """Fulfils `services.ports.people.FamilyTrees`."""

    def __init__(self, *, families: Families, visibility: Visibility, names: Names) -> None:
        """Use these."""
        self._families = families
        self._visibility = visibility
        self._names = names

    async def of(self, clip_id: str, viewer: Viewer) -> Tree:
        """Lay out a track's family. Raises UnknownTrack, Removed, StoreUnavailable."""
        kin = await self._families.of(clip_id, viewer)
        seen = await self._visibility.seen([each.clip.clip_id for each in kin], viewer)
        _check(seen.get(clip_id))
        return tree_of(kin, seen, clip_id)

    async def track(self, clip_id: str, viewer: Viewer) -> Clip:
        """Read a track that somebody may see. Raises UnknownTrack, Removed, StoreUnavailable."""
        _check((await self._visibility.seen([clip_id], viewer)).get(clip_id))
        return (await self._families.path(clip_id))[-1]

    async def names(self, kin: Iterable[Kin]) -> Mapping[int, str]:
        """Tell what the people are called who made these tracks; of a crowd, only the first are asked about."""
        people = dict.fromkeys(each.clip.user_id for each in kin)
        return await self._names.of(list(people)[:MOST_NAMED])


def _check(seen: Seen | None) -> None:
    if seen is Seen.REMOVED:
        raise Removed
    if seen is not Seen.SHOWN:
        raise UnknownTrack
