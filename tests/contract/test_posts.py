"""The outbox of posts, and the votes, in each database."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.posts import Post, PostKind, Vote
from bot.domain.viewing import Viewer
from bot.store.database import Database
from bot.store.posts import Posts
from bot.store.votes import Votes
from tests.contract.builders import GUILD, USER, make_post
from tests.contract.test_visibility import finish

VIEWER = Viewer(USER, GUILD)


SHOWCASE = make_post("showcase", kind=PostKind.SHOWCASE)


@pytest.fixture
def posts(database: Database) -> Posts:
    return Posts(database)


@pytest.fixture
def votes(database: Database) -> Votes:
    return Votes(database)


async def cast(votes: Votes, user_id: int, *, post: Post | None = None, at: float = 1.0, showcase: Post | None = None) -> Vote | None:
    done = await votes.toggle(post or make_post(), user_id, at=at, showcase=showcase, needed=3)
    return None if done is None else done[0]


# The outbox.


async def test_a_post_is_kept_once_and_owed(posts: Posts) -> None:
    assert await posts.add(make_post())
    assert not await posts.add(make_post(note="another one"))
    assert await posts.get("post1") == make_post()
    assert await posts.get("post2") is None
    assert await posts.owed() == [make_post()]


async def test_what_a_message_shows_never_goes_back(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    await cast(votes, USER + 1)
    await posts.announced("post1", 2, 77)
    await posts.announced("post1", 1)
    assert await posts.get("post1") == make_post(message_id=77, revision=2, announced=2)
    assert await posts.owed() == []


async def test_a_change_behind_what_is_shown_is_owed(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    await cast(votes, USER + 1)
    await posts.announced("post1", 1, 77)
    assert await posts.owed() == [make_post(message_id=77, revision=2, announced=1)]


async def test_what_is_given_up_is_owed_nothing_until_it_is_removed(posts: Posts) -> None:
    await posts.add(make_post())
    await posts.give_up("post1")
    assert await posts.owed() == []
    assert await posts.remove("task-clip-a", GUILD) == ["post1"]
    assert [post.id for post in await posts.owed()] == ["post1"]


async def test_a_removal_takes_everything_of_the_task_on_this_server(database: Database, posts: Posts, votes: Votes) -> None:
    await finish(database, 1, "clip-a")
    elsewhere = make_post("elsewhere", guild_id=GUILD + 1)
    for post in (make_post(), make_post("post2", user_id=USER + 3), SHOWCASE, elsewhere):
        await posts.add(post)
    await cast(votes, USER + 1)
    await cast(votes, USER + 1, post=elsewhere)
    assert sorted(await posts.remove("task-clip-a", GUILD)) == ["post1", "post2", "showcase"]
    assert await posts.remove("task-clip-a", GUILD) == []
    assert (await votes.count(GUILD, "clip-a"), await votes.count(GUILD + 1, "clip-a")) == (0, 1)


async def test_a_person_s_removal_leaves_the_others_posts_and_the_votes(posts: Posts, votes: Votes) -> None:
    for post in (make_post(), make_post("post2", user_id=USER + 3)):
        await posts.add(post)
    await cast(votes, USER + 1)
    assert await posts.remove("task-clip-a", GUILD, of_user=USER + 3) == ["post2"]
    assert await votes.count(GUILD, "clip-a") == 1


async def test_the_posts_that_show_a_track_are_found_newest_first(posts: Posts) -> None:
    """The other version's share shows another track; what is owed, taken down or given up shows none."""
    up = (
        make_post("published", kind=PostKind.PUBLICATION, clip_id="clip-b", created_at=100.0),
        make_post("shared", created_at=300.0),
        make_post("elsewhere", guild_id=GUILD + 1, created_at=200.0),
        make_post("of b", clip_id="clip-b", created_at=400.0),
        make_post("of another task", task_id="task-c", created_at=500.0),
        make_post("removed", guild_id=GUILD + 2),
        make_post("given up"),
    )
    for number, post in enumerate(up, start=70):
        await posts.add(post)
        await posts.announced(post.id, 1, number)
    await posts.add(make_post("owed"))
    await posts.remove("task-clip-a", GUILD + 2)
    await posts.give_up("given up")
    found = await posts.showing("clip-a", "task-clip-a")
    assert [(post.id, post.message_id) for post in found] == [("shared", 71), ("elsewhere", 72), ("published", 70)]


async def test_one_post_is_taken_down_once_and_nothing_beside_it(posts: Posts, votes: Votes) -> None:
    for post in (make_post(), make_post("post2"), SHOWCASE):
        await posts.add(post)
        await posts.announced(post.id, 1, 70)
    await cast(votes, USER + 1)
    for post_id in ("post2", "showcase"):
        await posts.announced(post_id, 2)
    assert [await posts.take_down(post_id) for post_id in ("post1", "post1", "nothing")] == [True, False, False]
    assert [(post.id, post.removed) for post in await posts.owed()] == [("post1", True)]
    assert await votes.count(GUILD, "clip-a") == 1


async def test_what_a_showcase_never_got_is_owed_again(posts: Posts) -> None:
    showcase = replace(SHOWCASE, created_at=100.0)
    given_up = replace(showcase, id="given-up", clip_id="clip-b")
    others = [
        make_post("share"),
        replace(showcase, id="there", clip_id="clip-c"),
        replace(showcase, id="removed", clip_id="clip-d"),
        replace(showcase, id="old", clip_id="clip-e", created_at=99.0),
        replace(showcase, id="elsewhere", clip_id="clip-f", guild_id=GUILD + 1),
    ]
    for post in (showcase, given_up, *others):
        await posts.add(post)
    await posts.announced("there", 1, 70, channel_id=GUILD + 9)
    await posts.take_down("removed")
    for post_id in ("given-up", "old"):
        await posts.give_up(post_id)
    revived = await posts.revive_showcases(GUILD, since=100.0)
    assert sorted(post.id for post in revived) == ["given-up", "showcase"]
    assert all(post.owed for post in revived)
    assert await posts.get("old") == replace(others[3], given_up=True, announced=1)
    assert await posts.get("there") == replace(others[1], channel_id=GUILD + 9, message_id=70, announced=1)


# Votes.


async def test_a_vote_counts_and_is_taken_back(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    assert await cast(votes, USER + 1) == Vote(counts=True, total=1)
    assert await cast(votes, USER + 2) == Vote(counts=True, total=2)
    assert await cast(votes, USER + 1) == Vote(counts=False, total=1)


async def test_what_is_removed_takes_no_votes(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    await posts.remove("task-clip-a", GUILD)
    assert await cast(votes, USER + 1) is None
    assert await votes.count(GUILD, "clip-a") == 0


async def test_two_hundred_at_once_are_all_counted(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    people = await asyncio.gather(*(cast(votes, USER + number) for number in range(1, 201)))
    assert sorted(vote.total for vote in people if vote is not None) == list(range(1, 201))
    assert await votes.count(GUILD, "clip-a") == 200


async def test_one_person_pressing_again_and_again_at_once_has_voted_or_not(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    pressed = await asyncio.gather(*(cast(votes, USER + 1) for _ in range(21)))
    assert [vote.counts for vote in pressed if vote is not None].count(True) == 11
    assert await votes.count(GUILD, "clip-a") == 1


async def test_the_last_two_votes_at_once_bring_it_into_the_showcase_once(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    await asyncio.gather(*(cast(votes, USER + number, showcase=replace(SHOWCASE, id=f"s{number}")) for number in range(1, 6)))
    assert len([post for post in await posts.owed() if post.kind is PostKind.SHOWCASE]) == 1


async def test_it_is_not_there_again_after_votes_fall_and_rise_nor_after_a_removal(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    for number in (1, 2, 3, 3, 3):
        await cast(votes, USER + number, showcase=replace(SHOWCASE, id=f"s{number}{await votes.count(GUILD, 'clip-a')}"))
    await posts.remove("task-clip-a", GUILD)
    await posts.add(make_post("again"))
    for number in (1, 2, 3):
        await cast(votes, USER + number, post=make_post("again"), showcase=replace(SHOWCASE, id=f"t{number}"))
    assert len([post for post in await posts.owed() if post.kind is PostKind.SHOWCASE]) == 1


async def test_a_vote_taken_back_brings_nothing_into_the_showcase(posts: Posts, votes: Votes) -> None:
    await posts.add(make_post())
    for number in (1, 2, 3, 4):
        await cast(votes, USER + number)
    await cast(votes, USER + 4, showcase=SHOWCASE)
    assert await posts.get("showcase") is None


# The most voted.


async def test_the_most_voted_come_first_with_their_newest_post(database: Database, posts: Posts, votes: Votes) -> None:
    await finish(database, 1, "clip-a")
    await finish(database, 2, "clip-b", clip={"title": "Other"})
    second = make_post("b", clip_id="clip-b", task_id="task-clip-b")
    for post in (make_post(), make_post("newer", created_at=200.0), second):
        await posts.add(post)
        await posts.announced(post.id, 1, 70 + len(post.id))
    for user, post, at in ((1, make_post(), 10.0), (2, make_post(), 20.0), (3, second, 30.0)):
        await cast(votes, USER + user, post=post, at=at)
    top = await votes.top(VIEWER, since=0.0, limit=5)
    assert [(each.clip.clip_id, each.votes, each.post and each.post.id) for each in top] == [("clip-a", 2, "newer"), ("clip-b", 1, "b")]
    assert [each.clip.clip_id for each in await votes.top(VIEWER, since=15.0, limit=1)] == ["clip-a"]
    assert [each.clip.clip_id for each in await votes.top(VIEWER, since=25.0, limit=5)] == ["clip-b"]
    assert await votes.top(Viewer(USER, GUILD + 1), since=0.0, limit=5) == []


@pytest.mark.parametrize("hidden", [{"private": True}, {"removed": True}])
async def test_what_the_viewer_may_not_see_is_left_out(database: Database, posts: Posts, votes: Votes, hidden: dict[str, Any]) -> None:
    await finish(database, 1, "clip-a", **hidden)
    await posts.add(make_post())
    await cast(votes, USER + 1)
    assert await votes.top(Viewer(USER + 9, GUILD), since=0.0, limit=5) == []


async def test_only_a_publication_that_is_up_or_about_to_be_is_renewed(posts: Posts) -> None:
    for number, kind in enumerate((PostKind.PUBLICATION, PostKind.PUBLICATION, PostKind.SHARE)):
        await posts.add(make_post(f"post{number}", kind=kind))
    await posts.give_up("post1")
    assert [await posts.renew(post_id) for post_id in ("post0", "post1", "post2", "post9")] == [True, False, False, False]
    assert await posts.get("post0") == make_post("post0", kind=PostKind.PUBLICATION, revision=2)
