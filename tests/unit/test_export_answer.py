"""/export over the real services."""

import io
import zipfile
from pathlib import Path
from typing import IO, Any

import discord
import pytest

from bot.domain.export import Of
from bot.domain.jobs import amend
from bot.errors import BadOption, UnknownTrack
from bot.ui import export_answer, export_files
from bot.ui.export_answer import Form, answer
from tests.contract.builders import USER
from tests.unit.interactions import FakeClient, FakeInteraction, refused
from tests.unit.rig import Rig

STRANGER = USER + 77


class Reading(FakeInteraction):
    """Reads what is sent before discord.py would close it."""

    contents: dict[str, bytes]

    async def send(self, **given: Any) -> None:  # noqa: ANN401 - as discord.py takes it
        self.contents = {str(file.filename): _read(file.fp) for file in given["files"]}
        await super().send(**given)


def _read(file: IO[bytes] | io.BufferedIOBase) -> bytes:
    return file.read()


@pytest.fixture
def interaction(rig: Rig, tmp_path: Path) -> Reading:
    return Reading(FakeClient(rig.services, folder=tmp_path))


def said(interaction: FakeInteraction) -> str:
    (embed,) = interaction.follow_ups[-1]["embeds"]
    return f"{embed.title}\n{embed.description}"


async def made(rig: Rig, folder: Path, *, keep: bool = True) -> str:
    """Let USER make two tracks, and somebody else continue A in private; return A's id."""
    first = await rig.ready(title="Dusk")
    clips = await rig.clips.of_task(first.task_id or "")
    second = await rig.ready(title="Secret", source=clips[0].clip_id, at="0:30", user_id=STRANGER)
    assert await rig.jobs.save(amend(second, private=True))
    for clip in [*clips, *await rig.clips.of_task(second.task_id or "")]:
        if keep:
            (folder / str(clip.audio_name)).write_bytes(b"ID3")
    return clips[0].clip_id


@pytest.mark.parametrize("of", Of)
async def test_a_list_is_answered_privately(rig: Rig, interaction: Reading, tmp_path: Path, of: Of) -> None:
    track = await made(rig, tmp_path)
    await answer(interaction.as_sent, of, track, Form.M3U8)
    assert interaction.defers == [{"ephemeral": True, "thinking": True}]
    assert interaction.follow_ups[0]["ephemeral"] is True
    (content,) = interaction.contents.values()
    assert list(interaction.contents) == [f"encore-{of}.m3u8"]
    assert b"Dusk (A)" in content
    assert b"Secret" not in content
    assert ("2 tracks" if of is Of.MINE else "1 track") in said(interaction)


async def test_json_is_another_form(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path)
    await answer(interaction.as_sent, Of.MINE, "", Form.JSON)
    assert interaction.contents["encore-mine.json"].startswith(b'{\n  "format": "encore-export"')


async def test_a_zip_has_the_audio(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path)
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    with zipfile.ZipFile(io.BytesIO(interaction.contents["encore-mine.zip"])) as archive:
        assert archive.namelist() == ["001 - Dusk - A.mp3", "002 - Dusk - B.mp3", "playlist.m3u8"]


async def test_what_is_no_longer_kept_is_said(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path)
    (_, other) = await rig.clips.of_task("task-000001")
    (tmp_path / str(other.audio_name)).unlink()
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    assert "Of 1 track I keep no audio" in said(interaction)


async def test_without_any_audio_there_is_the_list(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path, keep=False)
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    assert list(interaction.contents) == ["encore-mine.m3u8"]
    assert "none of the audio" in said(interaction)


@pytest.mark.parametrize("told_by_discord", [False, True])
async def test_more_than_fits_is_said_and_there_is_the_list(
    rig: Rig, interaction: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, told_by_discord: bool
) -> None:
    await made(rig, tmp_path)
    if told_by_discord:
        interaction.says = [None, refused(413, 40005)]
    else:
        monkeypatch.setattr(export_answer, "REQUEST_LIMIT", 1000)
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    assert list(interaction.contents) == ["encore-mine.m3u8"]
    assert "more than fits" in said(interaction)


async def test_a_full_disk_is_said_and_there_is_the_list(
    rig: Rig, interaction: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> IO[bytes]:
        raise OSError(28, "No space left on device")

    await made(rig, tmp_path)
    monkeypatch.setattr(export_files.tempfile, "TemporaryFile", full)
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    assert list(interaction.contents) == ["encore-mine.m3u8"]
    assert "could not pack" in said(interaction)


async def test_another_refusal_of_discords_is_not_taken_for_that(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path)
    interaction.says = [None, refused(403, 50013)]
    with pytest.raises(discord.Forbidden):
        await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)


async def test_who_has_nothing_is_told_the_next_step(interaction: Reading) -> None:
    await answer(interaction.as_sent, Of.MINE, "", Form.ZIP)
    assert interaction.contents == {}
    assert said(interaction).startswith("Nothing to take with you yet")


async def test_a_family_needs_a_track(interaction: Reading) -> None:
    for typed in ("", "  ", "no track at all, surely"):
        with pytest.raises(BadOption) as caught:
            await answer(interaction.as_sent, Of.FAMILY, typed, Form.M3U8)
        assert caught.value.field == "track"


async def test_the_family_of_somebody_elses_private_track_does_not_exist(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    track = await made(rig, tmp_path)
    (child, _) = await rig.clips.of_task("task-000002")
    assert child.parent_id == track
    with pytest.raises(UnknownTrack):
        await answer(interaction.as_sent, Of.FAMILY, child.clip_id, Form.M3U8)
    interaction.user_id = STRANGER
    await answer(interaction.as_sent, Of.FAMILY, child.clip_id, Form.JSON)
    assert b"Secret" in interaction.contents["encore-family.json"]


async def test_links_to_the_music_service_are_given_while_they_live(rig: Rig, interaction: Reading, tmp_path: Path) -> None:
    await made(rig, tmp_path)
    await answer(interaction.as_sent, Of.MINE, "", Form.M3U8)
    assert b"#EXTINF" in interaction.contents["encore-mine.m3u8"]
    rig.clock.advance(15 * 86400)
    await answer(interaction.as_sent, Of.MINE, "", Form.M3U8)
    assert b"#EXTINF" not in interaction.contents["encore-mine.m3u8"]
    assert b"# Not to be had any more: person" in interaction.contents["encore-mine.m3u8"]
