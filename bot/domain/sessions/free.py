"""The mode *Open*: anybody continues any track of the session's family, and a vote at the end finds the best."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.sessions.clock import begin
from bot.domain.sessions.model import MOST_TAKES, Ending, Idea, Outcome, Phase, Round, Session, Take
from bot.domain.sessions.plans import SHORTEST_VOTE
from bot.domain.sessions.rounds import amend, ask, awaited, check_there, finish, noted, the_round
from bot.errors import CannotTakePart, SessionRefused

FINALE_SECONDS = 3 * SHORTEST_VOTE
"""Seconds for the last vote: there is a lot to listen to."""


def request(session: Session, user_id: int, clip_id: str, now: float, *, tags: str, title: str, start: float) -> Session:
    """Continue a track of the family, one at a time. Raises CannotTakePart."""
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase is not Phase.OPEN:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    check_there(session, user_id)
    source = session.known(clip_id)
    if source is None:
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    if any(extension.user_id == user_id for extension in session.running):
        raise CannotTakePart(SessionRefused.ONE_AT_A_TIME)
    return ask(session, Idea(number=0, user_id=user_id, tags=tags, title=title, start=start), source, now, alone=False)


def made(session: Session, job_id: str, takes: Sequence[Take], now: float) -> Session:
    """Show what somebody's extension has brought, once, in a message of its own; without `takes`, it was taken down before."""
    extension = awaited(session, job_id)
    if extension is None:
        return session
    session = noted(session, job_id, done=True)
    if session.current is None:
        return session
    if not takes:
        return settled(session, now)
    seq = session.last_seq + 1
    shown = Round(
        number=1 + len(session.past),
        seq=seq,
        first_seq=seq,
        source=extension.source,
        takes=tuple(takes),
        job_id=job_id,
        by=extension.user_id,
        outcome=Outcome.MADE,
    )
    return settled(replace(session, past=(*session.past, shown), last_seq=seq), now)


def settled(session: Session, now: float) -> Session:
    """Vote as soon as nothing more can come: the doors are closed, or the budget is used up, and nothing is being made."""
    closed = session.phase is Phase.EXTENDING or (session.phase is Phase.OPEN and session.budget_left <= 0)
    if not closed or session.running:
        return session
    takes = tuple(take for each in session.past for take in each.takes)[-MOST_TAKES:]
    if not takes:
        return finish(session, Ending.BUDGET if session.phase is Phase.OPEN else Ending.ROUNDS, now)
    session = amend(session, replace(the_round(session), takes=takes))
    return begin(session, Phase.FINALE, now, FINALE_SECONDS)


def doors_closed(session: Session, now: float) -> Session:
    """Take no more requests, and wait for what is being made."""
    return settled(begin(session, Phase.EXTENDING, now), now)
