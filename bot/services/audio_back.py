"""The audio of a track when it is needed: where the archive has let it go, it is fetched again."""

import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from bot.domain.clips import Clip, StoredAudio
from bot.domain.reports import ClipReport, Stage
from bot.errors import AudioAway, AudioError, AudioGone, CannotStore, DiscordError, DiscordUnavailable, FetchFailed
from bot.services.archive import MAX_AUDIO, Archive
from bot.services.once import Once
from bot.services.ports.outside import Clock, Posted
from bot.services.ports.stores import Clips, Jobs, Posts

log = logging.getLogger(__name__)

PROVIDER_KEEPS = 15 * 24 * 3600.0
"""Seconds after which the provider has deleted its files (14 to 15 days were observed)."""
TRIES = 2
"""How often it is fetched, should the archive let it go again in the moment before it is held."""


class _Read(Protocol):
    async def __call__(self, clip: Clip, *, max_bytes: int) -> bytes | None: ...


class AudioBack:
    """Brings audio back: from the archive, else from a message of the bot's own, else from the provider; once a track at a time."""

    def __init__(self, *, clips: Clips, jobs: Jobs, posts: Posts, archive: Archive, posted: Posted, clock: Clock) -> None:
        """Begin with nothing under way."""
        self._clips = clips
        self._jobs = jobs
        self._posts = posts
        self._archive = archive
        self._posted = posted
        self._clock = clock
        self._under_way = Once[str]()

    async def aclose(self) -> None:
        """Abandon what is under way."""
        await self._under_way.cancel()

    @asynccontextmanager
    async def held(self, clip: Clip) -> AsyncGenerator[Path]:
        """Keep a track's audio from being let go while it is used; yields its path. Raises as `of` does."""
        for _ in range(TRIES):
            with self._archive.hold(await self.of(clip)) as path:
                if path.exists():
                    yield path
                    return
        raise CannotStore(f"the archive is too small to keep clip {clip.clip_id}")

    async def audio(self, clip: Clip) -> StoredAudio:
        """Return the file in the archive. Raises as `of` does."""
        name = await self.of(clip)
        return StoredAudio(name=name, seconds=clip.seconds, size=self._archive.path(name).stat().st_size)

    async def for_message(self, clips: Iterable[Clip]) -> list[Clip]:
        """Bring back what can be, of tracks whose message is about to be written anew: an edit takes off what it does not carry.

        That may be the last copy there is. Raises StoreUnavailable.
        """
        return [await self._if_possible(clip) for clip in clips]

    async def _if_possible(self, clip: Clip) -> Clip:
        try:
            return replace(clip, audio_name=await self.of(clip))
        except (AudioGone, AudioAway, CannotStore) as error:
            log.info("clip %s is shown without its audio: %s", clip.clip_id, type(error).__name__)
            return clip

    async def of(self, clip: Clip) -> str:
        """Return the name of the file in the archive. Raises AudioGone, AudioAway, CannotStore, StoreUnavailable."""
        if clip.audio_name and self._archive.has(clip.audio_name):
            return clip.audio_name
        return await self._under_way.run(clip.clip_id, lambda: self._bring(clip))

    async def _bring(self, clip: Clip) -> str:
        stored = await self._archive.kept(clip.clip_id)
        if stored is None:
            from_message, surely = await self._from_message(clip)
            stored = from_message or await self._from_provider(clip, surely=surely)
            log.info("clip %s: its audio is back, from %s", clip.clip_id, "the bot's message" if from_message else "the music service")
        await self._clips.audio_back(clip.clip_id, stored)
        return stored.name

    async def _from_message(self, clip: Clip) -> tuple[StoredAudio | None, bool]:
        """Look through the messages that show the track; tell also whether all could be looked at."""
        surely = True
        for place, read in await self._messages(clip):
            try:
                data = await read(clip, max_bytes=MAX_AUDIO)
                if data is not None:
                    return await self._archive.keep(clip.clip_id, data, reported=clip.seconds), surely
            except CannotStore:
                raise
            except (DiscordError, AudioError) as error:
                surely = surely and not isinstance(error, DiscordUnavailable)
                log.info("clip %s: not in %s (%s: %s)", clip.clip_id, place, type(error).__name__, error)
        return None, surely

    async def _messages(self, clip: Clip) -> list[tuple[str, _Read]]:
        """List where to look: the results of its jobs, and then its posts, of which one that was private at first has no other message."""
        shown = [job for job in await self._jobs.of_task(clip.task_id) if job.result_id is not None and not job.removed]
        posts = await self._posts.showing(clip.clip_id, clip.task_id)
        return [
            *((f"the result of job {job.id}", partial(self._posted.audio, job)) for job in shown),
            *((f"post {post.id}", partial(self._posted.audio_of_post, post)) for post in posts),
        ]

    async def _from_provider(self, clip: Clip, *, surely: bool) -> StoredAudio:
        """Fetch it where it was fetched at first. Raises AudioGone, or AudioAway where that cannot be said `surely`."""
        report = ClipReport(clip_id=clip.clip_id, stage=Stage.DONE, audio_url=clip.audio_url or None, duration=clip.seconds)
        try:
            return await self._archive.audio(report)
        except CannotStore:
            raise
        except AudioError as error:
            log.info("clip %s: not at the music service (%s: %s)", clip.clip_id, type(error).__name__, error)
            expected = isinstance(error, FetchFailed) and self._clock.now() < clip.created_at + PROVIDER_KEEPS
            if surely and not expected:
                raise AudioGone(f"clip {clip.clip_id}: its audio is gone") from error
            raise AudioAway(f"clip {clip.clip_id}: its audio cannot be reached") from error
