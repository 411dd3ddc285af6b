"""Sessions to look at: started, in every step, with tracks and people of no importance."""

from contextlib import AbstractContextManager
from typing import TypedDict, Unpack

import pytest

from bot.domain.sessions import deadlines, ideas, relay, rounds
from bot.domain.sessions.model import Phase, Session, Take
from bot.domain.sessions.plans import Mode, Plan
from bot.errors import CannotTakePart, SessionRefused

HOST, ANNA, BEN, CLEO = 1, 11, 12, 13
NOW = 1000.0
ROUND = 180.0


class Planned(TypedDict, total=False):
    """What a test sets of a plan."""

    rounds: int
    budget: int
    role_id: int


def track(clip_id: str, *, seconds: float = 60.0, user_id: int = HOST, variant: str = "A") -> Take:
    return Take(clip_id=clip_id, variant=variant, title=f"Track {clip_id}", seconds=seconds, user_id=user_id)


def planned(mode: Mode = Mode.IDEAS, **plan: Unpack[Planned]) -> Session:
    """Make a session whose thread is not open yet."""
    root = track("root")
    return Session(
        id="s1",
        guild_id=5,
        channel_id=6,
        host_id=HOST,
        plan=Plan(name="Friday", mode=mode, round_seconds=ROUND, **plan),
        root=root,
        head=root,
        created_at=NOW,
    )


def started(mode: Mode = Mode.IDEAS, *line: int, **plan: Unpack[Planned]) -> Session:
    """Make a session in its first round; of a relay, with people in line."""
    session = planned(mode, **plan)
    for user_id in line:
        session = relay.join(session, user_id, NOW)
    return rounds.opened(session, 7, NOW)


def with_ideas(session: Session, *people: int, start: float = 30.0) -> Session:
    """Let people put ideas forward."""
    for user_id in people:
        session = ideas.put_forward(session, user_id, seq=session.last_seq, tags=f"by {user_id}", title="", start=start)
    return session


def rung(session: Session) -> Session:
    """Let the deadline ring."""
    assert session.due is not None
    return deadlines.rung(session, session.due)


def voted(session: Session, tally: dict[str, int] | None = None) -> Session:
    """End a vote, and count it."""
    return ideas.counted(rung(session), tally or {}, NOW)


def extending(*people: int, **plan: Unpack[Planned]) -> Session:
    """Make a session whose first round extends the first person's idea."""
    session = rung(with_ideas(started(**plan), *people))
    return voted(session, {"1": 1}) if session.phase is Phase.VOTE else session


def job_of(session: Session) -> str:
    assert session.current is not None
    assert session.current.job_id is not None
    return session.current.job_id


def pair(job_id: str, *, seconds: float = 90.0, user_id: int = ANNA) -> list[Take]:
    """Make the two tracks of a job."""
    return [track(f"{job_id}-{variant}", seconds=seconds, user_id=user_id, variant=variant) for variant in "AB"]


def brought(session: Session, *, seconds: float = 90.0) -> Session:
    """Let the round's extension bring A and B."""
    job_id = job_of(session)
    return deadlines.brought(session, job_id, pair(job_id, seconds=seconds), NOW)


def played(session: Session, *people: int) -> Session:
    """Play a round of ideas to its end; B is chosen."""
    session = rung(with_ideas(session, *(people or (ANNA,))))
    session = brought(voted(session, {"1": 1}) if session.phase is Phase.VOTE else session)
    return voted(session, {f"{job_of(session)}-B": 1})


def refused(why: SessionRefused) -> AbstractContextManager[pytest.ExceptionInfo[CannotTakePart]]:
    return pytest.raises(CannotTakePart, match=f"^{why}$")
