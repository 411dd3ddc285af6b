"""Where a session takes place, and who hosts it: threads and messages that are lost, hosts who leave, people who are taken out."""

import asyncio

import pytest

from bot.domain.actors import Actor
from bot.domain.posts import SessionBegun
from bot.domain.sessions import rounds
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Ending, Outcome, Pause, Phase
from bot.domain.sessions.plans import Mode, Plan
from bot.errors import CannotPost, CannotShare, CannotTakePart, DiscordUnavailable, ReplyGone, SessionRefused
from tests.contract.builders import GUILD
from tests.unit.session_rig import ANNA, BEN, CHANNEL, CLEO, HOST, MODERATOR, THREAD, TYPED, SessionRig

REFUSED = CannotPost("Missing Access, as told")


async def test_a_thread_that_cannot_be_opened_pauses_the_session_and_the_host_may_try_again(sessions: SessionRig) -> None:
    sessions.venues.shut = True
    session_id = await sessions.begin(in_thread=False)
    waiting = await sessions.now(session_id)
    assert (waiting.phase, waiting.paused) == (Phase.OPENING, Pause.PLACE)
    assert len(sessions.venues.told) == 1
    sessions.venues.shut = False
    await sessions.host(session_id, HostAct.RESUME)
    begun = await sessions.now(session_id)
    assert (begun.phase, begun.place_id) == (Phase.IDEAS, sessions.venues.opened[-1])


async def test_a_message_above_the_thread_that_is_refused_pauses_the_session(sessions: SessionRig) -> None:
    sessions.office.raises["post"] = [REFUSED]
    session_id = await sessions.begin(in_thread=False)
    assert (await sessions.now(session_id)).paused is Pause.PLACE
    await sessions.host(session_id, HostAct.END)
    assert (await sessions.now(session_id)).phase is Phase.ENDED
    (recap,) = await sessions.recaps()
    assert recap.session.ending is Ending.HOST


async def test_an_outage_of_discord_while_the_thread_is_opened_is_waited_out(sessions: SessionRig) -> None:
    sessions.office.raises["post"] = [DiscordUnavailable("503")]
    session_id = await sessions.begin(in_thread=False)
    await sessions.later(60.0)
    assert (await sessions.now(session_id)).phase is Phase.IDEAS
    assert len(sessions.venues.opened) == 1
    assert sessions.venues.told == []


async def test_a_deleted_thread_pauses_the_session_once_and_resuming_opens_another(sessions: SessionRig) -> None:
    session_id = await sessions.begin(in_thread=False)
    first = (await sessions.now(session_id)).place_id or 0
    sessions.venues.gone.add(first)
    sessions.office.raises["edit"] = [REFUSED] * 3
    await sessions.ideas(session_id, ANNA)
    await sessions.boards()
    await sessions.boards()
    lost = await sessions.now(session_id)
    assert (lost.paused, lost.due) == (Pause.PLACE, None)
    assert [told.id for told in sessions.venues.told] == [session_id]
    sessions.office.raises.clear()
    await sessions.host(session_id, HostAct.RESUME)
    again = await sessions.now(session_id)
    assert again.place_id not in (None, first)
    assert again.due is not None
    board = (await sessions.boards())[-1]
    assert [idea.user_id for idea in board.round.ideas] == [ANNA.user_id]
    assert (board.round.number, board.round.seq) == (1, 2)
    opened = [content for _, content in sessions.office.up.values() if isinstance(content, SessionBegun)]
    assert len(opened) == 2


async def test_a_next_round_that_may_not_be_posted_pauses_and_resuming_posts_it(sessions: SessionRig) -> None:
    session_id = await sessions.takes()
    sessions.office.raises["post"] = [REFUSED]
    await sessions.ring(session_id)
    await sessions.settle()
    assert (await sessions.now(session_id)).paused is Pause.PLACE
    await sessions.host(session_id, HostAct.RESUME)
    first, second = await sessions.boards()
    assert first.round.outcome is Outcome.CHOSEN
    assert (second.round.number, second.session.place_id) == (2, THREAD)
    assert len(sessions.venues.told) == 1


async def test_a_track_of_an_open_session_that_may_not_be_posted_pauses_it(sessions: SessionRig) -> None:
    session_id = await sessions.begin(Plan(name="Open", mode=Mode.OPEN))
    await sessions.sessions.request(session_id, ANNA, TYPED, seq=1)
    await sessions.settle()
    sessions.office.raises["post"] = [REFUSED]
    await sessions.make(session_id)
    assert (await sessions.now(session_id)).paused is Pause.PLACE


async def test_a_deleted_message_of_the_round_is_posted_anew_with_what_it_held(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    (message_id,) = [message_id for message_id, (post, _) in sessions.office.up.items() if post.id == f"{session_id}r1"]
    await sessions.ideas(session_id, ANNA)
    del sessions.office.up[message_id]
    sessions.office.raises["edit"] = [ReplyGone("Unknown Message")]
    await sessions.boards()
    (board,) = await sessions.boards()
    assert (board.round.seq, board.round.number) == (2, 1)
    await sessions.sessions.put_forward(session_id, BEN, TYPED, seq=1)
    current = rounds.the_round(await sessions.now(session_id))
    assert [idea.user_id for idea in current.ideas] == [ANNA.user_id, BEN.user_id], "a form opened before still counts"
    assert sessions.venues.told == []


async def test_the_board_is_posted_anew_where_its_message_is_gone(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    sessions.office.up = {each: up for each, up in sessions.office.up.items() if not up[0].id.startswith(session_id)}
    session = await sessions.now(session_id)
    post, same = await sessions.meanwhile(asyncio.gather(*(sessions.sessions.board(session) for _ in range(2))))
    assert post is not None
    assert post.message_id in sessions.office.up
    again = await sessions.meanwhile(sessions.sessions.board(await sessions.now(session_id)))
    assert again == same == post


async def test_without_the_permissions_a_session_does_not_start(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    clip_id = (await sessions.now(session_id)).root.clip_id
    place = sessions.place(CHANNEL, bot_lacks=("create_public_threads",))
    with pytest.raises(CannotShare):
        await sessions.sessions.start(Plan(name="Friday"), clip_id, HOST, place, in_thread=False, once="another")
    assert len(await sessions.moving.store.live()) == 1


async def test_a_thread_has_one_session_and_a_server_several(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    with pytest.raises(CannotTakePart, match=SessionRefused.THREAD_TAKEN):
        await sessions.begin(once="another")
    other = await sessions.begin(in_thread=False, once="a third")
    there = Actor(user_id=HOST.user_id, guild_id=GUILD, moderator=False, channel_id=CHANNEL)
    assert (await sessions.sessions.here(there)).id == other
    assert (await sessions.sessions.here(HOST)).id == session_id


# The host.


async def test_a_host_who_has_left_is_replaced_by_who_takes_over(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA, BEN)
    sessions.venues.gone.add(HOST.user_id)
    for _ in range(4):
        await sessions.ring(session_id)
    offered = await sessions.now(session_id)
    assert (offered.phase, offered.offered_to) == (Phase.DECIDING, ANNA.user_id)
    with pytest.raises(CannotTakePart, match=SessionRefused.NOT_TAKING_PART):
        await sessions.sessions.take_over(session_id, CLEO)
    await sessions.sessions.take_over(session_id, BEN)
    await sessions.sessions.host(session_id, BEN, HostAct.DECIDE, number=2)
    await sessions.settle()
    assert (await sessions.now(session_id)).phase is Phase.EXTENDING


async def test_only_the_host_and_moderators_steer_and_a_session_is_handed_over(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    for act in HostAct:
        with pytest.raises(CannotTakePart, match=SessionRefused.NOT_THE_HOST):
            await sessions.sessions.host(session_id, ANNA, act)
    await sessions.host(session_id, HostAct.HAND_OVER, ANNA.user_id)
    with pytest.raises(CannotTakePart, match=SessionRefused.NOT_THE_HOST):
        await sessions.host(session_id, HostAct.PAUSE)
    await sessions.sessions.host(session_id, ANNA, HostAct.PAUSE)
    await sessions.sessions.host(session_id, MODERATOR, HostAct.RESUME)
    assert (await sessions.now(session_id)).paused is None


async def test_whoever_is_taken_out_has_no_idea_no_vote_and_no_place(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA, BEN, CLEO)
    await sessions.ring(session_id)
    await sessions.voted(session_id, {ANNA: "2", BEN: "3", HOST: "3"})
    await sessions.host(session_id, HostAct.REMOVE, ANNA.user_id)
    await sessions.host(session_id, HostAct.REMOVE, BEN.user_id)
    with pytest.raises(CannotTakePart, match=SessionRefused.REMOVED):
        await sessions.voted(session_id, {ANNA: "3"})
    await sessions.ring(session_id)
    after = await sessions.now(session_id)
    assert rounds.the_round(after).votes == {"3": 1}
    assert after.extensions[0].user_id == CLEO.user_id


async def test_an_undone_round_is_played_again_from_the_track_before_and_nothing_is_deleted(sessions: SessionRig) -> None:
    session_id = await sessions.takes()
    await sessions.ring(session_id)
    await sessions.host(session_id, HostAct.UNDO)
    again = await sessions.now(session_id)
    assert (again.head, rounds.the_round(again).number, again.spent) == (again.root, 1, 1)
    boards = await sessions.boards()
    assert [board.round.outcome for board in boards] == [Outcome.UNDONE, Outcome.UNDONE, None]
    assert len(boards[0].takes) == 2
    await sessions.sessions.put_forward(session_id, ANNA, TYPED, seq=again.last_seq)


async def test_what_was_opened_in_one_round_is_refused_in_the_next(sessions: SessionRig) -> None:
    session_id = await sessions.takes()
    await sessions.ring(session_id)
    with pytest.raises(CannotTakePart, match=SessionRefused.STEP_OVER):
        await sessions.sessions.put_forward(session_id, ANNA, TYPED, seq=1)


async def test_more_time_is_given_once_more_than_there_was(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    due = (await sessions.now(session_id)).due or 0.0
    await sessions.host(session_id, HostAct.MORE_TIME, 60)
    assert (await sessions.now(session_id)).due == due + 60.0
