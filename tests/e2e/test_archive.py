"""The archive over real sockets and a real disk: what is taken, and what is kept."""

import asyncio
import errno
import io
import os
import signal
import struct
import sys
import zlib
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import pytest
from aiohttp import web
from PIL import Image

from bot.domain.reports import ClipReport, Stage
from bot.domain.requests import last_start
from bot.errors import FetchFailed, FileTooLarge, NotAudio, StoreUnavailable
from bot.services.archive import safe_stem
from bot.services.audio_check import agreed_seconds, measure
from tests.e2e.shelf import CLIP, MP3, Shelf, encode, picture, raw, sound

# What is taken.


async def test_audio_is_stored_under_its_id_and_measured(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        stored = await archive.audio(shelf.clip())
        assert (stored.name, stored.size) == (f"{CLIP}.mp3", len(MP3))
        assert stored.seconds == pytest.approx(2.0, abs=0.01)
        assert archive.path(stored.name).read_bytes() == MP3
    assert shelf.names() == [stored.name]


@pytest.mark.parametrize(
    ("container", "codec", "rate", "extension"),
    [
        ("mp3", "libmp3lame", 16_000, "mp3"),
        ("ipod", "aac", 16_000, "m4a"),
        ("wav", "pcm_s16le", 16_000, "wav"),
        ("ogg", "libopus", 48_000, "ogg"),
        ("flac", "flac", 16_000, "flac"),
    ],
)
async def test_the_ending_is_that_of_the_real_container(shelf: Shelf, container: str, codec: str, rate: int, extension: str) -> None:
    shelf.cdn.files["/a.mp3"] = sound(3, container, codec, rate)
    async with shelf.open() as archive:
        stored = await archive.audio(shelf.clip())
    assert stored.name == f"{CLIP}.{extension}"
    assert stored.seconds == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("seconds", [10, 25], ids=["whole frames", "an encoder's padding that its tag does not state"])
async def test_the_end_of_a_whole_second_is_a_start_that_the_provider_takes(shelf: Shelf, seconds: int) -> None:
    silence = np.zeros(seconds * 44_100, np.int16)
    shelf.cdn.files["/a.mp3"] = encode((silence[at : at + 1152] for at in range(0, len(silence), 1152)), "mp3", "libmp3lame", 44_100)
    async with shelf.open() as archive:
        for _ in ("fetched", "found again"):
            stored = await archive.audio(replace(shelf.clip(), duration=float(seconds)))
            assert stored.seconds == seconds
            assert last_start(stored.seconds) == seconds - 1


def test_whole_seconds_are_measured_as_whole_seconds() -> None:
    assert measure(sound(10, rate=44_100)).seconds == 10


@pytest.mark.parametrize(
    ("reported", "agreed"),
    [(None, 240.05), (240.05, 240.05), (240.0, 240.0), (240.1, 240.05), (237.1, 237.1), (237.0, 240.05), (0.0, 240.05), (300.0, 240.05)],
)
def test_the_length_is_the_measured_one_or_the_providers_where_that_is_a_little_less(reported: float | None, agreed: float) -> None:
    assert agreed_seconds(240.05, reported) == agreed


async def test_length_is_told_by_decoding_and_not_by_the_header(shelf: Shelf) -> None:
    header, samples = sound(2, "wav", "pcm_s16le").split(b"data", 1)
    shelf.cdn.files["/a.mp3"] = header + b"data" + (2**31 - 1).to_bytes(4, "little") + samples[4:]
    async with shelf.open() as archive:
        assert (await archive.audio(shelf.clip())).seconds == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(
    "clip_id",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "..",
        "",
        "con",
        "x" * 300,
        "nul\x00byte",
        "Ünïcode-id",
        "UPPERCASE1",
        ".hidden1",
        "-option1",
        "\ud800surrogate",
    ],
)
async def test_an_id_is_never_a_path(shelf: Shelf, clip_id: str) -> None:
    async with shelf.open() as archive:
        stored = await archive.audio(shelf.clip(clip_id=clip_id))
        assert archive.path(stored.name).parent == shelf.folder
    assert shelf.names() == [stored.name]
    assert stored.name.startswith("_")


def test_different_ids_have_different_names() -> None:
    ids = ["abcdef", "ABCDEF", "abc/def", "abc\\def", "abcdef ", safe_stem("ABCDEF")]
    assert len({safe_stem(clip_id).lower() for clip_id in ids}) == len(ids)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b.mp3", "/etc/passwd", "../x.mp3"])
async def test_a_name_from_elsewhere_is_not_read(shelf: Shelf, name: str) -> None:
    with pytest.raises(ValueError, match="no file name"):
        shelf.open().path(name)


# What is stored already.


async def test_what_is_stored_is_not_fetched_again(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        first = await archive.audio(shelf.clip())
        assert await archive.audio(shelf.clip("/gone.mp3")) == first
    async with shelf.open() as archive:
        assert await archive.audio(shelf.clip("/gone.mp3")) == first
    assert shelf.cdn.hits == ["/a.mp3"]


async def test_what_the_disk_has_spoilt_is_fetched_again(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        first = await archive.audio(shelf.clip())
        archive.path(first.name).write_bytes(b"\0" * 5000)
        assert await archive.audio(shelf.clip()) == first
    assert shelf.cdn.hits == ["/a.mp3"] * 2


async def test_calls_for_one_clip_share_the_work(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        results = await asyncio.gather(*(archive.audio(shelf.clip()) for _ in range(5)))
    assert len(set(results)) == 1
    assert shelf.cdn.hits == ["/a.mp3"]


async def test_a_caller_that_gives_up_takes_nobody_with_it(shelf: Shelf) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        asked.set()
        await answer.wait()
        return web.Response(body=MP3)

    shelf.cdn.files["/a.mp3"] = slow
    async with shelf.open() as archive:
        first, second = (asyncio.create_task(archive.audio(shelf.clip())) for _ in range(2))
        await asked.wait()
        first.cancel()
        answer.set()
        assert (await second).name == f"{CLIP}.mp3"
        assert first.cancelled()


async def test_a_failure_that_nobody_waits_for_is_quiet_and_the_next_call_starts_anew(shelf: Shelf) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        asked.set()
        await answer.wait()
        return web.Response(body=b"no")

    shelf.cdn.files["/a.mp3"] = slow
    async with shelf.open() as archive:
        caller = asyncio.create_task(archive.audio(shelf.clip()))
        await asked.wait()
        caller.cancel()
        answer.set()
        with pytest.raises(NotAudio):
            await archive.audio(shelf.clip())
        shelf.cdn.files["/a.mp3"] = MP3
        assert (await archive.audio(shelf.clip())).size == len(MP3)


async def test_closing_abandons_what_is_under_way(shelf: Shelf) -> None:
    async with raw(b"", then_wait=True) as (shelf.cdn.url, seen):
        async with shelf.open() as archive:
            caller = asyncio.create_task(archive.audio(shelf.clip()))
            await seen.asked.wait()
        with pytest.raises(asyncio.CancelledError):
            await caller
    assert shelf.names() == []


# What is no audio.


@pytest.mark.parametrize("path", ["/None.mp3", "/x/none.MP3", "/api/forbidden", "/api/forbidden/", "/None.mp3?sig=1"])
async def test_addresses_without_audio_are_not_even_asked(shelf: Shelf, path: str) -> None:
    async with shelf.open() as archive:
        with pytest.raises(NotAudio):
            await archive.audio(shelf.clip(path))
    assert shelf.cdn.hits == []


@pytest.mark.parametrize("url", [None, ""])
async def test_no_address_is_no_audio_yet(shelf: Shelf, url: str | None) -> None:
    async with shelf.open() as archive:
        with pytest.raises(NotAudio, match="no address yet"):
            await archive.audio(ClipReport(clip_id=CLIP, stage=Stage.DONE, audio_url=url))


NOT_AUDIO = {
    "empty": b"",
    "html": b"<!doctype html><html><body>" + b"Forbidden " * 500,
    "json": b'{"detail": "Unauthorized"}' * 100,
    "noise": np.random.default_rng(1).bytes(50_000),
    "zeros": b"\0" * 50_000,
    "picture": picture(300, 300),
    "too short": sound(0.5),
    "playlist": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
    "list of files": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "tag alone": b"ID3\x04\x00\x00\x00\x00\x0f\x7f" + b"\0" * 2047,
    "half broken": MP3[:2000] + np.random.default_rng(2).bytes(len(MP3) - 4000) + MP3[-2000:],
    "cut off": MP3[: len(MP3) // 2],
    "cut off behind a tag": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\0" * 10 + MP3[: len(MP3) * 3 // 4],
    "cut off without a tag": MP3[10 + MP3[9] :][: len(MP3) // 2],
    "cut off flac": sound(4, "flac", "flac")[:-8000],
}


@pytest.mark.parametrize("body", NOT_AUDIO.values(), ids=NOT_AUDIO)
async def test_what_does_not_decode_is_no_audio(shelf: Shelf, body: bytes) -> None:
    shelf.cdn.files["/a.mp3"] = body
    async with shelf.open() as archive:
        with pytest.raises(NotAudio):
            await archive.audio(shelf.clip())
    assert shelf.names() == []


def test_a_list_of_files_is_refused_before_it_is_opened() -> None:
    with pytest.raises(NotAudio) as caught:
        measure(NOT_AUDIO["list of files"])
    # FFmpeg's own rule would be a PermissionError, for some of the addresses that a list may name.
    assert isinstance(caught.value.__cause__, av.error.ArgumentError)


def test_broken_packets_all_over_are_no_audio() -> None:
    broken = bytearray(sound(20))
    for at in range(2000, len(broken) - 100, 3000):
        broken[at : at + 40] = bytes(40)
    with pytest.raises(NotAudio, match="packets are broken"):
        measure(bytes(broken))


def test_a_film_without_sound_is_no_audio() -> None:
    out = io.BytesIO()
    file: Any = av.open(out, "w", format="mp4")
    with file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for _ in range(30):
            file.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(stream.encode(None))
    with pytest.raises(NotAudio, match="no audio in the file"):
        measure(out.getvalue())


def test_a_broken_packet_that_nobody_hears_is_forgiven() -> None:
    good = sound(20)
    middle = len(good) // 2
    assert measure(good[:middle] + b"\0" * 20 + good[middle + 20 :]).seconds == pytest.approx(20, abs=0.3)


def test_an_mp3_that_states_no_length_is_taken_as_it_is() -> None:
    start = next(at for at in range(400, len(MP3)) if MP3[at : at + 2] == b"\xff\xf3")
    assert measure(MP3[start:]).seconds == pytest.approx(2, abs=0.2)


def test_a_file_made_to_keep_a_decoder_busy_is_given_up() -> None:
    block = np.zeros(4608, np.int16)
    silence = encode((block for _ in range(3700 * 8000 // 4608)), "flac", "flac", 8000)
    with pytest.raises(NotAudio, match="longer than"):
        measure(silence)


# The cap of the folder.


async def test_the_oldest_audio_goes_first_and_the_store_is_told(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3) * 3 + 10) as archive:
        for number in range(1, 6):
            await archive.audio(shelf.clip(clip_id=f"clip-{number}"))
            assert shelf.size() <= len(MP3) * 3 + 10
    assert shelf.evicted == ["clip-1.mp3", "clip-2.mp3"]
    assert shelf.names() == ["clip-3.mp3", "clip-4.mp3", "clip-5.mp3"]


async def test_what_was_asked_for_again_is_young_again(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3) * 2) as archive:
        for clip_id in ("clip-1", "clip-2", "clip-1", "clip-3"):
            await archive.audio(shelf.clip(clip_id=clip_id))
    assert shelf.names() == ["clip-1.mp3", "clip-3.mp3"]


async def test_what_is_held_stays(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3) * 2) as archive:
        await archive.audio(shelf.clip(clip_id="clip-1"))
        await archive.audio(shelf.clip(clip_id="clip-2"))
        with archive.hold("clip-1.mp3") as path, archive.hold("clip-1.mp3"):
            await archive.audio(shelf.clip(clip_id="clip-3"))
            assert path.read_bytes() == MP3
            with archive.hold("clip-3.mp3"), pytest.raises(FetchFailed, match="in use"):
                await archive.audio(shelf.clip(clip_id="clip-4"))
        await archive.audio(shelf.clip(clip_id="clip-4"))
    assert shelf.evicted == ["clip-2.mp3", "clip-1.mp3"]
    assert shelf.names() == ["clip-3.mp3", "clip-4.mp3"]


async def test_what_somebody_takes_hold_of_while_the_store_is_told_stays(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3) * 2) as archive:
        for number in (1, 2):
            await archive.audio(shelf.clip(clip_id=f"clip-{number}"))
        with ExitStack() as held:
            shelf.meanwhile = lambda name: name == "clip-1.mp3" and held.enter_context(archive.hold(name))
            await archive.audio(shelf.clip(clip_id="clip-3"))
    assert shelf.names() == ["clip-1.mp3", "clip-3.mp3"]


async def test_a_store_that_cannot_be_told_loses_nothing(shelf: Shelf) -> None:
    def gone(_: str) -> None:
        raise StoreUnavailable

    async with shelf.open(max_bytes=len(MP3)) as archive:
        await archive.audio(shelf.clip(clip_id="clip-1"))
        shelf.meanwhile = gone
        with pytest.raises(StoreUnavailable):
            await archive.audio(shelf.clip(clip_id="clip-2"))
    assert shelf.names() == ["clip-1.mp3"]


async def test_a_file_larger_than_the_whole_cap(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3)) as archive:
        await archive.audio(shelf.clip(clip_id="clip-1"))
        shelf.cdn.files["/long.mp3"] = sound(6)
        with pytest.raises(FileTooLarge):
            await archive.audio(shelf.clip("/long.mp3", clip_id="clip-2"))
    assert shelf.names() == ["clip-1.mp3"]


async def test_concurrent_writes_stay_below_the_cap(shelf: Shelf) -> None:
    async with shelf.open(max_bytes=len(MP3) * 3) as archive:
        await asyncio.gather(*(archive.audio(shelf.clip(clip_id=f"clip-{number}")) for number in range(10)))
    assert shelf.size() == len(MP3) * 3
    assert len(shelf.evicted) == 7


async def test_covers_go_after_all_audio_and_what_is_not_ours_never(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    for at, (name, size) in enumerate({"notes.txt": 10, "clip-1.jpg": 100, "clip-2.jpg": 100, "clip-1.mp3": 100}.items()):
        (shelf.folder / name).write_bytes(b"x" * size)
        os.utime(shelf.folder / name, (at, at))
    (shelf.folder / "folder").mkdir()
    async with shelf.open(max_bytes=len(MP3) + 110) as archive:
        await archive.audio(shelf.clip(clip_id="clip-3"))
    assert shelf.evicted == ["clip-1.mp3", "clip-1.jpg"]
    assert shelf.names() == ["clip-2.jpg", "clip-3.mp3", "folder", "notes.txt"]


async def test_a_cap_that_shrank_is_obeyed_at_the_start(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        for number in (1, 2, 3):
            await archive.audio(shelf.clip(clip_id=f"clip-{number}"))
    async with shelf.open(max_bytes=len(MP3)):
        assert shelf.names() == ["clip-3.mp3"]
    assert shelf.evicted == ["clip-1.mp3", "clip-2.mp3"]


# Writing.


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
async def test_a_disk_that_takes_no_more(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    async with shelf.open() as archive:
        with monkeypatch.context() as patch:
            patch.setattr("bot.services.media_folder.os.fsync", fail)
            with pytest.raises(FetchFailed, match="disk is full" if number in (errno.ENOSPC, errno.EDQUOT) else "cannot be written"):
                await archive.audio(shelf.clip())
        assert shelf.names() == []
        assert await archive.audio(shelf.clip())


async def test_a_disk_that_cannot_be_read(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with shelf.open() as archive:
        monkeypatch.setattr(Path, "read_bytes", fail)
        with pytest.raises(FetchFailed, match="cannot be read"):
            await archive.audio(shelf.clip())


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from bot.domain.reports import ClipReport, Stage
from bot.domain.requests import last_start
from bot.services.archive import Archive

async def main(folder, url, clip_id):
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    clock = SimpleNamespace(now=lambda: 1.0)
    async with Archive(media_dir=Path(folder), max_bytes=10**9, on_evicted=None, clock=clock, allow_private=True) as archive:
        await archive.audio(ClipReport(clip_id=clip_id, stage=Stage.DONE, audio_url=url))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_kill_in_the_middle_of_writing_leaves_nothing_behind(shelf: Shelf) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(shelf.folder), shelf.cdn.url + "/a.mp3", CLIP, cwd=Path(__file__).parents[2]
    )
    assert await child.wait() == -signal.SIGKILL
    (left,) = shelf.names()
    assert left.endswith(".part")
    async with shelf.open() as archive:
        assert shelf.names() == []
        assert (await archive.audio(shelf.clip())).size == len(MP3)
    assert shelf.cdn.hits == ["/a.mp3"] * 2


# Covers.


@pytest.mark.parametrize(
    ("kind", "size", "expected"), [("PNG", (1024, 1024), (640, 640)), ("JPEG", (1200, 600), (640, 320)), ("WEBP", (100, 50), (100, 50))]
)
async def test_a_cover_is_kept_small(shelf: Shelf, kind: str, size: tuple[int, int], expected: tuple[int, int]) -> None:
    shelf.cdn.files["/i"] = picture(*size, kind)
    async with shelf.open() as archive:
        assert await archive.cover(shelf.clip(image="/i")) == f"{CLIP}.jpg"
        assert await archive.cover(shelf.clip(image="/gone")) == f"{CLIP}.jpg"
        with Image.open(archive.path(f"{CLIP}.jpg")) as kept:
            assert (kept.format, kept.size) == ("JPEG", expected)
    assert shelf.cdn.hits == ["/i"]


def bomb(edge: int) -> bytes:
    """Make a small PNG that claims a great many pixels."""
    png = picture(10, 10)
    header = b"IHDR" + struct.pack(">II", edge, edge) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


NO_COVERS = {
    "html": b"<html>",
    "empty": b"",
    "cut off": picture(500, 500)[:200],
    "bomb": bomb(30_000),
    "unwanted kind": picture(10, 10, "BMP"),
    "a wrong checksum": picture(50, 50).replace(b"IDAT", b"IDAX"),
    "tiff": picture(10, 10, "TIFF"),
}


@pytest.mark.parametrize("body", NO_COVERS.values(), ids=NO_COVERS)
async def test_a_cover_that_cannot_be_had_is_none(shelf: Shelf, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    shelf.cdn.files["/i"] = body
    caplog.set_level("INFO")
    async with shelf.open() as archive:
        assert await archive.cover(shelf.clip(image="/i")) is None
    assert f"clip {CLIP}: no cover" in caplog.text
    assert shelf.names() == []


async def test_a_picture_of_too_many_pixels_is_not_unfolded(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    shelf.cdn.files["/i"] = bomb(7_000)
    caplog.set_level("INFO")
    async with shelf.open() as archive:
        assert await archive.cover(shelf.clip(image="/i")) is None
    assert "7000 x 7000 pixels are too many" in caplog.text


async def test_no_cover(shelf: Shelf) -> None:
    async with shelf.open() as archive:
        assert await archive.cover(shelf.clip()) is None
        assert await archive.cover(shelf.clip(image="/gone")) is None
    async with shelf.open(allow_private=False) as archive:
        assert await archive.cover(shelf.clip(image="/i")) is None
