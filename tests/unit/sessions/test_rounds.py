"""Extensions, what becomes of them, and tracks that are gone: what all modes have in common."""

from dataclasses import replace

import pytest

from bot.domain.sessions import deadlines, hosting, ideas, rounds
from bot.domain.sessions.model import GIVEN_BACK, Ending, Outcome, Phase, Session, Trouble
from bot.domain.sessions.posts import opening_post, recap_posts, round_post, seq_of, session_of
from bot.domain.sessions.rounds import the_round
from bot.errors import SessionRefused
from tests.unit.sessions.making import (
    ANNA,
    BEN,
    CLEO,
    NOW,
    brought,
    extending,
    job_of,
    pair,
    planned,
    played,
    refused,
    rung,
    started,
    track,
    voted,
    with_ideas,
)


def failed(session: Session, trouble: Trouble = Trouble.FAILED) -> Session:
    return deadlines.failed(session, job_of(session), trouble, NOW)


def test_a_session_begins_when_its_thread_is_there() -> None:
    session = rounds.opened(planned(), 7, NOW)
    assert (session.place_id, session.phase, the_round(session).number, session.last_seq) == (7, Phase.IDEAS, 1, 1)


def test_in_another_thread_the_round_goes_on_in_another_message() -> None:
    session = with_ideas(started(), ANNA)
    moved = rounds.opened(rounds.unplaced(session), 8, NOW + 50)
    assert (moved.place_id, moved.openings, moved.due, the_round(moved).seq) == (8, 1, session.due, 2)
    assert the_round(moved).ideas == the_round(session).ideas


def test_a_round_that_is_shown_anew_takes_what_was_opened_from_its_first_message() -> None:
    session = rounds.shown_anew(started())
    session = ideas.put_forward(session, ANNA, seq=1, tags="x", title="", start=1.0)
    session = ideas.put_forward(session, BEN, seq=2, tags="x", title="", start=1.0)
    assert rounds.shown_anew(rung(session)).ballot == rung(session).ballot
    over = hosting.end(session, NOW)
    assert rounds.shown_anew(over) is over


def test_every_trouble_stops_the_round_and_says_so() -> None:
    for trouble in Trouble:
        session = failed(extending(ANNA), trouble)
        assert (session.phase, the_round(session).trouble, session.due) == (Phase.STUCK, trouble, None)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_only_what_was_certainly_not_accepted_is_given_back(trouble: Trouble) -> None:
    given_back = trouble in {Trouble.REFUSED, Trouble.CONTENT, Trouble.CANCELLED, Trouble.LIMIT, Trouble.SOURCE}
    assert failed(extending(ANNA), trouble).spent == (0 if given_back else 1)


def test_a_late_result_is_taken_while_nothing_else_was_decided() -> None:
    session = brought(failed(extending(ANNA), Trouble.UNKNOWN))
    assert (session.phase, the_round(session).trouble, session.spent) == (Phase.TAKES, None, 1)


def test_a_late_result_does_not_disturb_what_was_asked_instead() -> None:
    session = hosting.retry(failed(extending(ANNA), Trouble.STALLED), NOW)
    late = deadlines.brought(session, "s1x1", pair("s1x1"), NOW)
    assert (late.phase, late.current, late.extensions[0].done, late.spent) == (Phase.EXTENDING, session.current, True, 2)


def test_a_trouble_may_turn_into_another() -> None:
    session = failed(failed(extending(ANNA), Trouble.UNKNOWN), Trouble.FAILED)
    assert (the_round(session).trouble, the_round(session).tried, session.extensions[0].trouble) == (Trouble.FAILED, (1,), Trouble.FAILED)


@pytest.mark.parametrize("trouble", sorted(GIVEN_BACK))
def test_what_was_given_back_is_not_spent_later(trouble: Trouble) -> None:
    session = hosting.retry(failed(extending(ANNA, budget=1), trouble), NOW)
    assert deadlines.failed(session, "s1x1", Trouble.UNKNOWN, NOW) is session
    assert deadlines.brought(session, "s1x1", pair("s1x1"), NOW) is session
    assert session.budget_left == 0


def test_a_result_is_taken_once() -> None:
    session = brought(extending(ANNA))
    assert deadlines.brought(session, "s1x1", pair("s1x1"), NOW) is session
    assert deadlines.failed(session, "s1x1", Trouble.FAILED, NOW) is session


def test_what_is_no_extension_of_the_session_is_ignored() -> None:
    session = extending(ANNA)
    assert deadlines.brought(session, "other", pair("other"), NOW) is session
    assert deadlines.failed(session, "other", Trouble.FAILED, NOW) is session


def test_a_result_of_which_nothing_is_there_any_more_is_paid_and_stops_the_round() -> None:
    session = deadlines.brought(extending(ANNA, BEN), "s1x1", [], NOW)
    assert (session.phase, the_round(session).trouble, session.spent) == (Phase.STUCK, Trouble.TAKEN_DOWN, 1)
    assert ideas.choices(the_round(session))[0].user_id == BEN


def test_more_than_the_budget_cannot_be_asked_for() -> None:
    session = failed(extending(ANNA, BEN, budget=1))
    for act in (hosting.retry, hosting.next_best):
        with refused(SessionRefused.BUDGET_USED):
            act(session, NOW)
    assert hosting.skip(session, NOW).ending is Ending.BUDGET


def test_where_the_chosen_track_is_taken_down_the_round_continues_the_one_before() -> None:
    session = played(played(started()))
    back = rounds.lost(session, frozenset({"s1x2-B"}), NOW)
    assert (back.head.clip_id, the_round(back).source.clip_id, the_round(back).number) == ("s1x1-B", "s1x1-B", 3)


def test_where_several_are_taken_down_it_is_the_last_that_is_there() -> None:
    session = played(played(started()))
    session = rounds.lost(session, frozenset({"s1x1-B"}), NOW)
    assert session.head.clip_id == "s1x2-B"
    assert rounds.lost(session, frozenset({"s1x2-B"}), NOW).head == session.root


def test_ideas_that_start_behind_the_end_of_the_track_before_are_moved_there() -> None:
    session = with_ideas(with_ideas(played(started()), ANNA, start=85.0), BEN, start=59.5)
    back = rounds.lost(session, frozenset({"s1x1-B"}), NOW)
    assert [(idea.start, idea.moved) for idea in the_round(back).ideas] == [(59.0, True), (59.5, False)]
    assert rung(back).phase is Phase.VOTE


def test_a_track_on_which_nothing_depends_changes_nothing_when_it_goes() -> None:
    session = played(started())
    gone = rounds.lost(session, frozenset({"s1x1-A"}), NOW)
    assert (gone.head, gone.current, gone.due) == (session.head, session.current, session.due)


def test_without_its_first_track_a_session_ends() -> None:
    session = rounds.lost(played(started()), frozenset({"root"}), NOW)
    assert (session.phase, session.ending, session.past[-1].outcome) == (Phase.ENDING, Ending.SOURCE, Outcome.ENDED)


def test_a_taken_down_choice_cannot_be_voted_for_and_with_both_gone_the_round_is_stuck() -> None:
    session = brought(extending(ANNA, BEN))
    one = rounds.lost(session, frozenset({"s1x1-A"}), NOW)
    with refused(SessionRefused.NO_SUCH_CHOICE):
        ideas.check_vote(one, CLEO, "s1x1-A")
    assert voted(one, {"s1x1-A": 5}).head.clip_id == "s1x1-B"
    none = rounds.lost(one, frozenset({"s1x1-B"}), NOW)
    assert (none.phase, none.ballot, the_round(none).trouble) == (Phase.STUCK, None, Trouble.TAKEN_DOWN)
    assert the_round(hosting.next_best(none, NOW)).by == BEN


def test_a_vote_that_is_being_counted_is_dropped_with_all_of_its_choices() -> None:
    counting = rung(brought(extending(ANNA)))
    session = rounds.lost(counting, frozenset({"s1x1-A", "s1x1-B"}), NOW)
    assert (session.phase, session.counting) == (Phase.STUCK, False)
    assert ideas.counted(session, {"s1x1-A": 1}, NOW) is session


def test_a_session_ends_once() -> None:
    session = hosting.end(started(), NOW)
    assert (session.phase, session.ended_at) == (Phase.ENDING, NOW)
    assert hosting.end(session, NOW + 9) is session
    done = rounds.ended(session)
    assert (done.phase, rounds.ended(done) is done) == (Phase.ENDED, True)
    assert rounds.ended(started()).live


def test_after_the_end_a_late_result_moves_nothing() -> None:
    session = hosting.end(extending(ANNA), NOW)
    late = deadlines.brought(session, "s1x1", pair("s1x1"), NOW)
    assert (late.phase, late.head, late.past, late.extensions[0].done) == (Phase.ENDING, session.head, session.past, True)
    assert rounds.lost(session, frozenset({"root"}), NOW) is session


def test_every_message_of_a_session_has_a_name_of_its_own_that_leads_back() -> None:
    session = replace(played(started()), id="abcdefghij")
    names = [round_post(session, each.seq) for each in session.shown]
    assert [(session_of(name), seq_of(name)) for name in names] == [(session.id, 1), (session.id, 2)]
    names += [opening_post(session), opening_post(rounds.unplaced(session)), *recap_posts(session)]
    assert len(set(names)) == len(names) == 6
    assert {session_of(name) for name in names} == {session.id}
    assert [seq_of(name) for name in names[2:]] == [0] * 4
    assert (session_of("abcdefghij"), seq_of("abcdefghij")) == ("", 0)


def test_tracks_are_found_where_they_were_brought() -> None:
    session = played(started())
    assert session.known("s1x1-A") == track("s1x1-A", seconds=90.0, user_id=ANNA)
    assert session.known("root") == session.root
    assert session.known("other") is None
