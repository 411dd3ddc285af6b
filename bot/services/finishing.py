"""From a report that a track is done to a job that is READY: fetch, verify, judge, save."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from bot.domain.clips import Clip, variant_name
from bot.domain.jobs import Failure, Job, JobKind, JobState, amend, transition
from bot.domain.reports import ClipReport, TaskReport
from bot.domain.settling import Outcome, alone_from, fetchable, judge
from bot.domain.standing import Progress, progress_in
from bot.errors import AudioError, ProviderError, TaskUnknown
from bot.services.changing import change_surely, surely
from bot.services.ports.outside import Archive, Clock
from bot.services.ports.stores import Clips, Jobs

log = logging.getLogger(__name__)

LATE_WATCH = 24 * 3600.0
"""Seconds after the submit until which a stalled job, or a late sibling, is still queried, rarely."""

NO_ANSWER_GRACE = 300.0
"""Seconds past the deadline after which a job stalls although no query was answered."""


@dataclass(slots=True)
class _Progress:
    """What this process has archived of a job; lost with it, and found again in the archive."""

    good: dict[str, Clip] = field(default_factory=dict[str, Clip])
    first_good_at: float | None = None
    saved: dict[str, Clip] = field(default_factory=dict[str, Clip])
    """The tracks that are in the database; the audio of one may be gone by now."""
    seen: Progress = Progress.ACCEPTED

    @property
    def done(self) -> AbstractSet[str]:
        """The tracks of which nothing more is expected."""
        return self.good.keys() | self.saved.keys()

    def all(self) -> list[Clip]:
        """Tell all the tracks that there are once these are saved, A first: as they were saved, with the files that are there now."""
        found = {**self.good, **{clip_id: _with_file_of(clip, self.good.get(clip_id)) for clip_id, clip in self.saved.items()}}
        return sorted(found.values(), key=lambda clip: (len(clip.variant), clip.variant))


class Finishing:
    """Advances generating jobs by what the provider reports of them."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        archive: Archive,
        clock: Clock,
        deadline: float,
        on_change: Callable[[Job, Sequence[Clip] | None], None],
    ) -> None:
        """`deadline` is in seconds from the submit; `on_change` hears of every job that was saved, and of all its tracks if known."""
        self._jobs = jobs
        self._clips = clips
        self._archive = archive
        self._clock = clock
        self._deadline = deadline
        self._on_change = on_change
        self._progress: dict[str, _Progress] = {}

    def deadline_of(self, job: Job) -> float:
        """Tell when (epoch seconds) a job counts as stalled."""
        return (job.submitted_at or job.created_at) + self._deadline

    def settles_at(self, job: Job) -> float:
        """Tell from when (epoch seconds) a query settles something whatever it finds: a good clip waits no longer, or the job stalls."""
        progress = self._progress.get(job.id)
        if job.state is not JobState.GENERATING or progress is None or progress.first_good_at is None:
            return self.deadline_of(job)
        return min(self.deadline_of(job), alone_from(progress.first_good_at))

    def progress_of(self, job: Job) -> Progress:
        """Tell how far the provider is with a job, as far as this process has seen; it never goes back."""
        progress = self._progress.get(job.id)
        if progress is None:
            return Progress.ACCEPTED
        return Progress.ONE_DONE if progress.good else progress.seen

    async def take(self, job: Job, report: TaskReport) -> Job:
        """Act on a report; return the job as it is now."""
        progress = self._progress.setdefault(job.id, _Progress())
        progress.seen = max(progress.seen, progress_in(report))
        if not progress.saved and job.state in (JobState.READY, JobState.DELIVERED):
            progress.saved = await self._saved(report.task_id)
        await self._fetch(job, report, progress)
        verdict = judge(report, progress.done, progress.first_good_at, now=self._clock.now(), deadline=self.deadline_of(job))
        changed = await self._settle(job, report, progress, verdict.outcome, complete=verdict.complete)
        if changed.watch_until is None:
            self._progress.pop(job.id, None)
        return changed

    async def no_answer(self, job: Job, error: ProviderError) -> Job:
        """Act on a query that brought no report."""
        if isinstance(error, TaskUnknown) and job.kind is JobKind.TRACK and job.state is JobState.GENERATING:
            return await self._change(job, lambda now_job: self._failed(now_job, Failure.TASK_UNKNOWN, error.words))
        grace = 0.0 if isinstance(error, TaskUnknown) else NO_ANSWER_GRACE
        if self._clock.now() < self.deadline_of(job) + grace:
            return job
        return await self._change(job, self._overdue)

    async def from_library(self, job: Job) -> Job | None:
        """Finish a job whose task is in the library already, without asking anyone; None if it is not."""
        task_id = job.task_id
        known = await surely(lambda: self._clips.of_task(task_id)) if task_id else []
        if not known:
            return None
        return await self._change(job, lambda now_job: self._ready(now_job, watch_until=None), known=known)

    async def _fetch(self, job: Job, report: TaskReport, progress: _Progress) -> None:
        places = fetchable(report, progress.good.keys())
        found = await asyncio.gather(*(self._archived(job, report, place) for place in places))
        for clip in found:
            if clip is not None:
                progress.good[clip.clip_id] = clip
                if progress.first_good_at is None:
                    progress.first_good_at = self._clock.now()

    async def _archived(self, job: Job, report: TaskReport, place: int) -> Clip | None:
        reported = report.clips[place]
        try:
            audio = await self._archive.audio(reported)
        except AudioError as error:
            log.info("job %s: clip %s is not ready to be kept: %s", job.id, variant_name(place), error)
            return None
        return Clip(
            clip_id=reported.clip_id,
            task_id=report.task_id,
            variant=variant_name(place),
            title=_title(job, reported),
            tags=job.tags,
            model=job.model,
            seconds=audio.seconds,
            audio_name=audio.name,
            audio_size=audio.size,
            audio_url=reported.audio_url or "",
            image_name=await self._archive.cover(reported),
            image_url=reported.image_url,
            parent_id=job.source_id,
            continued_at=job.continue_at,
            user_id=job.origin.user_id,
            guild_id=job.origin.guild_id,
            created_at=self._clock.now(),
        )

    async def _settle(self, job: Job, report: TaskReport, progress: _Progress, outcome: Outcome, *, complete: bool) -> Job:
        if job.state in (JobState.READY, JobState.DELIVERED):
            return await self._add_sibling(job, progress, complete=complete)
        if outcome is Outcome.READY:
            until = None if complete else _late_until(job)
            clips = list(progress.good.values())
            # Of a task made elsewhere, others may have been first to save them.
            known = None if job.kind is JobKind.TRACK else progress.all()
            changed = await self._change(job, lambda now_job: self._ready(now_job, watch_until=until), clips=clips, known=known)
            progress.saved.update(progress.good)
            return changed
        if outcome is Outcome.FAILED:
            return await self._change(job, lambda now_job: self._failed(now_job, Failure.GENERATION, report.words))
        if outcome is Outcome.STALLED:
            return await self._change(job, self._overdue)
        return job

    async def _add_sibling(self, job: Job, progress: _Progress, *, complete: bool) -> Job:
        late = [clip for clip in progress.good.values() if clip.clip_id not in progress.saved]
        over = complete or (job.watch_until is not None and self._clock.now() >= job.watch_until)
        if not late and not over:
            return job
        until = None if over else job.watch_until
        if job.kind is JobKind.TRACK:
            progress.saved = await self._saved(job.task_id or "")
        known = progress.all()
        changed = await self._change(job, lambda now_job: amend(now_job, watch_until=until), clips=late, known=known)
        progress.saved.update((clip.clip_id, clip) for clip in late)
        return changed

    async def _saved(self, task_id: str) -> dict[str, Clip]:
        return {clip.clip_id: clip for clip in await surely(lambda: self._clips.of_task(task_id))}

    def _ready(self, job: Job, *, watch_until: float | None) -> Job | None:
        if job.state not in (JobState.GENERATING, JobState.STALLED):
            return None
        # What could not be said of a stalled job is no verdict on its track.
        return transition(job, JobState.READY, self._clock.now(), watch_until=watch_until, undeliverable=False)

    def _failed(self, job: Job, failure: Failure, words: str) -> Job | None:
        if job.state not in (JobState.GENERATING, JobState.STALLED):
            return None
        return transition(job, JobState.FAILED, self._clock.now(), failure=failure, provider_words=words, watch_until=None)

    def _overdue(self, job: Job) -> Job | None:
        """Give up on time: a job stalls, one that stalled a day ago or lacks only a sibling is let go."""
        now = self._clock.now()
        if job.state is JobState.GENERATING:
            until = _late_until(job)
            return transition(job, JobState.STALLED, now, watch_until=until if until > now else None)
        if job.watch_until is not None and now >= job.watch_until:
            return amend(job, watch_until=None)
        return None

    async def _change(
        self, job: Job, step: Callable[[Job], Job | None], *, clips: Sequence[Clip] = (), known: Sequence[Clip] | None = None
    ) -> Job:
        """Save a step, and with it these clips; `known` are all that the job has then."""
        changed = await change_surely(self._jobs, job, step, clips=clips)
        if changed is None:
            return await surely(lambda: self._jobs.get(job.id)) or job
        self._on_change(changed, known)
        return changed


def _with_file_of(saved: Clip, good: Clip | None) -> Clip:
    return saved if good is None else replace(saved, audio_name=good.audio_name, audio_size=good.audio_size)


def _late_until(job: Job) -> float:
    return (job.submitted_at or job.created_at) + LATE_WATCH


def _title(job: Job, reported: ClipReport) -> str:
    return job.title or reported.title or "Untitled"
