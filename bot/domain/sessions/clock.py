"""A session's clock: it runs towards a deadline, and stands still where people cannot use the time."""

from dataclasses import replace

from bot.domain.sessions.model import Pause, Phase, Session
from bot.errors import CannotTakePart, SessionRefused

LONGEST_ABSENCE = 600.0
"""Seconds that the bot may be down before a session waits for its host instead of going on by itself."""
LEAST_LEFT = 10.0
"""Seconds that a clock has at least when it goes on: nobody should find that the time was over just then."""


def begin(session: Session, phase: Phase, now: float, seconds: float | None = None) -> Session:
    """Begin a step; without `seconds` it has no deadline."""
    return go(replace(session, phase=phase, due=None, left=seconds, counting=False), now)


def go(session: Session, now: float) -> Session:
    """Let the clock go on, unless something holds it."""
    if session.left is None or session.paused is not None or session.held:
        return session
    return replace(session, due=now + session.left, left=None)


def halt(session: Session, now: float) -> Session:
    """Let the clock stand still."""
    if session.due is None:
        return session
    return replace(session, due=None, left=max(session.due - now, LEAST_LEFT))


def pause(session: Session, why: Pause, now: float) -> Session:
    """Pause a session until its host resumes it; one that is paused stays so for its first reason, unless its place is gone."""
    if not session.live or (session.paused is not None and why is not Pause.PLACE):
        return session
    return replace(halt(session, now), paused=why)


def resume(session: Session, now: float) -> Session:
    """Go on after a pause. Raises CannotTakePart."""
    if session.paused is None:
        raise CannotTakePart(SessionRefused.NOT_PAUSED)
    return go(replace(session, paused=None), now)


def hold(session: Session, now: float, *, held: bool) -> Session:
    """Let the clock stand still while the lane is paused, and go on afterwards."""
    if session.held == held or not session.live:
        return session
    return replace(halt(session, now), held=True) if held else go(replace(session, held=False), now)


def after_absence(session: Session, last_alive: float, now: float) -> Session:
    """Make up for the time in which the bot was down; after a long one, wait for the host."""
    # A session was started by somebody who was there.
    away = max(now - max(last_alive, session.created_at), 0.0)
    if not session.live or session.phase is Phase.OPENING:
        return session
    if session.due is not None:
        session = replace(session, due=session.due + away)
    return pause(session, Pause.AWAY, now) if away > LONGEST_ABSENCE else session


def more_time(session: Session, seconds: float) -> Session:
    """Put the deadline off. Raises CannotTakePart where there is none."""
    if session.due is not None:
        return replace(session, due=session.due + seconds)
    if session.left is not None:
        return replace(session, left=session.left + seconds)
    raise CannotTakePart(SessionRefused.NO_DEADLINE)
