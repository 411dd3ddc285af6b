"""Whole tracks made by the service: real files in a real archive, the family scripted."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.viewing import Seen, Viewer
from bot.domain.whole_track import Lost
from bot.errors import AudioDamaged, AudioGone, CannotStore, NothingToJoin, Removed, TooLongToSend, UnknownTrack, WorkLost
from bot.services.archive import Archive
from bot.services.audio_back import AudioBack
from bot.services.whole_tracks import WholeTracks
from bot.sound import apart, joining
from tests.contract.builders import GUILD, USER, make_clip
from tests.fakes import FakeClock
from tests.unit.test_audio_back import ScriptedMessages, Shelf
from tests.unit.tones import found_at, heard, mp3, noise

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable
    from pathlib import Path

    from bot.domain.clips import Clip
    from bot.domain.whole_track import OnProgress
    from bot.sound.orders import Joined

ME = Viewer(USER, GUILD)
MAX_BYTES = 10 * 1024 * 1024
ROOT, CHILD, LEAF = "root-0001", "child-001", "leaf-0001"


class Family:
    """A path of three tracks, what somebody sees of each, and what people are called."""

    def __init__(self) -> None:
        starts = {ROOT: None, CHILD: 1.5, LEAF: 1.0}
        parents = {ROOT: None, CHILD: ROOT, LEAF: CHILD}
        makers = {ROOT: USER, CHILD: USER + 1, LEAF: USER}
        self.clips = {
            name: make_clip(
                name,
                seconds=2.0,
                parent_id=parents[name],
                continued_at=starts[name],
                user_id=makers[name],
                audio_name=f"{name}.mp3",
                audio_url="",
                image_name=None,
            )
            for name in starts
        }
        self.seen_as = dict.fromkeys(starts, Seen.SHOWN)

    async def path(self, clip_id: str) -> list[Clip]:
        names = list(self.clips)
        return [self.clips[name] for name in names[: names.index(clip_id) + 1]] if clip_id in names else []

    async def seen(self, clip_ids: Collection[str], viewer: Viewer) -> dict[str, Seen]:
        return {each: self.seen_as[each] for each in clip_ids}

    async def of(self, user_ids: Iterable[int]) -> dict[int, str]:
        return {each: f"person {each - USER}" for each in user_ids}


class Bench:
    def __init__(self, archive: Archive, folder: Path, evicted: list[str]) -> None:
        self.archive, self.folder, self.evicted = archive, folder, evicted
        self.family, self.messages = Family(), ScriptedMessages()
        shelf = Shelf()
        audio = AudioBack(clips=shelf, jobs=shelf, posts=shelf, archive=archive, posted=self.messages, clock=FakeClock())  # pyright: ignore[reportArgumentType] - as far as it is asked
        self.tracks = WholeTracks(families=self.family, visibility=self.family, audio=audio, archive=archive, names=self.family)

    def made(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith("_"))

    def spoil(self, name: str, data: bytes = b"<html>") -> None:
        (self.folder / f"{name}.mp3").write_bytes(data)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sounds")
    return {
        name: mp3(folder / f"{name}.mp3", noise(2.0, seed), bit_rate=128_000).read_bytes() for seed, name in enumerate((ROOT, CHILD, LEAF))
    }


async def join_here(*given: Any, on_progress: OnProgress, **options: Any) -> Joined:  # noqa: ANN401 - what `join` is given
    loop = asyncio.get_running_loop()

    def tell(share: float) -> None:
        loop.call_soon_threadsafe(on_progress, share)

    return await asyncio.to_thread(joining.join, *given, on_progress=tell, **options)


async def excerpt_here(*given: Any, **options: Any) -> Joined:  # noqa: ANN401 - what `excerpt` is given
    return await asyncio.to_thread(joining.excerpt, *given, **options)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Join in this process: another one takes longer to begin than these joins take, and is tested by itself."""
    monkeypatch.setattr(apart, "join", join_here)
    monkeypatch.setattr(apart, "excerpt", excerpt_here)


@pytest.fixture
async def bench(tmp_path: Path, sounds: dict[str, bytes]) -> AsyncGenerator[Bench]:
    folder, evicted = tmp_path / "media", list[str]()

    async def let_go(name: str) -> None:
        evicted.append(name)

    async with Archive(media_dir=folder, max_bytes=400_000, on_evicted=let_go, clock=FakeClock()) as archive:
        for name, sound in sounds.items():
            (folder / f"{name}.mp3").write_bytes(sound)
        made = Bench(archive, folder, evicted)
        yield made
        await made.tracks.aclose()


@pytest.mark.usefixtures("here")
async def test_a_whole_track_is_made_once_and_kept(bench: Bench) -> None:
    first = await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert first.seconds == pytest.approx(4.5, abs=0.1)
    assert [clip.clip_id for clip in first.plan.clips] == [ROOT, CHILD, LEAF]
    assert bench.made() == [first.name]
    at, alike = found_at(noise(2.0, 2)[:, 10_000:50_000], heard(bench.folder / first.name))
    assert (at, alike) == (pytest.approx(2.5 + 10_000 / 44_100, abs=0.01), pytest.approx(1.0, abs=0.1))
    stamp = (bench.folder / first.name).stat().st_ino
    again = await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert (again.name, again.size, again.bit_rate, again.plan) == (first.name, first.size, first.bit_rate, first.plan)
    assert again.seconds == pytest.approx(first.seconds, abs=0.1)
    assert (bench.folder / first.name).stat().st_ino == stamp, "it was made again"


async def test_two_who_want_it_at_once_have_it_made_once_and_both_hear_how_far_it_is(bench: Bench) -> None:
    shares: tuple[list[float], list[float]] = ([], [])
    one, other = await asyncio.gather(
        *(bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES, on_progress=heard_by.append) for heard_by in shares)
    )
    assert one is other
    assert shares[0] == shares[1] == sorted(shares[0])
    assert shares[0]


@pytest.mark.usefixtures("here")
async def test_what_is_private_is_missing_and_has_no_name(bench: Bench) -> None:
    bench.family.seen_as[CHILD] = Seen.PRIVATE
    made = await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert [clip.clip_id for clip in made.plan.clips] == [LEAF]
    assert [(each.why, each.clip) for each in made.plan.missing] == [(Lost.PRIVATE, None)]
    assert made.seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.usefixtures("here")
async def test_what_is_gone_is_missing_and_is_looked_for_again_the_next_time(bench: Bench, sounds: dict[str, bytes]) -> None:
    (bench.folder / f"{ROOT}.mp3").unlink()
    made = await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert [clip.clip_id for clip in made.plan.clips] == [CHILD, LEAF]
    assert [each.why for each in made.plan.missing] == [Lost.GONE]
    assert (await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)).plan == made.plan
    bench.messages.holds = sounds[ROOT]
    assert len((await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)).plan.clips) == 3


@pytest.mark.parametrize(("seen", "error"), [(Seen.PRIVATE, UnknownTrack), (Seen.REMOVED, Removed)])
async def test_a_track_that_is_not_to_be_seen_is_refused(bench: Bench, seen: Seen, error: type[Exception]) -> None:
    bench.family.seen_as[LEAF] = seen
    with pytest.raises(error):
        await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    with pytest.raises(error):
        await bench.tracks.joint(LEAF, ME, max_bytes=MAX_BYTES)


async def test_a_track_that_nobody_knows_is_not_found(bench: Bench) -> None:
    with pytest.raises(UnknownTrack):
        await bench.tracks.whole("nothing-1", ME, max_bytes=MAX_BYTES)


@pytest.mark.usefixtures("here")
async def test_the_track_itself_being_gone_or_damaged_is_said(bench: Bench) -> None:
    bench.spoil(LEAF)
    with pytest.raises(AudioDamaged):
        await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    (bench.folder / f"{LEAF}.mp3").unlink()
    with pytest.raises(AudioGone):
        await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert bench.made() == []


@pytest.mark.usefixtures("here")
async def test_what_does_not_fit_is_said(bench: Bench) -> None:
    with pytest.raises(TooLongToSend):
        await bench.tracks.whole(LEAF, ME, max_bytes=30_000)
    assert [path.name for path in bench.folder.iterdir() if path.suffix == ".part"] == []


@pytest.mark.usefixtures("here")
async def test_where_there_is_no_room_nothing_is_left_half_made(bench: Bench, sounds: dict[str, bytes]) -> None:
    (bench.folder / "somebody-elses.bin").write_bytes(bytes(400_000 - sum(map(len, sounds.values()))))
    with pytest.raises(CannotStore):
        await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert bench.made() == []
    assert [path.name for path in bench.folder.iterdir() if path.suffix == ".part"] == []
    assert bench.evicted == [], "the parts were in use"


@pytest.mark.usefixtures("here")
async def test_a_made_file_is_let_go_like_every_other(bench: Bench) -> None:
    made = await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    os.utime(bench.folder / made.name, (0, 0))
    await bench.archive.make("another-one.mp3", lambda path: asyncio.to_thread(path.write_bytes, bytes(200_000)))
    assert made.name in bench.evicted


@pytest.mark.usefixtures("here")
async def test_a_joint_is_heard_and_kept(bench: Bench) -> None:
    made = await bench.tracks.joint(LEAF, ME, max_bytes=MAX_BYTES)
    assert made.seconds == pytest.approx(3.0, abs=0.1)
    assert [clip.clip_id for clip in made.plan.clips] == [CHILD, LEAF]
    assert (await bench.tracks.joint(LEAF, ME, max_bytes=MAX_BYTES)).name == made.name


async def test_where_nothing_is_before_there_is_no_joint(bench: Bench) -> None:
    with pytest.raises(NothingToJoin):
        await bench.tracks.joint(ROOT, ME, max_bytes=MAX_BYTES)
    bench.family.seen_as[CHILD] = Seen.PRIVATE
    with pytest.raises(NothingToJoin):
        await bench.tracks.joint(LEAF, ME, max_bytes=MAX_BYTES)


@pytest.mark.usefixtures("here")
async def test_whoever_gives_up_leaves_it_to_the_others(bench: Bench) -> None:
    leaves = asyncio.create_task(bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES))
    stays = asyncio.create_task(bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES))
    for _ in range(20):
        await asyncio.sleep(0)
    leaves.cancel()
    assert (await stays).seconds == pytest.approx(4.5, abs=0.1)


@pytest.mark.usefixtures("here")
async def test_two_are_joined_at_once_in_all(bench: Bench) -> None:
    slots = bench.tracks._slots  # pyright: ignore[reportPrivateUsage] - as if two joins were under way
    await slots.acquire()
    await slots.acquire()
    waiting = asyncio.create_task(bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES))
    for _ in range(50):
        await asyncio.sleep(0)
    assert bench.made() == []
    slots.release()
    assert (await waiting).name == bench.made()[0]


async def test_a_join_that_is_killed_leaves_nothing_and_can_be_made_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(apart, "COMMAND", (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"))
        with pytest.raises(WorkLost):
            await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)
    assert sorted(path.name for path in bench.folder.iterdir()) == sorted(f"{name}.mp3" for name in (ROOT, CHILD, LEAF))
    assert (await bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES)).seconds == pytest.approx(4.5, abs=0.1)


async def test_what_is_under_way_ends_with_the_bot(bench: Bench) -> None:
    heard_of = asyncio.Event()
    waiting = asyncio.create_task(bench.tracks.whole(LEAF, ME, max_bytes=MAX_BYTES, on_progress=lambda _: heard_of.set()))
    await heard_of.wait()
    await bench.tracks.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert bench.made() == []
    assert [path.name for path in bench.folder.iterdir() if path.suffix == ".part"] == []
