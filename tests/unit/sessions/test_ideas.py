"""The mode *Ideas*, from the first idea to the track that won."""

import pytest

from bot.domain.sessions import clock, deadlines, hosting, ideas
from bot.domain.sessions.model import MOST_IDEAS, Ending, Outcome, Pause, Phase
from bot.domain.sessions.rounds import the_round
from bot.errors import SessionRefused
from tests.unit.sessions.making import (
    ANNA,
    BEN,
    CLEO,
    NOW,
    ROUND,
    brought,
    extending,
    job_of,
    pair,
    planned,
    played,
    refused,
    rung,
    started,
    voted,
    with_ideas,
)


def test_everybody_has_one_idea_that_they_can_change() -> None:
    session = with_ideas(with_ideas(started(), ANNA, BEN), ANNA, start=10.0)
    assert [(idea.number, idea.user_id, idea.start) for idea in the_round(session).ideas] == [(1, ANNA, 10.0), (2, BEN, 30.0)]
    assert session.people == (ANNA, BEN)


def test_a_round_takes_no_more_ideas_than_can_be_shown_but_lets_everybody_change_theirs() -> None:
    session = with_ideas(started(), *range(100, 100 + MOST_IDEAS))
    with refused(SessionRefused.IDEAS_FULL):
        with_ideas(session, ANNA)
    assert the_round(with_ideas(session, 100, start=5.0)).ideas[0].start == 5.0


def test_an_idea_for_another_round_is_refused() -> None:
    with refused(SessionRefused.STEP_OVER):
        ideas.put_forward(started(), ANNA, seq=2, tags="x", title="", start=1.0)


def test_an_idea_after_the_deadline_is_refused() -> None:
    with refused(SessionRefused.STEP_OVER):
        with_ideas(rung(with_ideas(started(), ANNA, BEN)), CLEO)


def test_in_a_pause_nobody_has_ideas_or_votes() -> None:
    paused = clock.pause(started(), Pause.HOST, NOW)
    with refused(SessionRefused.PAUSED):
        with_ideas(paused, ANNA)
    vote = clock.pause(rung(with_ideas(started(), ANNA, BEN)), Pause.HOST, NOW)
    with refused(SessionRefused.PAUSED):
        ideas.check_vote(vote, ANNA, "2")


def test_before_its_thread_is_there_a_session_takes_no_ideas() -> None:
    with refused(SessionRefused.OVER):
        ideas.put_forward(planned(), ANNA, seq=0, tags="x", title="", start=1.0)


@pytest.mark.parametrize(("start", "kept"), [(59.5, 59.5), (60.0, 59.0), (500.0, 59.0)])
def test_an_idea_starts_before_the_end_of_the_track(start: float, kept: float) -> None:
    idea = the_round(with_ideas(started(), ANNA, start=start)).ideas[0]
    assert (idea.start, idea.moved) == (kept, start != kept)


def test_an_idea_that_was_moved_is_not_any_more_once_it_is_changed() -> None:
    session = with_ideas(with_ideas(started(), ANNA, start=500.0), ANNA, start=20.0)
    assert not the_round(session).ideas[0].moved


def test_a_lone_idea_needs_no_vote() -> None:
    session = extending(ANNA)
    (extension,) = session.extensions
    assert (session.phase, extension.user_id, extension.tags, extension.source) == (Phase.EXTENDING, ANNA, f"by {ANNA}", session.root)


def test_without_ideas_the_round_gets_its_time_once_more_and_then_the_session_pauses() -> None:
    waited = rung(started())
    assert (waited.phase, the_round(waited).waited, waited.due) == (Phase.IDEAS, True, NOW + 2 * ROUND)
    paused = rung(waited)
    assert (paused.paused, paused.phase, paused.left) == (Pause.NO_IDEAS, Phase.IDEAS, ROUND)
    assert rung(clock.resume(paused, NOW)).paused is None, "after the pause, there is patience again"


def test_a_vote_is_not_for_ones_own_idea_and_only_for_one_that_is_there() -> None:
    session = rung(with_ideas(started(), ANNA, BEN))
    assert ideas.check_vote(session, ANNA, "2") == "vote 1"
    assert ideas.check_vote(session, CLEO, "1") == "vote 1"
    with refused(SessionRefused.OWN_IDEA):
        ideas.check_vote(session, ANNA, "1")
    with refused(SessionRefused.NO_SUCH_CHOICE):
        ideas.check_vote(session, ANNA, "3")


def test_a_vote_after_the_deadline_is_refused() -> None:
    counting = rung(rung(with_ideas(started(), ANNA, BEN)))
    assert (counting.ballot, counting.vote_name) == (None, "vote 1")
    with refused(SessionRefused.STEP_OVER):
        ideas.check_vote(counting, CLEO, "1")


def test_nothing_is_counted_before_the_deadline_or_twice() -> None:
    session = rung(with_ideas(started(), ANNA, BEN))
    assert ideas.counted(session, {"1": 4}, NOW) is session
    after = voted(session, {"2": 1})
    assert ideas.counted(after, {"1": 4}, NOW) is after


@pytest.mark.parametrize(
    ("tally", "winner"),
    [({"1": 1, "2": 3, "3": 2}, 2), ({"2": 2, "3": 2}, 2), ({"3": 1, "2": 1, "1": 1}, 1), ({"3": 1, "9": 50}, 3)],
)
def test_the_most_votes_win_and_of_as_many_the_earlier_idea(tally: dict[str, int], winner: int) -> None:
    session = voted(rung(with_ideas(started(), ANNA, BEN, CLEO)), tally)
    assert (session.phase, the_round(session).chosen) == (Phase.EXTENDING, winner)
    assert "9" not in (the_round(session).votes or {})


def test_without_votes_the_round_repeats_once_under_another_ballot_and_then_the_host_decides() -> None:
    session = rung(with_ideas(started(), ANNA, BEN))
    first = session.ballot
    session = voted(session)
    assert (session.phase, the_round(session).repeated, len(the_round(session).ideas)) == (Phase.IDEAS, True, 2)
    session = rung(session)
    assert session.ballot not in (None, first)
    session = voted(session)
    assert (session.phase, session.due) == (Phase.DECIDING, None)
    assert the_round(hosting.decide(session, 2, NOW)).chosen == 2


def test_a_or_b_is_voted_on_by_everybody_its_person_too() -> None:
    session = brought(extending(ANNA, BEN))
    assert (session.phase, session.due) == (Phase.TAKES, NOW + 60)
    assert ideas.check_vote(session, ANNA, f"{job_of(session)}-B") == session.ballot


def test_the_winner_is_what_the_next_round_continues() -> None:
    session = brought(extending(ANNA, BEN))
    best = f"{job_of(session)}-B"
    session = voted(session, {best: 2, f"{job_of(session)}-A": 1})
    (first,) = session.past
    assert (first.outcome, first.picked, first.by) == (Outcome.CHOSEN, best, ANNA)
    assert (session.head.clip_id, the_round(session).source.clip_id, the_round(session).number) == (best, best, 2)


def test_a_round_keeps_both_of_its_votes() -> None:
    (first,) = played(started(), ANNA, BEN).past
    assert (first.idea_votes, first.votes) == ({"1": 1}, {"s1x1-B": 1})


@pytest.mark.parametrize("tally", [{}, {"s1x1-A": 2, "s1x1-B": 2}])
def test_of_as_many_votes_or_none_a_is_continued(tally: dict[str, int]) -> None:
    assert voted(brought(extending(ANNA)), tally).head.clip_id == "s1x1-A"


def test_one_track_alone_needs_no_vote() -> None:
    session = extending(ANNA)
    assert deadlines.brought(session, job_of(session), pair("s1x1")[1:], NOW).head.clip_id == "s1x1-B"


def test_after_the_last_round_the_session_ends() -> None:
    session = played(played(started(rounds=2)))
    assert (session.phase, session.ending, session.spent, session.head.clip_id) == (Phase.ENDING, Ending.ROUNDS, 2, "s1x2-B")


def test_a_session_without_budget_ends_before_it_asks_for_more() -> None:
    session = played(started(rounds=3, budget=1))
    assert (session.phase, session.ending, session.budget_left) == (Phase.ENDING, Ending.BUDGET, 0)
