"""What people do with finished tracks in front of others: share them, vote for them, see which are liked best."""

import contextlib
from collections.abc import Awaitable, Callable

from bot.domain.actors import NOBODY, Actor
from bot.domain.clips import Clip
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job, amend
from bot.domain.posts import Post, PostKind, TopTrack, Vote
from bot.domain.sharing import MAX_NOTE, Period, Place, since
from bot.domain.viewing import Seen, Viewer
from bot.errors import (
    AudioAway,
    AudioGone,
    NotFound,
    NotFromHere,
    NotPublicYet,
    OnlyInServers,
    OwnTrack,
    Removed,
    UnknownTrack,
)
from bot.services.accepting import new_job_id
from bot.services.changing import change
from bot.services.forbidden_words import ForbiddenWords
from bot.services.ports.outside import Clock
from bot.services.ports.sound import AudioBack
from bot.services.ports.stores import Clips, Jobs, Posts, Visibility, Votes
from bot.services.posting import Posting

LISTED = 10
"""Tracks of /top."""


class Sharing:
    """Fulfils `services.ports.people.Sharing`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        clips: Clips,
        posts: Posts,
        votes: Votes,
        visibility: Visibility,
        posting: Posting,
        audio: AudioBack,
        forbidden: ForbiddenWords,
        settings_of: Callable[[int], Awaitable[GuildSettings]],
        on_change: Callable[[Job], None],
        on_vote: Callable[[Vote], None],
        clock: Clock,
        new_id: Callable[[], str] = new_job_id,
    ) -> None:
        """`on_change` hears of jobs that are made public, `on_vote` of each vote that is cast or taken back."""
        self._jobs = jobs
        self._clips = clips
        self._posts = posts
        self._votes = votes
        self._visibility = visibility
        self._posting = posting
        self._audio = audio
        self._forbidden = forbidden
        self._settings_of = settings_of
        self._on_change = on_change
        self._on_vote = on_vote
        self._clock = clock
        self._new_id = new_id

    async def check(self, clip_id: str, actor: Actor, *, publish: bool = False) -> Clip:
        """Let a track be shared where the actor is; `publish`: they know that everybody will see it.

        Raises OnlyInServers, UnknownTrack, Removed, NotFromHere, NotPublicYet, StoreUnavailable.
        """
        guild_id = _server_of(actor)
        clip = await self._clips.get(clip_id)
        seen = await self._seen(clip_id, Viewer(actor.user_id, guild_id))
        if clip is None or seen is None or seen is Seen.PRIVATE:
            raise UnknownTrack(f"{actor.user_id} knows no track {clip_id}")
        if seen is Seen.REMOVED:
            raise Removed
        if await self._seen(clip_id, Viewer(NOBODY, guild_id)) is not Seen.SHOWN:
            if not await self._private_jobs(clip, actor):
                raise NotFromHere(clip.task_id)
            if not publish:
                raise NotPublicYet
        return clip

    async def share(self, clip_id: str, actor: Actor, place: Place, note: str, *, publish: bool = False) -> Post:
        """Post a track, with its audio where that is to be had. Raises what `check` does, CannotShare, ForbiddenWord, CannotStore."""
        clip = await self.check(clip_id, actor, publish=publish)
        place.check()
        said = " ".join(note.split())[:MAX_NOTE]
        await self._forbidden.check(actor.guild_id, {"note": said})
        with contextlib.suppress(AudioGone, AudioAway):
            await self._audio.audio(clip)
        for job in await self._private_jobs(clip, actor) if publish else ():
            await self._make_public(job)
        post = self._post(PostKind.SHARE, clip, guild_id=_server_of(actor), channel_id=place.channel_id, user_id=actor.user_id, note=said)
        await self._posting.add(post)
        return post

    async def vote(self, post_id: str, actor: Actor) -> Vote:
        """Let the actor's vote count, or take it back. Raises NotFound, Removed, OwnTrack, StoreUnavailable."""
        post = await self._posts.get(post_id)
        clip = None if post is None else await self._clips.get(post.clip_id)
        if post is None or clip is None or post.guild_id is None or post.guild_id != actor.guild_id:
            raise NotFound(f"there is no post {post_id} here")
        if clip.user_id == actor.user_id:
            raise OwnTrack
        settings = await self._settings_of(post.guild_id)
        showcase = self._showcase(post, clip, settings)
        cast = await self._votes.toggle(post, actor.user_id, at=self._clock.now(), showcase=showcase, needed=settings.showcase_votes)
        if cast is None:
            raise Removed
        vote, changed = cast
        self._posting.wake(*changed)
        self._on_vote(vote)
        return vote

    async def top(self, actor: Actor, period: Period) -> list[TopTrack]:
        """Tell which tracks have the most votes of the period. Raises OnlyInServers, StoreUnavailable."""
        viewer = Viewer(actor.user_id, _server_of(actor))
        return await self._votes.top(viewer, since=since(period, self._clock.now()), limit=LISTED)

    async def _seen(self, clip_id: str, viewer: Viewer) -> Seen | None:
        return (await self._visibility.seen([clip_id], viewer)).get(clip_id)

    async def _private_jobs(self, clip: Clip, actor: Actor) -> list[Job]:
        """Find the requests of the actor's own that keep a track private in this server."""
        of_task = await self._jobs.of_task(clip.task_id)
        mine = [job for job in of_task if job.origin.user_id == actor.user_id and job.origin.guild_id == actor.guild_id]
        return [job for job in mine if job.private and not job.removed]

    async def _make_public(self, job: Job) -> None:
        changed = await change(self._jobs, job, lambda current: amend(current, private=False) if current.private else None)
        if changed is not None:
            self._on_change(changed)

    def _showcase(self, post: Post, clip: Clip, settings: GuildSettings) -> Post | None:
        if settings.showcase_channel is None:
            return None
        guild_id, channel_id = settings.guild_id, settings.showcase_channel
        return self._post(PostKind.SHOWCASE, clip, guild_id=guild_id, channel_id=channel_id, user_id=post.user_id)

    def _post(self, kind: PostKind, clip: Clip, *, guild_id: int, channel_id: int, user_id: int, note: str = "") -> Post:
        return Post(
            id=self._new_id(),
            kind=kind,
            guild_id=guild_id,
            channel_id=channel_id,
            user_id=user_id,
            clip_id=clip.clip_id,
            task_id=clip.task_id,
            note=note,
            created_at=self._clock.now(),
        )


def _server_of(actor: Actor) -> int:
    if actor.guild_id is None:
        raise OnlyInServers
    return actor.guild_id
