"""What is known of tracks that may be continued, with those that were looked at last in memory."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from bot.domain.clips import Clip
from bot.domain.requests import EXAMPLE_ID, Source, not_a_track
from bot.services.ports.stores import Clips, Jobs

log = logging.getLogger(__name__)

MOST = 1000
"""Tracks in memory; a few hundred bytes each."""


class Sources:
    """Reads each track once while it is in use: when its start point is suggested, it is read for the request that follows.

    Of what is here, only a title ever changes in the database, which `renamed` hears of, and what is deleted, of which `forget` tells: a
    known clip keeps its tags and, being the same recording, its length. What is not here may have come to be known meanwhile, and is
    read again.
    """

    def __init__(self, *, clips: Clips, jobs: Jobs) -> None:
        """Start with nothing in memory."""
        self._clips = clips
        self._jobs = jobs
        self._known: OrderedDict[str, Source] = OrderedDict()
        self._reading: dict[str, asyncio.Task[Clip | None]] = {}

    def recall(self, clip_id: str) -> Source | None:
        """Return what is in memory of a track."""
        source = self._known.get(clip_id)
        if source is not None:
            self._known.move_to_end(clip_id)
        return source

    async def find(self, clip_id: str) -> Source | None:
        """Return what is known of a track. Raises StoreUnavailable."""
        source = self.recall(clip_id)
        if source is not None:
            return source
        # A crowd that continues the same track reads it once.
        reading = self._reading.get(clip_id)
        if reading is None:
            reading = self._reading[clip_id] = asyncio.create_task(self._clips.get(clip_id), name="read-source")
            reading.add_done_callback(lambda done: self._read(clip_id, done))
        clip = await asyncio.shield(reading)
        if clip is None:
            return None
        self.remember([clip])
        return self._known[clip_id]

    def _read(self, clip_id: str, done: asyncio.Task[Clip | None]) -> None:
        del self._reading[clip_id]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.debug("track %s was not read: %s", clip_id, error)

    async def look_up(self, clip_id: str) -> Source | None:
        """Return what is known of what was given as a track. Raises BadOption if it is a task, StoreUnavailable."""
        source = await self.find(clip_id)
        if source is not None or await self._jobs.by_task(clip_id) is None:
            return source
        clips = await self._clips.of_task(clip_id)
        raise not_a_track(clips[0].clip_id if clips else EXAMPLE_ID)

    def forget(self, clip_ids: Iterable[str]) -> None:
        """Let go of tracks that were deleted, or lost their names."""
        for clip_id in clip_ids:
            self._known.pop(clip_id, None)

    def remember(self, clips: Iterable[Clip]) -> None:
        """Keep clips that were read for another reason: they are about to be continued, most likely."""
        for clip in clips:
            self._known[clip.clip_id] = Source.of(clip)
            self._known.move_to_end(clip.clip_id)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def renamed(self, clip_id: str, title: str) -> None:
        """Hear of a track that has another title from now on."""
        source = self._known.get(clip_id)
        if source is not None:
            self._known[clip_id] = replace(source, title=title)
