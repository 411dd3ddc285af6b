"""The main job and everything around it, as people see it in a simulated Discord."""

import re
from pathlib import Path

import discord
import pytest
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.domain.jobs import Job, JobState, Origin, amend
from bot.domain.reports import Stage
from bot.errors import Ambiguous, ContentRefused, OutOfCredits, Refused, TaskUnknown
from tests.discord.simcord_helpers import Sim, serve_with, simulated_bot

pytestmark = pytest.mark.simcord(shard_count=1)

D, F, G = Stage.DONE, Stage.FAILED, Stage.GENERATING
TASK = "task-000001"


def shown(result: InteractionResult) -> ResponseMessage:
    assert result.response is not None
    return result.response


def heading(result: InteractionResult) -> str:
    return shown(result).embeds[0].title or ""


def text(message: ResponseMessage | discord.Message) -> str:
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", *(f"{entry.name}: {entry.value}" for entry in embed.fields)]
    return "\n".join(parts)


def labels(message: ResponseMessage) -> list[str]:
    return [button["label"] for row in message.components for button in row["components"]]


def taken(result: InteractionResult) -> bool:
    """Tell whether a request was taken: it is thought about, or its place in line is told."""
    return result.deferred or heading(result) == "Extension · In line"


async def the_job(sim: Sim) -> Job:
    (job,) = await sim.services.jobs.unsettled()
    return job


async def delivered(sim: Sim, result: InteractionResult | None = None, task: str = TASK) -> discord.Message:
    """Bring the only request to its delivered result."""
    if result is None:
        await sim.extend(title="Night Train")
    await sim.submit()
    sim.music.made(task, D, D)
    await sim.query()
    await sim.announce()
    message = sim.channel.last_message
    assert message is not None
    return message


# The main job.


async def test_extend_from_the_command_to_the_track(sim: Sim) -> None:
    result = await sim.extend(title="Night Train", continue_at="100", model="v3.5")
    assert not result.ephemeral
    assert heading(result) == "Extension · In line", "as the first answer"
    assert labels(shown(result)) == ["Cancel"]
    await sim.submit()
    await sim.announce()
    assert heading(result) == "Extension · Being made"
    assert f"`{TASK}`" in text(shown(result))
    assert "from 1:40" in text(shown(result))
    assert labels(shown(result)) == ["Hide"]
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    message = sim.channel.last_message
    assert message is not None
    assert message.content.startswith(f"{sim.alice.mention} **Night Train** is finished")
    assert [user.id for user in message.mentions] == [sim.alice.id]
    assert message.reference is not None
    assert message.reference.message_id == shown(result).id
    names = [attachment.filename.replace("_", " ") for attachment in message.attachments]
    assert names == ["Night Train - A.mp3", "Night Train - B.mp3", "cover-A.jpg", "cover-B.jpg"]
    assert [embed.title for embed in message.embeds] == ["A · Night Train", "B · Night Train"]
    assert str(message.id) in text(shown(result)), "the reply points to it"
    assert labels(shown(result)) == []
    (sent,) = sim.music.extensions
    assert (sent.title, sent.continue_at, sent.tags, sent.model) == ("Night Train", 100.0, "wave, synthwave", "v3.5")
    assert await sim.services.jobs.unsettled() == []


async def test_continuing_from_a_button_opens_a_form_filled_in_and_asks_for_the_next(sim: Sim) -> None:
    message = await delivered(sim)
    card = shown(await sim.bob.click(message, label="Continue B"))
    assert card.ephemeral
    form = await sim.bob.click(card, label="Change…")
    assert form.modal is not None
    assert form.modal["title"] == "Continue B · Night Train"
    result = await sim.bob.submit_modal(form, {"continue_at": "end", "tags": "dub", "title": ""})
    assert taken(result)
    await sim.submit()
    sent = sim.music.extensions[-1]
    assert (sent.continue_clip_id, sent.continue_at, sent.tags, sent.title) == (f"{TASK}-clip-1", 192.0, "dub", "Night Train")
    await sim.announce()
    assert "B · Night Train from 3:12" in text(shown(result))


async def test_a_form_refused_offers_to_fix_what_was_typed(sim: Sim) -> None:
    message = await delivered(sim)
    form = await sim.bob.click(shown(await sim.bob.click(message, label="Continue A")), label="Change…")
    refused = await sim.bob.submit_modal(form, {"continue_at": "9:99", "tags": "dub", "title": "Onward"})
    assert refused.ephemeral
    assert "Start point" in shown(refused).content
    fixing = await sim.bob.click(shown(refused), label="Fix")
    assert fixing.modal is not None
    again = await sim.bob.submit_modal(
        fixing, {"continue_clip_id": f"{TASK}-clip-0", "continue_at": "1:40", "tags": "dub", "title": "Onward", "model": ""}
    )
    assert taken(again)
    await sim.submit()
    assert sim.music.submits[-1].title == "Onward"


async def test_a_late_sibling_is_added_to_the_result(sim: Sim) -> None:
    await sim.extend(title="Night Train")
    await sim.submit()
    sim.music.made(TASK, D, G)
    await sim.query()
    await sim.env.advance_time(60.0)
    await sim.query()
    await sim.announce()
    message = sim.channel.last_message
    assert message is not None
    assert "not done yet" in message.content
    assert len(message.attachments) == 2
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    edited = sim.channel.last_message
    assert edited is not None
    assert edited.id == message.id
    assert len(edited.attachments) == 4
    assert "pick the one" in edited.content


# Refusals.


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"continue_at": "1:75"}, "continue_at"),
        ({"continue_at": "end"}, "continue_at"),
        ({"continue_clip_id": "Night Train"}, "continue_clip_id"),
        ({"tags": ",,"}, "tags"),
        ({"title": "x" * 81}, "title"),
        ({"model": "v9"}, "model"),
    ],
)
async def test_what_cannot_be_taken_is_refused_privately_with_an_example_and_can_be_fixed(
    sim: Sim, options: dict[str, str], field: str
) -> None:
    result = await sim.extend(None, None, **options)
    message = shown(result)
    assert message.ephemeral
    assert f"`{field}`" in message.content
    example = re.search(r"For example: `(.+)`", message.content)
    assert example is not None
    form = await sim.alice.click(message, label="Fix")
    assert form.modal is not None
    typed = {
        "continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24",
        "continue_at": "1:40",
        "tags": "wave, synthwave",
        "title": "",
        "model": "",
    }
    mended = await sim.alice.submit_modal(form, {**typed, **options, field: example[1]})
    assert taken(mended), "following the example is enough"
    assert [message.id for message in sim.channel.history(viewer=sim.bob)] == [shown(mended).id], "the refusal is seen by nobody else"


async def test_one_person_has_three_requests_under_way(sim: Sim) -> None:
    for _ in range(3):
        assert taken(await sim.extend())
    refused = await sim.extend()
    assert shown(refused).ephemeral
    assert "3 requests" in shown(refused).content
    assert taken(await sim.extend(sim.bob))
    assert "Place 3 in line" in text(shown(refused)), "those under way are shown"
    assert sim.handled() == []


async def test_without_credits_new_requests_are_refused_privately_and_those_in_line_are_told(sim: Sim) -> None:
    waiting = await sim.extend()
    sim.music.answers.append(OutOfCredits("0"))
    await sim.submit()
    await sim.announce()
    assert "credits" in text(shown(waiting))
    refused = await sim.extend(sim.bob)
    assert shown(refused).ephemeral
    assert "credits" in shown(refused).content
    assert sim.handled() == ["LanePaused"]


@pytest.mark.parametrize("known", [False, True], ids=["at the gate", "behind it"])
async def test_a_database_that_is_away_is_admitted(sim: Sim, known: bool) -> None:
    if known:
        await sim.alice.slash(sim.channel, "jobs")
    sim.database.away = -1
    result = await sim.extend()
    assert shown(result).ephemeral
    assert "nothing was sent" in shown(result).content
    sim.database.away = 0
    assert sim.handled() == (["StoreUnavailable"] if known else [])
    assert await sim.services.jobs.unsettled() == []


async def test_an_error_of_ours_is_answered_with_a_reference(
    sim: Sim, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(*_asked: object, **_how: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(sim.services.accepting, "accept", breaks)
    result = await sim.extend()
    found = re.search(r"`([0-9a-f]{8})`", shown(result).content)
    assert found
    assert found[1] in caplog.text
    assert sim.handled() == ["RuntimeError"]


async def test_a_refusal_by_the_provider_can_be_changed_and_tried_again(sim: Sim) -> None:
    result = await sim.extend()
    sim.music.answers.append(Refused("**bad** <@1> continue_at"))
    await sim.submit()
    await sim.announce()
    assert "\\*\\*bad\\*\\*" in text(shown(result))
    form = await sim.alice.click(shown(result), label="Change and try again")
    assert form.modal is not None
    again = await sim.alice.submit_modal(
        form, {"continue_clip_id": "186001a9-a9e2-487a-bdcc-417914676f24", "continue_at": "1:30", "tags": "dub", "title": "", "model": ""}
    )
    assert taken(again)


async def test_moderation_is_explained_to_its_person_alone(sim: Sim) -> None:
    result = await sim.extend()
    sim.music.answers.append(ContentRefused("names Some Artist"))
    await sim.submit()
    await sim.announce()
    assert "Some Artist" not in text(shown(result))
    # The private follow-up does not pass through simcord: it is lost, and /jobs has what it said.
    listed = await sim.alice.slash(sim.channel, "jobs")
    assert shown(listed).ephemeral
    assert "Some Artist" in text(shown(listed))
    assert all("Some Artist" not in text(message) for message in sim.channel.history(viewer=sim.bob))


async def test_an_outcome_that_is_not_known_is_told_and_repeated_only_by_hand(sim: Sim) -> None:
    result = await sim.extend(continue_at="1234.567")
    sim.music.answers.append(Ambiguous("reset"))
    await sim.submit()
    await sim.announce()
    assert labels(shown(result)) == ["Try again (may cost twice)"]
    again = await sim.alice.click(shown(result), label="Try again (may cost twice)")
    assert taken(again)
    await sim.submit()
    assert sim.music.submits[0] == sim.music.submits[1]


# Buttons, and who may press them.


async def test_the_requester_cancels_in_line(sim: Sim) -> None:
    result = await sim.extend()
    await sim.announce()
    told = await sim.alice.click(shown(result), label="Cancel")
    assert shown(told).ephemeral
    assert "nothing was spent" in shown(told).content
    await sim.announce()
    assert heading(result) == "Extension · Cancelled"
    assert labels(shown(result)) == []


async def test_a_stranger_may_not_and_a_moderator_may(sim: Sim) -> None:
    result = await sim.extend()
    await sim.announce()
    refused = await sim.bob.click(shown(result), label="Cancel")
    assert shown(refused).ephemeral
    assert "Only the person" in shown(refused).content
    assert (await the_job(sim)).state is JobState.QUEUED
    await sim.mod.click(shown(result), label="Cancel")
    await sim.announce()
    assert heading(result) == "Extension · Cancelled"


async def test_a_button_that_comes_too_late_says_so(sim: Sim) -> None:
    result = await sim.extend()
    await sim.announce()
    stale = shown(result)
    await sim.submit()
    refused = await sim.alice.click(stale, label="Cancel")
    assert "no longer possible" in shown(refused).content
    assert (await the_job(sim)).state is JobState.GENERATING


async def test_hidden_nothing_is_posted_and_the_tracks_are_in_the_list(sim: Sim) -> None:
    result = await sim.extend(title="Night Train")
    await sim.submit()
    await sim.announce()
    await sim.alice.click(shown(result), label="Hide")
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    assert [message.id for message in sim.channel.history(viewer=sim.bob)] == [shown(result).id]
    choices = await sim.alice.autocomplete(sim.channel, "extend", "continue_clip_id", "night")
    assert [choice["value"] for choice in choices] == [f"{TASK}-clip-0", f"{TASK}-clip-1"]


@pytest.mark.parametrize("label", ["Hide", "Try again (may cost twice)"])
async def test_what_spends_or_hides_is_not_for_strangers(sim: Sim, label: str) -> None:
    result = await sim.extend()
    if label != "Hide":
        sim.music.answers.append(Ambiguous("reset"))
    await sim.submit()
    await sim.announce()
    refused = await sim.bob.click(shown(result), label=label)
    assert shown(refused).ephemeral
    assert "Only the person" in shown(refused).content
    assert len(sim.music.submits) == 1


async def test_more_shows_ids_to_whoever_asks_and_copy_answers_with_the_bare_id(sim: Sim) -> None:
    message = await delivered(sim)
    more = await sim.bob.click(message, label="More")
    assert shown(more).ephemeral
    assert f"`{TASK}`" in text(shown(more))
    copied = await sim.bob.click(shown(more), label="Copy ID B")
    assert shown(copied).ephemeral
    assert shown(copied).content == f"{TASK}-clip-1"


async def test_every_button_works_after_a_restart(sim: Sim, tmp_path: Path) -> None:
    message = await delivered(sim)
    waiting = await sim.extend(sim.bob)
    await sim.announce()
    restarted = simulated_bot(tmp_path)
    serve_with(restarted, sim.services)
    await sim.env.restart_bot(restarted)
    assert (await sim.bob.click(shown(await sim.bob.click(message, label="Continue A")), label="Change…")).modal is not None
    assert shown(await sim.bob.click(message, label="More")).ephemeral
    assert "nothing was spent" in shown(await sim.bob.click(shown(waiting), label="Cancel")).content


# Permissions.


def channel_without(sim: Sim, permission: str) -> ChannelHandle:
    """Make a channel in which the bot lacks a permission."""
    me = sim.guild.me
    assert me is not None
    overwrite = discord.PermissionOverwrite()
    setattr(overwrite, permission, False)
    return sim.guild.create_text_channel("closed", overwrites={me: overwrite})


@pytest.mark.parametrize("missing", ["send_messages", "view_channel"])
async def test_where_the_bot_may_not_post_the_result_goes_into_the_reply(sim: Sim, missing: str) -> None:
    channel = channel_without(sim, missing)
    result = await sim.extend(channel=channel, title="Night Train")
    await sim.submit()
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    message = shown(result)
    assert len(message.attachments) == 4
    assert labels(message) == ["Continue A", "Continue B", "More"]
    assert sim.alice.mention not in message.content
    assert await sim.services.jobs.unsettled() == []


async def test_with_the_token_expired_and_the_channel_closed_it_comes_by_direct_message(sim: Sim) -> None:
    channel = channel_without(sim, "view_channel")
    await sim.extend(channel=channel, title="Night Train")
    await sim.submit()
    await sim.env.advance_time(901.0)
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    message = sim.alice.user.dm_channel.last_message
    assert message is not None
    assert "**Night Train** is finished" in message.content
    assert len(message.attachments) == 4


async def test_a_late_sibling_is_added_to_a_result_that_went_by_direct_message(sim: Sim) -> None:
    channel = channel_without(sim, "view_channel")
    await sim.extend(channel=channel, title="Night Train")
    await sim.submit()
    await sim.env.advance_time(810.0)
    sim.music.made(TASK, D, G)
    await sim.query()
    await sim.env.advance_time(70.0)
    sim.env.inject_error("PATCH", "/webhooks/*", status=401, code=50027, times=1)
    await sim.query()
    await sim.announce()
    message = sim.alice.user.dm_channel.last_message
    assert message is not None
    assert len(message.attachments) == 2
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    edited = sim.alice.user.dm_channel.last_message
    assert edited is not None
    assert len(edited.attachments) == 4


async def test_after_the_token_has_expired_the_reply_is_edited_as_a_message(sim: Sim) -> None:
    result = await sim.extend()
    await sim.submit()
    await sim.announce()
    await sim.env.advance_time(901.0)
    sim.music.made(TASK, F, F, words="out of memory")
    await sim.query()
    await sim.announce()
    assert heading(result) == "Extension · Nothing came of it"
    assert "out of memory" in text(shown(result))


async def test_a_deleted_reply_does_not_keep_the_result_back(sim: Sim) -> None:
    result = await sim.extend(title="Night Train")
    await sim.submit()
    await sim.announce()
    await sim.mod.delete(shown(result))
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    message = sim.channel.last_message
    assert message is not None
    assert "is finished" in message.content
    assert await sim.services.jobs.unsettled() == []


async def test_discord_failing_for_a_moment_costs_nothing(sim: Sim) -> None:
    await sim.extend(title="Night Train")
    await sim.submit()
    await sim.announce()
    sim.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    await sim.announce()
    results = [message for message in sim.channel.history() if "is finished" in message.content]
    assert len(results) == 1


# /jobs and /track.


async def test_jobs_lists_what_is_ones_own_with_its_acts(sim: Sim) -> None:
    await sim.extend(title="First")
    await sim.env.advance_time(1.0)
    await sim.extend(title="Second")
    await sim.extend(sim.bob, title="Of Bob")
    listed = await sim.alice.slash(sim.channel, "jobs")
    assert shown(listed).ephemeral
    content = text(shown(listed))
    assert content.index("Second") < content.index("First")
    assert "Of Bob" not in content
    assert "Place 3 in line" in content
    await sim.alice.click(shown(listed), label="Cancel 1")
    content = text(shown(await sim.alice.slash(sim.channel, "jobs")))
    assert "Second" not in content


async def test_with_nothing_under_way_jobs_tells_the_way_in(sim: Sim) -> None:
    listed = await sim.bob.slash(sim.channel, "jobs")
    assert "/extend" in text(shown(listed))
    assert shown(listed).ephemeral


async def test_what_could_not_reach_its_person_is_fetched_under_jobs(sim: Sim) -> None:
    channel = channel_without(sim, "view_channel")
    await sim.extend(channel=channel, title="Night Train")
    await sim.submit()
    await sim.env.advance_time(901.0)
    sim.env.inject_error("POST", "/users/@me/channels", status=403, code=50007, times=None)
    sim.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=None)
    sim.music.made(TASK, D, D)
    await sim.query()
    await sim.announce()
    listed = await sim.alice.slash(sim.channel, "jobs")
    assert "could not reach you" in text(shown(listed))
    sim.env.backend.faults.clear()
    fetched = await sim.alice.click(shown(listed), label="Fetch 1")
    assert shown(fetched).ephemeral
    assert len(shown(fetched).attachments) == 4
    assert "Nothing under way" in text(shown(await sim.alice.slash(sim.channel, "jobs")))


async def test_pages_of_jobs_turn_in_place(sim: Sim) -> None:
    for number in range(6):
        job = await sim.services.accepting.accept_track(f"elsewhere-{number}", _origin(sim, number))
        await sim.services.accepting.acknowledged(job, reply_id=None, ephemeral=False)
        await sim.services.jobs.announce(job.id, 2)
        if number < 4:
            row = await sim.services.jobs.get(job.id)
            assert row is not None
            await sim.services.finishing.no_answer(row, TaskUnknown("no such task"))
            await _undeliver(sim, job.id)
    listed = await sim.alice.slash(sim.channel, "jobs")
    assert "elsewhere-5" in text(shown(listed))
    turned = await sim.alice.click(shown(listed), label="Next page")
    assert turned.response is not None
    assert "elsewhere-0" in text(shown(turned))
    assert "elsewhere-5" not in text(shown(turned))


def _origin(sim: Sim, number: int) -> Origin:
    return Origin(
        interaction_id=10_000 + number,
        user_id=sim.alice.id,
        guild_id=sim.guild.id,
        channel_id=sim.channel.id,
        can_post=True,
        upload_limit=1,
    )


async def _undeliver(sim: Sim, job_id: str) -> None:
    row = await sim.services.jobs.get(job_id)
    assert row is not None
    assert await sim.services.jobs.save(amend(row, undeliverable=True))


async def test_track_follows_a_task_made_elsewhere(sim: Sim) -> None:
    result = await sim.alice.slash(sim.channel, "track", task_id="976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e")
    assert taken(result)
    task = "976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e"
    sim.music.made(task, D, D, title="Made Elsewhere")
    await sim.query()
    await sim.announce()
    message = sim.channel.last_message
    assert message is not None
    assert "**Made Elsewhere** is finished" in message.content
    choices = await sim.bob.autocomplete(sim.channel, "extend", "continue_clip_id", "")
    assert {choice["value"] for choice in choices} == {f"{task}-clip-0", f"{task}-clip-1"}, "the server knows them too"


async def test_track_refuses_what_is_no_task(sim: Sim) -> None:
    result = await sim.alice.slash(sim.channel, "track", task_id="my song")
    assert shown(result).ephemeral
    assert "task id" in shown(result).content
    assert (await sim.alice.click(shown(result), label="Fix")).modal is not None
    assert sim.handled() == []


async def test_track_says_when_the_task_is_not_known(sim: Sim) -> None:
    result = await sim.alice.slash(sim.channel, "track", task_id="976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e")
    await sim.query()
    await sim.announce()
    assert "doesn't know this task" in text(shown(result))


# Autocomplete.


async def test_autocomplete_offers_tracks_start_points_styles_and_models(sim: Sim) -> None:
    (nothing,) = await sim.alice.autocomplete(sim.channel, "extend", "continue_clip_id", "")
    assert nothing["name"].startswith("No track yet")
    await delivered(sim)
    tracks = await sim.alice.autocomplete(sim.channel, "extend", "continue_clip_id", "")
    assert [choice["name"] for choice in tracks] == ["A · 3:12 · Night Train · just now", "B · 3:12 · Night Train · just now"]
    chosen = tracks[1]["value"]
    starts = await sim.alice.autocomplete(sim.channel, "extend", "continue_at", "", continue_clip_id=chosen)
    assert (starts[0]["name"], starts[0]["value"]) == ("The end · 3:12", "end")
    tags = await sim.alice.autocomplete(sim.channel, "extend", "tags", "", continue_clip_id=chosen)
    assert tags[0]["value"] == "wave, synthwave"
    models = await sim.alice.autocomplete(sim.channel, "extend", "model", "")
    assert [choice["value"] for choice in models] == ["v3.5", "v4"]


async def test_without_a_track_starts_know_only_what_was_typed(sim: Sim) -> None:
    assert await sim.alice.autocomplete(sim.channel, "extend", "continue_at", "") == []
    typed = await sim.alice.autocomplete(sim.channel, "extend", "continue_at", "1:40")
    assert [choice["value"] for choice in typed] == ["1:40"]
