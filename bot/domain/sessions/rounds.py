"""What all modes have in common: rounds follow each other, an extension is asked for, and something comes of it or nothing."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.requests import last_start
from bot.domain.sessions.clock import begin
from bot.domain.sessions.model import Ending, Extension, Idea, Outcome, Phase, Player, Round, Session, Take, Trouble
from bot.domain.sessions.plans import TAKES_SECONDS, Mode
from bot.errors import CannotTakePart, SessionRefused


def opened(session: Session, place_id: int, now: float) -> Session:
    """Begin, or go on, in a thread that was opened."""
    session = replace(session, place_id=place_id)
    return next_round(session, now) if session.phase is Phase.OPENING else shown_anew(session)


def next_round(session: Session, now: float, *, number: int | None = None) -> Session:
    """Begin the next round, or the same `number` anew; where none is left to play, or to pay, the session ends."""
    number = number or 1 + sum(each.outcome in (Outcome.CHOSEN, Outcome.SKIPPED) for each in session.past)
    if number > session.plan.rounds:
        return finish(session, Ending.ROUNDS, now)
    if session.budget_left <= 0:
        return finish(session, Ending.BUDGET, now)
    seq = session.last_seq + 1
    session = replace(session, current=Round(number=number, seq=seq, first_seq=seq, source=session.head), last_seq=seq)
    match session.plan.mode:
        case Mode.IDEAS:
            return begin(session, Phase.IDEAS, now, session.plan.round_seconds)
        case Mode.RELAY:
            return turn(session, now)
        case Mode.OPEN:
            return begin(session, Phase.OPEN, now, session.plan.open_seconds)


def turn(session: Session, now: float) -> Session:
    """Give the turn to whoever stands first in line, or wait for somebody."""
    current = the_round(session)
    if not session.line:
        return begin(replace(session, current=replace(current, up=None)), Phase.WAITING, now)
    return begin(replace(session, current=replace(current, up=session.line[0].user_id)), Phase.TURN, now, session.plan.round_seconds)


def shown_anew(session: Session, gone: int | None = None) -> Session:
    """Give the round another message: the one that it had is gone; nothing where it has another one than `gone` by now."""
    if session.current is None or session.current.seq != (gone or session.current.seq):
        return session
    seq = session.last_seq + 1
    return replace(session, current=replace(session.current, seq=seq), last_seq=seq)


def unplaced(session: Session) -> Session:
    """Have a thread opened in place of one that is gone."""
    return replace(session, place_id=None, openings=session.openings + 1)


def the_round(session: Session) -> Round:
    """Return the round that is being played. Raises CannotTakePart where there is none."""
    if session.current is None:
        raise CannotTakePart(SessionRefused.OVER)
    return session.current


def check_there(session: Session, user_id: int) -> None:
    """Take nothing from somebody who was removed, however late that was. Raises CannotTakePart."""
    if user_id in session.removed:
        raise CannotTakePart(SessionRefused.REMOVED)


def amend(session: Session, current: Round) -> Session:
    """Return the session with its round changed."""
    return replace(session, current=current)


def close(session: Session, outcome: Outcome) -> Session:
    """Close the round."""
    if session.current is None:
        return session
    return replace(session, current=None, past=(*session.past, replace(session.current, outcome=outcome)))


def finish(session: Session, why: Ending, now: float) -> Session:
    """End the session, once; what is still being made reaches the library by itself."""
    if not session.live:
        return session
    ended = close(session, Outcome.ENDED)
    return begin(replace(ended, ending=why, paused=None, held=False, offered_to=None, ended_at=now), Phase.ENDING, now)


def ended(session: Session) -> Session:
    """Note that the recap is on its way: nothing moves the session any more."""
    return replace(session, phase=Phase.ENDED) if session.phase is Phase.ENDING else session


# An extension.


def ask(session: Session, idea: Idea, source: Take, now: float, *, alone: bool = True) -> Session:
    """Ask for an extension of `source`, within the budget; the one of the round, `alone`, stops the clock. Raises CannotTakePart."""
    if session.budget_left <= 0:
        raise CannotTakePart(SessionRefused.BUDGET_USED)
    current = the_round(session)
    # What was written for a track that is gone since may start behind the end of this one.
    idea = fitted(idea, source)
    extension = Extension(
        job_id=f"{session.id}x{len(session.extensions) + 1}",
        user_id=idea.user_id,
        number=current.number,
        source=source,
        start=idea.start,
        tags=idea.tags,
        title=idea.title,
    )
    session = replace(session, extensions=(*session.extensions, extension)).with_person(idea.user_id)
    if not alone:
        return session
    current = replace(current, job_id=extension.job_id, by=idea.user_id, trouble=None, takes=(), picked=None)
    return begin(amend(session, current), Phase.EXTENDING, now)


def noted(session: Session, job_id: str, *, done: bool = False, trouble: Trouble | None = None) -> Session:
    """Note what came of an extension: what is done stays so, a trouble may still turn into another, or into something done.

    What was given back stays given back: it was certainly not accepted, and the budget may have been used for another since.
    """

    def note(extension: Extension) -> Extension:
        if extension.job_id != job_id or extension.settled:
            return extension
        return replace(extension, done=done, trouble=None if done else trouble)

    return replace(session, extensions=tuple(note(extension) for extension in session.extensions))


def brought(session: Session, job_id: str, takes: Sequence[Take], now: float) -> Session:
    """Take in what an extension has brought, late or not, once; what the round no longer waits for is in the library.

    Without `takes`, all that it brought was taken down before.
    """
    if awaited(session, job_id) is None:
        return session
    session = noted(session, job_id, done=True)
    current = session.current
    if current is None or current.job_id != job_id or session.phase not in (Phase.EXTENDING, Phase.STUCK):
        return session
    if not takes:
        return stuck(session, Trouble.TAKEN_DOWN, now)
    session = amend(session, replace(current, takes=tuple(takes), trouble=None))
    return pick(session, takes[0].clip_id, now) if len(takes) == 1 else begin(session, Phase.TAKES, now, TAKES_SECONDS)


def failed(session: Session, job_id: str, trouble: Trouble, now: float) -> Session:
    """Note that an extension brought nothing: the host says how the round goes on."""
    if awaited(session, job_id) is None:
        return session
    session = noted(session, job_id, trouble=trouble)
    current = session.current
    if current is None or current.job_id != job_id or session.phase not in (Phase.EXTENDING, Phase.STUCK):
        return session
    return stuck(session, trouble, now)


def awaited(session: Session, job_id: str) -> Extension | None:
    """Find an extension of which something can still come."""
    extension = session.extension(job_id)
    return None if extension is None or extension.settled else extension


def stuck(session: Session, trouble: Trouble, now: float) -> Session:
    """Wait for the host, because of a trouble; the idea is not the next best one any more."""
    current = the_round(session)
    tried = current.tried
    if current.chosen is not None and current.chosen not in tried:
        tried = (*tried, current.chosen)
    return begin(amend(session, replace(current, trouble=trouble, tried=tried)), Phase.STUCK, now)


def pick(session: Session, clip_id: str, now: float) -> Session:
    """Go on with one of the tracks that the round has brought."""
    current = the_round(session)
    take = current.take(clip_id)
    if take is None:
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    session = close(amend(session, replace(current, picked=clip_id)), Outcome.CHOSEN)
    return next_round(replace(session, head=take, line=after_turn(session, current.up)), now)


def after_turn(session: Session, up: int | None) -> tuple[Player, ...]:
    """Let whoever has played stand at the end of the line."""
    stood = [player for player in session.line if player.user_id == up]
    return (*(player for player in session.line if player.user_id != up), *(replace(player, passes=0) for player in stood))


# A track that is gone.


def lost(session: Session, clip_ids: frozenset[str], now: float) -> Session:
    """Go back to the last track that is still there, of what was taken down; without any, the session ends."""
    if not session.live:
        return session
    if session.root.clip_id in clip_ids:
        return finish(session, Ending.SOURCE, now)
    session = _without_takes(session, clip_ids, now)
    if session.head.clip_id not in clip_ids or not session.live:
        return session
    return with_source(session, last_there(session))


def last_there(session: Session) -> Take:
    """Find the last track that was chosen and is still there."""
    chosen = [each.take(each.picked) for each in session.past if each.outcome is Outcome.CHOSEN]
    return next((take for take in reversed(chosen) if take is not None), session.root)


def _without_takes(session: Session, clip_ids: frozenset[str], now: float) -> Session:
    """Take tracks out of every choice; a round that had no other is stuck, and a last vote on nothing is none."""

    def left(each: Round) -> Round:
        return replace(each, takes=tuple(take for take in each.takes if take.clip_id not in clip_ids))

    session = replace(session, past=tuple(map(left, session.past)))
    if session.current is None:
        return session
    session = amend(session, left(session.current))
    if the_round(session).takes:
        return session
    if session.phase is Phase.FINALE:
        return finish(session, Ending.ROUNDS, now)
    if session.phase is Phase.TAKES:
        return stuck(session, Trouble.TAKEN_DOWN, now)
    return session


def with_source(session: Session, source: Take) -> Session:
    """Let the round continue another track, with start points that lie within it."""
    session = replace(session, head=source)
    if session.current is None:
        return session
    ideas = tuple(fitted(idea, source) for idea in session.current.ideas)
    return amend(session, replace(session.current, source=source, ideas=ideas))


def fitted(idea: Idea, source: Take) -> Idea:
    """Let an idea start within its source: a start point that does not lie before the end becomes the last one that does."""
    return idea if idea.start < source.seconds else replace(idea, start=float(last_start(source.seconds)), moved=True)
