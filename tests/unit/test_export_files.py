"""The files of an export: what is foreign in them cannot break their form."""

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.export import Entry, Export, Of, is_address
from bot.domain.family import Kin
from bot.ui.export_files import PLAYLIST, as_json, as_m3u8, names_of, pack
from tests.contract.builders import make_clip

POST = "https://discord.com/channels/1/2/3"
NOON = 1_785_585_600.0
ANYTHING = st.text(max_size=40)


def entry(number: int = 1, *, made_by: str = "Mira", post: str | None = POST, gone: bool = False, **clip: object) -> Entry:
    made = make_clip(f"clip-{number}", **{"created_at": NOON, **clip})
    return Entry(
        kin=Kin(clip=made, favourites=2, votes=1),
        made_by=made_by,
        parent_id=made.parent_id,
        post=post,
        audio=None if gone else made.audio_url,
    )


def export(*entries: Entry) -> Export:
    return Export(of=Of.MINE, entries=entries, made_at=NOON)


def test_a_playlist_plays_the_audio_and_names_the_post() -> None:
    assert as_m3u8(export(entry(), entry(2, gone=True), entry(3, post=None), entry(4, gone=True, post=None))).decode() == (
        "#EXTM3U\n"
        "# Post: https://discord.com/channels/1/2/3\n"
        "#EXTINF:192,Mira - Night Train (A)\n"
        "https://cdn.example/clip-1.mp3\n"
        "#EXTINF:192,Mira - Night Train (A)\n"
        "https://discord.com/channels/1/2/3\n"
        "#EXTINF:192,Mira - Night Train (A)\n"
        "https://cdn.example/clip-3.mp3\n"
        "# Not to be had any more: Mira - Night Train (A)\n"
    )


@pytest.mark.parametrize(
    "title", ["a\nhttps://evil.example/x.mp3", "a\r#EXTM3U", "#EXTINF:1,x", "\u2028https://evil.example", "\x85x", "\x0bx\x0cx", "\x1bx"]
)
def test_no_title_makes_a_line_of_its_own(title: str) -> None:
    lines = as_m3u8(export(entry(title=title, made_by=title))).decode().splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("#EXTINF:192,")
    assert lines[3] == "https://cdn.example/clip-1.mp3"


@given(ANYTHING, ANYTHING)
def test_whatever_people_write_a_playlist_keeps_its_form(title: str, who: str) -> None:
    for gone in (False, True):
        made = entry(title=title, made_by=who, gone=gone, post=None if gone else POST)
        lines = as_m3u8(export(made)).decode().splitlines()
        assert lines[0] == "#EXTM3U"
        assert all(line.startswith(("# ", "#EXTINF:192,", "https://cdn.example/")) for line in lines[1:])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://cdn.example/a.mp3", True),
        ("http://cdn.example/a.mp3", True),
        ("", False),
        ("#EXTM3U", False),
        ("file:///etc/passwd", False),
        ("https://cdn.example/a b.mp3", False),
        ("https://cdn.example/a\n#EXTINF", False),
        ("https://cdn.example/\u202ea", False),
    ],
)
def test_only_an_address_counts_as_one(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_json_tells_everything() -> None:
    read = json.loads(as_json(export(entry(title="夜行 🚀 \ud800", made_by="محمد"))))
    assert read["format"] == "encore-export"
    assert (read["version"], read["of"], read["made_at"], read["complete"]) == (1, "mine", "2026-08-01T12:00:00Z", True)
    assert read["tracks"] == [
        {
            "id": "clip-1",
            "task_id": "task-1",
            "variant": "A",
            "title": "夜行 🚀 ?",
            "tags": "wave, synthwave",
            "model": "v3.5",
            "seconds": 192.5,
            "created_at": "2026-08-01T12:00:00Z",
            "made_by": "محمد",
            "parent_id": "parent",
            "continued_at": 100.0,
            "favourites": 2,
            "votes": 1,
            "post": POST,
            "audio": "https://cdn.example/clip-1.mp3",
        }
    ]
    assert json.loads(as_json(replace(export(entry()), cut=True)))["complete"] is False


def test_the_documentation_names_every_field() -> None:
    read = json.loads(as_json(export(entry())))
    page = (Path(__file__).parents[2] / "docs" / "export.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))))
    assert named == {*read, *read["tracks"][0]}


@given(st.lists(st.tuples(ANYTHING, ANYTHING), min_size=1, max_size=4))
def test_whatever_people_write_a_file_stays_in_its_folder(made: list[tuple[str, str]]) -> None:
    names = list(names_of(entry(number, title=title, variant=variant) for number, (title, variant) in enumerate(made)).values())
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        for path in (PurePosixPath(name), PureWindowsPath(name)):
            assert path.name == name
            assert not path.is_absolute()
        assert re.match(r"\d{3} - .*\.mp3$", name)
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)


def test_the_audio_that_is_kept_is_packed_with_a_playlist_of_it(tmp_path: Path) -> None:
    (tmp_path / "clip-1.mp3").write_bytes(b"one")
    (tmp_path / "clip-3.mp3").write_bytes(b"three")
    gone, never = entry(2, title="../../etc/passwd"), entry(4, audio_name=None)
    whole = export(entry(1), gone, entry(3, title="../up", variant="B"), never)
    packed = pack(whole, tmp_path.joinpath, limit=100_000)
    assert packed is not None
    assert packed.missing == (gone, never)
    with packed.file as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["001 - Night Train - A.mp3", "002 - up - B.mp3", PLAYLIST]
        assert archive.read("002 - up - B.mp3") == b"three"
        assert archive.testzip() is None
        lines = archive.read(PLAYLIST).decode().splitlines()
    assert [line for line in lines if line.endswith(".mp3")] == [
        "001 - Night Train - A.mp3",
        "https://cdn.example/clip-2.mp3",
        "002 - up - B.mp3",
        "https://cdn.example/clip-4.mp3",
    ]


def test_more_than_fits_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "clip-1.mp3").write_bytes(b"x" * 10_000)
    assert pack(export(entry()), tmp_path.joinpath, limit=10_000) is None
    packed = pack(export(entry()), tmp_path.joinpath, limit=12_000)
    assert packed is not None
    with packed.file as file:
        assert len(file.read()) <= 12_000


def test_a_playlist_that_is_too_much_is_noticed_too(tmp_path: Path) -> None:
    (tmp_path / "clip-1.mp3").write_bytes(b"x")
    others = [entry(number, title="word " * 40) for number in range(2, 50)]
    assert pack(export(entry(), *others), tmp_path.joinpath, limit=4_000) is None
