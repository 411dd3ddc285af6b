"""What holds of every session, wherever it stands, and of every step that it takes."""

from itertools import pairwise

from pydantic import TypeAdapter

from bot.domain.sessions import clock, deadlines, hosting, ideas, relay, rounds
from bot.domain.sessions.model import GIVEN_BACK, MOST_IDEAS, MOST_IN_LINE, Outcome, Phase, Session
from bot.domain.sessions.plans import Mode, Take
from tests.unit.sessions.making import pair

STORED = TypeAdapter(Session)
TIMED = frozenset({Phase.IDEAS, Phase.VOTE, Phase.TURN, Phase.TAKES, Phase.OPEN, Phase.FINALE})
LATECOMER = 900
STEPS = 100
"""More than any session of the tests needs from anywhere to its end."""


def restarted(session: Session) -> Session:
    """Write a session down and read it back, as another process would."""
    again = STORED.validate_json(STORED.dump_json(session))
    assert (again, repr(again)) == (session, repr(session))
    return again


def check(session: Session, there: dict[str, Take]) -> None:
    """Check a session by itself; `there` are the tracks that were delivered and not taken down."""
    assert 0 <= session.spent <= session.plan.budget
    _check_clock(session)
    _check_people(session)
    shown = [each.seq for each in session.shown]
    assert all(earlier < later for earlier, later in pairwise(shown))
    assert session.last_seq == max(shown, default=0)
    assert all(each.outcome for each in session.past)
    if session.live:
        _check_tracks(session, there)
        ended = hosting.end(session, 0.0)
        assert (ended.phase, ended.due, rounds.ended(ended).phase) == (Phase.ENDING, None, Phase.ENDED)


def _check_clock(session: Session) -> None:
    stands = session.paused is not None or session.held
    assert session.due is None or session.left is None, "there is one deadline"
    assert not (session.due is not None and stands)
    if session.phase in TIMED and not session.counting:
        assert (session.left if stands else session.due) is not None, "what has an end has a deadline"
    else:
        assert session.due is session.left is None
    assert session.counting or ideas.counted(session, {"1": 1}, 0.0) is session
    assert not session.counting or (session.vote_name is not None and session.ballot is None)
    assert session.live or (session.current, session.paused, session.held, session.ballot) == (None, None, False, None)


def _check_people(session: Session) -> None:
    line = [player.user_id for player in session.line]
    assert len(set(line)) == len(line) <= MOST_IN_LINE
    assert not session.removed & {*line, session.host_id, session.offered_to}
    busy = [extension.user_id for extension in session.running]
    assert len(set(busy)) == len(busy) if session.plan.mode is Mode.OPEN else len(busy) <= 1
    current = session.current
    if current is None:
        return
    authors = [idea.user_id for idea in current.ideas]
    assert len(set(authors)) == len(authors) <= MOST_IDEAS
    assert not session.removed & {idea.user_id for idea in current.ideas if idea.number != current.chosen}
    assert session.phase is not Phase.TURN or current.up == line[0]


def _check_tracks(session: Session, there: dict[str, Take]) -> None:
    takes = [take for each in session.shown for take in each.takes]
    for take in (session.root, session.head, *takes):
        assert there.get(take.clip_id) == take, "only what is there is gone on with, or can be chosen"
    current = session.current
    assert (current is None) == (session.phase is Phase.OPENING)
    if current is None:
        return
    assert current.source == session.head
    assert session.plan.mode is Mode.OPEN or current.number <= session.plan.rounds
    assert all(0 < idea.start < current.source.seconds for idea in current.ideas)
    assert session.phase not in (Phase.TAKES, Phase.FINALE) or current.takes
    assert session.phase is not Phase.EXTENDING or session.running, "it waits for something that is to come"
    assert session.phase is not Phase.FINALE or not session.running, "it has waited for all that is to come"


def check_step(before: Session, after: Session, there: dict[str, Take]) -> None:
    """Check what a step has changed: nothing is deleted, and what is over stays so."""
    assert after.last_seq >= before.last_seq
    assert [each.seq for each in after.past][: len(before.past)] == [each.seq for each in before.past]
    assert [each.job_id for each in after.extensions][: len(before.extensions)] == [each.job_id for each in before.extensions]
    for old, new in zip(before.extensions, after.extensions, strict=False):
        assert not old.done or new.done
        assert old.trouble not in GIVEN_BACK or new == old
    asked = after.extensions[len(before.extensions) :]
    for extension in asked:
        assert there.get(extension.source.clip_id) == extension.source, "only what is there is continued"
        assert 0 < extension.start < extension.source.seconds
        assert extension.user_id not in before.removed or before.phase is Phase.STUCK
    assert len(asked) <= 1
    assert before.removed <= after.removed
    if not before.live:
        assert after.phase in (before.phase, Phase.ENDED)
        assert (after.past, after.head) == (before.past, before.head)
    chosen = [each.number for each in after.past if each.outcome in (Outcome.CHOSEN, Outcome.SKIPPED)]
    assert chosen == list(range(1, len(chosen) + 1)), "each round is played, or skipped, once"


def check_counted(before: Session, after: Session, votes: list[str]) -> None:
    """Check that each vote counted once, and that the most of them won; of as many, the earlier choice."""
    current = rounds.the_round(before)
    choices = [take.clip_id for take in current.takes]
    if before.phase is Phase.VOTE:
        choices = [str(idea.number) for idea in current.ideas]
    expected = {choice: votes.count(choice) for choice in choices if choice in votes}
    counted = next(each for each in after.shown if each.first_seq == current.first_seq)
    assert counted.votes == expected
    won = str(counted.chosen) if before.phase is Phase.VOTE else counted.picked
    assert not expected or won == max(choices, key=lambda choice: expected.get(choice, 0))


def check_goes_on(session: Session) -> None:
    """Play a session to its end without ending it: from nowhere does it stand still for good."""
    for step in range(STEPS):
        if not session.live:
            return
        moved = _played_on(session, float(step))
        assert moved != session, f"nothing moves it from {session.phase}"
        session = restarted(moved)
    raise AssertionError(f"after {STEPS} steps it is still in {session.phase}")


def _played_on(session: Session, now: float) -> Session:
    """Do the next thing that somebody could do."""
    if session.paused is not None:
        return clock.resume(session, now)
    if session.held:
        return clock.hold(session, now, held=False)
    if session.counting:
        return ideas.counted(session, {}, now)
    match session.phase:
        case Phase.OPENING:
            return rounds.opened(session, 7, now)
        case Phase.WAITING:
            return relay.join(session, LATECOMER + session.last_seq, now)
        case Phase.TURN:
            current = rounds.the_round(session)
            return relay.request(session, current.up or 0, now, seq=current.seq, tags="", title="", start=1.0)
        case Phase.EXTENDING:
            job_id = session.running[0].job_id
            return deadlines.brought(session, job_id, pair(job_id), now)
        case Phase.IDEAS | Phase.DECIDING | Phase.STUCK:
            return hosting.skip(session, now)
        case _:
            assert session.due is not None
            return deadlines.rung(session, session.due)
