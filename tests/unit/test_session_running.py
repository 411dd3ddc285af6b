"""Sessions as they run: each step follows from the one before, and the clock stands still where people cannot use the time."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.sessions import rounds
from bot.domain.sessions.clock import LEAST_LEFT, LONGEST_ABSENCE
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Ending, Outcome, Pause, Phase
from bot.domain.sessions.plans import Mode, Plan
from bot.errors import CannotTakePart, DiscordUnavailable, OutOfCredits, SessionRefused, StoreUnavailable
from bot.services.sessions.running import ALIVE
from tests.unit.session_rig import ANNA, BEN, CHANNEL, CLEO, HOST, ROUND, TYPED, SessionRig

RELAY = Plan(name="Relay", mode=Mode.RELAY)


async def test_an_idea_is_voted_for_made_and_gone_on_with_until_the_recap(sessions: SessionRig) -> None:
    session_id = await sessions.begin(Plan(name="Friday", rounds=1), in_thread=False)
    assert len(sessions.venues.opened) == 1
    await sessions.ideas(session_id, ANNA, BEN)
    await sessions.ring(session_id)
    await sessions.voted(session_id, {CLEO: "2", HOST: "2", ANNA: "2"})
    (vote,) = await sessions.boards()
    assert vote.turnout == 3
    await sessions.ring(session_id)
    assert (await sessions.now(session_id)).phase is Phase.EXTENDING
    await sessions.make(session_id)
    (takes,) = await sessions.boards()
    _, b = takes.takes
    await sessions.voted(session_id, {ANNA: b.clip_id})
    await sessions.ring(session_id)
    ended = await sessions.now(session_id)
    assert (ended.phase, ended.ending, ended.head.clip_id) == (Phase.ENDED, Ending.ROUNDS, b.clip_id)
    in_thread, in_channel = await sessions.recaps()
    assert in_thread.best == in_channel.best == b
    assert sessions.bought == 1
    assert (await sessions.job(session_id)).result_id is not None, "its message is known as the job's result"


async def test_without_votes_a_round_is_played_once_more_and_then_the_host_decides(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA, BEN)
    for phase in (Phase.VOTE, Phase.IDEAS, Phase.VOTE, Phase.DECIDING):
        await sessions.ring(session_id)
        assert (await sessions.now(session_id)).phase is phase
    assert sessions.bought == 0
    await sessions.host(session_id, HostAct.DECIDE, 2)
    assert (await sessions.now(session_id)).extensions[0].user_id == BEN.user_id


async def test_without_ideas_a_round_waits_once_and_then_the_session_pauses(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ring(session_id)
    (board,) = await sessions.boards()
    assert board.round.waited
    await sessions.ring(session_id)
    paused = await sessions.now(session_id)
    assert (paused.paused, paused.due) == (Pause.NO_IDEAS, None)
    with pytest.raises(CannotTakePart, match=SessionRefused.PAUSED):
        await sessions.ideas(session_id, ANNA)
    await sessions.host(session_id, HostAct.RESUME)
    await sessions.ideas(session_id, ANNA)


async def test_a_tie_goes_to_the_earlier_idea(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA, BEN)
    await sessions.ring(session_id)
    await sessions.voted(session_id, {ANNA: "2", BEN: "1"})
    await sessions.ring(session_id)
    assert (await sessions.now(session_id)).extensions[0].user_id == ANNA.user_id


async def test_a_vote_that_comes_when_the_time_is_over_is_refused_and_one_before_is_counted(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA, BEN)
    await sessions.ring(session_id)
    due = (await sessions.now(session_id)).due
    assert due is not None
    sessions.clock.advance(due - sessions.clock.now())
    await sessions.voted(session_id, {CLEO: "2"})
    await sessions.settle()
    with pytest.raises(CannotTakePart, match=SessionRefused.STEP_OVER):
        await sessions.voted(session_id, {HOST: "1"})
    assert (await sessions.now(session_id)).extensions[0].user_id == BEN.user_id


async def test_the_clock_stands_still_while_the_extension_is_made_and_rings_once(sessions: SessionRig) -> None:
    session_id = await sessions.takes()
    first = await sessions.now(session_id)
    assert first.due is not None
    await sessions.later(first.due - sessions.clock.now())
    second = await sessions.now(session_id)
    await sessions.settle()
    assert (second.current and second.current.number) == 2
    assert (await sessions.now(session_id)).revision == second.revision


async def test_the_clock_stands_still_while_there_are_no_credits_and_the_round_says_so(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ask()
    left = (await sessions.now(session_id)).due or 0.0
    sessions.music.answers.append(OutOfCredits("no credits"))
    await sessions.submit()
    left -= sessions.clock.now()
    await sessions.moving.running.look_at_lanes()
    (board,) = await sessions.boards()
    assert board.session.held
    await sessions.later(4 * 3600.0)
    held = await sessions.now(session_id)
    assert (held.phase, held.due, held.left) == (Phase.IDEAS, None, left)
    await sessions.ideas(session_id, ANNA)
    sessions.lanes.release()
    await sessions.submit()
    await sessions.moving.running.look_at_lanes()
    assert (await sessions.now(session_id)).due == sessions.clock.now() + left


async def test_a_short_absence_costs_nobody_time(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    due = (await sessions.now(session_id)).due or 0.0
    await sessions.moving.memory.set(ALIVE, repr(sessions.clock.now()))
    sessions.clock.advance(LONGEST_ABSENCE)
    await sessions.restart()
    await sessions.settle()
    after = await sessions.now(session_id)
    assert (after.paused, after.due) == (None, due + LONGEST_ABSENCE)
    assert sessions.venues.told == []


async def test_after_a_long_absence_a_session_is_paused_with_one_notice_and_its_host_resumes_it(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    left = ((await sessions.now(session_id)).due or 0.0) - sessions.clock.now()
    await sessions.moving.memory.set(ALIVE, repr(sessions.clock.now()))
    sessions.clock.advance(LONGEST_ABSENCE + 1)
    await sessions.restart()
    await sessions.settle()
    await sessions.restart()
    await sessions.settle()
    away = await sessions.now(session_id)
    assert (away.paused, away.left) == (Pause.AWAY, left)
    assert [told.id for told in sessions.venues.told] == [session_id]
    await sessions.host(session_id, HostAct.RESUME)
    (board,) = await sessions.boards()
    assert board.session.due == sessions.clock.now() - 5.0 + left


async def test_a_host_who_cannot_be_told_at_once_is_told_as_soon_as_that_is_possible(sessions: SessionRig) -> None:
    await sessions.begin()
    await sessions.moving.memory.set(ALIVE, repr(sessions.clock.now()))
    sessions.clock.advance(LONGEST_ABSENCE + 1)
    sessions.venues.raises = DiscordUnavailable("no way through, as told")
    await sessions.restart()
    await sessions.settle()
    sessions.venues.raises = None
    await sessions.later(60.0)
    await sessions.later(60.0)
    assert len(sessions.venues.told) == 1


async def test_a_step_that_is_nearly_over_leaves_people_time_after_a_pause(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    due = (await sessions.now(session_id)).due or 0.0
    await sessions.later(due - sessions.clock.now() - 1.0)
    await sessions.host(session_id, HostAct.PAUSE)
    await sessions.later(3600.0)
    await sessions.host(session_id, HostAct.RESUME)
    assert (await sessions.now(session_id)).due == sessions.clock.now() + LEAST_LEFT


async def test_a_change_whose_answer_is_lost_is_gone_on_from(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    sessions.database.unheard = frozenset({sessions.database.writes + 1})
    with pytest.raises(StoreUnavailable):
        await sessions.ideas(session_id, ANNA)
    await sessions.settle()
    (board,) = await sessions.boards()
    assert [idea.user_id for idea in board.round.ideas] == [ANNA.user_id]
    await sessions.later(ROUND)
    assert (await sessions.now(session_id)).phase is Phase.EXTENDING


async def test_a_start_whose_answer_is_lost_is_gone_on_from_too(sessions: SessionRig) -> None:
    other = await sessions.begin()
    clip_id = (await sessions.now(other)).root.clip_id
    place = sessions.place(CHANNEL)
    sessions.database.unheard = frozenset({sessions.database.writes + 1})
    with pytest.raises(StoreUnavailable):
        await sessions.sessions.start(Plan(name="Friday"), clip_id, HOST, place, in_thread=False, once="another")
    await sessions.settle()
    await sessions.settle()
    again = await sessions.sessions.start(Plan(name="Friday"), clip_id, HOST, place, in_thread=False, once="another")
    assert again.phase is Phase.IDEAS
    assert len(sessions.venues.opened) == 1


async def test_whoever_is_up_and_lets_the_time_pass_hands_the_turn_on_and_twice_is_out_of_the_line(sessions: SessionRig) -> None:
    session_id = await sessions.begin(RELAY)
    for person in (ANNA, BEN):
        await sessions.sessions.join(session_id, person)
    await sessions.settle()
    for up in (BEN, ANNA, BEN):
        await sessions.ring(session_id)
        current = (await sessions.now(session_id)).current
        assert current is not None
        assert (current.up, current.number) == (up.user_id, 1)
    await sessions.ring(session_id)
    assert (await sessions.now(session_id)).phase is Phase.WAITING
    boards = await sessions.boards()
    assert [board.round.outcome for board in boards] == [*[Outcome.PASSED] * 4, None]


async def test_a_relay_of_two_goes_on_with_a_pick_or_with_a(sessions: SessionRig) -> None:
    session_id = await sessions.begin(Plan(name="Relay", mode=Mode.RELAY, rounds=2))
    for person in (ANNA, BEN):
        await sessions.sessions.join(session_id, person)
    with pytest.raises(CannotTakePart, match=SessionRefused.NOT_UP):
        await sessions.sessions.request(session_id, BEN, TYPED, seq=1)
    with pytest.raises(CannotTakePart, match=SessionRefused.IN_LINE):
        await sessions.sessions.join(session_id, BEN)
    await sessions.sessions.request(session_id, ANNA, TYPED, seq=1)
    await sessions.settle()
    await sessions.make(session_id)
    takes = (await sessions.boards())[-1].takes
    with pytest.raises(CannotTakePart, match=SessionRefused.NOT_UP):
        await sessions.sessions.pick(session_id, BEN, takes[1].clip_id, seq=1)
    await sessions.sessions.pick(session_id, ANNA, takes[1].clip_id, seq=1)
    await sessions.settle()
    second = await sessions.now(session_id)
    assert (second.head.clip_id, second.current and second.current.up) == (takes[1].clip_id, BEN.user_id)
    await sessions.sessions.request(session_id, BEN, TYPED, seq=second.last_seq)
    await sessions.settle()
    await sessions.make(session_id)
    await sessions.ring(session_id)
    ended = await sessions.now(session_id)
    assert (ended.phase, ended.head.variant) == (Phase.ENDED, "A")


async def test_an_open_session_ends_with_a_vote_for_the_best(sessions: SessionRig) -> None:
    session_id = await sessions.begin(Plan(name="Open", mode=Mode.OPEN, rounds=1))
    root = (await sessions.now(session_id)).root
    await sessions.sessions.request(session_id, ANNA, TYPED, seq=1)
    with pytest.raises(CannotTakePart, match=SessionRefused.ONE_AT_A_TIME):
        await sessions.sessions.request(session_id, ANNA, TYPED, seq=1)
    await sessions.settle()
    await sessions.make(session_id)
    (made,) = (await sessions.now(session_id)).past
    on = replace(TYPED, continue_clip_id=made.takes[1].clip_id)
    await sessions.sessions.request(session_id, BEN, on, seq=1)
    await sessions.ring(session_id)
    assert (await sessions.now(session_id)).phase is Phase.EXTENDING, "what is being made is waited for"
    await sessions.make(session_id)
    finale = await sessions.now(session_id)
    assert finale.phase is Phase.FINALE
    best = rounds.the_round(finale).takes[-1]
    with pytest.raises(CannotTakePart, match=SessionRefused.OWN_IDEA):
        await sessions.voted(session_id, {BEN: best.clip_id})
    await sessions.voted(session_id, {ANNA: best.clip_id, HOST: best.clip_id})
    await sessions.ring(session_id)
    ended = await sessions.now(session_id)
    assert (ended.phase, ended.head, ended.root) == (Phase.ENDED, best, root)
    assert (await sessions.job(session_id)).source_id == made.takes[1].clip_id


async def test_start_pressed_twice_at_once_is_one_session(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    there = await sessions.now(session_id)
    plan, place = Plan(name="Friday"), sessions.place(CHANNEL)
    starts = [sessions.sessions.start(plan, there.root.clip_id, HOST, place, in_thread=False, once="another") for _ in range(2)]
    first, second = await asyncio.gather(*starts)
    assert first == second
    assert len(await sessions.moving.store.live()) == 2
