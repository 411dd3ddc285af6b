"""/help where it is used: what it finds to begin with, and what its buttons open."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.reports import Stage
from bot.ui.first_steps import Begin, First, Help, TakeIn, show_help
from tests.contract.builders import GUILD, USER
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.rig import MODERATOR, Rig
from tests.unit.test_buttons import press


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path))


def labels(answer: Mapping[str, Any]) -> list[str]:
    return [button.label for button in answer["view"].children]


async def with_starter(rig: Rig, task_id: str = "task-of-a-starter") -> None:
    rig.starters = (task_id,)
    await rig.restart()
    rig.music.made(task_id, Stage.DONE, title="Night Train")
    await rig.services.starters.step()
    await rig.query()


async def test_in_a_fresh_server_without_anything_it_says_whom_to_ask(interaction: FakeInteraction) -> None:
    await show_help(interaction.as_sent)
    (answer,) = interaction.answers
    assert answer["ephemeral"] is True
    assert labels(answer) == ["Take in a task"]
    (step,) = [field.value for field in answer["embeds"][0].fields if field.name == "Your next step"]
    assert "People with Manage Server" in step


async def test_a_starter_is_begun_with_and_the_form_is_filled_in(rig: Rig, tmp_path: Path) -> None:
    await with_starter(rig)
    interaction = FakeInteraction(FakeClient(rig.services, folder=tmp_path))
    await press(Help, interaction)
    assert labels(interaction.answers[0]) == ["Extend a starter track", "Take in a task"]
    await press(Begin, interaction)
    assert [form.title for form in interaction.modals] == ["Continue A · Night Train"]


async def test_a_starter_that_was_removed_is_not_begun_with(rig: Rig, tmp_path: Path) -> None:
    await with_starter(rig, "task-of-a-starter-1")
    shown = await rig.track("task-of-a-starter-1")
    await rig.services.moderation.remove(shown.id, MODERATOR)
    interaction = FakeInteraction(FakeClient(rig.services, folder=tmp_path))
    await press(Help, interaction)
    assert labels(interaction.answers[0]) == ["Take in a task"]


async def test_without_a_starter_the_newest_track_is_begun_with(rig: Rig, interaction: FakeInteraction) -> None:
    await rig.generating(title="Day Bus")
    rig.music.made("task-000001", Stage.DONE)
    await rig.query()
    await show_help(interaction.as_sent)
    assert labels(interaction.answers[0]) == ["Extend a track", "Take in a task"]
    await press(Begin, interaction)
    assert [form.title for form in interaction.modals] == ["Continue A · Day Bus"]


async def test_a_button_that_has_outlived_its_track_or_its_switch_says_so(interaction: FakeInteraction) -> None:
    await press(Begin, interaction)
    await press(First, interaction)
    first, second = (answer["content"] for answer in [*interaction.answers, *interaction.follow_ups])
    assert "no track to continue here yet" in first
    assert "switched off on this server" in second
    assert interaction.modals == []


async def test_who_has_not_the_role_is_told_so_and_can_still_take_in_a_task(rig: Rig, interaction: FakeInteraction) -> None:
    manager = Actor(user_id=USER, guild_id=GUILD, moderator=False, manager=True)
    await rig.services.guilds.change(manager, lambda settings: replace(settings, spender_role=USER + 3))
    await show_help(interaction.as_sent)
    assert labels(interaction.answers[0]) == ["Take in a task"]
    assert f"you need the role <@&{USER + 3}>" in interaction.answers[0]["embeds"][0].fields[1].value
    await press(First, interaction)
    assert f"<@&{USER + 3}>" in interaction.follow_ups[0]["content"]
    await press(TakeIn, interaction)
    assert [form.title for form in interaction.modals] == ["Take in a task"]


async def test_a_task_can_be_taken_in(interaction: FakeInteraction) -> None:
    await press(TakeIn, interaction)
    assert [form.title for form in interaction.modals] == ["Take in a task"]


async def test_who_may_not_ask_for_tracks_can_take_one_in_by_the_button_as_by_the_command(rig: Rig, tmp_path: Path) -> None:
    manager = replace(MODERATOR, manager=True)
    await rig.services.guilds.change(manager, lambda settings: replace(settings, spender_role=7, creating=True))
    refused, taken = (FakeInteraction(FakeClient(rig.services, folder=tmp_path)) for _ in range(2))
    await press(First, refused)
    assert (refused.modals, "<@&7>" in refused.answers[0]["content"]) == ([], True)
    await press(TakeIn, taken)
    assert [form.title for form in taken.modals] == ["Take in a task"]
