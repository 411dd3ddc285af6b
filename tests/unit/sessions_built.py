"""Sessions in every state, for what shows and steers them; each is told only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.clips import Clip
from bot.domain.posts import Post, PostKind, RoundShown
from bot.domain.sessions.model import MOST_IDEAS, Extension, Idea, Phase, Player, Round, Session
from bot.domain.sessions.plans import Mode, Plan, Take
from bot.domain.sessions.posts import round_post
from tests.contract.builders import GUILD, USER, make_clip

HOST = USER + 10
THREAD = GUILD + 50
DUE = 1_798_761_600.0
SESSION_ID = "abcdefghjk"


def make_take(clip_id: str = "clip-root", variant: str = "A", *, title: str = "Night Train", **given: Any) -> Take:  # noqa: ANN401 - any field
    return replace(Take(clip_id=clip_id, variant=variant, title=title, seconds=120.0, user_id=USER), **given)


def make_plan(**given: Any) -> Plan:  # noqa: ANN401 - any field of a plan
    return replace(Plan(name="Friday jam"), **given)


def make_idea(number: int = 1, **given: Any) -> Idea:  # noqa: ANN401 - any field of an idea
    return replace(Idea(number=number, user_id=USER + number, tags="dreamy piano", title="Night Train", start=80.0), **given)


def make_round(**given: Any) -> Round:  # noqa: ANN401 - any field of a round
    seq = given.get("seq", 3)
    return replace(Round(number=2, seq=seq, first_seq=seq, source=make_take()), **given)


def make_session(phase: Phase = Phase.IDEAS, mode: Mode = Mode.IDEAS, **given: Any) -> Session:  # noqa: ANN401 - any field of a session
    session = Session(
        id=SESSION_ID,
        guild_id=GUILD,
        channel_id=GUILD + 5,
        place_id=THREAD,
        host_id=HOST,
        plan=make_plan(mode=mode),
        root=make_take(),
        head=make_take(),
        phase=phase,
        current=make_round(),
        last_seq=3,
        due=DUE,
        created_at=DUE - 3000.0,
    )
    return replace(session, **given)


def full_session(text: str = "dreamy piano", phase: Phase = Phase.IDEAS, mode: Mode = Mode.IDEAS, **given: Any) -> Session:  # noqa: ANN401 - as above
    """Make a session with as much in it as there can be, all of it named so."""
    source = make_take(title=text)
    takes = tuple(make_take(f"clip-{number:04}", "AB"[number % 2], title=text) for number in range(25 if phase is Phase.FINALE else 2))
    ideas = tuple(make_idea(number, tags=(text * 200)[:200], title=(text * 80)[:80]) for number in range(1, MOST_IDEAS + 1))
    current = make_round(source=source, ideas=ideas, takes=takes, up=USER, by=USER, chosen=3, job_id="job-1", idea_votes={"3": 17})
    line = tuple(Player(user_id=USER + number) for number in range(8))
    extension = Extension(job_id="job-1", user_id=USER, number=2, source=source, start=80.0, tags=text, title=text, done=True)
    session = make_session(phase, mode, current=current, line=line, extensions=(extension,), people=tuple(range(USER, USER + 30)))
    plan = replace(session.plan, name=(text * 60)[:60], theme=(text * 200)[:200])
    return replace(session, plan=plan, root=source, head=source, **given)


def clip_of(take: Take, **given: Any) -> Clip:  # noqa: ANN401 - any field of a clip
    usual = {"variant": take.variant, "title": take.title, "seconds": take.seconds, "audio_size": 3_000_000, "image_name": None}
    return make_clip(take.clip_id, **{**usual, **given})


def shown_of(session: Session, current: Round | None = None, **given: Any) -> RoundShown:  # noqa: ANN401 - any field of what is shown
    """Show a round of a session, the current one if no other is given."""
    it = current or session.current
    assert it is not None
    shown = RoundShown(session=session, round=it, source=clip_of(it.source), takes=tuple(map(clip_of, it.takes)))
    return replace(shown, **given)


def post_of(session: Session, seq: int = 3, **given: Any) -> Post:  # noqa: ANN401 - any field of a post
    post = Post(
        id=round_post(session, seq),
        kind=PostKind.ROUND,
        guild_id=GUILD,
        channel_id=THREAD,
        user_id=0,
        clip_id="",
        task_id="",
        created_at=100.0,
    )
    return replace(post, **given)
