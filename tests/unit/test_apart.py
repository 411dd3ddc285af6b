"""Work on sound in processes of its own: what comes back, and how they end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from bot.errors import CannotStore, NotAudio, TooLongToSend, WorkLost
from bot.sound import apart, joining, waveform
from bot.sound.orders import Labels, Piece, Work
from tests.unit.tones import noise, wav

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024


def python(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let another program stand where the worker does."""
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", program))


@pytest.fixture
def parts(tmp_path: Path) -> list[Piece]:
    return [Piece(wav(tmp_path / "a.wav", noise(1.0, 1)), 0.0, 0.8), Piece(wav(tmp_path / "b.wav", noise(1.0, 2)))]


async def test_it_is_what_would_have_been_made_here(tmp_path: Path, parts: list[Piece]) -> None:
    here, there, shares = tmp_path / "here.mp3", tmp_path / "there.mp3", list[float]()
    labels = Labels(title="Night Train 夜", cover=b"\xff\xd8")
    made = await apart.join(parts, there, max_bytes=MAX_BYTES, labels=labels, on_progress=shares.append)
    assert made == joining.join(parts, here, max_bytes=MAX_BYTES, labels=labels)
    assert there.read_bytes() == here.read_bytes()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    before, after = parts
    excerpt = await apart.excerpt(before, after, there, max_bytes=MAX_BYTES, labels=Labels())
    assert excerpt == joining.excerpt(before, after, here, max_bytes=MAX_BYTES, labels=Labels())
    assert await apart.read(parts[0].path) == waveform.read(parts[0].path)


async def test_what_goes_wrong_is_raised_as_it_was(tmp_path: Path, parts: list[Piece]) -> None:
    nothing, target = tmp_path / "nothing.mp3", tmp_path / "made.mp3"
    nothing.write_bytes(b"<html>")
    with pytest.raises(NotAudio, match=r"nothing\.mp3"):
        await apart.read(nothing)
    with pytest.raises(CannotStore, match="written"):
        await apart.join(parts, tmp_path / "no folder" / "made.mp3", max_bytes=MAX_BYTES, labels=Labels())
    with pytest.raises(TooLongToSend) as raised:
        await apart.join(parts, target, max_bytes=20_000, labels=Labels())
    assert (raised.value.seconds, raised.value.limit) == (pytest.approx(1.8), 20_000)


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 9)",
        "import sys; sys.stdin.buffer.read(); print('{\"made\": {', end='')",
        "raise SystemExit(1)",
    ],
    ids=["killed at once", "killed at work", "killed while it answers", "ended by itself"],
)
async def test_one_that_ends_too_early_is_told_and_the_next_one_works(
    monkeypatch: pytest.MonkeyPatch, parts: list[Piece], program: str
) -> None:
    with monkeypatch.context() as patched:
        python(patched, program)
        with pytest.raises(WorkLost):
            await apart.read(parts[0].path)
    assert (await apart.read(parts[0].path)).seconds == pytest.approx(1.0)


async def test_whoever_gives_up_ends_it(tmp_path: Path) -> None:
    endless = tmp_path / "endless.wav"
    os.mkfifo(endless)
    work = asyncio.create_task(apart.read(endless))
    # It is opened once the worker does so, too; no sound ever comes.
    with await asyncio.to_thread(endless.open, "wb", buffering=0) as writing:
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        with pytest.raises(BrokenPipeError):
            writing.write(b"RIFF")


async def test_what_a_listener_raises_ends_it_too(tmp_path: Path, parts: list[Piece]) -> None:
    def enough(_share: float) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await apart.join(parts, tmp_path / "made.mp3", max_bytes=MAX_BYTES, labels=Labels(), on_progress=enough)


async def test_ctrl_c_does_not_reach_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python(monkeypatch, """import json, os; print(json.dumps({"made": {"seconds": os.getsid(0), "peaks": [os.getpid()], "quiet": []}}))""")
    said = await apart.read(tmp_path / "any")
    assert said.peaks == (said.seconds,), "it leads a session of its own"
    assert said.seconds != os.getsid(0)


async def test_where_nobody_hears_it_any_more_it_ends_without_a_word(tmp_path: Path, parts: list[Piece]) -> None:
    reading, writing = os.pipe()
    pipe = asyncio.subprocess.PIPE
    bot_is_gone = await asyncio.create_subprocess_exec(*apart.COMMAND, stdin=pipe, stdout=writing, stderr=pipe)
    os.close(reading)
    os.close(writing)
    order = apart.ordered(Work.JOIN, parts, tmp_path / "made.mp3", max_bytes=MAX_BYTES, labels=Labels())
    _, complaint = await bot_is_gone.communicate(order)
    assert (bot_is_gone.returncode, complaint) == (-signal.SIGPIPE, b"")
