"""Who may share what where, who may vote, and what that comes to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.actors import Actor, Person
from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job, amend
from bot.domain.posts import Post, PostKind, Vote
from bot.domain.sharing import MAX_NOTE, Period, Place
from bot.errors import (
    AudioAway,
    AudioGone,
    CannotShare,
    CannotStore,
    EncoreError,
    ForbiddenWord,
    NotFound,
    NotFromHere,
    NotPublicYet,
    OnlyInServers,
    OwnTrack,
    Removed,
    UnknownTrack,
)
from bot.services.changing import change
from bot.ui.safe import guarded
from bot.ui.sharing_controls import Vote as VoteButton
from bot.ui.sharing_controls import share
from tests.contract.builders import GUILD, USER
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.rig import MODERATOR, REQUESTER, STRANGER, Rig
from tests.unit.test_buttons import press
from tests.unit.test_posting import PLACE, finished, row

SHOWCASE = USER + 60
MANAGER = Actor(user_id=USER + 99, guild_id=GUILD, moderator=True, manager=True)


def member(number: int) -> Actor:
    return replace(STRANGER, user_id=USER + 300 + number)


async def track_of(rig: Rig, job: Job) -> str:
    a, _ = await rig.clips.of_task(job.task_id or "")
    return a.clip_id


async def private(rig: Rig, **given: Any) -> Job:  # noqa: ANN401 - any field of an origin
    job = await finished(rig, **given)
    changed = await change(rig.jobs, job, lambda current: amend(current, private=True))
    assert changed is not None
    return changed


async def shared(rig: Rig, by: Actor = REQUESTER, **given: Any) -> Post:  # noqa: ANN401 - as above
    post = await rig.services.sharing.share(await track_of(rig, await finished(rig, **given)), by, PLACE, "")
    await rig.post()
    return await row(rig, post)


async def showcases(rig: Rig) -> list[Post]:
    return [post for post, _ in rig.office.up.values() if post.kind is PostKind.SHOWCASE]


async def choose_showcase(rig: Rig, needed: int) -> None:
    def step(settings: GuildSettings) -> GuildSettings:
        return replace(settings, showcase_channel=SHOWCASE, showcase_votes=needed)

    await rig.services.guilds.change(MANAGER, step)


# Sharing.


async def test_anybody_here_may_share_what_the_server_knows(rig: Rig) -> None:
    post = await shared(rig, STRANGER)
    assert (post.user_id, post.channel_id, post.is_up) == (STRANGER.user_id, PLACE.channel_id, True)


@pytest.mark.parametrize(
    ("actor", "error"), [(replace(REQUESTER, guild_id=None), OnlyInServers), (replace(STRANGER, guild_id=GUILD + 1), UnknownTrack)]
)
async def test_elsewhere_it_can_not_be_shared(rig: Rig, actor: Actor, error: type[Exception]) -> None:
    clip_id = await track_of(rig, await finished(rig))
    with pytest.raises(error):
        await rig.services.sharing.share(clip_id, actor, PLACE, "")


async def test_somebody_else_s_private_track_does_not_exist(rig: Rig) -> None:
    clip_id = await track_of(rig, await private(rig))
    for asked in (clip_id, "nowhere"):
        with pytest.raises(UnknownTrack):
            await rig.services.sharing.share(asked, STRANGER, PLACE, "", publish=True)
    assert await rig.services.posts.owed() == []


async def test_a_private_track_of_one_s_own_is_made_public_only_by_wish(rig: Rig) -> None:
    job = await private(rig)
    clip_id = await track_of(rig, job)
    with pytest.raises(NotPublicYet):
        await rig.services.sharing.share(clip_id, REQUESTER, PLACE, "")
    assert (await rig.row(job)).private
    await rig.services.sharing.share(clip_id, REQUESTER, PLACE, "", publish=True)
    await rig.post()
    assert not (await rig.row(job)).private
    assert len(rig.office.up) == 1
    assert await rig.services.sharing.check(clip_id, STRANGER)


async def test_a_place_that_takes_no_posts_leaves_it_private(rig: Rig) -> None:
    job = await private(rig)
    with pytest.raises(CannotShare):
        await rig.services.sharing.share(
            await track_of(rig, job), REQUESTER, replace(PLACE, bot_lacks=("send_messages",)), "", publish=True
        )
    assert (await rig.row(job)).private


@pytest.mark.parametrize("error", [None, AudioGone(), AudioAway()])
async def test_its_audio_is_brought_back_before_it_is_posted_where_it_still_is(rig: Rig, error: EncoreError | None) -> None:
    rig.services.audio_back.raises = error
    post = await shared(rig)
    assert rig.services.audio_back.asked == [post.clip_id]
    assert post.is_up, "what is gone is shared without a player"


async def test_on_a_full_disk_nothing_is_shared_nor_made_public_and_its_person_alone_is_told(rig: Rig, tmp_path: Path) -> None:
    job = await private(rig)
    clip_id = await track_of(rig, job)
    rig.services.audio_back.raises = CannotStore("the disk is full")
    interaction = FakeInteraction(FakeClient(rig.services, folder=tmp_path))
    await guarded(interaction.as_sent, share(interaction.as_sent, clip_id, PLACE, "", publish=True))
    (told,) = interaction.follow_ups
    assert told["ephemeral"] is True
    assert "I have no room for the file now, so nothing was made or posted." in told["content"]
    assert (await rig.row(job)).private
    await rig.post()
    assert rig.office.up == {}
    rig.services.audio_back.raises = None
    await rig.services.sharing.share(clip_id, REQUESTER, PLACE, "", publish=True)
    await rig.post()
    assert len(rig.office.up) == 1, "once there is room, it goes through"


async def test_made_private_again_before_it_was_posted_it_is_not_shown(rig: Rig) -> None:
    job = await finished(rig)
    post = await rig.services.sharing.share(await track_of(rig, job), REQUESTER, PLACE, "")
    await change(rig.jobs, job, lambda current: amend(current, private=True))
    await rig.post()
    assert (await row(rig, post)).given_up
    assert rig.office.up == {}


async def test_one_s_own_track_from_elsewhere_has_to_be_brought_here_first(rig: Rig) -> None:
    job = await finished(rig, guild_id=GUILD + 9)
    with pytest.raises(NotFromHere) as caught:
        await rig.services.sharing.share(await track_of(rig, job), REQUESTER, PLACE, "")
    assert caught.value.task_id == job.task_id


async def test_what_was_removed_is_not_shared(rig: Rig) -> None:
    job = await finished(rig)
    await rig.services.moderation.remove(job.id, MODERATOR)
    with pytest.raises(Removed):
        await rig.services.sharing.share(await track_of(rig, job), REQUESTER, PLACE, "")


@pytest.mark.parametrize("lacks", [{"person_lacks": ("send_messages",)}, {"bot_lacks": ("embed_links",)}])
async def test_both_have_to_be_allowed_to_post_there(rig: Rig, lacks: dict[str, Any]) -> None:
    clip_id = await track_of(rig, await finished(rig))
    with pytest.raises(CannotShare):
        await rig.services.sharing.share(clip_id, REQUESTER, Place(channel_id=5, **lacks), "")
    assert await rig.services.posts.owed() == []


async def test_a_note_is_one_line_of_allowed_words(rig: Rig) -> None:
    clip_id = await track_of(rig, await finished(rig))
    with pytest.raises(ForbiddenWord) as caught:
        await rig.services.sharing.share(clip_id, REQUESTER, PLACE, "how V3RBOTEN")
    assert caught.value.field == "note"
    post = await rig.services.sharing.share(clip_id, REQUESTER, PLACE, "a\n# b" + "🎶" * 400)
    assert post.note.startswith("a # b")
    assert len(post.note) == MAX_NOTE


# Votes.


async def test_a_vote_counts_and_is_taken_back(rig: Rig) -> None:
    post = await shared(rig)
    assert await rig.services.sharing.vote(post.id, STRANGER) == Vote(counts=True, total=1)
    assert await rig.services.sharing.vote(post.id, member(1)) == Vote(counts=True, total=2)
    await rig.restart()
    assert await rig.services.sharing.vote(post.id, STRANGER) == Vote(counts=False, total=1)


async def test_it_counts_once_wherever_the_track_is_posted(rig: Rig) -> None:
    post = await shared(rig)
    again = await rig.services.sharing.share(post.clip_id, STRANGER, PLACE, "")
    await rig.services.sharing.vote(post.id, STRANGER)
    assert await rig.services.sharing.vote(again.id, STRANGER) == Vote(counts=False, total=0)


async def test_one_s_own_track_is_not_voted_for_whoever_has_shared_it(rig: Rig) -> None:
    post = await shared(rig, STRANGER)
    with pytest.raises(OwnTrack):
        await rig.services.sharing.vote(post.id, REQUESTER)
    assert await rig.services.sharing.vote(post.id, STRANGER) == Vote(counts=True, total=1)


@pytest.mark.parametrize("guild_id", [None, GUILD + 1])
async def test_from_elsewhere_nobody_votes(rig: Rig, guild_id: int | None) -> None:
    post = await shared(rig)
    for post_id in (post.id, "nothing"):
        with pytest.raises(NotFound):
            await rig.services.sharing.vote(post_id, replace(STRANGER, guild_id=guild_id))


async def test_a_track_removed_while_its_card_is_open_takes_no_vote(rig: Rig) -> None:
    post = await shared(rig)
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    await rig.services.sharing.vote(post.id, STRANGER)
    await rig.services.moderation.remove(job.id, MODERATOR)
    with pytest.raises(Removed):
        await rig.services.sharing.vote(post.id, member(1))
    assert await rig.services.sharing.top(STRANGER, Period.ALL) == []


async def test_who_is_blocked_votes_no_more_and_their_votes_stay(rig: Rig, tmp_path: Path) -> None:
    post = await shared(rig)
    await rig.services.sharing.vote(post.id, STRANGER)
    await rig.services.moderation.block(Person(user_id=STRANGER.user_id), MODERATOR, "spam")
    interaction = FakeInteraction(FakeClient(rig.services, folder=tmp_path), user_id=STRANGER.user_id)
    await press(VoteButton, interaction, post.id)
    assert interaction.answers[-1]["ephemeral"] is True
    assert "can't use me here" in interaction.answers[-1]["content"]
    assert (await rig.services.sharing.vote(post.id, member(1))).total == 2
    assert [vote.counts for vote in rig.services.votes_heard] == [True, True]


# The showcase.


async def test_enough_votes_bring_it_into_the_showcase_once(rig: Rig) -> None:
    await choose_showcase(rig, 2)
    post = await shared(rig)
    await rig.services.sharing.vote(post.id, member(1))
    await rig.post()
    assert await showcases(rig) == []
    await rig.services.sharing.vote(post.id, member(2))
    await rig.post()
    (there,) = await showcases(rig)
    assert (there.channel_id, there.user_id, there.clip_id) == (SHOWCASE, REQUESTER.user_id, post.clip_id)
    for _ in range(2):
        await rig.services.sharing.vote(there.id, member(2))
    await rig.post(after=10.0)
    assert len(await showcases(rig)) == 1


async def test_without_a_showcase_nothing_goes_there_and_with_one_the_next_vote_brings_it(rig: Rig) -> None:
    post = await shared(rig)
    for number in range(3):
        await rig.services.sharing.vote(post.id, member(number))
    await rig.post()
    assert await showcases(rig) == []
    await choose_showcase(rig, 3)
    await rig.services.sharing.vote(post.id, member(4))
    await rig.post()
    assert len(await showcases(rig)) == 1


async def test_a_removal_takes_it_out_of_the_showcase_for_good(rig: Rig) -> None:
    await choose_showcase(rig, 1)
    post = await shared(rig)
    await rig.services.sharing.vote(post.id, member(1))
    await rig.post()
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.post(after=10.0)
    assert rig.office.up == {}


# /top.


async def test_the_votes_of_the_period_decide(rig: Rig) -> None:
    old = await shared(rig)
    for number in range(2):
        await rig.services.sharing.vote(old.id, member(number))
    rig.clock.advance(8 * 86_400.0)
    new = await shared(rig)
    await rig.services.sharing.vote(new.id, member(1))
    for period, expected in ((Period.WEEK, [(new.clip_id, 1)]), (Period.ALL, [(old.clip_id, 2), (new.clip_id, 1)])):
        top = await rig.services.sharing.top(STRANGER, period)
        assert [(each.clip.clip_id, each.votes) for each in top] == expected
        assert all(each.post is not None for each in top)
    with pytest.raises(OnlyInServers):
        await rig.services.sharing.top(replace(STRANGER, guild_id=None), Period.ALL)
