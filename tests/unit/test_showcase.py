"""A showcase that Discord refuses: tried again for a while, and at once when its channel is chosen anew; the settings say so."""

from dataclasses import replace

import pytest

from bot.domain.actors import Actor
from bot.domain.guild_settings import GuildSettings
from bot.domain.posts import Post, PostKind
from bot.errors import CannotPost, DiscordError, DiscordUnavailable, RefusedByDiscord
from bot.services.posting import PATIENCE, REMEMBERED
from bot.services.turns import LONGEST_REFUSAL
from tests.contract.builders import GUILD
from tests.unit.rig import MODERATOR, Rig
from tests.unit.test_sharing import MANAGER, SHOWCASE, choose_showcase, member, shared, showcases

ELSEWHERE = SHOWCASE + 1


async def refused_showcase(rig: Rig, *errors: DiscordError) -> Post:
    """Let a track reach a showcase that refuses it so often; return its share."""
    await choose_showcase(rig, 1)
    post = await shared(rig)
    await rig.services.sharing.vote(post.id, member(1))
    rig.office.raises["post"] = list(errors)
    await rig.post()
    return post


async def choose(rig: Rig, channel_id: int | None, by: Actor = MANAGER) -> None:
    def step(settings: GuildSettings) -> GuildSettings:
        return replace(settings, showcase_channel=channel_id)

    await rig.services.guilds.change(by, step)


@pytest.mark.parametrize("error", [CannotPost("closed"), RefusedByDiscord("no files")])
async def test_it_is_tried_again_and_comes_when_discord_lets_it(rig: Rig, error: DiscordError) -> None:
    await refused_showcase(rig, error, error)
    posting = rig.services.posting
    assert (posting.held_up(GUILD), posting.held_up(GUILD + 1)) == (1, 0)
    await rig.post(after=LONGEST_REFUSAL)
    assert await showcases(rig) == []
    await rig.post(after=LONGEST_REFUSAL)
    assert len(await showcases(rig)) == 1
    assert posting.held_up(GUILD) == 0
    assert rig.office.calls.count("find") == 0, "what was refused cannot have arrived"


async def test_it_is_tried_rarely(rig: Rig) -> None:
    await refused_showcase(rig, *[CannotPost("closed")] * 500)
    rig.office.calls.clear()
    for _ in range(360):
        await rig.post(after=10.0)
    assert len(rig.office.calls) <= 15


async def test_patience_ends_and_outlives_a_restart(rig: Rig) -> None:
    await refused_showcase(rig, *[CannotPost("closed")] * 500)
    await rig.restart()
    await rig.post()
    assert rig.services.posting.held_up(GUILD) == 1
    rig.clock.advance(PATIENCE)
    await rig.post()
    assert rig.services.posting.held_up(GUILD) == 0
    assert await rig.services.posts.owed() == []
    assert [(post.kind, post.given_up) for post in rig.services.posts_ended] == [(PostKind.SHOWCASE, True)]


@pytest.mark.parametrize("meanwhile", [0.0, PATIENCE])
async def test_a_channel_that_is_chosen_anew_gets_it_at_once(rig: Rig, meanwhile: float) -> None:
    await refused_showcase(rig, CannotPost("deleted"), *[CannotPost("deleted")] * (1 if meanwhile else 0))
    await rig.post(after=meanwhile)
    assert await showcases(rig) == []
    await choose(rig, ELSEWHERE)
    await rig.services.posting.try_showcase(GUILD)
    await rig.post()
    (there,) = await showcases(rig)
    assert there.channel_id == ELSEWHERE
    current = await rig.services.posts.get(there.id)
    assert current is not None
    assert (current.channel_id, current.is_up) == (ELSEWHERE, True), "it is edited and deleted where it stands"


async def test_what_is_long_past_or_removed_is_not_brought_up_again(rig: Rig) -> None:
    old = await refused_showcase(rig, *[CannotPost("deleted")] * 500)
    await rig.post(after=REMEMBERED)
    rig.office.raises.clear()
    removed = await shared(rig)
    rig.office.raises["post"] = [CannotPost("deleted")] * 2
    await rig.services.sharing.vote(removed.id, member(1))
    await rig.post()
    job = await rig.jobs.by_task(removed.task_id)
    assert job is not None
    await rig.services.moderation.remove(job.id, MODERATOR)
    rig.office.raises.clear()
    await rig.services.posting.try_showcase(GUILD)
    await rig.post(after=1.0)
    assert await showcases(rig) == []
    assert old.clip_id != removed.clip_id


async def test_without_a_showcase_nothing_is_posted_until_there_is_one_again(rig: Rig) -> None:
    await refused_showcase(rig, CannotPost("closed"))
    await choose(rig, None)
    await rig.post(after=LONGEST_REFUSAL)
    assert await showcases(rig) == []
    assert rig.services.posting.held_up(GUILD) == 0
    await choose(rig, SHOWCASE)
    await rig.services.posting.try_showcase(GUILD)
    await rig.post()
    assert len(await showcases(rig)) == 1


async def test_one_whose_answer_was_lost_before_it_was_refused_is_looked_for(rig: Rig) -> None:
    await choose_showcase(rig, 1)
    post = await shared(rig)
    await rig.services.sharing.vote(post.id, member(1))
    rig.office.loses = DiscordUnavailable("reset")
    await rig.post()
    rig.office.raises["post"] = [CannotPost("closed meanwhile")]
    await rig.post(after=2.0)
    rig.office.nonces_forgotten = True
    await rig.post(after=LONGEST_REFUSAL)
    assert len(await showcases(rig)) == 1
    assert rig.office.calls[-1] == "find"


async def test_a_database_that_is_away_leaves_it_to_the_next_try(rig: Rig) -> None:
    await refused_showcase(rig, CannotPost("closed"))
    rig.database.away = 1
    await rig.services.posting.try_showcase(GUILD)
    await rig.post(after=LONGEST_REFUSAL)
    assert len(await showcases(rig)) == 1
