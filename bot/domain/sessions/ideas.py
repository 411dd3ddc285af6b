"""The mode *Ideas*: everybody puts forward one idea a round, and the one with the most votes is extended."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.sessions.clock import begin, pause
from bot.domain.sessions.model import MOST_IDEAS, Ending, Idea, Pause, Phase, Round, Session
from bot.domain.sessions.plans import Mode
from bot.domain.sessions.rounds import amend, ask, check_there, finish, fitted, pick, the_round
from bot.errors import CannotTakePart, SessionRefused


def put_forward(session: Session, user_id: int, *, seq: int, tags: str, title: str, start: float) -> Session:
    """Put an idea forward in the round of the message `seq`, or change one's own. Raises CannotTakePart."""
    current = the_round(session)
    if session.phase is not Phase.IDEAS or not current.is_shown_by(seq) or session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED if session.paused else SessionRefused.STEP_OVER)
    check_there(session, user_id)
    mine = current.idea_of(user_id)
    if mine is None and len(current.ideas) >= MOST_IDEAS:
        raise CannotTakePart(SessionRefused.IDEAS_FULL, MOST_IDEAS)
    if mine is None:
        number = 1 + max((idea.number for idea in current.ideas), default=0)
        put = Idea(number=number, user_id=user_id, tags=tags, title=title, start=start)
        ideas = (*current.ideas, fitted(put, current.source))
    else:
        changed = fitted(replace(mine, tags=tags, title=title, start=start, moved=False), current.source)
        ideas = tuple(changed if idea is mine else idea for idea in current.ideas)
    return amend(session, replace(current, ideas=ideas)).with_person(user_id)


def collected(session: Session, now: float) -> Session:
    """Go on at the end of the time for ideas: to a vote, with a lone idea to its extension, without any to a pause."""
    current = the_round(session)
    open_to_choice = choices(current)
    if not open_to_choice:
        if current.waited:
            again = begin(amend(session, replace(current, waited=False)), Phase.IDEAS, now, session.plan.round_seconds)
            return pause(again, Pause.NO_IDEAS, now)
        return begin(amend(session, replace(current, waited=True)), Phase.IDEAS, now, session.plan.round_seconds)
    if len(open_to_choice) == 1:
        return choose(session, open_to_choice[0].number, now)
    return begin(session, Phase.VOTE, now, session.plan.vote_seconds)


def choices(current: Round) -> tuple[Idea, ...]:
    """List the ideas that can be chosen: those whose extension has brought nothing cannot, though the host may retry the last one."""
    return tuple(idea for idea in current.ideas if idea.number not in current.tried)


def check_vote(session: Session, user_id: int, choice: str) -> str:
    """Check a vote, and return the name of the vote that it is cast in. Raises CannotTakePart."""
    ballot = session.ballot
    if ballot is None:
        raise CannotTakePart(SessionRefused.PAUSED if session.paused and session.vote_name else SessionRefused.STEP_OVER)
    check_there(session, user_id)
    whose = _makers(session).get(choice)
    if whose is None:
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    # Of two versions of the same idea everybody may like one better, its person too.
    if whose == user_id and session.phase is not Phase.TAKES:
        raise CannotTakePart(SessionRefused.OWN_IDEA)
    return ballot


def _makers(session: Session) -> dict[str, int]:
    """Tell what can be voted for, and whose it is."""
    current = the_round(session)
    if session.phase is Phase.VOTE:
        return {str(idea.number): idea.user_id for idea in choices(current)}
    return {take.clip_id: take.user_id for take in current.takes}


def counted(session: Session, tally: Mapping[str, int], now: float) -> Session:
    """Go on with what the votes came to; of as many votes, the earlier idea or track wins. Nothing where no vote is being counted."""
    if not session.counting:
        return session
    current = the_round(session)
    there = {choice: tally[choice] for choice in _makers(session) if tally.get(choice)}
    if session.phase is Phase.VOTE:
        return _idea_chosen(amend(session, replace(current, votes=there, idea_votes=there)), there, now)
    session = amend(session, replace(current, votes=there))
    best = max(current.takes, key=lambda take: there.get(take.clip_id, 0))
    if session.phase is Phase.FINALE:
        return finish(replace(amend(session, replace(the_round(session), picked=best.clip_id)), head=best), Ending.ROUNDS, now)
    return pick(session, best.clip_id, now)


def _idea_chosen(session: Session, there: Mapping[str, int], now: float) -> Session:
    current = the_round(session)
    if there:
        best = max(choices(current), key=lambda idea: there.get(str(idea.number), 0))
        return choose(session, best.number, now)
    if not current.repeated:
        return begin(amend(session, replace(current, repeated=True)), Phase.IDEAS, now, session.plan.round_seconds)
    return begin(session, Phase.DECIDING, now)


def choose(session: Session, number: int, now: float) -> Session:
    """Extend an idea, as far as the budget goes. Raises CannotTakePart for one that is not there."""
    current = the_round(session)
    idea = current.idea(number)
    if idea is None or session.plan.mode is not Mode.IDEAS:
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    if session.budget_left <= 0:
        return finish(session, Ending.BUDGET, now)
    return ask(amend(session, replace(current, chosen=number)), idea, current.source, now)
