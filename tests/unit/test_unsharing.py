"""Taking one share down: who may, that it is asked first, and that nothing else goes."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.domain.actors import Actor
from bot.domain.posts import Post, PostKind
from bot.domain.sharing import Period
from bot.errors import NotFound, NotYourShare, Removed
from bot.services.posting import BETWEEN_EDITS
from bot.ui.buttons import More
from bot.ui.moderation_controls import ask_removal
from bot.ui.unshare_controls import TakeDown, Unshare
from tests.contract.builders import GUILD, USER
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.rig import MODERATOR, REQUESTER, STRANGER, Rig
from tests.unit.test_buttons import press
from tests.unit.test_posting import PLACE, row
from tests.unit.test_sharing import choose_showcase, member, shared

BYSTANDER = member(7)


async def by_a_stranger(rig: Rig) -> Post:
    """Let STRANGER share what REQUESTER has made, and have a vote for it."""
    post = await shared(rig, STRANGER)
    await rig.services.sharing.vote(post.id, BYSTANDER)
    await rig.post(after=BETWEEN_EDITS)
    return post


@pytest.mark.parametrize("actor", [STRANGER, REQUESTER, MODERATOR], ids=["sharer", "maker", "moderator"])
async def test_the_share_alone_goes_and_the_votes_stay(rig: Rig, actor: Actor) -> None:
    post = await by_a_stranger(rig)
    other = await rig.services.sharing.share(post.clip_id, REQUESTER, PLACE, "mine")
    await rig.post()
    await rig.services.unsharing.unshare(post.id, actor)
    await rig.post(after=BETWEEN_EDITS)
    assert [up.id for up, _ in rig.office.up.values()] == [other.id]
    (top,) = await rig.services.sharing.top(BYSTANDER, Period.ALL)
    assert (top.votes, top.post and top.post.id) == (1, other.id)
    with pytest.raises(Removed):
        await rig.services.sharing.vote(post.id, member(8))


async def test_twice_is_once_and_only_what_a_moderator_does_is_logged(rig: Rig) -> None:
    await rig.services.guilds.change(replace(MODERATOR, manager=True), lambda settings: replace(settings, log_channel=5))
    mine, theirs = await by_a_stranger(rig), await by_a_stranger(rig)
    for _ in range(2):
        await rig.services.unsharing.unshare(mine.id, STRANGER)
        await rig.services.unsharing.unshare(theirs.id, MODERATOR)
    assert [text for _, text in rig.services.notes.posted] == [
        f"<@{MODERATOR.user_id}> took down what <@{STRANGER.user_id}> had shared in <#{PLACE.channel_id}>."
    ]


async def test_nobody_else_may_and_from_elsewhere_there_is_none(rig: Rig) -> None:
    post = await by_a_stranger(rig)
    with pytest.raises(NotYourShare):
        await rig.services.unsharing.unshare(post.id, BYSTANDER)
    for actor in (replace(STRANGER, guild_id=None), replace(MODERATOR, guild_id=GUILD + 1)):
        with pytest.raises(NotFound):
            await rig.services.unsharing.unshare(post.id, actor)
    assert (await row(rig, post)).is_up


async def test_a_showcase_is_nobody_s_share(rig: Rig) -> None:
    await choose_showcase(rig, 1)
    await by_a_stranger(rig)
    await rig.post()
    (showcase,) = (up for up, _ in rig.office.up.values() if up.kind is PostKind.SHOWCASE)
    with pytest.raises(NotFound):
        await rig.services.unsharing.unshare(showcase.id, STRANGER)
    assert await rig.services.unsharing.theirs(showcase.id, STRANGER) is None


async def test_what_is_still_waiting_to_be_posted_never_is(rig: Rig) -> None:
    post = await by_a_stranger(rig)
    waiting = await rig.services.sharing.share(post.clip_id, STRANGER, PLACE, "")
    await rig.services.unsharing.unshare(waiting.id, STRANGER)
    await rig.post()
    assert [up.id for up, _ in rig.office.up.values()] == [post.id]
    assert await rig.services.posts.owed() == []


# Its controls.


def showing(*custom_ids: str) -> discord.Message:
    """A message of the bot's with these buttons."""
    buttons = [discord.ui.Button[discord.ui.View](custom_id=each).to_component_dict() for each in custom_ids]
    row = discord.ActionRow(cast("Any", {"type": 1, "components": buttons}))
    return cast("discord.Message", SimpleNamespace(components=[row], author=SimpleNamespace(id=1), interaction_metadata=None))


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path, user=SimpleNamespace(id=1)), user_id=STRANGER.user_id)


def labels(sent: dict[str, Any]) -> list[str]:
    view = sent["view"]
    return (
        [str(part.get("label")) for row in view.to_components() for part in row["components"]] if isinstance(view, discord.ui.View) else []
    )


async def test_it_is_asked_first_and_then_done(rig: Rig, interaction: FakeInteraction) -> None:
    post = await by_a_stranger(rig)
    await press(Unshare, interaction, post.id)
    assert labels(interaction.follow_ups[-1]) == ["Take it down"]
    assert not (await row(rig, post)).removed
    await press(TakeDown, interaction, post.id)
    assert interaction.edits[-1]["embeds"][0].title == "Taken down"
    await press(Unshare, interaction, post.id)
    assert (interaction.follow_ups[-1]["embeds"][0].title, labels(interaction.follow_ups[-1])) == ("Taken down", [])
    await rig.post(after=BETWEEN_EDITS)
    assert rig.office.up == {}


async def test_a_stranger_to_it_is_refused_in_private(rig: Rig, interaction: FakeInteraction) -> None:
    post = await by_a_stranger(rig)
    interaction.user_id = BYSTANDER.user_id
    for kind in (Unshare, TakeDown):
        await press(kind, interaction, post.id)
        assert "Only whoever shared this" in interaction.follow_ups[-1]["content"]
        assert interaction.follow_ups[-1]["ephemeral"] is True
        interaction.done = False
    assert (await row(rig, post)).is_up


@pytest.mark.parametrize(("user_id", "offered"), [(STRANGER.user_id, True), (USER, True), (BYSTANDER.user_id, False)])
async def test_more_below_a_share_offers_it_to_whoever_may(rig: Rig, interaction: FakeInteraction, user_id: int, *, offered: bool) -> None:
    post = await by_a_stranger(rig)
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    interaction.user_id = user_id
    interaction.message = showing(f"vote:1:{post.id}", f"more:1:{job.id}")
    await press(More, interaction, job.id)
    assert ("Unshare" in labels(interaction.answers[-1])) is offered
    interaction.message, interaction.done = showing(f"more:1:{job.id}"), False
    await press(More, interaction, job.id)
    assert "Unshare" not in labels(interaction.answers[-1])


@pytest.mark.parametrize(("user_id", "expected"), [(STRANGER.user_id, ["Take it down"]), (USER, ["Remove", "Only this share"])])
async def test_remove_track_on_a_share_offers_what_one_may(
    rig: Rig, interaction: FakeInteraction, user_id: int, expected: list[str]
) -> None:
    post = await by_a_stranger(rig)
    job = await rig.jobs.by_task(post.task_id)
    assert job is not None
    interaction.user_id = user_id
    await ask_removal(interaction.as_sent, showing(f"vote:1:{post.id}", f"more:1:{job.id}"))
    assert labels(interaction.follow_ups[-1]) == expected
