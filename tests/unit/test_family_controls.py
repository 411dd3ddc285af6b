"""/family over the real services: whoever presses what, after whatever has happened meanwhile."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import discord
import pytest

from bot.domain.jobs import Job, amend
from bot.domain.viewing import Viewer
from bot.errors import Removed, StoreUnavailable, UnknownTrack
from bot.ui import ids, words
from bot.ui.buttons import Pressed
from bot.ui.cards import more
from bot.ui.family_controls import Family, Jump
from tests.contract.builders import GUILD, USER
from tests.unit.interactions import FakeClient, FakeInteraction
from tests.unit.rig import Rig

STRANGER = USER + 77


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path))


async def press(kind: type[Pressed], interaction: FakeInteraction, *about: str, chosen: str = "") -> None:
    name = re.split("[:]", kind.__discord_ui_compiled_template__.pattern)[0]
    custom_id = ids.make(name, *about)
    match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert match is not None
    interaction.data = {"custom_id": custom_id, "values": [chosen]}
    item = cast("discord.ui.Item[discord.ui.View]", discord.ui.Button[discord.ui.View](custom_id=custom_id))
    await (await kind.from_custom_id(interaction.as_sent, item, match)).callback(interaction.as_sent)


class Made:
    """Two generations: the first by USER, the second by somebody else."""

    def __init__(self, first: Job, second: Job, tracks: Mapping[str, str]) -> None:
        self.first = first
        self.second = second
        self.first_a, self.second_a = tracks["first"], tracks["second"]


@pytest.fixture
async def made(rig: Rig) -> Made:
    first = await rig.ready(title="Dusk")
    (first_a, _) = await rig.clips.of_task(first.task_id or "")
    second = await rig.ready(title="Dawn", source=first_a.clip_id, at="0:30", user_id=STRANGER)
    (second_a, _) = await rig.clips.of_task(second.task_id or "")
    return Made(first, second, {"first": first_a.clip_id, "second": second_a.clip_id})


def said(sent: Mapping[str, Any]) -> str:
    return "\n".join(str(embed.description) for embed in sent["embeds"]) or str(sent["content"])


async def test_the_family_is_shown_privately_with_its_picture(interaction: FakeInteraction, made: Made) -> None:
    await press(Family, interaction, made.second_a)
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    (sent,) = interaction.follow_ups
    assert sent["ephemeral"] is True
    assert [file.filename for file in sent["files"]] == ["family.png"]
    assert "▶ **A · Dawn**" in said(sent)
    assert f"<@{STRANGER}>" in said(sent)
    assert sent["allowed_mentions"].users == []


async def test_a_jump_draws_it_anew_in_its_place(interaction: FakeInteraction, made: Made) -> None:
    await press(Jump, interaction, chosen=made.first_a)
    assert interaction.defers == [{}]
    (edit,) = interaction.edits
    assert "▶ **A · Dusk**" in said(edit)
    assert [file.filename for file in edit["attachments"]] == ["family.png"]


async def test_only_those_who_are_drawn_are_asked_for_their_names(rig: Rig, interaction: FakeInteraction, made: Made) -> None:
    await press(Family, interaction, made.second_a)
    assert [sorted(asked) for asked in rig.services.names.asked] == [[USER, STRANGER]]


async def test_somebody_elses_private_track_does_not_exist(rig: Rig, interaction: FakeInteraction, made: Made) -> None:
    second = await rig.row(made.second)
    assert await rig.jobs.save(amend(second, private=True))
    await press(Family, interaction, made.second_a)
    assert [sent["content"] for sent in interaction.follow_ups] == [words.refusal(UnknownTrack())]
    await press(Family, interaction, made.first_a)
    assert "Dawn" not in said(interaction.follow_ups[-1])
    interaction.user_id = STRANGER
    await press(Family, interaction, made.second_a)
    assert "Dawn" in said(interaction.follow_ups[-1])


async def test_a_track_that_was_removed_while_its_card_was_open_is_answered_in_words(
    rig: Rig, interaction: FakeInteraction, made: Made
) -> None:
    assert await rig.jobs.save(amend(await rig.row(made.second), removed=True))
    await press(Jump, interaction, chosen=made.second_a)
    assert interaction.edits == []
    assert [sent["content"] for sent in interaction.follow_ups] == [words.refusal(Removed())]


async def test_a_removed_one_in_between_is_a_nameless_knot(rig: Rig, interaction: FakeInteraction, made: Made) -> None:
    assert await rig.jobs.save(amend(await rig.row(made.first), removed=True))
    await press(Family, interaction, made.second_a)
    text = said(interaction.follow_ups[-1])
    assert text.startswith("*a removed track*")
    assert "Dusk" not in text


async def test_a_track_that_never_was_is_answered_in_words(interaction: FakeInteraction, made: Made) -> None:
    await press(Family, interaction, "nowhere-at-all")
    assert [sent["content"] for sent in interaction.follow_ups] == [words.refusal(UnknownTrack())]


async def test_while_the_database_is_away_it_is_said_in_words(rig: Rig, interaction: FakeInteraction, made: Made) -> None:
    await press(Family, interaction, made.second_a)
    rig.database.away = -1
    await press(Family, interaction, made.second_a)
    rig.database.away = 0
    assert [sent["content"] for sent in interaction.follow_ups[1:]] == [words.refusal(StoreUnavailable())]


async def test_the_track_of_a_family_is_read_for_who_may_see_it(rig: Rig, made: Made) -> None:
    assert (await rig.services.families.track(made.first_a, Viewer(STRANGER, GUILD))).title == "Dusk"
    with pytest.raises(UnknownTrack):
        await rig.services.families.track(made.first_a, Viewer(STRANGER, GUILD + 1))


async def test_more_about_a_result_leads_to_its_families(rig: Rig, made: Made) -> None:
    card = more(made.second, await rig.clips.of_task(made.second.task_id or ""))
    assert [button.label for button in card.rows[1]] == ["Family A", "Family B"]
    assert card.rows[1][0].custom_id == f"family:1:{made.second_a}"
