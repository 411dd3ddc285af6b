"""Audio that the archive has let go, brought back: real files in a real archive, Discord scripted."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.jobs import JobState
from bot.domain.posts import PostKind
from bot.errors import AudioAway, AudioGone, CannotPost, CannotStore, DiscordUnavailable, ReplyGone
from bot.services.archive import Archive
from bot.services.audio_back import AudioBack
from tests.contract.builders import make_clip, make_job, make_post
from tests.fakes import FakeClock
from tests.unit.tones import mp3, noise

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.domain.clips import Clip, StoredAudio
    from bot.domain.jobs import Job
    from bot.domain.posts import Post

CLIP = make_clip("clip-0001", seconds=2.0, audio_name=None, audio_url="")


class Shelf:
    """The clips, jobs and posts that there are, and what was written back."""

    def __init__(self) -> None:
        self.jobs = [make_job(1, state=JobState.DELIVERED, task_id=CLIP.task_id, result_id=900)]
        self.posts: list[Post] = []
        self.back: list[tuple[str, str, int]] = []

    async def of_task(self, task_id: str) -> list[Job]:
        return [job for job in self.jobs if job.task_id == task_id]

    async def showing(self, clip_id: str, task_id: str) -> list[Post]:
        return [post for post in self.posts if (post.clip_id, post.task_id) == (clip_id, task_id)]

    async def audio_back(self, clip_id: str, audio: StoredAudio) -> None:
        self.back.append((clip_id, audio.name, audio.size))


class ScriptedMessages:
    """What the bot's messages hold, but for the one that is `elsewhere`; `gate`, if it is set and not open, keeps a reader waiting."""

    def __init__(self) -> None:
        self.holds: bytes | Exception | None = None
        self.elsewhere: dict[str, bytes | Exception | None] = {}
        self.reads: list[str] = []
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()

    async def audio(self, job: Job, clip: Clip, *, max_bytes: int) -> bytes | None:
        return await self._read(job.id)

    async def audio_of_post(self, post: Post, clip: Clip, *, max_bytes: int) -> bytes | None:
        return await self._read(post.id)

    async def _read(self, about: str) -> bytes | None:
        self.reads.append(about)
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        held = self.elsewhere.get(about, self.holds)
        if isinstance(held, Exception):
            raise held
        return held


class Bench:
    def __init__(self, archive: Archive, folder: Path, clock: FakeClock) -> None:
        self.archive, self.folder, self.clock = archive, folder, clock
        self.shelf, self.messages = Shelf(), ScriptedMessages()
        self.back = AudioBack(
            clips=self.shelf,  # pyright: ignore[reportArgumentType] - as far as it is asked
            jobs=self.shelf,  # pyright: ignore[reportArgumentType] - as above
            posts=self.shelf,  # pyright: ignore[reportArgumentType] - as above
            archive=archive,
            posted=self.messages,
            clock=clock,
        )


async def let_go(name: str) -> None:
    """Hear of a file that goes."""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    folder, clock = tmp_path / "media", FakeClock()
    async with Archive(media_dir=folder, max_bytes=100_000, on_evicted=let_go, clock=clock) as archive:
        made = Bench(archive, folder, clock)
        yield made
        await made.back.aclose()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mp3(tmp_path_factory.mktemp("sound") / "a.mp3", noise(2.0, 1), bit_rate=128_000).read_bytes()


async def test_what_is_kept_is_asked_of_nobody(bench: Bench, sound: bytes) -> None:
    stored = await bench.archive.keep(CLIP.clip_id, sound, reported=None)
    assert await bench.back.of(make_clip(CLIP.clip_id, audio_name=stored.name)) == stored.name
    assert (bench.messages.reads, bench.shelf.back) == ([], [])


async def test_a_file_of_which_the_database_does_not_know_is_found(bench: Bench, sound: bytes) -> None:
    await bench.archive.keep(CLIP.clip_id, sound, reported=None)
    assert await bench.back.of(CLIP) == "clip-0001.mp3"
    assert (bench.messages.reads, bench.shelf.back) == ([], [("clip-0001", "clip-0001.mp3", len(sound))])


async def test_it_comes_back_from_the_message_and_is_written_back(bench: Bench, sound: bytes) -> None:
    bench.messages.holds = sound
    async with bench.back.held(CLIP) as path:
        assert path.read_bytes() == sound
    assert bench.shelf.back == [("clip-0001", "clip-0001.mp3", len(sound))]


async def test_many_who_want_it_at_once_fetch_it_once(bench: Bench, sound: bytes) -> None:
    bench.messages.holds, bench.messages.gate = sound, asyncio.Event()
    waiting = [asyncio.create_task(bench.back.of(CLIP)) for _ in range(3)]
    await bench.messages.reached.wait()
    bench.messages.gate.set()
    assert await asyncio.gather(*waiting) == ["clip-0001.mp3"] * 3
    assert len(bench.messages.reads) == 1


@pytest.mark.parametrize("result", [None, ReplyGone("deleted"), DiscordUnavailable("HTTP 503"), b"<html>"], ids=str)
async def test_what_its_result_does_not_hold_is_looked_for_in_its_posts(
    bench: Bench, sound: bytes, result: bytes | Exception | None
) -> None:
    posts = [make_post(name, clip_id=CLIP.clip_id, task_id=CLIP.task_id) for name in ("newest", "older", "oldest")]
    bench.shelf.posts = [make_post("of another", clip_id="clip-0002", task_id=CLIP.task_id), *posts]
    (job,) = bench.shelf.jobs
    bench.messages.elsewhere = {job.id: result, "newest": ReplyGone("deleted"), "older": sound}
    assert await bench.back.of(CLIP) == "clip-0001.mp3"
    assert bench.messages.reads == [job.id, "newest", "older"]
    assert bench.shelf.back == [("clip-0001", "clip-0001.mp3", len(sound))]


async def test_a_result_that_only_its_person_saw_is_found_in_its_publication(bench: Bench, sound: bytes) -> None:
    bench.shelf.jobs = [make_job(1, state=JobState.DELIVERED, task_id=CLIP.task_id)]
    bench.shelf.posts = [make_post("published", kind=PostKind.PUBLICATION, clip_id=CLIP.clip_id, task_id=CLIP.task_id)]
    bench.messages.holds = sound
    assert await bench.back.of(CLIP) == "clip-0001.mp3"
    assert bench.messages.reads == ["published"]


async def test_a_post_that_cannot_be_read_now_may_have_it_still(bench: Bench) -> None:
    bench.shelf.posts = [make_post("published", clip_id=CLIP.clip_id, task_id=CLIP.task_id)]
    bench.messages.elsewhere = {"published": DiscordUnavailable("HTTP 503")}
    with pytest.raises(AudioAway):
        await bench.back.of(CLIP)


@pytest.mark.parametrize("holds", [None, ReplyGone("deleted"), CannotPost("no such channel"), b"<html>", b""], ids=str)
async def test_what_is_nowhere_is_gone(bench: Bench, holds: bytes | Exception | None) -> None:
    bench.messages.holds = holds
    with pytest.raises(AudioGone):
        await bench.back.of(CLIP)
    assert bench.shelf.back == []


async def test_a_message_of_a_removed_request_is_not_read(bench: Bench, sound: bytes) -> None:
    bench.messages.holds = sound
    bench.shelf.jobs = [
        make_job(1, state=JobState.DELIVERED, task_id=CLIP.task_id, result_id=900, removed=True),
        make_job(2, state=JobState.READY, task_id=CLIP.task_id),
    ]
    with pytest.raises(AudioGone):
        await bench.back.of(CLIP)
    assert bench.messages.reads == []


async def test_while_discord_is_away_nothing_is_called_gone(bench: Bench) -> None:
    bench.messages.holds = DiscordUnavailable("HTTP 503")
    with pytest.raises(AudioAway):
        await bench.back.of(CLIP)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_said_and_comes_no_further(bench: Bench, sound: bytes, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    bench.messages.holds = sound
    with monkeypatch.context() as patch:
        patch.setattr("bot.services.media_folder.os.fsync", fail)
        with pytest.raises(CannotStore, match="disk is full"):
            await bench.back.of(CLIP)
    assert (list(bench.folder.iterdir()), bench.shelf.back) == ([], []), "nothing is left half-written"
    assert await bench.back.of(CLIP) == "clip-0001.mp3"


async def test_where_there_is_no_room_that_is_what_is_said(bench: Bench, sound: bytes) -> None:
    first = await bench.archive.keep("clip-0009", sound * 2, reported=None)
    bench.messages.holds = sound * 2
    with bench.archive.hold(first.name), pytest.raises(CannotStore):
        await bench.back.of(CLIP)
    assert [path.name for path in bench.folder.iterdir()] == [first.name], "nothing is left half-written"


async def test_a_message_that_is_written_anew_gets_back_what_can_be_had_and_goes_without_the_rest(bench: Bench, sound: bytes) -> None:
    other = replace(CLIP, clip_id="clip-0002")
    bench.messages.holds = sound
    back, gone = await bench.back.for_message([CLIP, replace(other, task_id="elsewhere")])
    assert back.audio_name is not None
    assert bench.archive.has(back.audio_name)
    assert gone.audio_name is None
