"""Jobs, clips, posts and sessions for the store's tests; each is told only what the test is about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.clips import Clip
from bot.domain.jobs import NEVER_OWED, Job, JobKind, JobState, Origin, made_up_interaction
from bot.domain.posts import Post, PostKind
from bot.domain.sessions.model import Session
from bot.domain.sessions.plans import Plan, Take

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


def make_session_job(number: int, session_id: str = "session001", **given: Any) -> Job:  # noqa: ANN401 - any field of a job
    job_id = f"{session_id}x{number}"
    origin = {"interaction_id": made_up_interaction(job_id), "reply_token": None, "token_expires_at": 0.0}
    usual = make_job(number, origin=origin, **given)
    return replace(usual, id=job_id, revision=1, announced=NEVER_OWED, acknowledged=True, session_id=session_id)


def make_take(clip_id: str = "clip-a", **given: Any) -> Take:  # noqa: ANN401 - any field of a take
    return replace(Take(clip_id=clip_id, variant="A", title="Night Train", seconds=192.5, user_id=USER), **given)


def make_session(number: int = 1, **given: Any) -> Session:  # noqa: ANN401 - any field of a session
    session = Session(
        id=f"session{number:03}",
        guild_id=GUILD,
        channel_id=USER + 2,
        place_id=USER + 10_000 + number,
        host_id=USER,
        plan=Plan(name="Friday"),
        root=make_take(),
        head=make_take(),
        people=(USER,),
        revision=1,
        created_at=float(number),
    )
    return replace(session, **given)
