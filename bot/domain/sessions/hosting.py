"""What the host of a session may do, and whoever moderates the server."""

from dataclasses import replace
from enum import StrEnum

from bot.domain.actors import NOBODY
from bot.domain.sessions import ideas, relay, rounds
from bot.domain.sessions.deadlines import over
from bot.domain.sessions.model import Ending, Idea, Outcome, Phase, Round, Session
from bot.domain.sessions.plans import Mode
from bot.errors import CannotTakePart, SessionRefused


class HostAct(StrEnum):
    """What the host may do; what a number beside it means stands there."""

    PAUSE = "pause"
    RESUME = "resume"
    MORE_TIME = "more"
    """Seconds."""
    SKIP = "skip"
    REMOVE = "remove"
    """A person's id."""
    UNDO = "undo"
    HAND_OVER = "handover"
    """A person's id."""
    STEP_DOWN = "stepdown"
    END = "end"
    DECIDE = "decide"
    """An idea's number."""
    RETRY = "retry"
    NEXT_BEST = "next"


_TIMED = frozenset({Phase.IDEAS, Phase.VOTE, Phase.TURN, Phase.TAKES, Phase.OPEN, Phase.FINALE})


def check_person(session: Session, user_id: int, role_ids: frozenset[int]) -> None:
    """Let somebody take part. Raises CannotTakePart."""
    if not session.live:
        raise CannotTakePart(SessionRefused.OVER)
    rounds.check_there(session, user_id)
    if session.plan.role_id is not None and session.plan.role_id not in role_ids and user_id != session.host_id:
        raise CannotTakePart(SessionRefused.NOT_INVITED, session.plan.role_id)


def check_host(session: Session, user_id: int, *, moderator: bool) -> None:
    """Let whoever hosts the session, or moderates the server, do something. Raises CannotTakePart."""
    if not session.live:
        raise CannotTakePart(SessionRefused.OVER)
    if not moderator and (user_id != session.host_id or not session.hosted):
        raise CannotTakePart(SessionRefused.NOT_THE_HOST)


def skip(session: Session, now: float) -> Session:
    """Go on without waiting: a step ends now, a round that is stuck ends without a track. Raises CannotTakePart."""
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase in (Phase.STUCK, Phase.DECIDING):
        line = rounds.after_turn(session, rounds.the_round(session).up)
        return rounds.next_round(replace(rounds.close(session, Outcome.SKIPPED), line=line), now)
    if session.phase is Phase.IDEAS and not ideas.choices(rounds.the_round(session)):
        return rounds.next_round(rounds.close(session, Outcome.SKIPPED), now)
    if session.phase not in _TIMED or session.counting:
        raise CannotTakePart(SessionRefused.NOTHING_TO_SKIP)
    return relay.skipped(session, now) if session.phase is Phase.TURN else over(session, now)


def decide(session: Session, number: int, now: float) -> Session:
    """Choose an idea, where the vote did not. Raises CannotTakePart."""
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase is not Phase.DECIDING:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    return ideas.choose(session, number, now)


def retry(session: Session, now: float) -> Session:
    """Ask once more for the extension that brought nothing. Raises CannotTakePart."""
    current = _stuck(session)
    extension = session.extension(current.job_id)
    if extension is None:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    if extension.user_id == NOBODY:
        # Its words were deleted.
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    idea = current.idea(current.chosen) or Idea(
        number=0, user_id=extension.user_id, tags=extension.tags, title=extension.title, start=extension.start
    )
    return rounds.ask(session, idea, current.source, now)


def next_best(session: Session, now: float) -> Session:
    """Extend the idea that came next in the vote. Raises CannotTakePart where there is none."""
    current = _stuck(session)
    left = ideas.choices(current)
    if not left:
        raise CannotTakePart(SessionRefused.NO_SUCH_CHOICE)
    votes = current.idea_votes or {}
    return ideas.choose(session, max(left, key=lambda idea: votes.get(str(idea.number), 0)).number, now)


def _stuck(session: Session) -> Round:
    """Return the round that is stuck, if one more extension may be spent on it."""
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.phase is not Phase.STUCK:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    if session.budget_left <= 0:
        raise CannotTakePart(SessionRefused.BUDGET_USED)
    return rounds.the_round(session)


def remove(session: Session, user_id: int, now: float) -> Session:
    """Take a person out: their idea, their place in line, and their votes no longer count. Raises CannotTakePart for the host."""
    if user_id == session.host_id:
        raise CannotTakePart(SessionRefused.REMOVES_HOST)
    session = replace(session, removed=session.removed | {user_id})
    if session.offered_to == user_id:
        session = replace(session, offered_to=_next_host(session))
    if any(player.user_id == user_id for player in session.line):
        session = relay.leave(session, user_id, now)
    current = session.current
    if current is None:
        return session
    # An idea that was asked for already stays: it may be what comes back.
    left = tuple(idea for idea in current.ideas if idea.user_id != user_id or idea.number == current.chosen)
    return rounds.amend(session, replace(current, ideas=left))


def undo(session: Session, now: float) -> Session:
    """Go back before the last round that was played, and play on from there; nothing is deleted, and nothing given back.

    Raises CannotTakePart.
    """
    if session.phase is Phase.EXTENDING or session.counting or session.plan.mode is Mode.OPEN:
        raise CannotTakePart(SessionRefused.NOTHING_TO_UNDO)
    played = [each for each in session.past if each.outcome is Outcome.CHOSEN]
    if not played:
        raise CannotTakePart(SessionRefused.NOTHING_TO_UNDO)
    if session.budget_left <= 0:
        raise CannotTakePart(SessionRefused.BUDGET_USED)
    last = played[-1]
    session = rounds.close(session, Outcome.UNDONE)
    # What was skipped after it is played anew as well: else its number would be missing.
    undone = (replace(each, outcome=Outcome.UNDONE) if each.seq >= last.seq else each for each in session.past)
    session = replace(session, past=tuple(undone))
    # Not what that round continued: it may have been taken down since.
    return rounds.next_round(replace(session, head=rounds.last_there(session)), now, number=last.number)


def hand_over(session: Session, user_id: int) -> Session:
    """Make somebody else the host. Raises CannotTakePart for who was removed."""
    rounds.check_there(session, user_id)
    return replace(session, host_id=user_id, offered_to=None).with_person(user_id)


def step_down(session: Session) -> Session:
    """Offer the session to the next in line, or else to who has taken part the longest; with nobody there, the host stays it.

    Raises CannotTakePart.
    """
    following = _next_host(session)
    if following is None:
        raise CannotTakePart(SessionRefused.NOBODY_THERE)
    return replace(session, offered_to=following)


def _next_host(session: Session) -> int | None:
    candidates = (*(player.user_id for player in session.line), *session.people)
    there = (user_id for user_id in candidates if user_id != session.host_id and user_id not in session.removed)
    return next(there, None)


def take_over(session: Session, user_id: int) -> Session:
    """Become the host of a session whose host has stepped down: whoever it was offered to, anybody who takes part, or the host again.

    Raises CannotTakePart.
    """
    if session.hosted:
        raise CannotTakePart(SessionRefused.HOSTED)
    rounds.check_there(session, user_id)
    if user_id not in (session.offered_to, session.host_id, *session.people):
        raise CannotTakePart(SessionRefused.NOT_TAKING_PART)
    return hand_over(session, user_id)


def end(session: Session, now: float) -> Session:
    """End the session, with its recap."""
    return rounds.finish(session, Ending.HOST, now)
