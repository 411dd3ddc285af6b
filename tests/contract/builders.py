"""Jobs, clips and posts for the store's tests; each is told only what the test is about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind, JobState, Origin
from bot.domain.posts import Post, PostKind

USER = 4_611_686_018_427_387_904
"""As large as a snowflake gets in this century."""
GUILD = USER + 1
TOKEN = "aW50ZXJhY3Rpb246c2VjcmV0"


def make_job(
    number: int = 1,
    *,
    user_id: int = USER,
    guild_id: int | None = GUILD,
    origin: Mapping[str, Any] | None = None,
    **given: Any,  # noqa: ANN401 - any field of a job
) -> Job:
    usual = Origin(
        interaction_id=USER + 1000 + number,
        user_id=user_id,
        guild_id=guild_id,
        channel_id=USER + 2,
        can_post=True,
        upload_limit=10 * 1024 * 1024,
        reply_token=TOKEN,
        token_expires_at=900.0 + number,
    )
    job = Job(
        id=f"job{number}",
        kind=JobKind.EXTEND,
        state=JobState.QUEUED,
        origin=replace(usual, **(origin or {})),
        created_at=float(number),
        state_since=float(number),
        tags="wave, synthwave",
    )
    return replace(job, **given)


def make_clip(clip_id: str = "clip-a", **given: Any) -> Clip:  # noqa: ANN401 - any field of a clip
    clip = Clip(
        clip_id=clip_id,
        task_id="task-1",
        variant="A",
        title="Night Train",
        tags="wave, synthwave",
        model="v3.5",
        seconds=192.5,
        audio_name=f"{clip_id}.mp3",
        audio_size=4_000_000_000,
        audio_url=f"https://cdn.example/{clip_id}.mp3",
        image_name=f"{clip_id}.png",
        image_url=f"https://cdn.example/{clip_id}.png",
        parent_id="parent",
        continued_at=100.0,
        user_id=USER,
        guild_id=GUILD,
        created_at=50.0,
    )
    return replace(clip, **given)


def make_post(post_id: str = "post1", **given: Any) -> Post:  # noqa: ANN401 - any field of a post
    post = Post(
        id=post_id,
        kind=PostKind.SHARE,
        guild_id=GUILD,
        channel_id=GUILD + 5,
        user_id=USER,
        clip_id="clip-a",
        task_id="task-clip-a",
        note="Listen! 🎶",
        created_at=100.0,
    )
    return replace(post, **given)
