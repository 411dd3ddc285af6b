"""What the host may do, who may do it, and what it leaves behind."""

import pytest

from bot.domain.sessions import clock, deadlines, free, hosting, ideas, relay, rounds
from bot.domain.sessions.model import Ending, Outcome, Pause, Phase, Session, Trouble
from bot.domain.sessions.plans import Mode
from bot.domain.sessions.rounds import the_round
from bot.errors import SessionRefused
from tests.unit.sessions.making import (
    ANNA,
    BEN,
    CLEO,
    HOST,
    NOW,
    ROUND,
    brought,
    extending,
    job_of,
    planned,
    played,
    refused,
    rung,
    started,
    voted,
    with_ideas,
)

ROLE = 77


def stuck(*people: int) -> Session:
    session = extending(*people)
    return deadlines.failed(session, job_of(session), Trouble.FAILED, NOW)


def undecided(*people: int) -> Session:
    return voted(rung(voted(rung(with_ideas(started(), *people)))))


# Who may.


def test_everybody_takes_part_where_no_role_is_asked_for() -> None:
    hosting.check_person(started(), ANNA, frozenset())


def test_only_people_with_the_role_take_part_and_the_host() -> None:
    session = started(role_id=ROLE)
    hosting.check_person(session, ANNA, frozenset({ROLE}))
    hosting.check_person(session, HOST, frozenset())
    with refused(SessionRefused.NOT_INVITED):
        hosting.check_person(session, ANNA, frozenset({ROLE + 1}))


def test_nobody_takes_part_in_what_is_over_or_after_they_were_removed() -> None:
    with refused(SessionRefused.OVER):
        hosting.check_person(hosting.end(started(), NOW), ANNA, frozenset())
    with refused(SessionRefused.REMOVED):
        hosting.check_person(hosting.remove(started(), ANNA, NOW), ANNA, frozenset())


def test_the_host_and_moderators_host() -> None:
    hosting.check_host(started(), HOST, moderator=False)
    hosting.check_host(started(), ANNA, moderator=True)
    with refused(SessionRefused.NOT_THE_HOST):
        hosting.check_host(started(), ANNA, moderator=False)
    with refused(SessionRefused.OVER):
        hosting.check_host(hosting.end(started(), NOW), HOST, moderator=True)


# Skip.


def test_a_skipped_step_ends_now_as_if_its_time_were_over() -> None:
    vote = hosting.skip(with_ideas(started(), ANNA, BEN), NOW)
    assert vote.phase is Phase.VOTE
    counting = hosting.skip(vote, NOW)
    assert counting.counting
    with refused(SessionRefused.NOTHING_TO_SKIP):
        hosting.skip(counting, NOW)


@pytest.mark.parametrize("session", [started(), undecided(ANNA, BEN), stuck(ANNA)], ids=["no ideas", "no votes", "stuck"])
def test_a_round_that_leads_to_nothing_is_skipped_for_the_next_one(session: Session) -> None:
    skipped = hosting.skip(session, NOW)
    assert (skipped.past[-1].outcome, the_round(skipped).number, skipped.head) == (Outcome.SKIPPED, 2, session.head)


@pytest.mark.parametrize("session", [planned(), extending(ANNA), started(Mode.RELAY)], ids=["opening", "extending", "waiting"])
def test_what_has_no_end_of_its_own_cannot_be_skipped(session: Session) -> None:
    with refused(SessionRefused.NOTHING_TO_SKIP):
        hosting.skip(session, NOW)


def test_skipping_the_choice_of_a_or_b_in_a_relay_goes_on_with_a() -> None:
    session = relay.request(started(Mode.RELAY, ANNA), ANNA, NOW, seq=1, tags="", title="", start=9.0)
    assert hosting.skip(brought(session), NOW).head.clip_id == "s1x1-A"


def test_in_a_pause_nothing_goes_on_and_nothing_is_spent() -> None:
    def paused(session: Session) -> Session:
        return clock.pause(session, Pause.HOST, NOW)

    with refused(SessionRefused.PAUSED):
        hosting.skip(paused(started()), NOW)
    with refused(SessionRefused.PAUSED):
        hosting.decide(paused(undecided(ANNA, BEN)), 1, NOW)
    for act in (hosting.retry, hosting.next_best):
        with refused(SessionRefused.PAUSED):
            act(paused(stuck(ANNA, BEN)), NOW)


# What is stuck.


def test_retry_asks_for_the_same_once_more() -> None:
    session = hosting.retry(stuck(ANNA, BEN), NOW)
    first, second = session.extensions
    assert (session.phase, second.job_id != first.job_id) == (Phase.EXTENDING, True)
    assert (second.user_id, second.tags, second.source, second.start) == (first.user_id, first.tags, first.source, first.start)


def test_the_next_best_idea_is_the_one_with_the_next_most_votes() -> None:
    session = voted(rung(with_ideas(started(), ANNA, BEN, CLEO)), {"1": 3, "2": 1, "3": 2})
    session = hosting.next_best(deadlines.failed(session, job_of(session), Trouble.CONTENT, NOW), NOW)
    assert the_round(session).by == CLEO
    session = hosting.next_best(deadlines.failed(session, job_of(session), Trouble.CONTENT, NOW), NOW)
    assert the_round(session).by == BEN
    with refused(SessionRefused.NO_SUCH_CHOICE):
        hosting.next_best(deadlines.failed(session, job_of(session), Trouble.CONTENT, NOW), NOW)


def test_where_nothing_is_stuck_there_is_nothing_to_retry_or_decide() -> None:
    for act in (hosting.retry, hosting.next_best):
        with refused(SessionRefused.STEP_OVER):
            act(started(), NOW)
    with refused(SessionRefused.STEP_OVER):
        hosting.decide(started(), 1, NOW)


def test_the_host_decides_between_the_ideas_that_are_there() -> None:
    with refused(SessionRefused.NO_SUCH_CHOICE):
        hosting.decide(undecided(ANNA, BEN), 3, NOW)
    assert the_round(hosting.decide(undecided(ANNA, BEN), 2, NOW)).by == BEN


# People.


@pytest.mark.parametrize("session", [with_ideas(started(), ANNA, BEN), rung(with_ideas(started(), ANNA, BEN)), undecided(ANNA, BEN)])
def test_the_idea_of_somebody_who_is_removed_goes_with_them(session: Session) -> None:
    session = hosting.remove(session, ANNA, NOW)
    assert [idea.user_id for idea in the_round(session).ideas] == [BEN]


def test_votes_for_the_idea_of_somebody_who_is_removed_choose_nothing() -> None:
    session = hosting.remove(rung(with_ideas(started(), ANNA, BEN)), ANNA, NOW)
    assert the_round(voted(session, {"1": 9, "2": 1})).by == BEN


def test_a_vote_whose_ideas_are_all_gone_asks_for_ideas_again() -> None:
    session = rung(with_ideas(started(), ANNA, BEN))
    session = voted(hosting.remove(hosting.remove(session, ANNA, NOW), BEN, NOW), {"1": 1})
    assert session.phase is Phase.IDEAS


def test_where_there_is_nothing_left_to_decide_on_the_host_can_still_skip() -> None:
    session = hosting.remove(hosting.remove(undecided(ANNA, BEN), ANNA, NOW), BEN, NOW)
    assert the_round(hosting.skip(session, NOW)).number == 2


def test_who_is_removed_while_an_extension_is_made_is_not_the_next_best() -> None:
    session = hosting.remove(extending(ANNA, BEN), BEN, NOW)
    session = deadlines.failed(session, job_of(session), Trouble.FAILED, NOW)
    with refused(SessionRefused.NO_SUCH_CHOICE):
        hosting.next_best(session, NOW)


def test_what_was_asked_for_before_its_person_was_removed_is_kept() -> None:
    session = brought(hosting.remove(extending(ANNA, BEN), ANNA, NOW))
    assert (session.phase, the_round(session).by) == (Phase.TAKES, ANNA)


def test_who_is_removed_while_being_up_hands_the_turn_on() -> None:
    session = hosting.remove(started(Mode.RELAY, ANNA, BEN), ANNA, NOW)
    assert (the_round(session).up, [player.user_id for player in session.line]) == (BEN, [BEN])


def test_what_somebody_sends_while_being_removed_is_refused() -> None:
    with refused(SessionRefused.REMOVED):
        with_ideas(hosting.remove(started(), ANNA, NOW), ANNA)
    with refused(SessionRefused.REMOVED):
        ideas.check_vote(hosting.remove(rung(with_ideas(started(), BEN, CLEO)), ANNA, NOW), ANNA, "1")
    with refused(SessionRefused.REMOVED):
        relay.join(hosting.remove(started(Mode.RELAY), ANNA, NOW), ANNA, NOW)
    with refused(SessionRefused.REMOVED):
        free.request(hosting.remove(started(Mode.OPEN), ANNA, NOW), ANNA, "root", NOW, tags="", title="", start=1.0)


def test_the_host_cannot_be_removed() -> None:
    with refused(SessionRefused.REMOVES_HOST):
        hosting.remove(started(), HOST, NOW)


def test_the_session_is_handed_over_but_to_nobody_who_was_removed() -> None:
    session = hosting.hand_over(started(), ANNA)
    hosting.check_host(session, ANNA, moderator=False)
    with refused(SessionRefused.NOT_THE_HOST):
        hosting.check_host(session, HOST, moderator=False)
    with refused(SessionRefused.REMOVED):
        hosting.hand_over(hosting.remove(started(), ANNA, NOW), ANNA)


def test_a_host_who_steps_down_offers_the_session_to_the_next_in_line() -> None:
    session = hosting.step_down(started(Mode.RELAY, HOST, ANNA, BEN))
    assert (session.offered_to, session.hosted) == (ANNA, False)
    with refused(SessionRefused.NOT_THE_HOST):
        hosting.check_host(session, HOST, moderator=False)
    hosting.check_host(session, CLEO, moderator=True)


def test_without_a_line_it_is_offered_to_who_has_taken_part_the_longest() -> None:
    session = hosting.remove(with_ideas(started(), HOST, ANNA, BEN), ANNA, NOW)
    assert hosting.step_down(session).offered_to == BEN


def test_a_host_with_nobody_there_stays_the_host() -> None:
    with refused(SessionRefused.NOBODY_THERE):
        hosting.step_down(with_ideas(started(), HOST))


@pytest.mark.parametrize("user_id", [ANNA, BEN, HOST])
def test_whoever_takes_part_takes_over_and_the_host_may_come_back(user_id: int) -> None:
    session = hosting.take_over(hosting.step_down(with_ideas(started(), ANNA, BEN)), user_id)
    assert (session.host_id, session.hosted) == (user_id, True)


def test_nobody_takes_over_who_is_not_there_or_was_removed_or_where_there_is_a_host() -> None:
    session = hosting.step_down(with_ideas(started(), ANNA, BEN))
    with refused(SessionRefused.NOT_TAKING_PART):
        hosting.take_over(session, CLEO)
    with refused(SessionRefused.REMOVED):
        hosting.take_over(hosting.remove(session, BEN, NOW), BEN)
    with refused(SessionRefused.HOSTED):
        hosting.take_over(started(), ANNA)


def test_where_the_one_it_is_offered_to_is_removed_it_is_offered_to_the_next() -> None:
    session = hosting.remove(hosting.step_down(with_ideas(started(), ANNA, BEN)), ANNA, NOW)
    assert session.offered_to == BEN
    session = hosting.remove(session, BEN, NOW)
    assert session.hosted, "with nobody there, it is the host's again"


# Undo.


def test_undo_plays_the_last_round_once_more_and_deletes_nothing() -> None:
    session = played(played(started()))
    undone = hosting.undo(with_ideas(session, ANNA), NOW)
    assert (undone.head.clip_id, the_round(undone).source.clip_id, the_round(undone).number) == ("s1x1-B", "s1x1-B", 2)
    assert [each.outcome for each in undone.past] == [Outcome.CHOSEN, Outcome.UNDONE, Outcome.UNDONE]
    assert (undone.spent, undone.past[1].picked, undone.last_seq) == (2, "s1x2-B", 4)


def test_undo_goes_back_as_often_as_there_is_something() -> None:
    session = hosting.undo(hosting.undo(played(played(started())), NOW), NOW)
    assert (session.head, the_round(session).number) == (session.root, 1)
    with refused(SessionRefused.NOTHING_TO_UNDO):
        hosting.undo(session, NOW)


def test_what_was_skipped_after_the_undone_round_is_played_too() -> None:
    session = hosting.undo(hosting.skip(played(started()), NOW), NOW)
    assert the_round(session).number == 1
    assert the_round(played(session)).number == 2


def test_undo_does_not_go_back_to_what_was_taken_down() -> None:
    session = rounds.lost(played(played(started())), frozenset({"s1x1-B"}), NOW)
    assert hosting.undo(session, NOW).head == session.root


def test_undo_waits_for_what_is_being_made_or_counted_and_for_a_budget() -> None:
    with refused(SessionRefused.NOTHING_TO_UNDO):
        hosting.undo(rung(with_ideas(played(started()), ANNA)), NOW)
    with refused(SessionRefused.NOTHING_TO_UNDO):
        hosting.undo(rung(rung(with_ideas(played(started()), ANNA, BEN))), NOW)
    session = brought(rung(with_ideas(played(started(budget=2)), ANNA)))
    with refused(SessionRefused.BUDGET_USED):
        hosting.undo(session, NOW)


def test_a_paused_session_that_is_undone_stays_paused_with_a_whole_round_ahead() -> None:
    session = hosting.undo(clock.pause(played(started()), Pause.HOST, NOW + 100), NOW + 200)
    assert (session.paused, session.due, session.left) == (Pause.HOST, None, ROUND)


# The end.


@pytest.mark.parametrize(
    "session",
    [
        planned(),
        started(),
        clock.pause(started(), Pause.PLACE, NOW),
        clock.hold(started(), NOW, held=True),
        rung(rung(with_ideas(started(), ANNA, BEN))),
        extending(ANNA),
        stuck(ANNA),
        started(Mode.RELAY),
        started(Mode.OPEN),
    ],
)
def test_a_session_can_be_ended_from_wherever_it_stands(session: Session) -> None:
    ended = hosting.end(session, NOW)
    assert (ended.phase, ended.ending, ended.due, ended.left, ended.paused, ended.held) == (
        Phase.ENDING,
        Ending.HOST,
        None,
        None,
        None,
        False,
    )
    assert (ended.ballot, ended.current) == (None, None)
