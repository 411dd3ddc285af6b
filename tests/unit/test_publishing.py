"""Publishing: its person alone, once, also for two presses at once and over a process that ends in between."""

import asyncio

import pytest
from sqlalchemy import select

from bot.domain.jobs import Job
from bot.domain.posts import Post, PostKind, PublishedResult
from bot.domain.reports import Stage
from bot.domain.settling import SIBLING_WAIT
from bot.domain.viewing import Viewer
from bot.errors import CannotPost, FetchFailed, NotAllowed, NotFound, Removed, StoreUnavailable, TokenExpired, TooLate
from bot.store.tables import posts
from bot.ui import cards
from tests.contract.builders import GUILD, USER, make_clip, make_job
from tests.unit.rig import REQUESTER, Rig

OTHER = USER + 77


async def owed(rig: Rig) -> list[tuple[str, PostKind, int, int]]:
    async with rig.database.read() as connection:
        rows = await connection.execute(select(posts.c.id, posts.c.kind, posts.c.channel_id, posts.c.user_id))
        return [tuple(row) for row in rows.all()]


async def test_it_is_posted_where_it_was_asked_for_and_known_from_then_on(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.announce()
    publishing = rig.services.publishing
    post = await publishing.publish(await publishing.own(job.id, USER))
    assert post.owed
    assert await owed(rig) == [(job.id, PostKind.PUBLICATION, job.origin.channel_id, USER)]
    assert not (await rig.row(job)).private
    assert len(await rig.clips.known_to(OTHER, GUILD, text="", limit=9)) == 2
    assert await rig.accepting.source(post.clip_id, Viewer(OTHER, GUILD)) is not None
    await rig.announce()
    assert rig.announcer.sent[-1].job.private is False, "the result is shown without the button"


async def test_what_is_posted_is_public_however_soon_it_is_written(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.announce()
    await rig.services.posting.publish(await rig.services.publishing.own(job.id, USER))
    assert (await rig.row(job)).private, "the post is written before the server knows the job"
    await rig.post()
    ((_, content),) = rig.office.up.values()
    assert isinstance(content, PublishedResult)
    assert not content.job.private


async def test_twice_is_once(rig: Rig) -> None:
    job = await rig.ready(private=True)
    publishing = rig.services.publishing
    own = await publishing.own(job.id, USER)
    first, second = await asyncio.gather(publishing.publish(own), publishing.publish(own))
    assert first == second == await publishing.publish(await publishing.own(job.id, USER))
    assert len(await owed(rig)) == 1


@pytest.mark.parametrize("away", ["before the post", "after the post"])
async def test_what_broke_off_is_finished_by_the_next_start_or_by_pressing_again(rig: Rig, away: str) -> None:
    job = await rig.ready(private=True)
    await rig.announce()
    own = await rig.services.publishing.own(job.id, USER)
    if away == "before the post":
        rig.database.away = 1
        with pytest.raises(StoreUnavailable):
            await rig.services.publishing.publish(own)
        assert await owed(rig) == []
        assert (await rig.row(job)).private
        await rig.services.publishing.publish(own)
    else:
        await rig.services.posting.publish(own)
        assert (await rig.row(job)).private
        await rig.restart()
    assert len(await owed(rig)) == 1
    assert not (await rig.row(job)).private


async def test_a_start_publishes_nothing_else(rig: Rig) -> None:
    job = await rig.ready(private=True)
    await rig.restart()
    assert (await rig.row(job)).private


async def test_it_is_for_its_person_and_for_tracks_that_are_there(rig: Rig) -> None:
    own = rig.services.publishing.own
    with pytest.raises(NotFound):
        await own("nothing", USER)
    making = await rig.generating(private=True)
    with pytest.raises(TooLate):
        await own(making.id, USER)
    with pytest.raises(NotAllowed):
        await own(making.id, OTHER)
    await rig.services.moderation.remove(making.id, REQUESTER)
    with pytest.raises(Removed):
        await own(making.id, USER)


def test_the_result_offers_it_while_it_is_private() -> None:
    def buttons(*, private: bool) -> list[str]:
        card = cards.result(make_job(private=private), [make_clip()], upload_limit=5)
        return [button.label for row in card.rows for button in row]

    assert "Publish" in buttons(private=True)
    assert "Publish" not in buttons(private=False)


def test_a_post_without_a_message_is_owed() -> None:
    assert Post(
        id="p", kind=PostKind.PUBLICATION, guild_id=GUILD, channel_id=1, user_id=USER, clip_id="c", task_id="t", created_at=0.0
    ).owed


async def shown_in(rig: Rig, post: Post) -> list[str]:
    """Tell which tracks a publication shows, once all that is due is done."""
    await rig.announce()
    await rig.post(after=10.0)
    (content,) = [content for shown, content in rig.office.up.values() if shown.id == post.id]
    assert isinstance(content, PublishedResult)
    return [clip.variant for clip in content.clips]


async def one_of_two(rig: Rig, *, made_elsewhere: bool) -> Job:
    """Bring a private request to the first of its tracks, and deliver that."""
    if made_elsewhere:
        accepted = await rig.accepting.accept_track("task-000001", rig.origin(), private=True)
        await rig.accepting.acknowledged(accepted, reply_id=accepted.origin.interaction_id + 100_000, ephemeral=True)
        job = await rig.row(accepted)
    else:
        job = await rig.generating(private=True)
    rig.music.made(job.task_id or "", Stage.DONE, Stage.GENERATING)
    await rig.query()
    await rig.query(after=SIBLING_WAIT)
    await rig.announce()
    return await rig.row(job)


@pytest.mark.parametrize("made_elsewhere", [False, True], ids=["asked for", "made elsewhere"])
@pytest.mark.parametrize("meanwhile", ["nothing", "a restart", "a restart, and the first one's audio is gone", "it was fetched"])
async def test_a_version_that_comes_late_is_added_to_the_publication(rig: Rig, meanwhile: str, *, made_elsewhere: bool) -> None:
    if meanwhile == "it was fetched":
        rig.announcer.raises = {"result_into_reply": TokenExpired("15 minutes"), "send_privately": CannotPost("no direct messages")}
    job = await one_of_two(rig, made_elsewhere=made_elsewhere)
    if meanwhile == "it was fetched":
        await rig.handling.fetched(job, None)
    publishing = rig.services.publishing
    post = await publishing.publish(await publishing.own(job.id, USER))
    assert await shown_in(rig, post) == ["A"]
    if "restart" in meanwhile:
        await rig.restart()
    if "gone" in meanwhile:
        rig.archive.spoilt[f"{job.task_id}-clip-0"] = FetchFailed("HTTP 404")
    rig.music.made(job.task_id or "", Stage.DONE, Stage.DONE)
    await rig.query(after=3600.0)
    assert await shown_in(rig, post) == ["A", "B"]
    assert (await rig.row(job)).watch_until is None, "nothing more is waited for"
