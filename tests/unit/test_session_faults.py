"""What goes wrong with a session's extensions, its budget and its tracks: nobody is charged twice, and there is always a way on."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.jobs import JobState
from bot.domain.reports import Stage
from bot.domain.sessions.hosting import HostAct
from bot.domain.sessions.model import Ending, Outcome, Phase, Session, Trouble
from bot.domain.sessions.plans import Mode, Plan
from bot.errors import Ambiguous, CannotTakePart, ContentRefused, NotConnected, ProviderError, Refused, SessionRefused
from tests.unit.rig import DEADLINE
from tests.unit.session_rig import ANNA, BEN, CLEO, HOST, MODERATOR, TYPED, SessionRig

PLAN = Plan(name="Friday", budget=2)
MANAGER = replace(MODERATOR, manager=True)
LATE = replace(TYPED, continue_at="6:00")


async def stuck(sessions: SessionRig, why: ProviderError, plan: Plan = PLAN) -> str:
    """Let the extension of the first of two ideas meet an error of the provider's."""
    session_id = await sessions.begin(plan)
    await sessions.ideas(session_id, ANNA, BEN)
    await sessions.ring(session_id)
    await sessions.voted(session_id, {BEN: "1"})
    sessions.music.answers.append(why)
    await sessions.ring(session_id)
    await sessions.submit()
    await sessions.settle()
    return session_id


@pytest.mark.parametrize(
    ("why", "trouble", "spent"),
    [
        (Refused("no such model"), Trouble.REFUSED, 0),
        (ContentRefused("no names"), Trouble.CONTENT, 0),
        (Ambiguous("reset"), Trouble.UNKNOWN, 1),
    ],
)
async def test_an_extension_that_was_not_accepted_is_given_back_and_one_that_may_have_been_is_not(
    sessions: SessionRig, why: ProviderError, trouble: Trouble, spent: int
) -> None:
    session_id = await stuck(sessions, why)
    (board,) = await sessions.boards()
    assert (board.session.phase, board.round.trouble, board.session.spent) == (Phase.STUCK, trouble, spent)
    await sessions.host(session_id, HostAct.RETRY)
    await sessions.make(session_id)
    assert (await sessions.now(session_id)).phase is Phase.TAKES
    assert sessions.bought == 2
    assert (await sessions.now(session_id)).extensions[1].user_id == ANNA.user_id


async def test_an_hour_without_the_provider_is_waited_out_and_costs_nothing(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    sessions.music.answers.extend([NotConnected("no route")] * 3)
    for _ in range(3):
        await sessions.submit()
        await sessions.later(1200.0)
    waiting = await sessions.now(session_id)
    assert (waiting.phase, waiting.due, waiting.spent) == (Phase.EXTENDING, None, 1)
    await sessions.make(session_id)
    assert (await sessions.now(session_id)).phase is Phase.TAKES


async def test_a_stalled_extension_that_comes_late_is_gone_on_with(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    await sessions.submit()
    job = await sessions.job(session_id)
    sessions.music.made(job.task_id or "", Stage.WAITING)
    await sessions.query(after=DEADLINE + 1.0)
    await sessions.settle()
    (board,) = await sessions.boards()
    assert (board.round.trouble, board.session.spent) == (Trouble.STALLED, 1)
    sessions.clock.advance(3600.0)
    await sessions.make(session_id)
    assert (await sessions.now(session_id)).phase is Phase.TAKES


async def test_a_task_that_fails_offers_the_next_idea_and_counts(sessions: SessionRig) -> None:
    session_id = await sessions.begin(PLAN)
    await sessions.ideas(session_id, ANNA, BEN)
    await sessions.ring(session_id)
    await sessions.voted(session_id, {BEN: "1"})
    await sessions.ring(session_id)
    await sessions.make(session_id, Stage.FAILED, Stage.FAILED)
    assert ((await sessions.now(session_id)).phase, (await sessions.now(session_id)).spent) == (Phase.STUCK, 1)
    await sessions.host(session_id, HostAct.NEXT_BEST)
    assert (await sessions.now(session_id)).extensions[1].user_id == BEN.user_id
    await sessions.make(session_id, Stage.FAILED, Stage.FAILED)
    with pytest.raises(CannotTakePart, match=SessionRefused.BUDGET_USED):
        await sessions.host(session_id, HostAct.RETRY)
    await sessions.host(session_id, HostAct.SKIP)
    ended = await sessions.now(session_id)
    assert (ended.phase, ended.ending) == (Phase.ENDED, Ending.BUDGET)
    assert sessions.bought == 2


async def test_one_version_alone_needs_no_vote(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    await sessions.make(session_id, Stage.FAILED, Stage.DONE)
    after = await sessions.now(session_id)
    assert (after.phase, after.past[0].outcome, after.head.variant) == (Phase.IDEAS, Outcome.CHOSEN, "B")


async def test_what_somebody_calls_off_in_their_list_is_given_back(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    await sessions.handling.cancel((await sessions.job(session_id)).id, ANNA)
    await sessions.settle()
    (board,) = await sessions.boards()
    assert (board.round.trouble, board.session.spent) == (Trouble.CANCELLED, 0)
    assert sessions.bought == 0


async def limited(sessions: SessionRig, tracks: int) -> None:
    """Let the server spend so many tracks a day."""
    await sessions.services.guilds.change(MANAGER, lambda settings: replace(settings, daily_per_server=tracks))


async def test_the_servers_day_is_kept_to(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await limited(sessions, 1)
    await sessions.ideas(session_id, ANNA)
    await sessions.ring(session_id)
    (board,) = await sessions.boards()
    assert (board.round.trouble, board.session.spent) == (Trouble.LIMIT, 0)
    assert await sessions.jobs.get(board.session.extensions[0].job_id) is None


async def test_a_budget_is_no_larger_than_what_the_server_may_still_spend(sessions: SessionRig) -> None:
    await limited(sessions, 4)
    with pytest.raises(CannotTakePart, match=SessionRefused.TOO_DEAR):
        await sessions.begin(Plan(name="Friday", budget=4))
    session_id = await sessions.begin(Plan(name="Friday", budget=2))
    assert (await sessions.now(session_id)).plan.budget == 2


async def test_somebody_with_their_three_requests_under_way_can_still_play(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    for _ in range(3):
        await sessions.ask(user_id=ANNA.user_id)
    await sessions.ask(user_id=BEN.user_id)
    await sessions.ideas(session_id, ANNA)
    await sessions.ring(session_id)
    assert (await sessions.job(session_id)).state is JobState.QUEUED
    (board,) = await sessions.boards()
    assert board.standing is not None
    assert board.standing.place == 3, "each in turn, and not behind all that Anna asks for"


# Tracks that are taken down.


async def removed(sessions: SessionRig, clip_id: str) -> None:
    clip = await sessions.clips.get(clip_id)
    assert clip is not None
    (job,) = await sessions.jobs.of_task(clip.task_id)
    await sessions.services.moderation.remove(job.id, MODERATOR)
    await sessions.settle()


async def test_a_session_ends_when_the_track_that_it_began_with_is_taken_down(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA)
    await removed(sessions, (await sessions.now(session_id)).root.clip_id)
    ended = await sessions.now(session_id)
    assert (ended.phase, ended.ending) == (Phase.ENDED, Ending.SOURCE)
    in_thread, in_channel = await sessions.recaps()
    assert (in_thread.best, in_channel.best) == (None, None)


async def test_a_round_whose_source_is_taken_down_continues_the_one_before_from_within_it(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    sessions.archive.seconds = 400.0
    await sessions.ideas(session_id, ANNA)
    await sessions.ring(session_id)
    await sessions.make(session_id)
    await sessions.ring(session_id)
    second = await sessions.now(session_id)
    await sessions.sessions.put_forward(session_id, ANNA, LATE, seq=second.last_seq)
    await removed(sessions, second.head.clip_id)
    after = await sessions.now(session_id)
    assert after.head == after.root
    assert after.current is not None
    (idea,) = after.current.ideas
    assert idea.moved
    assert idea.start < after.root.seconds
    await sessions.ring(session_id)
    assert (await sessions.job(session_id)).source_id == after.root.clip_id


async def test_takes_that_are_taken_down_during_the_vote_leave_the_round_to_the_host(sessions: SessionRig) -> None:
    session_id = await sessions.takes()
    job = await sessions.job(session_id)
    await sessions.services.moderation.remove(job.id, MODERATOR)
    await sessions.settle()
    (board,) = await sessions.boards()
    assert (board.session.phase, board.round.trouble, board.session.spent) == (Phase.STUCK, Trouble.TAKEN_DOWN, 1)
    assert board.takes == ()


async def test_what_is_taken_down_while_it_is_made_is_not_gone_on_with(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    await sessions.submit()
    await sessions.services.moderation.remove((await sessions.job(session_id)).id, MODERATOR)
    await sessions.make(session_id)
    (board,) = await sessions.boards()
    assert (board.session.phase, board.round.trouble) == (Phase.STUCK, Trouble.TAKEN_DOWN)


async def test_what_is_taken_down_in_the_line_is_heard_of(sessions: SessionRig) -> None:
    session_id = await sessions.extending()
    await sessions.services.moderation.remove((await sessions.job(session_id)).id, MODERATOR)
    await sessions.settle()
    (board,) = await sessions.boards()
    assert (board.round.trouble, board.session.spent) == (Trouble.CANCELLED, 0)


# Many at once.


async def test_two_people_who_press_at_once_each_have_their_idea(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await asyncio.gather(*(sessions.ideas(session_id, person) for person in (ANNA, BEN, CLEO)))
    await asyncio.gather(*(sessions.ideas(session_id, person) for person in (ANNA, ANNA)))
    current = (await sessions.now(session_id)).current
    assert current is not None
    assert sorted(idea.user_id for idea in current.ideas) == sorted(person.user_id for person in (ANNA, BEN, CLEO))
    assert sorted(idea.number for idea in current.ideas) == [1, 2, 3]


async def test_a_host_and_a_moderator_who_press_at_once_skip_one_step(sessions: SessionRig) -> None:
    session_id = await stuck(sessions, Refused("no such model"))
    acts = (sessions.sessions.host(session_id, who, HostAct.RETRY) for who in (HOST, MODERATOR))
    done = await asyncio.gather(*acts, return_exceptions=True)
    assert sum(isinstance(each, Session) for each in done) == 1
    await sessions.settle()
    assert len((await sessions.now(session_id)).extensions) == 2


async def test_an_open_session_whose_budget_is_asked_for_at_once_is_never_overspent(sessions: SessionRig) -> None:
    session_id = await sessions.begin(Plan(name="Open", mode=Mode.OPEN, budget=2))
    asked = (sessions.sessions.request(session_id, person, TYPED, seq=1) for person in (ANNA, BEN, CLEO))
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, Session) for each in done) == 2
    await sessions.settle()
    for _ in range(2):
        await sessions.submit()
    for extension in (await sessions.now(session_id)).extensions:
        job = await sessions.jobs.get(extension.job_id)
        assert job is not None
        sessions.music.made(job.task_id or "", Stage.DONE, Stage.DONE)
        await sessions.query()
        await sessions.settle()
    assert (await sessions.now(session_id)).phase is Phase.FINALE
    assert sessions.bought == 2


async def test_an_extension_is_made_though_the_answer_to_its_insert_was_lost(sessions: SessionRig) -> None:
    session_id = await sessions.begin()
    await sessions.ideas(session_id, ANNA)
    due = (await sessions.now(session_id)).due or 0.0
    sessions.clock.advance(due - sessions.clock.now())
    # The step is the first write, its job the second.
    sessions.database.unheard = frozenset({sessions.database.writes + 2})
    await sessions.settle()
    await sessions.later(10.0)
    assert (await sessions.job(session_id)).state is JobState.QUEUED
    await sessions.make(session_id)
    assert (await sessions.now(session_id)).phase is Phase.TAKES
    assert sessions.bought == 1
