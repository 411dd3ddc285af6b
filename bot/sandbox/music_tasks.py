"""A task of the provider, from submitted to its end: what a query at any moment would say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.music_faults import Audio, Outcome, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.sandbox.music_wire import Body
    from bot.sandbox.tape import Take

SUBMITTED, QUEUED, STREAMING, COMPLETE = "submitted", "queued", "streaming", "complete"
QUEUED_FROM, STREAMING_FROM = 0.1, 0.3  # shares of the generation time


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One of a task's two clips; `index` 0 is A, `pace` is how long its generation should take, `late_by` how much longer it does."""

    id: str
    index: int
    title: str
    take: Take
    pace: float
    late_by: float = 0.0

    @property
    def seconds(self) -> float:
        """Give how long its generation takes."""
        return self.pace + self.late_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An accepted submit. `accepted_at` is on the provider's clock, `body` is what was sent, empty for a clip it always had."""

    id: str
    accepted_at: float
    created_at: datetime
    tags: str
    clips: tuple[Clip, ...]
    outcome: Outcome
    body: Body

    @property
    def seconds(self) -> float:
        """Give the generation time of the slowest clip."""
        return max(clip.seconds for clip in self.clips)

    def status(self, now: float) -> str:
        """Give the task's status in the documented words, or the failure's."""
        elapsed = now - self.accepted_at
        if self.outcome.fails_as is not None and elapsed >= self.seconds:
            return self.outcome.fails_as
        return self._progress(elapsed, self.seconds, max(clip.pace for clip in self.clips))

    def clip_status(self, clip: Clip, now: float) -> str:
        """Give one clip's status, likewise."""
        elapsed = now - self.accepted_at
        if self.outcome.fails_as is not None:
            return self.status(now)
        if elapsed >= clip.seconds and clip.index in self.outcome.clip_fails:
            return self.outcome.clip_fails[clip.index]
        return self._progress(elapsed, clip.seconds, clip.pace)

    def progress(self, clip: Clip, now: float) -> float:
        """Give how much of a clip exists by now, 0 to 1."""
        begun = STREAMING_FROM * clip.pace
        return max(0.0, min(1.0, (now - self.accepted_at - begun) / (clip.seconds - begun)))

    def audio(self, clip: Clip, now: float) -> Audio:
        """Say what a complete clip's audio is at this moment."""
        mended = now - self.accepted_at - clip.seconds >= self.outcome.mended_after
        return Audio.GOOD if mended or clip.index not in self.outcome.bad_clips else self.outcome.audio

    def payload(self, now: float, base: str) -> Body:
        """Answer a query as the page "Get songs or Instrumental or extend" shows it; `base` is the address of the media."""
        status = self.status(now)
        entries = [] if status == SUBMITTED else [self._entry(clip, now, base) for clip in self.clips]
        clips: object = entries
        if self.outcome.shape is Shape.OBJECT:
            clips = {clip.id: entry for clip, entry in zip(self.clips, entries, strict=False)}
        return {"code": 200, "task_id": self.id, "status": self._spelt(status), "prompt": {"prompt": self.tags}, "clips": clips}

    def _progress(self, elapsed: float, seconds: float, pace: float) -> str:
        if elapsed >= seconds:
            return self.outcome.hangs_as or COMPLETE
        share = elapsed / pace
        return SUBMITTED if share < QUEUED_FROM else QUEUED if share < STREAMING_FROM else STREAMING

    def _spelt(self, status: str) -> str:
        return self.outcome.words.get(status, status)

    def _entry(self, clip: Clip, now: float, base: str) -> Mapping[str, object]:
        status = self.clip_status(clip, now)
        drawn = status in {STREAMING, COMPLETE}
        name = "id" if self.outcome.shape is Shape.OBJECT else "continue_clip_id"
        return {
            name: clip.id,
            "title": clip.title,
            "status": self._spelt(status),
            "audio_url": self._audio_url(clip, status, now, base),
            "image_url": f"{base}/image_{clip.id}.png" if drawn else "",
            "video_url": "",
            "image_large_url": f"{base}/image_large_{clip.id}.png" if drawn else "",
            "duration": self.outcome.duration(clip.take.length) if status == COMPLETE else "",
            "created_at": self.created_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.created_at.microsecond // 1000:03d}Z",
            "model_name": "chirp-v3.5",
            "major_model_version": "v3.5",
        }

    def _audio_url(self, clip: Clip, status: str, now: float, base: str) -> str | None:
        if status == STREAMING:
            return f"{base}/stream/{clip.id}.mp3"
        if status != COMPLETE:
            return ""
        own: str | None = f"{base}/{clip.id}.mp3"
        return {
            Audio.NULL_URL: None,
            Audio.EMPTY_URL: "",
            Audio.NONE_FILE: f"{base}/None.mp3",
            Audio.FORBIDDEN_PAGE: f"{base}/api/forbidden",
        }.get(self.audio(clip, now), own)
