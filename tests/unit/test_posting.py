"""Posts by their steps: brought into their channels once, kept current within a budget, given up, taken down."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.jobs import Job
from bot.domain.posts import Post, PostKind, PublishedResult, SharedTrack
from bot.domain.reports import Stage
from bot.domain.sharing import Place
from bot.errors import CannotPost, DiscordError, DiscordUnavailable, RefusedByDiscord, ReplyGone
from bot.services.posting import BETWEEN_EDITS
from bot.services.tries import NONCE_WINDOW
from bot.services.turns import LONGEST_REFUSAL
from tests.contract.builders import USER
from tests.unit.rig import MODERATOR, REQUESTER, STRANGER, Rig

PLACE = Place(channel_id=USER + 2)


async def finished(rig: Rig, **given: Any) -> Job:  # noqa: ANN401 - any field of an origin
    """Bring a request to its two tracks."""
    job = await rig.generating(**given)
    rig.music.made(job.task_id or "", Stage.DONE, Stage.DONE, title="Night Train")
    await rig.query()
    await rig.announce()
    return await rig.row(job)


async def a_share(rig: Rig) -> Post:
    """Share A of a new track, not posted yet."""
    job = await finished(rig)
    a, _ = await rig.clips.of_task(job.task_id or "")
    return await rig.services.sharing.share(a.clip_id, REQUESTER, PLACE, "listen")


async def row(rig: Rig, post: Post) -> Post:
    found = await rig.services.posts.get(post.id)
    assert found is not None
    return found


async def vote(rig: Rig, post: Post, number: int) -> None:
    await rig.services.sharing.vote(post.id, replace(STRANGER, user_id=USER + 500 + number))


async def test_it_is_posted_once_with_what_it_shows(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.post()
    await rig.post(after=100.0)
    assert rig.office.calls == ["post"]
    ((message_id, (_, content)),) = rig.office.up.items()
    assert isinstance(content, SharedTrack)
    assert (content.votes, content.credits, content.clip.variant) == (0, (USER,), "A")
    shown = await row(rig, post)
    assert (shown.message_id, shown.owed) == (message_id, False)


async def test_a_post_whose_answer_was_lost_is_the_same_one(rig: Rig) -> None:
    post = await a_share(rig)
    rig.office.loses = DiscordUnavailable("reset")
    await rig.post()
    await rig.post(after=2.0)
    assert list(rig.office.up) == [(await row(rig, post)).message_id]
    assert rig.office.calls == ["post", "post"]


async def test_past_the_nonce_s_window_it_is_looked_for_and_not_posted_again(rig: Rig) -> None:
    post = await a_share(rig)
    rig.office.loses = DiscordUnavailable("reset")
    await rig.post()
    rig.office.nonces_forgotten = True
    await rig.post(after=NONCE_WINDOW + 1)
    assert rig.office.calls == ["post", "find"]
    assert list(rig.office.up) == [(await row(rig, post)).message_id]


@pytest.mark.parametrize("after", [0.0, NONCE_WINDOW + 1])
async def test_after_a_restart_an_earlier_post_is_found(rig: Rig, after: float) -> None:
    post = await a_share(rig)
    rig.office.loses = DiscordUnavailable("killed")
    await rig.post()
    rig.office.nonces_forgotten = True
    rig.clock.advance(after)
    await rig.restart()
    await rig.post()
    assert list(rig.office.up) == [(await row(rig, post)).message_id]


async def test_after_a_restart_what_was_never_posted_is(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.restart()
    await rig.post()
    assert list(rig.office.up) == [(await row(rig, post)).message_id]
    await rig.restart()
    await rig.post()
    assert rig.office.calls == ["find", "post"]


async def test_whoever_cannot_look_past_the_window_does_not_post_twice(rig: Rig) -> None:
    post = await a_share(rig)
    rig.office.readable = False
    rig.clock.advance(NONCE_WINDOW + 1)
    await rig.restart()
    await rig.post()
    assert (await row(rig, post)).given_up
    assert rig.office.up == {}


@pytest.mark.parametrize("error", [CannotPost("gone"), RefusedByDiscord("no")])
async def test_what_discord_will_never_take_is_given_up_and_whoever_waits_hears_it(rig: Rig, error: DiscordError) -> None:
    post = await a_share(rig)
    rig.office.raises["post"] = [error]
    waiting = asyncio.create_task(rig.services.posting.settled(post, within=60.0))
    await asyncio.sleep(0)
    await rig.post()
    assert (await waiting).given_up
    await rig.post(after=1000.0)
    assert rig.office.calls == ["post"]
    assert await rig.services.posts.owed() == []


async def test_a_discord_that_is_away_is_waited_for(rig: Rig) -> None:
    post = await a_share(rig)
    rig.office.raises["post"] = [DiscordUnavailable("503"), DiscordUnavailable("503")]
    await rig.post()
    await rig.post(after=2.0)
    await rig.post(after=4.0)
    assert (await row(rig, post)).is_up


async def test_a_database_that_goes_away_after_the_post_has_it_noted_later(rig: Rig) -> None:
    post = await a_share(rig)
    rig.database.unheard = frozenset({rig.database.writes + 1})
    await rig.post()
    await rig.post(after=2.0)
    assert rig.office.calls == ["post"]
    assert (await row(rig, post)).is_up


async def test_a_burst_of_votes_is_one_edit(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.post()
    for number in range(5):
        await vote(rig, post, number)
    await rig.post()
    assert rig.office.calls == ["post"], "an edit follows the post too soon"
    await rig.post(after=BETWEEN_EDITS)
    await vote(rig, post, 7)
    await rig.post()
    await rig.post(after=BETWEEN_EDITS - 1)
    assert rig.office.calls == ["post", "edit"]
    await rig.post(after=1.0)
    assert rig.office.calls == ["post", "edit", "edit"]
    ((_, (shown, content)),) = rig.office.up.items()
    assert isinstance(content, SharedTrack)
    assert content.votes == 6
    assert (await row(rig, post)).announced == shown.revision


async def test_votes_that_a_restart_came_between_are_shown(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.post()
    await vote(rig, post, 1)
    await rig.restart()
    await rig.post()
    assert rig.office.calls == ["post", "edit"]


async def test_a_message_that_somebody_has_deleted_is_let_go(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.post()
    await vote(rig, post, 1)
    rig.office.raises["edit"] = [ReplyGone("deleted")]
    await rig.post(after=BETWEEN_EDITS)
    assert not (await row(rig, post)).is_up
    assert await rig.services.posts.owed() == []


# Removals.


async def test_a_removal_takes_the_share_down_over_a_restart(rig: Rig) -> None:
    post = await a_share(rig)
    await rig.post()
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    await rig.services.moderation.remove(job.id, MODERATOR)
    rig.office.raises["delete"] = [CannotPost("no access"), DiscordUnavailable("503")]
    await rig.post(after=BETWEEN_EDITS)
    await rig.post(after=LONGEST_REFUSAL)
    assert list(rig.office.up)
    await rig.restart()
    await rig.post()
    assert rig.office.up == {}
    assert await rig.services.posts.owed() == []


async def test_what_was_removed_before_it_was_posted_never_is(rig: Rig) -> None:
    post = await a_share(rig)
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    await rig.services.moderation.remove(job.id, REQUESTER)
    await rig.post()
    assert rig.office.calls == []
    assert await rig.services.posts.owed() == []


async def test_what_may_have_been_posted_before_it_was_removed_is_found_and_deleted(rig: Rig) -> None:
    post = await a_share(rig)
    rig.office.loses = DiscordUnavailable("killed")
    await rig.post()
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    await rig.services.moderation.remove(job.id, REQUESTER)
    await rig.restart()
    await rig.post()
    assert rig.office.calls == ["post", "find", "delete"]
    assert rig.office.up == {}


async def test_a_person_takes_down_their_own_where_somebody_else_has_the_track_too(rig: Rig) -> None:
    post = await a_share(rig)
    other = await rig.track(post.task_id, user_id=STRANGER.user_id)
    await rig.query()
    await rig.announce()
    theirs = await rig.services.sharing.share(post.clip_id, STRANGER, PLACE, "")
    await rig.post()
    await rig.services.moderation.remove(other.id, STRANGER)
    await rig.post(after=BETWEEN_EDITS)
    assert ((await row(rig, post)).is_up, (await row(rig, theirs)).is_up) == (True, False)


# Publications.


async def test_a_result_is_published_once(rig: Rig) -> None:
    job = await finished(rig)
    posting = rig.services.posting
    first, second = await asyncio.gather(posting.publish(job), posting.publish(job))
    assert first.id == second.id == job.id
    await rig.post()
    await rig.restart()
    posting = rig.services.posting
    await posting.publish(job)
    await rig.post()
    ((_, (post, content)),) = rig.office.up.items()
    assert (post.kind, post.channel_id) == (PostKind.PUBLICATION, job.origin.channel_id)
    assert isinstance(content, PublishedResult)
    assert [clip.variant for clip in content.clips] == ["A", "B"]
    assert (await posting.publish(job)).is_up
