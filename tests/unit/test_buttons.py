"""What buttons do where simcord cannot lead: somebody else's private list, an upload too large, something gone."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import cast

import discord
import pytest

from bot.discord_bot import CONTROLS
from bot.domain.jobs import Job, JobState, amend
from bot.domain.reports import Stage
from bot.ui import buttons, ids
from bot.ui.buttons import Fetch, Fix, Pressed
from bot.ui.continue_controls import Continue
from tests.contract.builders import USER
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import Rig


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path))


async def press(kind: type[Pressed], interaction: FakeInteraction, *about: str) -> None:
    name = re.split("[:]", kind.__discord_ui_compiled_template__.pattern)[0]
    custom_id = ids.make(name, *about)
    match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert match is not None
    item = cast("discord.ui.Item[discord.ui.View]", discord.ui.Button[discord.ui.View](custom_id=custom_id))
    await (await kind.from_custom_id(interaction.as_sent, item, match)).callback(interaction.as_sent)


@pytest.fixture
async def waiting(rig: Rig, tmp_path: Path) -> Job:
    """A finished request that could not reach its person."""
    job = await rig.generating(title="Night Train", ephemeral=True)
    rig.music.made("task-000001", Stage.DONE, Stage.DONE)
    await rig.query()
    job = amend(await rig.row(job), undeliverable=True)
    assert await rig.jobs.save(job)
    for clip in await rig.clips.of_task("task-000001"):
        for name in (clip.audio_name, clip.image_name):
            (tmp_path / str(name)).write_bytes(b"ID3")
    return job


async def test_fetching_gives_the_tracks_privately(rig: Rig, interaction: FakeInteraction, waiting: Job) -> None:
    await press(Fetch, interaction, waiting.id)
    (sent,) = interaction.follow_ups
    assert sent["ephemeral"] is True
    assert [file.filename for file in sent["files"]] == ["Night Train - A.mp3", "Night Train - B.mp3", "cover-A.jpg", "cover-B.jpg"]
    assert await rig.state(waiting) is JobState.DELIVERED


async def test_what_is_too_large_is_fetched_as_links(rig: Rig, interaction: FakeInteraction, waiting: Job) -> None:
    interaction.says = [None, refused(413, 40005)]
    await press(Fetch, interaction, waiting.id)
    (sent,) = interaction.follow_ups
    assert [file.filename for file in sent["files"]] == ["cover-A.jpg", "cover-B.jpg"]
    assert "[Listen]" in sent["embeds"][0].description
    assert await rig.state(waiting) is JobState.DELIVERED


async def test_a_fetch_that_fails_leaves_it_to_be_fetched(rig: Rig, interaction: FakeInteraction, waiting: Job) -> None:
    interaction.says = [None, refused(503, 0)]
    await press(Fetch, interaction, waiting.id)
    assert "reference" in interaction.follow_ups[0]["content"]
    assert await rig.row(waiting) == waiting


async def test_somebody_elses_result_is_not_fetched(rig: Rig, interaction: FakeInteraction, waiting: Job) -> None:
    interaction.user_id = USER + 1
    interaction.permissions = discord.Permissions(manage_messages=True)
    await press(Fetch, interaction, waiting.id)
    assert "Only the person" in interaction.answers[0]["content"]
    assert await rig.row(waiting) == waiting


async def test_a_draft_is_its_persons_own_and_expires(rig: Rig, interaction: FakeInteraction) -> None:
    draft = await rig.services.drafts.keep(USER, {"tags": "wave"}, life=60.0)
    await press(Fix, interaction, draft)
    assert len(interaction.modals) == 1
    for change in ("another person", "later"):
        interaction.user_id = USER + 1 if change == "another person" else USER
        rig.clock.advance(0.0 if change == "another person" else 61.0)
        interaction.done = False
        await press(Fix, interaction, draft)
        assert "no longer kept" in interaction.answers.pop()["content"]
    assert len(interaction.modals) == 1


@pytest.mark.parametrize("kind", [Continue, buttons.Copy])
async def test_a_track_that_is_not_there_is_not_found(rig: Rig, interaction: FakeInteraction, waiting: Job, kind: type[Pressed]) -> None:
    await press(kind, interaction, waiting.id, "C")
    (answer,) = interaction.answers + interaction.follow_ups
    assert "no longer kept" in answer["content"]


def test_every_kind_has_a_template_of_its_own() -> None:
    patterns = [kind.__discord_ui_compiled_template__.pattern for kind in chain(*CONTROLS)]
    assert len(set(patterns)) == len(patterns) > 20


def names_that_are_made() -> Iterator[str]:
    """Read off the code the names of the controls that cards have, whoever wrote the card."""
    for path in Path(buttons.__file__).parent.glob("*.py"):
        module = importlib.import_module(f"bot.ui.{path.stem}")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "ids.make" and not isinstance(call.args[0], ast.Starred):
                name = call.args[0]
                yield str(name.value) if isinstance(name, ast.Constant) else reduce(getattr, ast.unparse(name).split("."), module)


def test_no_card_has_a_control_that_nobody_answers_and_no_control_is_on_no_card() -> None:
    answered = {kind.__discord_ui_compiled_template__.pattern.partition(":")[0] for kind in chain(*CONTROLS)}
    assert set(names_that_are_made()) == answered
