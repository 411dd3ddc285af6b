"""What people take with them: their own tracks, or a family's."""

from collections.abc import Sequence

from bot.domain.actors import SOMEONE
from bot.domain.export import MOST_TASKS, PROVIDER_KEEPS, Entry, Export, Of, is_address
from bot.domain.family import Kin
from bot.domain.viewing import Viewer
from bot.services.families import FamilyTrees
from bot.services.ports.outside import Clock
from bot.services.ports.stores import Exports


class Exporting:
    """Fulfils `services.ports.people.Exporting`."""

    def __init__(self, *, store: Exports, families: FamilyTrees, clock: Clock) -> None:
        """Use these."""
        self._store = store
        self._families = families
        self._clock = clock

    async def mine(self, viewer: Viewer) -> Export:
        """Gather the tracks that somebody's own requests have brought. Raises StoreUnavailable."""
        kin = await self._store.of_person(viewer)
        return await self._export(Of.MINE, kin, viewer, cut=len({each.clip.task_id for each in kin}) >= MOST_TASKS)

    async def family(self, clip_id: str, viewer: Viewer) -> Export:
        """Gather what somebody may see of a track's family. Raises UnknownTrack, Removed, StoreUnavailable."""
        tree = await self._families.of(clip_id, viewer)
        return await self._export(Of.FAMILY, tree.shown, viewer, cut=tree.cut)

    async def _export(self, of: Of, kin: Sequence[Kin], viewer: Viewer, *, cut: bool) -> Export:
        now = self._clock.now()
        names = await self._families.names(kin)
        places = await self._store.places(kin, viewer)
        known = {each.clip.clip_id for each in kin}
        entries = [
            Entry(
                kin=each,
                made_by=names.get(each.clip.user_id, SOMEONE),
                # Whoever has asked for a track knows what it was made from; of others' tracks, only what is shown is told.
                parent_id=each.clip.parent_id if each.clip.parent_id in known or each.clip.user_id == viewer.user_id else None,
                post=places[each.clip.clip_id].link if each.clip.clip_id in places else None,
                audio=each.clip.audio_url if is_address(each.clip.audio_url) and now < each.clip.created_at + PROVIDER_KEEPS else None,
            )
            for each in kin
        ]
        return Export(of=of, entries=tuple(entries), made_at=now, cut=cut)
