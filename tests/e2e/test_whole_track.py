"""Whole tracks, and audio that the archive has let go, by the whole bot over real sockets."""

import io
from pathlib import Path

import av
import pytest

from bot.sandbox.discord import Message, Person
from bot.sandbox.music_faults import http_error
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.transcript import audio_seconds
from bot.ui import ids
from tests.e2e.play import PATIENCE, Play
from tests.e2e.reading import audio_of, ids_in, labels, privately, text_of
from tests.e2e.recordings import SECONDS
from tests.e2e.test_private import switch_on

CUT = 4
"""Seconds of the parent that are heard before its child."""
NOTHING_IS_KEPT = {"bot.services.audio_back.PROVIDER_KEEPS": 0.0}
"""The music service has deleted what it does not give: nothing is said to be away for the moment."""


async def _tracks(play: Play, result: Message) -> list[str]:
    """Read the ids of a result's A and B."""
    more = await (await play.press(result, "More")).settled(PATIENCE)
    return [ids_in(part)[0] for part in privately(more).split("Track id")[1:]]


async def _extended(play: Play) -> Message:
    """Let Mira make a track and Jo go on from its A; return Jo's result."""
    await play.extend(title="Dusk")
    dusk, _ = await _tracks(play, await play.result(title="Dusk"))
    await play.extend(play.world.jo, continue_clip_id=dusk, continue_at=f"0:0{CUT}", title="Dawn")
    return await play.result(title="Dawn")


async def _gets(play: Play, message: Message, button: str, person: Person | None = None) -> Message:
    """Press a button that answers with a file, and wait for that."""
    call = await (await (person or play.world.mira).press(message, button)).settled(PATIENCE)
    return await play.room.wait_for(lambda answer: answer is call.message and bool(audio_of(answer)), PATIENCE)


def _sound(play: Play, message: Message) -> bytes:
    (attachment,) = (each for each in message.attachments if each.filename.endswith(".mp3"))
    return play.discord.core.files.read(attachment)


def _labels_in(data: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(data)) as file:
        return {name.lower(): value for name, value in file.metadata.items()}


async def test_a_whole_track_and_its_join_are_heard_through_the_buttons(hurried: Play) -> None:
    dawn = await _extended(hurried)
    family = await (await hurried.press(await _more(hurried, dawn), "Family B")).settled(PATIENCE)
    whole = await _gets(hurried, family.message, "Whole track")
    assert whole.is_ephemeral
    assert [line for line in text_of(whole).splitlines() if line[:2] in ("1.", "2.")] == [
        "1. A · Dusk, up to 0:04",
        "2. B · Dawn, to its end",
    ]
    assert audio_seconds(_sound(hurried, whole)) == pytest.approx(CUT + SECONDS[1], abs=0.1)
    told = _labels_in(_sound(hurried, whole))
    assert (told["title"], told["artist"]) == ("Dawn", "Mira, Jo")
    await hurried.restart()
    join = await _gets(hurried, whole, "Hear the join")
    assert audio_seconds(_sound(hurried, join)) == pytest.approx(CUT + 10, abs=0.1)
    again = await _gets(hurried, family.message, "Whole track")
    assert hurried.bot.log.count("whole-") == 1, "it was made once"
    assert _sound(hurried, again) == _sound(hurried, whole)


async def _more(play: Play, result: Message) -> Message:
    return (await (await play.press(result, "More")).settled(PATIENCE)).message


def _lose(play: Play, clip_id: str) -> None:
    """Let the archive have lost a track's audio, and all that was joined."""
    media = Path(play.bot.environment["MEDIA_DIR"])
    lost = [path for path in media.iterdir() if path.name.startswith((clip_id, "joined"))]
    assert any(path.suffix == ".mp3" and path.name.startswith(clip_id) for path in lost)
    for path in lost:
        path.unlink()


async def _entry(play: Play, clip_id: str) -> Message:
    """Open a track in Mira's library."""
    listed = await play.use("library")
    opened = await play.world.mira.select(listed.message, ids.make("entries"), [clip_id])
    return (await opened.settled(PATIENCE)).message


async def _plays_again(play: Play, entry: Message, clip_id: str) -> Message:
    """Press *Play* where the archive has lost the track."""
    _lose(play, clip_id)
    return (await (await play.world.mira.press(entry, "Play")).settled(PATIENCE)).message


async def test_audio_that_the_archive_has_let_go_comes_back_from_wherever_it_still_is(stage: Play) -> None:
    stage.hurry(NOTHING_IS_KEPT)
    await stage.start()
    await stage.extend(title="Dusk")
    dusk = await stage.result(title="Dusk")
    a, _ = await _tracks(stage, dusk)
    entry = await _entry(stage, a)
    assert "Play" in labels(entry)
    stage.music.faults.add(Endpoint.AUDIO, http_error(404), times=None)
    assert audio_seconds(_sound(stage, await _plays_again(stage, entry, a))) == pytest.approx(SECONDS[0], abs=0.1)
    assert f"clip {a}: its audio is back, from the bot's message" in stage.bot.log
    stage.music.faults.clear()
    await stage.world.sam.delete(dusk)
    assert audio_seconds(_sound(stage, await _plays_again(stage, entry, a))) == pytest.approx(SECONDS[0], abs=0.1)
    assert f"clip {a}: its audio is back, from the music service" in stage.bot.log
    stage.music.faults.add(Endpoint.AUDIO, http_error(404), times=None)
    gone = await _plays_again(stage, entry, a)
    assert audio_of(gone) == []
    assert "gone" in text_of(gone)


async def test_what_was_private_at_first_comes_back_from_where_it_was_published(stage: Play) -> None:
    stage.hurry(NOTHING_IS_KEPT)
    await stage.start()
    await switch_on(stage)
    call = await stage.extend(title="Dusk")
    await stage.room.wait_for(lambda message: message is call.message and "Publish" in labels(message), PATIENCE)
    a, _ = await _tracks(stage, call.message)
    await stage.press(call.message, "Publish")
    await stage.result(title="Dusk")
    stage.music.faults.add(Endpoint.AUDIO, http_error(404), times=None)
    again = await _plays_again(stage, await _entry(stage, a), a)
    assert audio_seconds(_sound(stage, again)) == pytest.approx(SECONDS[0], abs=0.1)
    assert f"clip {a}: its audio is back, from the bot's message" in stage.bot.log
