"""Who is in a session: what is somebody's there, and the session without them, for who has their data deleted."""

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.actors import NOBODY
from bot.domain.erasing import UNTITLED
from bot.domain.sessions import deadlines, hosting, relay
from bot.domain.sessions.model import Extension, Idea, Round, Session, Trouble
from bot.domain.sessions.plans import Take
from bot.errors import CannotTakePart


def takes_part(session: Session, user_id: int) -> bool:
    """Tell whether somebody is, or was, in a session."""
    return user_id == session.host_id or user_id in session.people


def ideas_of(session: Session, user_id: int) -> Iterator[tuple[Round, Idea]]:
    """Go through somebody's ideas, in whichever round."""
    return ((each, idea) for each in session.shown for idea in each.ideas if idea.user_id == user_id)


def without_person(session: Session, user_id: int, now: float) -> Session:
    """Leave nothing of somebody in a session: what others go on with is nobody's, and has no words of theirs.

    One that they host is offered to the next, or ends where nobody is left.
    """
    if session.live:
        session = _given_up(session, user_id, now)
    session = replace(
        session,
        root=_take(session.root, user_id),
        head=_take(session.head, user_id),
        current=None if session.current is None else _round(session.current, user_id),
        past=tuple(_round(each, user_id) for each in session.past),
        line=tuple(player for player in session.line if player.user_id != user_id),
        people=tuple(person for person in session.people if person != user_id),
        removed=session.removed - {user_id},
        extensions=tuple(_extension(each, user_id) for each in session.extensions),
    )
    return _hosted_on(session, user_id, now)


def _given_up(session: Session, user_id: int, now: float) -> Session:
    """Hand their turn on, and wait no more for what is being made for them: it would come to nobody, or be made of no words."""
    for extension in session.running:
        if extension.user_id == user_id:
            # It counts as spent until the job says that it is not: the provider may have it.
            session = deadlines.failed(session, extension.job_id, Trouble.FAILED, now)
    in_line = any(player.user_id == user_id for player in session.line)
    return relay.leave(session, user_id, now) if in_line else session


def _hosted_on(session: Session, user_id: int, now: float) -> Session:
    """Let a session do without its host, or without whom it was offered to; `people` are the others by now."""
    if user_id not in (session.host_id, session.offered_to):
        return session
    hosts = user_id == session.host_id
    if hosts:
        session = replace(session, host_id=NOBODY)
    if not session.live:
        return replace(session, offered_to=None)
    if hosts and not session.hosted and session.offered_to != user_id:
        return session
    try:
        return hosting.step_down(session)
    except CannotTakePart:
        session = replace(session, offered_to=None)
        return hosting.end(session, now) if session.host_id == NOBODY else session


def _round(each: Round, user_id: int) -> Round:
    return replace(
        each,
        source=_take(each.source, user_id),
        takes=tuple(_take(take, user_id) for take in each.takes),
        ideas=tuple(idea for idea in each.ideas if idea.user_id != user_id),
        up=_somebody(each.up, user_id),
        by=_somebody(each.by, user_id),
    )


def _extension(each: Extension, user_id: int) -> Extension:
    each = replace(each, source=_take(each.source, user_id))
    return replace(each, user_id=NOBODY, tags="", title="") if each.user_id == user_id else each


def _take(take: Take, user_id: int) -> Take:
    return replace(take, user_id=NOBODY, title=UNTITLED) if take.user_id == user_id else take


def _somebody(person: int | None, user_id: int) -> int | None:
    return NOBODY if person == user_id else person
