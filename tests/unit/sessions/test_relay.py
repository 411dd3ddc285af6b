"""The mode *Relay*: the line, whose turn it is, and what happens when nobody comes."""

from bot.domain.sessions import clock, deadlines, hosting, relay, rounds
from bot.domain.sessions.model import MOST_IN_LINE, Outcome, Pause, Phase, Player, Session, Trouble
from bot.domain.sessions.plans import TAKES_SECONDS, Mode
from bot.domain.sessions.rounds import the_round
from bot.errors import SessionRefused
from tests.unit.sessions.making import ANNA, BEN, CLEO, HOST, NOW, ROUND, brought, job_of, refused, rung, started


def relayed(*line: int) -> Session:
    return started(Mode.RELAY, *line)


def asked(session: Session, user_id: int, *, start: float = 30.0) -> Session:
    return relay.request(session, user_id, NOW, seq=session.last_seq, tags="house", title="", start=start)


def line_of(session: Session) -> list[int]:
    return [player.user_id for player in session.line]


def test_the_first_in_line_is_up() -> None:
    session = relayed(ANNA, BEN)
    assert (session.phase, the_round(session).up, session.due) == (Phase.TURN, ANNA, NOW + ROUND)


def test_with_nobody_in_line_the_round_waits_and_whoever_comes_is_up() -> None:
    waiting = relayed()
    assert (waiting.phase, waiting.due) == (Phase.WAITING, None)
    session = relay.join(waiting, BEN, NOW + 500)
    assert (session.phase, the_round(session).up, session.due) == (Phase.TURN, BEN, NOW + 500 + ROUND)


def test_nobody_stands_in_line_twice() -> None:
    with refused(SessionRefused.IN_LINE):
        relay.join(relayed(ANNA), ANNA, NOW)


def test_a_line_has_an_end() -> None:
    with refused(SessionRefused.LINE_FULL):
        relay.join(relayed(*range(100, 100 + MOST_IN_LINE)), ANNA, NOW)


def test_other_modes_and_sessions_that_are_over_have_no_line() -> None:
    for session in (started(Mode.IDEAS), started(Mode.OPEN), hosting.end(relayed(ANNA), NOW)):
        with refused(SessionRefused.NO_LINE):
            relay.join(session, BEN, NOW)


def test_only_whoever_is_up_may_continue_and_only_in_this_round() -> None:
    session = relayed(ANNA, BEN)
    with refused(SessionRefused.NOT_UP):
        asked(session, BEN)
    with refused(SessionRefused.STEP_OVER):
        relay.request(session, ANNA, NOW, seq=9, tags="", title="", start=1.0)
    with refused(SessionRefused.PAUSED):
        asked(clock.pause(session, Pause.HOST, NOW), ANNA)
    assert asked(session, ANNA).phase is Phase.EXTENDING


def test_a_turn_that_was_played_leads_to_the_end_of_the_line() -> None:
    session = brought(asked(relayed(ANNA, BEN), ANNA))
    assert (session.phase, session.due, session.ballot) == (Phase.TAKES, NOW + TAKES_SECONDS, None)
    session = relay.pick_take(session, ANNA, "s1x1-B", NOW, seq=session.last_seq)
    assert (session.head.clip_id, line_of(session), the_round(session).up, the_round(session).number) == ("s1x1-B", [BEN, ANNA], BEN, 2)


def test_whoever_does_not_pick_goes_on_with_a() -> None:
    session = rung(brought(asked(relayed(ANNA, BEN), ANNA)))
    assert (session.head.clip_id, the_round(session).up) == ("s1x1-A", BEN)


def test_nobody_else_picks_and_nothing_else_is_picked() -> None:
    session = brought(asked(relayed(ANNA, BEN), ANNA))
    with refused(SessionRefused.NOT_UP):
        relay.pick_take(session, BEN, "s1x1-B", NOW, seq=1)
    with refused(SessionRefused.NO_SUCH_CHOICE):
        relay.pick_take(session, ANNA, "s1x9-B", NOW, seq=1)
    with refused(SessionRefused.STEP_OVER):
        relay.pick_take(session, ANNA, "s1x1-B", NOW, seq=2)
    with refused(SessionRefused.PAUSED):
        relay.pick_take(clock.pause(session, Pause.HOST, NOW), ANNA, "s1x1-B", NOW, seq=1)


def test_when_time_is_over_the_next_one_is_up_in_the_same_round() -> None:
    session = rung(relayed(ANNA, BEN))
    current = the_round(session)
    assert (current.up, current.number, current.seq) == (BEN, 1, 2)
    assert (session.past[0].outcome, line_of(session)) == (Outcome.PASSED, [BEN, ANNA])


def test_whoever_passes_twice_in_a_row_is_out_of_the_line() -> None:
    session = rung(relayed(ANNA))
    assert session.line == (Player(user_id=ANNA, passes=1),)
    session = rung(session)
    assert (session.phase, session.line, the_round(session).up) == (Phase.WAITING, (), None)


def test_who_plays_in_between_has_not_passed_twice_in_a_row() -> None:
    session = rung(brought(asked(rung(relayed(ANNA)), ANNA)))
    assert session.line == (Player(user_id=ANNA, passes=0),)


def test_while_the_bot_was_down_nobody_passed() -> None:
    session = relayed(ANNA, BEN)
    back = clock.after_absence(session, NOW + 100, NOW + 600)
    assert deadlines.rung(back, NOW + 600) is back


def test_whoever_leaves_while_being_up_hands_the_turn_on() -> None:
    session = relay.leave(relayed(ANNA, BEN), ANNA, NOW)
    assert (the_round(session).up, line_of(session)) == (BEN, [BEN])


def test_whoever_leaves_while_waiting_just_leaves() -> None:
    session = relay.leave(relayed(ANNA, BEN), BEN, NOW)
    assert (the_round(session).up, session.last_seq, line_of(session)) == (ANNA, 1, [ANNA])
    with refused(SessionRefused.NOT_IN_LINE):
        relay.leave(session, BEN, NOW)


def test_what_somebody_asked_for_before_they_left_is_still_theirs() -> None:
    session = brought(relay.leave(asked(relayed(ANNA, BEN), ANNA), ANNA, NOW))
    session = relay.pick_take(session, ANNA, "s1x1-B", NOW, seq=1)
    assert (session.past[0].by, line_of(session)) == (ANNA, [BEN])


def test_the_host_skips_a_turn_without_it_being_a_pass() -> None:
    session = hosting.skip(relayed(ANNA, BEN), NOW)
    assert session.line == (Player(user_id=BEN), Player(user_id=ANNA))


def test_after_a_round_that_is_stuck_was_skipped_the_next_one_is_up() -> None:
    session = asked(relayed(ANNA, BEN), ANNA)
    session = hosting.skip(deadlines.failed(session, job_of(session), Trouble.FAILED, NOW), NOW)
    assert (the_round(session).up, the_round(session).number, line_of(session)) == (BEN, 2, [BEN, ANNA])


def test_a_retry_asks_for_the_same_from_a_point_within_the_track() -> None:
    session = relayed(ANNA)
    session = rung(brought(asked(session, ANNA, start=30.0), seconds=200.0))
    session = asked(session, ANNA, start=190.0)
    session = deadlines.failed(session, job_of(session), Trouble.SOURCE, NOW)
    session = hosting.retry(rounds.lost(session, frozenset({"s1x1-A"}), NOW), NOW)
    again = session.extensions[-1]
    assert (again.source.clip_id, again.start, again.tags, again.user_id) == ("root", 59.0, "house", ANNA)


def test_those_in_line_are_told_when_their_turn_is_about() -> None:
    session = relayed(ANNA, BEN, CLEO)
    played = relay.ABOUT_A_TRACK + TAKES_SECONDS
    assert relay.turns_at(session, NOW) == {BEN: NOW + ROUND + played, CLEO: NOW + ROUND + played + ROUND + played}
    made = asked(session, ANNA)
    assert relay.turns_at(made, NOW + 5)[BEN] == NOW + 5 + played
    assert relay.turns_at(brought(made), NOW + 5)[BEN] == NOW + TAKES_SECONDS


def test_in_a_pause_the_time_that_is_left_counts_from_now() -> None:
    paused = clock.pause(relayed(HOST, BEN), Pause.HOST, NOW + 80)
    assert relay.turns_at(paused, NOW + 500)[BEN] == NOW + 500 + 100 + relay.ABOUT_A_TRACK + TAKES_SECONDS
