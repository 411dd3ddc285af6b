"""The mode *Open*: anybody continues anything of the family, until the doors close and a vote finds the best."""

from typing import Unpack

from bot.domain.sessions import clock, deadlines, free, hosting, ideas, rounds
from bot.domain.sessions.model import Ending, Outcome, Pause, Phase, Session, Trouble
from bot.domain.sessions.plans import Mode
from bot.domain.sessions.rounds import the_round
from bot.errors import SessionRefused
from tests.unit.sessions.making import ANNA, BEN, CLEO, NOW, Planned, pair, refused, rung, started, voted


def asked(session: Session, user_id: int, clip_id: str = "root", *, start: float = 30.0) -> Session:
    return free.request(session, user_id, clip_id, NOW, tags="house", title="", start=start)


def made(session: Session, job_id: str, user_id: int = ANNA) -> Session:
    return deadlines.brought(session, job_id, pair(job_id, user_id=user_id), NOW)


def opened(**plan: Unpack[Planned]) -> Session:
    return started(Mode.OPEN, **plan)


def test_several_people_continue_several_tracks_at_a_time() -> None:
    session = asked(made(asked(opened(), ANNA), "s1x1"), BEN, "s1x1-B")
    session = asked(session, ANNA, "root")
    assert [extension.source.clip_id for extension in session.running] == ["s1x1-B", "root"]
    assert (session.phase, session.due is not None) == (Phase.OPEN, True)


def test_everybody_has_one_request_at_a_time() -> None:
    session = asked(opened(), ANNA)
    with refused(SessionRefused.ONE_AT_A_TIME):
        asked(session, ANNA)
    assert asked(deadlines.failed(session, "s1x1", Trouble.UNKNOWN, NOW), ANNA).spent == 2


def test_only_tracks_of_the_family_are_continued_and_only_from_within() -> None:
    with refused(SessionRefused.NO_SUCH_CHOICE):
        asked(opened(), ANNA, "foreign")
    assert asked(opened(), ANNA, start=600.0).extensions[0].start == 59.0


def test_a_track_that_was_taken_down_is_continued_no_more_though_others_came_from_it() -> None:
    session = made(asked(made(asked(opened(), ANNA), "s1x1"), BEN, "s1x1-A"), "s1x2", BEN)
    session = rounds.lost(session, frozenset({"s1x1-A"}), NOW)
    with refused(SessionRefused.NO_SUCH_CHOICE):
        asked(session, CLEO, "s1x1-A")
    assert asked(session, CLEO, "s1x2-A").running


def test_each_extension_has_a_message_of_its_own() -> None:
    session = made(made(asked(asked(opened(), ANNA), BEN), "s1x1"), "s1x2", BEN)
    assert [(each.seq, each.outcome, each.by) for each in session.past] == [(2, Outcome.MADE, ANNA), (3, Outcome.MADE, BEN)]


def test_an_extension_that_is_reported_twice_is_shown_once() -> None:
    session = made(asked(opened(), ANNA), "s1x1")
    assert made(session, "s1x1") is session


def test_an_extension_whose_tracks_were_taken_down_already_is_not_shown() -> None:
    session = deadlines.brought(asked(opened(), ANNA), "s1x1", [], NOW)
    assert (session.past, session.running, session.spent) == ((), (), 1)


def test_the_budget_is_shared() -> None:
    session = asked(opened(budget=1), ANNA)
    with refused(SessionRefused.BUDGET_USED):
        asked(session, BEN)
    given_back = deadlines.failed(session, "s1x1", Trouble.REFUSED, NOW)
    assert (given_back.phase, asked(given_back, BEN).spent) == (Phase.OPEN, 1)
    assert deadlines.failed(asked(given_back, BEN), "s1x1", Trouble.UNKNOWN, NOW).spent == 1


def test_the_vote_begins_when_the_budget_is_used_and_everything_is_there() -> None:
    session = asked(asked(opened(budget=2), ANNA), BEN)
    session = made(session, "s1x1")
    assert session.phase is Phase.OPEN
    session = deadlines.failed(session, "s1x2", Trouble.STALLED, NOW)
    assert (session.phase, [take.clip_id for take in the_round(session).takes]) == (Phase.FINALE, ["s1x1-A", "s1x1-B"])


def test_when_the_doors_close_what_is_being_made_is_waited_for() -> None:
    session = rung(made(asked(asked(opened(), ANNA), BEN), "s1x1"))
    assert (session.phase, session.due) == (Phase.EXTENDING, None)
    with refused(SessionRefused.STEP_OVER):
        asked(session, CLEO)
    session = made(session, "s1x2", BEN)
    assert (session.phase, session.due) == (Phase.FINALE, NOW + free.FINALE_SECONDS)


def test_the_best_is_what_most_people_voted_for_but_nobody_for_their_own() -> None:
    session = rung(made(made(asked(asked(opened(), ANNA), BEN), "s1x1"), "s1x2", BEN))
    with refused(SessionRefused.OWN_IDEA):
        ideas.check_vote(session, BEN, "s1x2-B")
    assert ideas.check_vote(session, ANNA, "s1x2-B") == "finale 1"
    session = voted(session, {"s1x2-B": 2, "s1x1-A": 1})
    assert (session.phase, session.ending, session.head.clip_id) == (Phase.ENDING, Ending.ROUNDS, "s1x2-B")
    assert (session.past[-1].picked, session.past[-1].votes) == ("s1x2-B", {"s1x1-A": 1, "s1x2-B": 2})


def test_what_comes_late_is_shown_but_not_voted_on() -> None:
    session = made(asked(asked(opened(), ANNA), BEN), "s1x1")
    session = rung(deadlines.failed(session, "s1x2", Trouble.UNKNOWN, NOW))
    late = made(session, "s1x2", BEN)
    assert (late.phase, late.due, len(the_round(late).takes), len(late.past)) == (Phase.FINALE, session.due, 2, 2)
    with refused(SessionRefused.NO_SUCH_CHOICE):
        ideas.check_vote(late, CLEO, "s1x2-A")


def test_a_track_taken_down_before_it_is_counted_cannot_win() -> None:
    session = rung(rung(made(asked(opened(), ANNA), "s1x1")))
    session = rounds.lost(session, frozenset({"s1x1-A"}), NOW)
    assert ideas.counted(session, {"s1x1-A": 9, "s1x1-B": 1}, NOW).head.clip_id == "s1x1-B"


def test_when_everything_was_taken_down_there_is_nothing_to_vote_on() -> None:
    session = rung(made(asked(opened(), ANNA), "s1x1"))
    session = rounds.lost(session, frozenset({"s1x1-A", "s1x1-B"}), NOW)
    assert (session.phase, session.head) == (Phase.ENDING, session.root)


def test_an_open_session_in_which_nothing_was_made_just_ends() -> None:
    session = rung(opened())
    assert (session.phase, session.ending) == (Phase.ENDING, Ending.ROUNDS)
    session = deadlines.failed(asked(opened(budget=1), ANNA), "s1x1", Trouble.FAILED, NOW)
    assert (session.phase, session.ending) == (Phase.ENDING, Ending.BUDGET)


def test_in_a_pause_nobody_asks_but_what_is_made_is_shown() -> None:
    session = clock.pause(asked(opened(), ANNA), Pause.HOST, NOW)
    with refused(SessionRefused.PAUSED):
        asked(session, BEN)
    assert len(made(session, "s1x1").past) == 1


def test_the_host_closes_the_doors_early_and_undoes_nothing() -> None:
    session = made(asked(opened(), ANNA), "s1x1")
    with refused(SessionRefused.NOTHING_TO_UNDO):
        hosting.undo(session, NOW)
    assert hosting.skip(session, NOW).phase is Phase.FINALE


def test_an_end_waits_for_nothing_and_what_comes_then_changes_only_the_account() -> None:
    session = hosting.end(asked(opened(), ANNA), NOW)
    late = made(session, "s1x1")
    assert (late.phase, late.past, late.extensions[0].done) == (Phase.ENDING, session.past, True)
