"""The buttons *Whole track* and *Hear the join*, and the cards that they bring."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.viewing import Viewer
from bot.domain.whole_track import Lost, Missing, Plan, Segment, Whole, around_joint, plan
from bot.errors import AudioDamaged, AudioGone, NothingToJoin, WorkLost
from bot.ui import whole_card, whole_controls
from bot.ui.whole_controls import EDIT_EVERY, HearTheJoin, Progress, WholeTrack
from tests.contract.builders import GUILD, USER, make_clip
from tests.unit.hostile import TEXTS, check_harmless, check_limits, texts_of
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.test_buttons import press

if TYPE_CHECKING:
    from bot.errors import UserError
    from tests.unit.rig import Rig

ROOT = make_clip("clip-0001", title="Night Train", variant="B", seconds=120.0, parent_id=None)
CHILD = make_clip("clip-0002", title="Morning", seconds=90.0, parent_id=ROOT.clip_id, continued_at=100.0)


def made(of: Plan) -> Whole:
    return Whole(name="_whole-1.mp3", size=4_000_000, seconds=of.seconds, bit_rate=192_000, plan=of)


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> FakeInteraction:
    (tmp_path / "_whole-1.mp3").write_bytes(b"ID3")
    return FakeInteraction(FakeClient(rig.services, folder=tmp_path))


async def test_a_whole_track_is_answered_privately_with_its_file(rig: Rig, interaction: FakeInteraction) -> None:
    rig.services.whole_tracks.made[CHILD.clip_id] = made(plan([ROOT, CHILD], {}))
    await press(WholeTrack, interaction, CHILD.clip_id)
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    (shown,) = interaction.edits
    assert [file.filename for file in shown["attachments"]] == ["Morning - whole track.mp3"]
    assert "1. B · Night Train, up to 1:40\n2. A · Morning, to its end" in shown["embeds"][0].description
    assert rig.services.whole_tracks.asked == [(CHILD.clip_id, Viewer(USER, GUILD), 10 * 1024 * 1024)]


async def test_a_joint_is_answered_privately_with_its_file(rig: Rig, interaction: FakeInteraction) -> None:
    rig.services.whole_tracks.made[CHILD.clip_id] = made(around_joint([ROOT, CHILD], 10.0))
    await press(HearTheJoin, interaction, CHILD.clip_id)
    (shown,) = interaction.edits
    assert [file.filename for file in shown["attachments"]] == ["Morning - join.mp3"]
    assert shown["embeds"][0].description == "0:10 of B · Night Train, up to 1:40, then 0:10 of A · Morning."


@pytest.mark.parametrize("error", [AudioGone(), AudioDamaged(), WorkLost(), NothingToJoin()])
async def test_a_refusal_is_answered_in_words(rig: Rig, interaction: FakeInteraction, error: UserError) -> None:
    rig.services.whole_tracks.made[CHILD.clip_id] = error
    await press(HearTheJoin, interaction, CHILD.clip_id)
    (sent,) = interaction.follow_ups
    assert sent["ephemeral"] is True
    assert "reference" not in sent["content"]
    assert interaction.edits == []


async def test_what_discord_finds_too_large_is_made_smaller_once(
    rig: Rig, interaction: FakeInteraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeInteraction, "filesize_limit", 100 * 1024 * 1024)
    rig.services.whole_tracks.made[CHILD.clip_id] = made(plan([ROOT, CHILD], {}))
    interaction.says = [None, refused(413, 40005)]
    await press(WholeTrack, interaction, CHILD.clip_id)
    assert [limit for _, _, limit in rig.services.whole_tracks.asked] == [24 * 1024 * 1024, 10 * 1024 * 1024]
    assert len(interaction.edits) == 1


async def test_what_is_too_large_even_so_is_said(rig: Rig, interaction: FakeInteraction) -> None:
    rig.services.whole_tracks.made[CHILD.clip_id] = made(plan([ROOT, CHILD], {}))
    interaction.says = [None, refused(413, 40005)]
    await press(WholeTrack, interaction, CHILD.clip_id)
    assert "don't fit into the 10 MB" in interaction.follow_ups[0]["content"]


class Watch:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def test_how_far_it_is_is_said_every_five_seconds_at_most(interaction: FakeInteraction) -> None:
    watch = Watch()
    progress = Progress(interaction.as_sent, monotonic=watch)
    async with progress as heard:
        for share, passed in ((0.1, 1.0), (0.3, EDIT_EVERY), (0.4, 1.0), (0.7, EDIT_EVERY), (0.9, 0.0)):
            watch.at += passed
            heard(share)
            await asyncio.sleep(0)
    assert [edit["content"][-3:] for edit in interaction.edits] == ["30%", "70%"]
    assert not interaction.deleted


@pytest.mark.parametrize("said", [True, False])
async def test_where_it_comes_to_nothing_what_was_said_of_it_is_taken_back(interaction: FakeInteraction, *, said: bool) -> None:
    watch = Watch()

    async def come_to_nothing() -> None:
        async with Progress(interaction.as_sent, monotonic=watch) as heard:
            watch.at += EDIT_EVERY if said else 0.0
            heard(0.5)
            raise AudioGone

    with pytest.raises(AudioGone):
        await come_to_nothing()
    assert interaction.deleted is said


async def test_an_edit_that_discord_does_not_take_stops_nothing(interaction: FakeInteraction) -> None:
    watch = Watch()
    interaction.says = [refused(503, 0)]
    async with Progress(interaction.as_sent, monotonic=watch) as heard:
        watch.at += EDIT_EVERY
        heard(0.5)
    assert interaction.edits == []


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (Missing(Lost.PRIVATE), "Missing before that: a private track."),
        (Missing(Lost.REMOVED, ROOT), "Missing before that: a track that was removed."),
        (Missing(Lost.GONE, ROOT), "Missing before that: B · Night Train, no longer kept anywhere."),
        (Missing(Lost.UNKNOWN), "Missing before that: a track that was made elsewhere."),
    ],
)
def test_what_is_missing_is_said(missing: Missing, words: str) -> None:
    card = whole_card.whole(made(Plan((Segment(CHILD, 0.0, None),), (missing,))))
    assert words in (card.embeds[0].description or "")
    assert card.rows == (), "there is no joint to be heard"


@pytest.mark.parametrize("title", TEXTS)
def test_any_title_fits_and_stays_harmless(title: str) -> None:
    clips = [make_clip(f"clip-{n:04}", title=title, seconds=100.0, parent_id=None, continued_at=50.0) for n in range(64)]
    for card in (whole_card.whole(made(plan(clips, {}))), whole_card.joint(made(around_joint(clips, 10.0)))):
        check_limits(card)
        for text in texts_of(card):
            check_harmless(text)


def test_every_button_is_recognised_again() -> None:
    for button in (whole_card.whole_button(CHILD.clip_id), whole_card.joint_button(CHILD.clip_id)):
        templates = [kind.__discord_ui_compiled_template__ for kind in whole_controls.ALL]
        assert sum(template.fullmatch(button.custom_id) is not None for template in templates) == 1
