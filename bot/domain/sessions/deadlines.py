"""What comes at the end of a step, and of an extension: each mode has its own way on."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.sessions import free, ideas, relay, rounds
from bot.domain.sessions.model import Phase, Session, Take, Trouble
from bot.domain.sessions.plans import Mode


def rung(session: Session, now: float) -> Session:
    """Go on at a deadline; nothing where it has not come, or rang before."""
    if session.due is None or now < session.due:
        return session
    return over(session, now)


def over(session: Session, now: float) -> Session:
    """End the step that has a deadline, now; a vote is to be counted first."""
    session = replace(session, due=None, left=None)
    if session.vote_name is not None:
        return replace(session, counting=True)
    match session.phase:
        case Phase.IDEAS:
            return ideas.collected(session, now)
        case Phase.TURN:
            return relay.passed(session, now)
        case Phase.TAKES:
            return rounds.pick(session, rounds.the_round(session).takes[0].clip_id, now)
        case Phase.OPEN:
            return free.doors_closed(session, now)
        case _:
            return session


def brought(session: Session, job_id: str, takes: Sequence[Take], now: float) -> Session:
    """Take in what an extension has brought."""
    if session.plan.mode is Mode.OPEN:
        return free.made(session, job_id, takes, now)
    return rounds.brought(session, job_id, takes, now)


def failed(session: Session, job_id: str, trouble: Trouble, now: float) -> Session:
    """Note that an extension brought nothing."""
    if session.plan.mode is Mode.OPEN:
        noted = rounds.noted(session, job_id, trouble=trouble)
        return free.settled(noted, now) if noted.live and noted.current is not None else noted
    return rounds.failed(session, job_id, trouble, now)
