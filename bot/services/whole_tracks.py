"""Tracks joined with all that they grew from, and the places where they were joined; made once, and kept with the other audio."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.clips import Clip
from bot.domain.viewing import Seen, Viewer
from bot.domain.whole_track import Lost, OnProgress, Plan, Whole, around_joint, key_of, nobody, plan
from bot.errors import AudioDamaged, AudioGone, NotAudio, NothingToJoin, Removed, UnknownTrack
from bot.services.archive import JOINED, Archive
from bot.services.audio_back import AudioBack
from bot.services.once import Once
from bot.services.ports.outside import Names
from bot.services.ports.stores import Ancestry, Visibility
from bot.sound import apart
from bot.sound.headers import described
from bot.sound.orders import Joined, Labels, Piece

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Joins at once in all: each keeps a processor busy."""
AROUND = 10.0
"""Seconds of a joint that are heard on each side."""
JOINT_BYTES = 512 * 1024
"""Bytes of twenty seconds, at the best bit rate that these allow."""
_LOST = {Seen.PRIVATE: Lost.PRIVATE, Seen.REMOVED: Lost.REMOVED}

_Work = Callable[[Sequence[Piece], Path, Labels], Awaitable[Joined]]


class WholeTracks:
    """Fulfils `services.ports.people.WholeTracks`."""

    def __init__(self, *, families: Ancestry, visibility: Visibility, audio: AudioBack, archive: Archive, names: Names) -> None:
        """Begin with nothing under way."""
        self._families = families
        self._visibility = visibility
        self._audio = audio
        self._archive = archive
        self._names = names
        self._under_way = Once[Whole]()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._listeners = defaultdict[str, set[OnProgress]](set)

    async def aclose(self) -> None:
        """End what is under way."""
        await self._under_way.cancel()

    async def whole(self, clip_id: str, viewer: Viewer, *, max_bytes: int, on_progress: OnProgress | None = None) -> Whole:
        """Join a track with what it grew from, as far as that is to be seen and to be had."""
        path, lost = await self._path(clip_id, viewer)
        made = plan(path, lost)
        name = _name_of(made, await self._labels(made), max_bytes)
        if (known := self._known(name, made)) is not None:
            return known
        listeners = self._listeners[name]
        if on_progress is not None:
            listeners.add(on_progress)
        try:
            return await self._under_way.run(name, lambda: self._make_whole(path, lost, name, max_bytes))
        finally:
            listeners.discard(on_progress or nobody)
            if not listeners:
                self._listeners.pop(name, None)

    async def joint(self, clip_id: str, viewer: Viewer, *, max_bytes: int) -> Whole:
        """Let both sides of the beginning of a track be heard."""
        path, lost = await self._path(clip_id, viewer)
        if len(path) < 2 or path[-2].clip_id in lost:  # noqa: PLR2004 - a joint has two sides
            raise NothingToJoin(f"there is nothing before clip {clip_id}")
        made = around_joint(path, AROUND)
        limit = min(max_bytes, JOINT_BYTES)
        name = f"{JOINED}joint-{key_of(made, str(limit))}.mp3"
        if (known := self._known(name, made)) is not None:
            return known

        async def work(pieces: Sequence[Piece], target: Path, labels: Labels) -> Joined:
            return await apart.excerpt(pieces[0], pieces[1], target, max_bytes=limit, labels=labels)

        async def make() -> Whole:
            labels = await self._labels(made)
            async with contextlib.AsyncExitStack() as stack:
                files = {clip.clip_id: await stack.enter_async_context(self._audio.held(clip)) for clip in made.clips}
                return await self._make(name, made, files, labels, work)

        return await self._under_way.run(name, make)

    async def _path(self, clip_id: str, viewer: Viewer) -> tuple[list[Clip], dict[str, Lost]]:
        """Read what a track grew from, and what of that somebody may not hear. Raises UnknownTrack, Removed, StoreUnavailable."""
        path = await self._families.path(clip_id)
        seen = await self._visibility.seen([clip.clip_id for clip in path], viewer) if path else {}
        match seen.get(clip_id):
            case Seen.SHOWN:
                pass
            case Seen.REMOVED:
                raise Removed(f"clip {clip_id} was taken down")
            case _:
                raise UnknownTrack(f"there is no clip {clip_id} for {viewer}")
        return path, {clip.clip_id: _lost(seen.get(clip.clip_id)) for clip in path if seen.get(clip.clip_id) is not Seen.SHOWN}

    def _known(self, name: str, made: Plan) -> Whole | None:
        """Find a file that was made before; one that was spoilt counts as none."""
        if not self._archive.has(name):
            return None
        path = self._archive.path(name)
        try:
            seconds, bit_rate = described(path)
            return Whole(name=name, size=path.stat().st_size, seconds=seconds, bit_rate=bit_rate, plan=made)
        except (NotAudio, OSError) as error:
            log.warning("%s is made anew: %s", name, error)
            return None

    async def _make_whole(self, path: Sequence[Clip], lost: Mapping[str, Lost], name: str, max_bytes: int) -> Whole:
        def heard(share: float) -> None:
            for listener in tuple(self._listeners.get(name, ())):
                listener(share)

        async def work(pieces: Sequence[Piece], target: Path, labels: Labels) -> Joined:
            return await apart.join(pieces, target, max_bytes=max_bytes, labels=labels, on_progress=heard)

        async with contextlib.AsyncExitStack() as stack:
            made, files = await self._fetched(path, lost, stack)
            labels = await self._labels(made)
            # Where something is gone, it is another file than was looked for, and may be there.
            actual = _name_of(made, labels, max_bytes)
            return self._known(actual, made) or await self._make(actual, made, files, labels, work)

    async def _fetched(
        self, path: Sequence[Clip], lost: Mapping[str, Lost], stack: contextlib.AsyncExitStack
    ) -> tuple[Plan, dict[str, Path]]:
        """Bring back the audio of all that is played, the chosen track first; before one whose audio is gone nothing is needed."""
        made, files = plan(path, lost), dict[str, Path]()
        for clip in reversed(made.clips):
            try:
                files[clip.clip_id] = await stack.enter_async_context(self._audio.held(clip))
            except AudioGone:
                if clip is path[-1]:
                    raise
                return plan(path, {**lost, clip.clip_id: Lost.GONE}), files
        return made, files

    async def _make(self, name: str, made: Plan, files: Mapping[str, Path], labels: Labels, work: _Work) -> Whole:
        labels = replace(labels, cover=await asyncio.to_thread(self._cover, made.clips[-1]))
        pieces = [Piece(files[segment.clip.clip_id], segment.start, segment.until) for segment in made.segments]
        async with self._slots:
            try:
                joined = await self._archive.make(name, lambda target: work(pieces, target, labels))
            except NotAudio as error:
                log.warning("%s cannot be made: %s", name, error)
                raise AudioDamaged(str(error)) from error
        size = self._archive.path(name).stat().st_size
        log.info("%s is made: %d parts, %.1f s, %d bytes", name, len(pieces), joined.seconds, size)
        return Whole(name=name, size=size, seconds=joined.seconds, bit_rate=joined.bit_rate, plan=made)

    async def _labels(self, made: Plan) -> Labels:
        chosen = made.clips[-1]
        names = await self._names.of({clip.user_id for clip in made.clips})
        return Labels(
            title=chosen.title,
            artists=tuple(dict.fromkeys(names[clip.user_id] for clip in made.clips)),
            genre=chosen.tags,
            comment=" + ".join(f"{clip.variant} {clip.title}" for clip in made.clips),
        )

    def _cover(self, clip: Clip) -> bytes | None:
        try:
            return self._archive.path(clip.image_name).read_bytes() if clip.image_name else None
        except OSError:
            return None


def _name_of(made: Plan, labels: Labels, max_bytes: int) -> str:
    """Name the file of a plan."""
    return f"{JOINED}whole-{key_of(made, labels.title, *labels.artists, str(max_bytes))}.mp3"


def _lost(seen: Seen | None) -> Lost:
    return Lost.UNKNOWN if seen is None else _LOST[seen]
