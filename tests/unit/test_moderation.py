"""Removals by their steps, the words that are refused, and blocks."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.actors import Actor, Person
from bot.domain.admission import Act
from bot.domain.jobs import Job, JobState
from bot.domain.reports import Stage
from bot.domain.requests import TypedCreate
from bot.domain.settling import SIBLING_WAIT
from bot.errors import (
    Blocked,
    BlockRefused,
    CannotBlock,
    CannotPost,
    DiscordError,
    DiscordUnavailable,
    ForbiddenWord,
    NotAllowed,
    NotATrack,
    NotFound,
    RefusedByDiscord,
    Removed,
    ReplyGone,
    TokenExpired,
)
from bot.services.turns import LONGEST_PAUSE, LONGEST_REFUSAL
from bot.ui import cards, moderation_card
from tests.contract.builders import GUILD, USER
from tests.unit.rig import MODERATOR, REQUESTER, STRANGER, VIEWER, Rig

G, D, F = Stage.GENERATING, Stage.DONE, Stage.FAILED
TASK = "task-000001"
MANAGER = Actor(user_id=USER + 99, guild_id=GUILD, moderator=True, manager=True)


async def delivered(rig: Rig, *, title: str = "", guild_id: int | None = GUILD) -> Job:
    """Bring a request to its posted result, and forget what was sent so far."""
    job = await rig.generating(title=title, guild_id=guild_id)
    rig.music.made(job.task_id or "", D, D)
    await rig.query()
    await rig.announce()
    job = await rig.row(job)
    assert (job.state, job.announced) == (JobState.DELIVERED, job.revision)
    rig.announcer.sent.clear()
    return job


async def is_taken_down(rig: Rig, job: Job) -> bool:
    row = await rig.row(job)
    return row.removed and row.announced == row.revision and row.id not in {owed.id for owed in await rig.jobs.unsettled()}


# A removal.


@pytest.mark.parametrize(("actor", "by"), [(MODERATOR, "a moderator"), (REQUESTER, "the person who asked for it")])
async def test_the_post_is_deleted_and_the_reply_says_who_removed_it(rig: Rig, actor: Actor, by: str) -> None:
    job = await delivered(rig, title="Bad Title")
    await rig.services.moderation.remove(job.id, actor)
    await rig.announce(after=0.0)
    assert rig.announcer.ways() == ["take_down", "show_reply"]
    assert rig.announcer.of("take_down")[0].job.result_id == job.result_id
    shown = rig.announcer.of("show_reply")[0]
    assert shown.standing is not None
    card = cards.reply(shown.job, shown.standing)
    assert (card.rows, card.attachments) == ((), ())
    assert by in (card.embeds[0].description or "")
    assert "Bad Title" not in str(card.embeds[0].to_dict()), "nothing that somebody wrote is left"
    assert await is_taken_down(rig, job)


async def test_it_is_in_no_list_and_answers_as_removed_everywhere(rig: Rig) -> None:
    job = await delivered(rig)
    (a, _) = await rig.clips.of_task(TASK)
    await rig.accepting.source(a.clip_id, VIEWER)
    await rig.services.moderation.remove(job.id, MODERATOR)
    assert await rig.clips.known_to(USER, GUILD, text="", limit=25) == []
    assert await rig.clips.tag_sets(USER, GUILD, limit=25) == []
    with pytest.raises(Removed):
        await rig.handling.tracks(job.id, USER)
    with pytest.raises(Removed):
        await rig.accept(source=a.clip_id)
    with pytest.raises(Removed):
        await rig.track(TASK)
    await rig.restart()
    with pytest.raises(Removed):
        await rig.accept(source=a.clip_id)
    assert len(rig.music.submits) == 1
    await rig.accept(source=a.clip_id, user_id=STRANGER.user_id, guild_id=GUILD + 9)


async def test_fetching_at_the_same_moment_does_not_settle_what_is_owed(rig: Rig) -> None:
    job = await delivered(rig)
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.handling.fetched(job, 5)
    row = await rig.row(job)
    assert row.announced < row.revision


async def test_two_at_once_remove_it_once(rig: Rig) -> None:
    job = await delivered(rig)
    await asyncio.gather(*(rig.services.moderation.remove(job.id, actor) for actor in (MODERATOR, REQUESTER, MODERATOR)))
    row = await rig.row(job)
    assert row.revision == job.revision + 1
    await rig.announce(after=0.0)
    assert rig.announcer.ways() == ["take_down", "show_reply"]
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce(after=100.0)
    assert rig.announcer.ways() == ["take_down", "show_reply"]


async def test_a_stranger_and_a_moderator_of_another_server_may_not(rig: Rig) -> None:
    job = await delivered(rig)
    for actor in (STRANGER, replace(MODERATOR, guild_id=GUILD + 9), replace(MODERATOR, guild_id=None)):
        with pytest.raises(NotAllowed):
            await rig.services.moderation.remove(job.id, actor)
        with pytest.raises(NotAllowed):
            await rig.services.moderation.find([job.id], None, actor)
    with pytest.raises(NotFound):
        await rig.services.moderation.remove("nojob", MODERATOR)
    assert not (await rig.row(job)).removed


async def test_a_moderator_removes_every_post_of_it_in_the_server_a_person_only_their_own(rig: Rig) -> None:
    job = await delivered(rig)
    others = [
        await rig.track(TASK, user_id=STRANGER.user_id),
        await rig.track(TASK, user_id=STRANGER.user_id, guild_id=GUILD + 9),
    ]
    await rig.announce()
    await rig.services.moderation.remove(job.id, REQUESTER)
    assert [(await rig.row(each)).removed for each in (job, *others)] == [True, False, False]
    assert len(await rig.clips.known_to(USER, GUILD, text="", limit=25)) == 2, "the server knows it by the other one's post"
    (a, _) = await rig.clips.of_task(TASK)
    await rig.accept(source=a.clip_id)
    await rig.services.moderation.remove(others[0].id, MODERATOR)
    assert [(await rig.row(each)).removed for each in (job, *others)] == [True, True, False]
    with pytest.raises(Removed):
        await rig.accept(source=a.clip_id)


@pytest.mark.parametrize("error", [DiscordUnavailable("503"), CannotPost("403"), RefusedByDiscord("400")])
async def test_what_cannot_be_deleted_now_is_owed_and_survives_a_restart(rig: Rig, error: DiscordError) -> None:
    job = await delivered(rig)
    rig.announcer.raises["take_down"] = error
    await rig.services.moderation.remove(job.id, MODERATOR)
    for _ in range(15):
        await rig.announce(after=LONGEST_REFUSAL)
    assert rig.announcer.of("show_reply") == []
    await rig.restart()
    await rig.announce(after=0.0)
    assert not await is_taken_down(rig, job)
    rig.announcer.raises.clear()
    await rig.announce(after=LONGEST_REFUSAL)
    assert rig.announcer.ways() == ["take_down", "show_reply"]
    assert await is_taken_down(rig, job)


@pytest.mark.parametrize("error", [CannotPost("403"), TokenExpired("50027"), RefusedByDiscord("400"), ReplyGone("10008")])
async def test_a_reply_that_cannot_be_reached_does_not_keep_the_removal_from_its_end(rig: Rig, error: DiscordError) -> None:
    job = await delivered(rig)
    rig.announcer.raises["show_reply"] = error
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce(after=0.0)
    assert rig.announcer.ways() == ["take_down"]
    assert await is_taken_down(rig, job)


async def test_a_result_in_the_reply_is_edited_away_and_that_is_owed(rig: Rig) -> None:
    job = await rig.generating()
    rig.announcer.raises["post_result"] = CannotPost("403")
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    job = await rig.row(job)
    assert job.result_id == job.origin.reply_id
    rig.announcer.sent.clear()
    rig.announcer.raises["show_reply"] = CannotPost("403")
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce(after=0.0)
    assert not await is_taken_down(rig, job)
    rig.announcer.raises.clear()
    await rig.announce(after=LONGEST_PAUSE)
    assert rig.announcer.ways()[-1] == "show_reply"
    assert rig.announcer.of("show_reply")[-1].job.removed
    assert await is_taken_down(rig, job)


# At every moment of a request's life.


async def test_in_line_it_is_cancelled_and_nothing_is_spent(rig: Rig) -> None:
    job = await rig.ask()
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce()
    assert not await rig.submit()
    row = await rig.row(job)
    assert (row.state, row.removed) == (JobState.CANCELLED, True)
    assert rig.music.submits == []
    assert await is_taken_down(rig, job)


async def test_being_made_it_is_never_posted(rig: Rig) -> None:
    job = await rig.generating()
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT + 5)
    rig.music.made(TASK, D, D)
    await rig.query(after=60.0)
    await rig.announce()
    row = await rig.row(job)
    assert (row.state, row.removed) == (JobState.DELIVERED, True)
    assert set(rig.announcer.ways()) == {"show_reply", "take_down"}
    assert await is_taken_down(rig, job)
    assert await rig.clips.known_to(USER, GUILD, text="", limit=25) == []
    with pytest.raises(Removed):
        await rig.track(TASK)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.UNKNOWN, JobState.STALLED])
async def test_what_came_to_no_good_end_is_removed_from_jobs_and_not_repeated(rig: Rig, state: JobState) -> None:
    job = await rig.generating()
    job = replace(await rig.row(job), state=state, undeliverable=True, watch_until=None, revision=job.revision + 1)
    assert await rig.jobs.save(job)
    await rig.services.moderation.remove(job.id, MODERATOR)
    assert await rig.jobs.of_user(USER, limit=5) == []
    with pytest.raises(Removed):
        await rig.handling.repeat(job.id, REQUESTER)
    await rig.announce()
    assert await is_taken_down(rig, job)


async def test_a_late_sibling_of_a_removed_track_is_not_posted(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT + 5)
    await rig.announce()
    assert (await rig.row(job)).state is JobState.DELIVERED
    rig.announcer.sent.clear()
    await rig.services.moderation.remove(job.id, MODERATOR)
    await rig.announce(after=0.0)
    rig.music.made(TASK, D, D)
    await rig.query(after=60.0)
    await rig.announce()
    assert set(rig.announcer.ways()) == {"take_down", "show_reply"}
    assert await is_taken_down(rig, job)


async def test_removed_while_it_is_being_posted_it_is_taken_down_again(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    removing: list[asyncio.Task[Job]] = []
    act = rig.services.moderation.remove
    rig.announcer.during["post_result"] = lambda: removing.append(asyncio.ensure_future(act(job.id, MODERATOR)))
    await rig.announce()
    await asyncio.gather(*removing)
    await rig.announce(after=0.0)
    assert rig.announcer.of("take_down")[-1].job.result_id == rig.announcer.posted[job.id]
    assert rig.announcer.of("update_result") == []
    assert rig.announcer.of("show_reply")[-1].job.removed
    assert await is_taken_down(rig, job)


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_post_whose_answer_was_lost_is_found_and_taken_down(rig: Rig, restarts: bool) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    rig.announcer.loses["post_result"] = DiscordUnavailable("reset")
    await rig.announce()
    assert (await rig.row(job)).state is JobState.READY
    await rig.services.moderation.remove(job.id, MODERATOR)
    if restarts:
        await rig.restart()
    await rig.announce(after=LONGEST_PAUSE)
    assert rig.announcer.of("take_down")[-1].job.result_id == rig.announcer.posted[job.id]
    assert len(rig.announcer.of("post_result")) == 1
    assert await is_taken_down(rig, job)


@pytest.mark.parametrize("error", [CannotPost("403"), RefusedByDiscord("400")])
async def test_where_nobody_can_tell_whether_it_was_posted_it_is_at_least_not_posted_again(rig: Rig, error: DiscordError) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.services.moderation.remove(job.id, MODERATOR)
    rig.announcer.raises["find_result"] = error
    await rig.restart()
    await rig.announce()
    assert rig.announcer.of("post_result") == []
    assert await is_taken_down(rig, job)


async def test_what_reached_nobody_is_removed_from_jobs(rig: Rig) -> None:
    job = await rig.generating()
    for way in ("post_result", "result_into_reply", "send_privately"):
        rig.announcer.raises[way] = CannotPost("403")
    rig.music.made(TASK, D, D)
    await rig.query()
    await rig.announce()
    assert (await rig.row(job)).undeliverable
    await rig.services.moderation.remove(job.id, REQUESTER)
    await rig.announce()
    assert await rig.jobs.of_user(USER, limit=5) == []
    assert await is_taken_down(rig, job)


# What a moderator deletes by hand.


async def test_a_late_sibling_of_a_deleted_result_is_left_alone(rig: Rig) -> None:
    job = await rig.generating()
    rig.music.made(TASK, D, G)
    await rig.query()
    await rig.query(after=SIBLING_WAIT + 5)
    await rig.announce()
    rig.announcer.sent.clear()
    rig.announcer.raises["update_result"] = ReplyGone("10008")
    rig.music.made(TASK, D, D)
    await rig.query(after=60.0)
    for _ in range(3):
        await rig.announce(after=100.0)
    assert rig.announcer.sent == []
    row = await rig.row(job)
    assert row.announced == row.revision


# From a message to its track.


async def test_a_track_is_found_by_its_buttons_or_by_its_reply(rig: Rig) -> None:
    job = await delivered(rig)
    find = rig.services.moderation.find
    assert (await find(["0", job.id], None, MODERATOR)).id == job.id
    assert (await find([], job.origin.interaction_id, REQUESTER)).id == job.id
    for job_ids, interaction in (([], None), (["0"], None), ([], 5)):
        with pytest.raises(NotATrack):
            await find(job_ids, interaction, MODERATOR)


async def test_the_card_says_what_a_removal_does(rig: Rig) -> None:
    job = await rig.ask(title="*Night* Train")
    assert "Nothing is spent" in (moderation_card.ask_removal(job).embeds[0].description or "")
    making = replace(job, state=JobState.GENERATING)
    assert "may cost" in (moderation_card.ask_removal(making).embeds[0].description or "")
    done = moderation_card.ask_removal(replace(job, state=JobState.DELIVERED))
    assert "list of /extend" in (done.embeds[0].description or "")
    assert r"\*Night\* Train" in (done.embeds[0].description or "")
    assert [button.custom_id for row in done.rows for button in row] == [f"remove:1:{job.id}"]


# Words.


async def test_a_forbidden_word_is_refused_before_anything_is_stored(rig: Rig) -> None:
    with pytest.raises(ForbiddenWord) as caught:
        await rig.accept(title="V3RBOTENES Lied")
    assert caught.value.field == "title"
    with pytest.raises(ForbiddenWord) as caught:
        await rig.accepting.accept(TypedCreate(tags="wave, v e r b o t e n"), rig.origin(guild_id=None))
    assert caught.value.field == "tags"
    assert await rig.jobs.of_user(USER, limit=5) == []


async def test_a_servers_own_words_hold_there_at_once_and_only_there(rig: Rig) -> None:
    await rig.accept(title="kazoo solo")
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, words=("kazoo",)))
    with pytest.raises(ForbiddenWord):
        await rig.accept(title="k a z o o solo")
    await rig.accept(title="kazoo solo", guild_id=GUILD + 9)
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, words=()))
    await rig.accept(title="kazoo solo")


# People.


async def test_a_block_holds_at_once_and_what_is_in_line_stays(rig: Rig) -> None:
    job = await rig.ask()
    moderation = rig.services.moderation
    await moderation.block(Person(user_id=USER), MODERATOR, "spam")
    assert await moderation.blocked(MODERATOR) == [USER]
    for act in (Act.LOOK, Act.SPEND):
        with pytest.raises(Blocked):
            await rig.services.guilds.admit(REQUESTER, act)
    assert await rig.submit()
    assert (await rig.row(job)).state is JobState.GENERATING
    assert await moderation.unblock(USER, MODERATOR)
    assert not await moderation.unblock(USER, MODERATOR)
    assert await moderation.blocked(MODERATOR) == []
    await rig.services.guilds.admit(REQUESTER, Act.SPEND)


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(user_id=MODERATOR.user_id, moderator=True), BlockRefused.YOURSELF),
        (Person(user_id=5, moderator=True), BlockRefused.MODERATOR),
        (Person(user_id=5, bot=True, moderator=True), BlockRefused.BOT),
    ],
)
async def test_some_people_cannot_be_blocked(rig: Rig, person: Person, why: BlockRefused) -> None:
    with pytest.raises(CannotBlock) as caught:
        await rig.services.moderation.block(person, MODERATOR, "")
    assert caught.value.why is why
    assert await rig.services.moderation.blocked(MODERATOR) == []


@pytest.mark.parametrize("actor", [REQUESTER, replace(MODERATOR, guild_id=None)])
async def test_blocking_is_for_moderators_in_their_server(rig: Rig, actor: Actor) -> None:
    moderation = rig.services.moderation
    for act in (moderation.block(Person(user_id=5), actor, ""), moderation.unblock(5, actor), moderation.blocked(actor)):
        with pytest.raises(NotAllowed):
            await act


async def test_every_act_is_in_the_moderation_log(rig: Rig) -> None:
    await rig.services.guilds.change(MANAGER, lambda settings: replace(settings, log_channel=7))
    moderation = rig.services.moderation
    first, second = await delivered(rig, title="Bad Title"), await rig.ask()
    await moderation.remove(first.id, MODERATOR)
    await moderation.remove(first.id, MODERATOR)
    await moderation.remove(second.id, REQUESTER)
    await moderation.block(Person(user_id=5), MODERATOR, "spam")
    await moderation.unblock(5, MODERATOR)
    assert [channel for channel, _ in rig.services.notes.posted] == [7, 7, 7, 7]
    lines = [text for _, text in rig.services.notes.posted]
    assert f"<@{MODERATOR.user_id}> removed the track of <@{USER}> (request `{first.id}`)." in lines[0]
    assert "of their own" in lines[1]
    assert lines[2].endswith("Reason: spam")
    assert "lifted" in lines[3]
    assert "Bad Title" not in "".join(lines)
