"""People's libraries: what they find there, and what they do to an entry."""

from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.library import PAGE, Entry, LibraryPage, OpenEntry, View
from bot.domain.requests import clean_title
from bot.domain.viewing import Seen, Viewer
from bot.errors import BadOption, NotAllowed, Removed, UnknownTrack
from bot.services.discretion import Discretion
from bot.services.forbidden_words import ForbiddenWords
from bot.services.ports import stores
from bot.services.ports.outside import Clock
from bot.services.ports.sound import AudioBack
from bot.services.sources import Sources


class Library:
    """Fulfils `services.ports.people.Library`."""

    def __init__(
        self,
        *,
        store: stores.Library,
        jobs: stores.Jobs,
        clips: stores.Clips,
        visibility: stores.Visibility,
        discretion: Discretion,
        audio: AudioBack,
        forbidden: ForbiddenWords,
        sources: Sources,
        clock: Clock,
    ) -> None:
        """Let `sources` hear of titles that change, and remember what is about to be continued."""
        self._store = store
        self._jobs = jobs
        self._clips = clips
        self._visibility = visibility
        self._discretion = discretion
        self._audio = audio
        self._forbidden = forbidden
        self._sources = sources
        self._clock = clock

    async def page(self, view: View, number: int, viewer: Viewer) -> LibraryPage:
        """Read a page of a list; the first is 0. Raises StoreUnavailable."""
        return await self._store.page(view, viewer, number=number, size=PAGE)

    async def open(self, clip_id: str, actor: Actor) -> OpenEntry:
        """Open an entry. Raises UnknownTrack, Removed, StoreUnavailable."""
        entry = await self._entry(clip_id, actor.viewer)
        posted = await self._store.posted(clip_id, entry.clip.task_id, actor.viewer)
        return OpenEntry(entry=entry, viewer=actor.viewer, posted=posted, removable=await self._removable(entry.clip, actor))

    async def _removable(self, clip: Clip, actor: Actor) -> str | None:
        """Find the job by which the actor may remove a track: their own before somebody else's."""
        removable = [job for job in await self._jobs.of_task(clip.task_id) if not job.removed and actor.may_act_on(job)]
        removable.sort(key=lambda job: (job.origin.guild_id != actor.guild_id, job.origin.user_id != actor.user_id))
        return removable[0].id if removable else None

    async def to_continue(self, clip_id: str, viewer: Viewer) -> Clip:
        """Read a track that somebody is about to continue. Raises UnknownTrack, PrivateTrack, Removed, StoreUnavailable."""
        clip = await self._clips.get(clip_id)
        if clip is None:
            raise _no_track(clip_id)
        await self._seen(clip_id, viewer)
        await self._discretion.check(clip.task_id, viewer)
        self._sources.remember([clip])
        return clip

    async def play(self, clip_id: str, viewer: Viewer) -> Clip:
        """Return a track with its file, once its audio is in the archive. Raises UnknownTrack, Removed, AudioGone, StoreUnavailable."""
        clip = (await self._entry(clip_id, viewer)).clip
        stored = await self._audio.audio(clip)
        return replace(clip, audio_name=stored.name, audio_size=stored.size)

    async def toggle_favourite(self, clip_id: str, actor: Actor) -> OpenEntry:
        """Make an entry a favourite, or let it be one no longer. Raises UnknownTrack, Removed, StoreUnavailable."""
        await self._entry(clip_id, actor.viewer)
        await self._store.toggle_favourite(clip_id, actor.user_id, at=self._clock.now())
        return await self.open(clip_id, actor)

    async def rename(self, clip_id: str, title: str, actor: Actor) -> OpenEntry:
        """Give a person's own track another title.

        Raises UnknownTrack, Removed, NotAllowed, BadOption, ForbiddenWord, StoreUnavailable.
        """
        await self._entry(clip_id, actor.viewer)
        if not title.strip():
            raise BadOption("title", "A title has at least one character.", "Night Train")
        title = clean_title(title, source=None, tags="")
        await self._forbidden.check(actor.guild_id, {"title": title})
        if not await self._store.rename(clip_id, actor.user_id, title):
            msg = f"track {clip_id} is somebody else's"
            raise NotAllowed(msg)
        self._sources.renamed(clip_id, title)
        return await self.open(clip_id, actor)

    async def _entry(self, clip_id: str, viewer: Viewer) -> Entry:
        """Read what somebody may see: what is private does not exist for others."""
        shown = await self._seen(clip_id, viewer) is Seen.SHOWN
        entry = await self._store.entry(clip_id, viewer) if shown else None
        if entry is None:
            raise _no_track(clip_id)
        return entry

    async def _seen(self, clip_id: str, viewer: Viewer) -> Seen | None:
        seen = (await self._visibility.seen([clip_id], viewer)).get(clip_id)
        if seen is Seen.REMOVED:
            raise Removed
        return seen


def _no_track(clip_id: str) -> UnknownTrack:
    return UnknownTrack(f"there is no track {clip_id}")
