"""The mode *Relay*: people stand in line, and whoever is up continues the track."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.sessions.model import MOST_IN_LINE, Idea, Outcome, Phase, Player, Session
from bot.domain.sessions.plans import TAKES_SECONDS, Mode
from bot.domain.sessions.rounds import ask, check_there, close, next_round, pick, the_round, turn
from bot.errors import CannotTakePart, SessionRefused

MOST_PASSES = 2
"""Turns in a row that somebody may let pass before they are out of the line."""
ABOUT_A_TRACK = 90.0
"""Seconds that an extension takes, about: what somebody in line is told their turn by."""


def join(session: Session, user_id: int, now: float) -> Session:
    """Stand in line. Raises CannotTakePart."""
    if session.plan.mode is not Mode.RELAY or not session.live:
        raise CannotTakePart(SessionRefused.NO_LINE)
    check_there(session, user_id)
    if any(player.user_id == user_id for player in session.line):
        raise CannotTakePart(SessionRefused.IN_LINE)
    if len(session.line) >= MOST_IN_LINE:
        raise CannotTakePart(SessionRefused.LINE_FULL, MOST_IN_LINE)
    session = replace(session, line=(*session.line, Player(user_id=user_id))).with_person(user_id)
    return turn(session, now) if session.phase is Phase.WAITING else session


def leave(session: Session, user_id: int, now: float) -> Session:
    """Leave the line; whoever is up hands the turn on. Raises CannotTakePart for who is not in it."""
    if all(player.user_id != user_id for player in session.line):
        raise CannotTakePart(SessionRefused.NOT_IN_LINE)
    session = replace(session, line=tuple(player for player in session.line if player.user_id != user_id))
    up = session.current is not None and session.current.up == user_id
    return _again(session, now) if up and session.phase is Phase.TURN else session


def request(session: Session, user_id: int, now: float, *, seq: int, tags: str, title: str, start: float) -> Session:
    """Continue the track, as whoever is up. Raises CannotTakePart."""
    current = the_round(session)
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase is not Phase.TURN or not current.is_shown_by(seq):
        raise CannotTakePart(SessionRefused.STEP_OVER)
    if current.up != user_id:
        raise CannotTakePart(SessionRefused.NOT_UP)
    return ask(session, Idea(number=0, user_id=user_id, tags=tags, title=title, start=start), current.source, now)


def pick_take(session: Session, user_id: int, clip_id: str, now: float, *, seq: int) -> Session:
    """Pick A or B, as whoever was up. Raises CannotTakePart."""
    current = the_round(session)
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase is not Phase.TAKES or not current.is_shown_by(seq) or session.plan.mode is not Mode.RELAY:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    if current.up != user_id:
        raise CannotTakePart(SessionRefused.NOT_UP)
    return pick(session, clip_id, now)


def passed(session: Session, now: float) -> Session:
    """Hand the turn on at its end; whoever lets it pass too often in a row is out of the line."""
    up = the_round(session).up
    stood = [replace(player, passes=player.passes + 1) for player in session.line if player.user_id == up]
    others = (player for player in session.line if player.user_id != up)
    stay = (player for player in stood if player.passes < MOST_PASSES)
    return _again(replace(session, line=(*others, *stay)), now)


def skipped(session: Session, now: float) -> Session:
    """Hand the turn on because the host says so: whoever was up keeps their place in line, behind the others."""
    up = the_round(session).up
    stood = (player for player in session.line if player.user_id == up)
    others = (player for player in session.line if player.user_id != up)
    return _again(replace(session, line=(*others, *stood)), now)


def _again(session: Session, now: float) -> Session:
    """Play the same round with the next one in line."""
    return next_round(close(session, Outcome.PASSED), now, number=the_round(session).number)


def turns_at(session: Session, now: float) -> Mapping[int, float]:
    """Tell when those who wait in line will be up, about (epoch seconds)."""
    step_ends = session.due if session.due is not None else now + (session.left or 0.0)
    played = ABOUT_A_TRACK + TAKES_SECONDS
    first = step_ends if session.current is None or session.phase is Phase.TAKES else step_ends + played
    each = session.plan.round_seconds + played
    waiting = [player.user_id for player in session.line if session.current is None or player.user_id != session.current.up]
    return {user_id: first + place * each for place, user_id in enumerate(waiting)}
