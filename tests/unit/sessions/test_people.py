"""A session without somebody: nothing of theirs is left in it, and the others can go on."""

from dataclasses import replace

import pytest

from bot.domain.actors import NOBODY
from bot.domain.erasing import UNTITLED
from bot.domain.sessions import deadlines, hosting, ideas, relay, rounds
from bot.domain.sessions.model import Ending, Outcome, Pause, Phase, Session, Trouble
from bot.domain.sessions.people import ideas_of, takes_part, without_person
from bot.domain.sessions.plans import Mode, Plan, Take
from bot.errors import CannotTakePart, SessionRefused
from tests.contract.builders import make_session

NOW = 1000.0
HOST, ANN, BEN = 7_000_000_001, 7_000_000_002, 7_000_000_003
SECRET = "secret words"
ROOT = Take(clip_id="root", variant="A", title="Root", seconds=100.0, user_id=BEN)


def begun(mode: Mode = Mode.IDEAS, *, rounds_to_play: int = 3) -> Session:
    plan = Plan(name="Friday", mode=mode, rounds=rounds_to_play)
    new = make_session(host_id=HOST, plan=plan, root=ROOT, head=ROOT, place_id=None, people=(HOST,))
    return rounds.opened(new, 5, NOW)


def idea(session: Session, user_id: int, tags: str = SECRET) -> Session:
    seq = rounds.the_round(session).seq
    return ideas.put_forward(session, user_id, seq=seq, tags=tags, title=tags, start=90.0)


def extending(user_id: int = ANN) -> Session:
    """Bring a session to where the only idea is being made."""
    return deadlines.over(idea(begun(), user_id), NOW)


def takes(user_id: int, *names: str) -> list[Take]:
    return [Take(clip_id=name, variant="A", title=SECRET, seconds=120.0, user_id=user_id) for name in names]


def nothing_is_left_of(user_id: int, session: Session) -> None:
    said = repr(session)
    assert str(user_id) not in said
    assert SECRET not in said


def test_who_has_never_been_there_changes_nothing() -> None:
    for session in (begun(), extending(), hosting.end(begun(), NOW)):
        assert without_person(session, 7_000_000_009, NOW) == session


def test_ideas_are_dropped_and_those_of_others_stay() -> None:
    session = idea(idea(begun(), ANN), BEN, "theirs")
    after = without_person(session, ANN, NOW)
    nothing_is_left_of(ANN, after)
    assert [(each.user_id, each.tags) for each in rounds.the_round(after).ideas] == [(BEN, "theirs")]
    assert after.people == (HOST, BEN)
    assert (after.phase, after.due, after.host_id) == (Phase.IDEAS, session.due, HOST)


def test_what_was_played_of_their_idea_stays_as_nobodys() -> None:
    session = deadlines.brought(extending(), "session001x1", takes(ANN, "a"), NOW)
    assert session.past[0].outcome is Outcome.CHOSEN
    after = without_person(session, ANN, NOW)
    nothing_is_left_of(ANN, after)
    played = after.past[0]
    assert (played.by, played.picked, played.takes[0].user_id, played.takes[0].title) == (NOBODY, "a", NOBODY, UNTITLED)
    assert (after.head.clip_id, after.head.user_id) == ("a", NOBODY)
    assert after.extensions[0].done
    assert (after.phase, after.root) == (Phase.IDEAS, ROOT), "the next round is not theirs"


def test_what_is_being_made_for_them_is_waited_for_no_more_and_not_asked_for_again() -> None:
    after = without_person(extending(), ANN, NOW)
    nothing_is_left_of(ANN, after)
    assert (after.phase, after.running) == (Phase.STUCK, ())
    assert after.spent == 1, "the provider may have it"
    with pytest.raises(CannotTakePart) as refused:
        hosting.retry(after, NOW)
    assert refused.value.why is SessionRefused.NO_SUCH_CHOICE
    assert hosting.skip(after, NOW).phase is Phase.IDEAS
    given_back = deadlines.failed(after, "session001x1", Trouble.CANCELLED, NOW)
    assert given_back.spent == 0, "it was still in line"


def test_who_is_up_hands_the_turn_on_and_leaves_the_line() -> None:
    session = begun(Mode.RELAY)
    for user_id in (ANN, BEN):
        session = relay.join(session, user_id, NOW)
    assert rounds.the_round(session).up == ANN
    after = without_person(session, ANN, NOW)
    nothing_is_left_of(ANN, after)
    assert [player.user_id for player in after.line] == [BEN]
    assert (rounds.the_round(after).up, after.phase, after.past[-1].up) == (BEN, Phase.TURN, NOBODY)


def test_who_waits_in_line_leaves_it_and_the_turn_stays() -> None:
    session = begun(Mode.RELAY)
    for user_id in (ANN, BEN):
        session = relay.join(session, user_id, NOW)
    after = without_person(session, BEN, NOW)
    assert [player.user_id for player in after.line] == [ANN]
    assert rounds.the_round(after) == replace(rounds.the_round(session), source=after.head)
    assert (after.root.user_id, after.root.title) == (NOBODY, UNTITLED), "the track was theirs"


def test_a_session_is_offered_to_the_next_when_its_host_is_gone() -> None:
    after = without_person(idea(idea(begun(), ANN), BEN), HOST, NOW)
    assert str(HOST) not in repr(after)
    assert (after.host_id, after.offered_to, after.hosted) == (NOBODY, ANN, False)
    assert after.phase is Phase.IDEAS
    assert hosting.take_over(after, ANN).host_id == ANN


def test_it_ends_where_nobody_is_left() -> None:
    after = without_person(begun(), HOST, NOW)
    nothing_is_left_of(HOST, after)
    assert (after.phase, after.ending, after.host_id, after.offered_to) == (Phase.ENDING, Ending.HOST, NOBODY, None)


def test_who_it_is_offered_to_already_keeps_the_offer() -> None:
    offered = replace(idea(idea(begun(), ANN), BEN), offered_to=BEN)
    assert without_person(offered, HOST, NOW).offered_to == BEN
    assert without_person(offered, BEN, NOW).offered_to == ANN
    alone = without_person(replace(idea(begun(), ANN), offered_to=ANN), ANN, NOW)
    assert (alone.host_id, alone.hosted, alone.phase) == (HOST, True, Phase.IDEAS)
    neither = without_person(without_person(offered, HOST, NOW), BEN, NOW)
    assert (neither.host_id, neither.offered_to) == (NOBODY, ANN)
    assert without_person(neither, ANN, NOW).phase is Phase.ENDING


def test_a_session_that_is_over_is_rewritten_and_not_moved() -> None:
    over = rounds.ended(hosting.end(replace(idea(begun(), ANN), removed=frozenset({BEN})), NOW))
    after = over
    for user_id in (HOST, ANN, BEN):
        after = without_person(after, user_id, NOW + 5)
        assert str(user_id) not in repr(after)
    assert SECRET not in repr(after)
    assert (after.phase, after.ended_at, after.ending, len(after.past)) == (Phase.ENDED, NOW, Ending.HOST, 1)


def test_a_paused_session_stays_paused() -> None:
    paused = replace(extending(), paused=Pause.PLACE)
    after = without_person(paused, ANN, NOW)
    assert (after.paused, after.due) == (Pause.PLACE, None)


def test_who_takes_part_and_with_what() -> None:
    session = idea(idea(begun(), ANN), BEN, "theirs")
    assert [takes_part(session, user_id) for user_id in (HOST, ANN, 7_000_000_009)] == [True, True, False]
    assert [(each.number, found.tags) for each, found in ideas_of(session, BEN)] == [(1, "theirs")]
    assert takes_part(replace(session, people=()), HOST)
