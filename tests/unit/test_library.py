"""The library's service and controls, over a real database."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.domain.actors import Actor
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobState, amend
from bot.domain.library import View, Whose
from bot.domain.viewing import Viewer
from bot.errors import (
    AudioDamaged,
    AudioGone,
    BadOption,
    ForbiddenWord,
    NotAllowed,
    NotATrack,
    PrivateTrack,
    Removed,
    UnknownTrack,
    WorkLost,
)
from bot.ui import ids, library_controls
from bot.ui.buttons import Pressed
from bot.ui.continue_controls import Change, Continue, GoOn, SameStyle, StartAt, continue_this
from bot.ui.library_controls import Delete, Entries, Favourite, Play, Rename, TurnLibrary, show_library
from bot.ui.modals import submitted
from tests.contract.builders import GUILD, USER
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import MODERATOR, REQUESTER, STRANGER, Rig
from tests.unit.test_buttons import press

ELSEWHERE = Actor(user_id=STRANGER.user_id, guild_id=GUILD + 5, moderator=True)


async def finished(rig: Rig, **given: Any) -> tuple[Job, list[Clip]]:  # noqa: ANN401 - any option of a request
    job = await rig.ready(**{"title": "Night Train", **given})
    return job, await rig.clips.of_task(job.task_id or "")


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path))


def by(interaction: FakeInteraction, actor: Actor) -> FakeInteraction:
    interaction.user_id, interaction.guild_id = actor.user_id, actor.guild_id
    interaction.done = False
    return interaction


def said(interaction: FakeInteraction) -> str:
    """Read the last answer."""
    last = interaction.follow_ups[-1]
    return "\n".join([last["content"] or "", *(f"{embed.title}\n{embed.description}" for embed in last["embeds"])])


async def make_private(rig: Rig, job: Job) -> None:
    private = amend(await rig.row(job), private=True)
    assert await rig.jobs.save(private)
    rig.services.discretion.heard(private)


# What belongs to others.


async def test_a_private_track_is_no_source_for_others_whoever_has_read_it_before(rig: Rig) -> None:
    job, (a, _) = await finished(rig)
    await make_private(rig, job)
    assert await rig.accepting.source(a.clip_id, REQUESTER.viewer) is not None
    assert await rig.accepting.source(a.clip_id, STRANGER.viewer) is None, "it is in memory by now"
    with pytest.raises(PrivateTrack):
        await rig.accept(source=a.clip_id, user_id=STRANGER.user_id)
    assert (await rig.accept(source=a.clip_id)).source_id == a.clip_id


async def test_what_is_published_can_be_continued_from_then_on(rig: Rig) -> None:
    job, (a, _) = await finished(rig)
    await make_private(rig, job)
    with pytest.raises(PrivateTrack):
        await rig.accept(source=a.clip_id, user_id=STRANGER.user_id)
    assert await rig.jobs.save(amend(await rig.row(job), private=False))
    assert (await rig.accept(source=a.clip_id, user_id=STRANGER.user_id)).source_id == a.clip_id


async def test_a_private_entry_does_not_exist_for_others(rig: Rig) -> None:
    job, (a, _) = await finished(rig)
    await make_private(rig, job)
    library = rig.services.library
    for act in (
        library.open(a.clip_id, STRANGER),
        library.play(a.clip_id, STRANGER.viewer),
        library.toggle_favourite(a.clip_id, STRANGER),
        library.rename(a.clip_id, "Mine", STRANGER),
        library.open("no-such-track", REQUESTER),
    ):
        with pytest.raises(UnknownTrack):
            await act
    with pytest.raises(PrivateTrack):
        await library.to_continue(a.clip_id, STRANGER.viewer)
    with pytest.raises(UnknownTrack):
        await library.to_continue("no-such-track", STRANGER.viewer)
    assert (await library.open(a.clip_id, REQUESTER)).own


async def test_a_track_removed_while_its_card_is_open_is_answered_in_words(rig: Rig, interaction: FakeInteraction) -> None:
    job, (a, _) = await finished(rig)
    opened = await rig.services.library.open(a.clip_id, REQUESTER)
    await rig.services.moderation.remove(opened.removable or "", MODERATOR)
    with pytest.raises(Removed):
        await rig.services.library.open(a.clip_id, REQUESTER)
    for kind in (Play, Favourite, GoOn):
        await press(kind, interaction, a.clip_id)
        assert "was removed" in said(interaction)
    assert (await rig.row(job)).removed


# What is done to an entry.


async def test_who_may_remove_a_track_is_told_by_which_request(rig: Rig) -> None:
    job, (a, _) = await finished(rig)
    library = rig.services.library
    assert (await library.open(a.clip_id, REQUESTER)).removable == job.id
    assert (await library.open(a.clip_id, MODERATOR)).removable == job.id
    assert (await library.open(a.clip_id, STRANGER)).removable is None
    again = await rig.track(job.task_id or "", user_id=STRANGER.user_id)
    assert (await rig.row(again)).state is JobState.READY
    assert (await library.open(a.clip_id, STRANGER)).removable == again.id


async def test_a_new_title_is_told_to_whoever_continues_the_track(rig: Rig) -> None:
    _, (a, b) = await finished(rig)
    await rig.accepting.source(a.clip_id, REQUESTER.viewer)
    opened = await rig.services.library.rename(a.clip_id, "  Day \n Bus ", REQUESTER)
    assert opened.entry.clip.title == "Day Bus"
    assert (await rig.accept(source=a.clip_id)).source_label == "A · Day Bus"
    kept = await rig.clips.get(b.clip_id)
    assert kept is not None
    assert kept.title == "Night Train"


@pytest.mark.parametrize(
    ("title", "actor", "error"),
    [
        (" ", REQUESTER, BadOption),
        ("x" * 81, REQUESTER, BadOption),
        ("Verboten!", REQUESTER, ForbiddenWord),
        ("Mine", STRANGER, NotAllowed),
    ],
)
async def test_a_title_that_cannot_be_taken_changes_nothing(rig: Rig, title: str, actor: Actor, error: type[Exception]) -> None:
    _, (a, _) = await finished(rig)
    with pytest.raises(error):
        await rig.services.library.rename(a.clip_id, title, actor)
    assert await rig.clips.get(a.clip_id) == a


async def test_audio_that_is_gone_is_said_to_be(rig: Rig, interaction: FakeInteraction) -> None:
    _, (a, _) = await finished(rig)
    rig.services.audio_back.gone.add(a.clip_id)
    with pytest.raises(AudioGone):
        await rig.services.library.play(a.clip_id, REQUESTER.viewer)
    await press(Play, interaction, a.clip_id)
    assert "audio of this track is gone" in said(interaction)


# The controls.


async def test_playing_answers_privately_with_the_file_or_a_link(rig: Rig, interaction: FakeInteraction, tmp_path: Path) -> None:
    _, (a, _) = await finished(rig)
    (tmp_path / str(a.audio_name)).write_bytes(b"ID3")
    await press(Play, interaction, a.clip_id)
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    assert [file.filename for file in interaction.follow_ups[-1]["files"]] == ["Night Train - A.mp3"]
    interaction.done, interaction.says = False, [None, refused(413, 40005)]
    await press(Play, interaction, a.clip_id)
    assert interaction.follow_ups[-1]["files"] == []
    assert "[Listen]" in said(interaction)


async def test_pages_turn_after_a_restart_and_only_for_their_person(rig: Rig, interaction: FakeInteraction, tmp_path: Path) -> None:
    for number in range(3):
        await finished(rig, title=f"Train {number}")
    await show_library(interaction.as_sent, View(whose=Whose.HERE, search="train"))
    assert "page 1" in said(interaction)
    button = interaction.follow_ups[-1]["view"].children[-1]
    _, _, draft, number = button.custom_id.split(":")
    await rig.restart()
    again = FakeInteraction(FakeClient(rig.services, folder=tmp_path))
    await press(TurnLibrary, again, draft, number)
    assert "page 2" in again.edits[-1]["content"]
    assert [embed.title for embed in again.edits[-1]["embeds"]] == ["6 · B · Train 0"]
    stranger = by(FakeInteraction(FakeClient(rig.services, folder=tmp_path)), STRANGER)
    await press(TurnLibrary, stranger, draft, number)
    assert "too old to turn" in said(stranger)


async def test_a_list_of_one_page_keeps_nothing(rig: Rig, interaction: FakeInteraction) -> None:
    await finished(rig)
    rig.database.statements.clear()
    await show_library(interaction.as_sent, View())
    assert [statement.split()[0] for statement in rig.database.statements] == ["SELECT"]


async def test_a_chosen_entry_is_opened_made_a_favourite_and_named_anew(rig: Rig, interaction: FakeInteraction) -> None:
    _, (a, _) = await finished(rig)
    interaction.data = {"custom_id": "entries:1", "values": [a.clip_id]}
    await press(Entries, interaction)
    assert "A · Night Train" in said(interaction)
    by(interaction, REQUESTER)
    await press(Favourite, interaction, a.clip_id)
    assert "★" in (interaction.edits[-1]["embeds"][0].description or "")
    favourites = await rig.services.library.page(View(whose=Whose.FAVOURITES), 0, REQUESTER.viewer)
    assert [entry.clip.clip_id for entry in favourites.entries] == [a.clip_id]
    by(interaction, REQUESTER)
    await press(Rename, interaction, a.clip_id)
    (form,) = interaction.modals
    by(interaction, REQUESTER)
    field = {"type": 4, "custom_id": "title", "value": "Day Bus"}
    interaction.data = {"custom_id": form.custom_id, "components": [{"type": 18, "component": field}]}
    await submitted(interaction.as_sent, library_controls.FORMS)
    assert interaction.edits[-1]["embeds"][0].title == "A · Day Bus"


async def test_deleting_asks_first_and_is_for_its_person_and_moderators(rig: Rig, interaction: FakeInteraction) -> None:
    job, _ = await finished(rig)
    await press(Delete, by(interaction, STRANGER), job.id)
    assert "Only the person who asked" in said(interaction)
    await press(Delete, by(interaction, REQUESTER), job.id)
    assert "Remove this track?" in said(interaction)
    assert [button.custom_id for button in interaction.follow_ups[-1]["view"].children] == [ids.make("remove", job.id)]
    assert not (await rig.row(job)).removed


# Continuing.


async def test_continue_answers_with_the_card_and_nothing_is_spent(rig: Rig, interaction: FakeInteraction) -> None:
    job, _ = await finished(rig)
    await press(Continue, interaction, job.id, "B")
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    assert "Continue B · Night Train" in said(interaction)
    assert [file.filename for file in interaction.follow_ups[-1]["files"]] == ["waveform.png"]
    assert await rig.handling.of_user(USER, limit=9) == [await rig.row(job)]


async def test_two_taps_lead_from_a_result_to_a_request(rig: Rig, interaction: FakeInteraction) -> None:
    _, (a, _) = await finished(rig)
    await press(GoOn, interaction, a.clip_id)
    same = next(child for child in interaction.follow_ups[-1]["view"].children if child.custom_id.startswith("same:"))
    await press(SameStyle, by(interaction, REQUESTER), *same.custom_id.split(":")[2:])
    job = (await rig.handling.of_user(USER, limit=9))[0]
    assert (job.source_id, job.continue_at, job.tags, job.title) == (a.clip_id, 192.0, a.tags, a.title)
    assert job.state is JobState.QUEUED


async def test_choosing_a_start_point_redraws_the_mark_and_moves_both_ways_on(rig: Rig, interaction: FakeInteraction) -> None:
    _, (a, _) = await finished(rig)
    interaction.data = {"custom_id": "start-at:1", "values": ["30.3"]}
    await press(StartAt, interaction, a.clip_id)
    edit = interaction.edits[-1]
    assert [file.filename for file in edit["attachments"]] == ["waveform.png"]
    assert "Start point **0:30.3**" in (edit["embeds"][0].description or "")
    about = [child.custom_id for child in edit["view"].children if isinstance(child, discord.ui.Button)]
    assert about == [ids.make("same", a.clip_id, "30.3"), ids.make("change", a.clip_id, "30.3")]
    await press(Change, by(interaction, REQUESTER), a.clip_id, "30.3")
    assert [form.title for form in interaction.modals] == ["Continue A · Night Train"]


async def test_a_start_point_that_the_track_does_not_have_is_refused(rig: Rig, interaction: FakeInteraction) -> None:
    _, (a, _) = await finished(rig)
    interaction.data = {"custom_id": "start-at:1", "values": ["9999"]}
    await press(StartAt, interaction, a.clip_id)
    assert "start before its end" in said(interaction)


@pytest.mark.parametrize("error", [AudioGone(), AudioDamaged(), WorkLost(), TimeoutError()])
async def test_without_its_audio_the_card_works_without_a_picture(rig: Rig, interaction: FakeInteraction, error: Exception) -> None:
    _, (a, _) = await finished(rig)
    rig.services.listening.raises = error
    await press(GoOn, interaction, a.clip_id)
    assert "no picture" in said(interaction)
    assert interaction.follow_ups[-1]["files"] == []


@pytest.mark.parametrize("kind", [SameStyle, Change])
async def test_a_button_of_a_track_that_has_become_somebodys_own_spends_nothing(
    rig: Rig, interaction: FakeInteraction, kind: type[Pressed]
) -> None:
    job, (a, _) = await finished(rig)
    await make_private(rig, job)
    await press(kind, by(interaction, STRANGER), a.clip_id, "30")
    assert "That track is private" in interaction.answers[-1]["content"]
    assert await rig.handling.of_user(STRANGER.user_id, limit=9) == []


# The menu of messages.


def message(*custom_ids: str, author: int = 7) -> discord.Message:
    buttons = [discord.Button(button(custom_id)) for custom_id in custom_ids]
    row = discord.ActionRow.__new__(discord.ActionRow)
    row.children = cast("Any", buttons)
    return cast("discord.Message", SimpleNamespace(author=SimpleNamespace(id=author), components=[row]))


def button(custom_id: str) -> Any:  # noqa: ANN401 - as Discord sends it
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


@pytest.fixture
def as_bot(interaction: FakeInteraction) -> FakeInteraction:
    interaction.client.user = SimpleNamespace(id=7)
    return interaction


async def test_of_a_results_two_versions_a_is_continued_with_b_a_press_away(rig: Rig, as_bot: FakeInteraction) -> None:
    job, (_, b) = await finished(rig)
    await continue_this(as_bot.as_sent, message(ids.make("continue", job.id, "A"), ids.make("more", job.id)))
    assert "Continue A · Night Train" in said(as_bot)
    assert as_bot.follow_ups[-1]["view"].children[-1].custom_id == ids.make("go-on", b.clip_id)


async def test_a_message_about_one_track_continues_that(rig: Rig, as_bot: FakeInteraction) -> None:
    _, (_, b) = await finished(rig)
    await continue_this(as_bot.as_sent, message("vote:1:abcdefghij", ids.make("family", b.clip_id)))
    assert "Continue B · Night Train" in said(as_bot)


@pytest.mark.parametrize("about", [(), ("more:1:abcdefghij",), ("help:1",)])
async def test_a_message_without_a_track_is_said_to_have_none(rig: Rig, as_bot: FakeInteraction, about: tuple[str, ...]) -> None:
    with pytest.raises(NotATrack):
        await continue_this(as_bot.as_sent, message(*about))


async def test_a_message_of_somebody_else_is_none_of_ours(rig: Rig, as_bot: FakeInteraction) -> None:
    job, _ = await finished(rig)
    with pytest.raises(NotATrack):
        await continue_this(as_bot.as_sent, message(ids.make("continue", job.id, "A"), author=8))


async def test_outside_of_servers_ones_own_tracks_are_there(rig: Rig) -> None:
    _, (a, _) = await finished(rig)
    assert (await rig.services.library.to_continue(a.clip_id, Viewer(USER, None))).clip_id == a.clip_id
