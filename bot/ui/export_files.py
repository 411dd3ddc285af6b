"""The files of an export. What is foreign in them cannot break their form; docs/export.md describes it."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from bot.domain.export import Entry, Export
from bot.ui.cards import filename
from bot.ui.words import bare_text

VERSION = 1
MAX_NAME = 200
"""Characters of a title in a list."""
PLAYLIST = "playlist.m3u8"
OVERHEAD = 1024
"""Bytes that a file costs in an archive beside its own, at most, its place in the list included."""


def as_json(export: Export) -> bytes:
    """Write everything that is told of the tracks."""
    whole = {
        "format": "encore-export",
        "version": VERSION,
        "of": export.of.value,
        "made_at": _when(export.made_at),
        "complete": not export.cut,
        "tracks": [_track(entry) for entry in export.entries],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode(errors="replace")


def _track(entry: Entry) -> dict[str, Any]:
    clip = entry.clip
    return {
        "id": clip.clip_id,
        "task_id": clip.task_id,
        "variant": clip.variant,
        "title": clip.title,
        "tags": clip.tags,
        "model": clip.model,
        "seconds": round(clip.seconds, 3),
        "created_at": _when(clip.created_at),
        "made_by": entry.made_by,
        "parent_id": entry.parent_id,
        "continued_at": clip.continued_at if entry.parent_id is not None else None,
        "favourites": entry.kin.favourites,
        "votes": entry.kin.votes,
        "post": entry.post,
        "audio": entry.audio,
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_m3u8(export: Export, files: Mapping[str, str] | None = None) -> bytes:
    """Write a playlist: each track by its file beside the list (`files`), else where it can be played, else the message that shows it.

    A message is nothing that a player plays, so it stands in a comment where there is anything better.
    """
    lines = ["#EXTM3U"]
    for entry in export.entries:
        at = (files or {}).get(entry.clip.clip_id) or entry.audio or entry.post
        if entry.post and entry.post != at:
            lines.append(f"# Post: {entry.post}")
        lines.append(f"#EXTINF:{round(entry.clip.seconds)},{_named(entry)}" if at else f"# Not to be had any more: {_named(entry)}")
        if at:
            lines.append(at)
    return ("\n".join(lines) + "\n").encode(errors="replace")


def _named(entry: Entry) -> str:
    """Name a track on one line, which begins with a sign of ours whatever the title begins with."""
    title = bare_text(entry.clip.title, MAX_NAME) or "Untitled"
    return "".join(each for each in f"{bare_text(entry.made_by, 60)} - {title} ({entry.clip.variant})" if each.isprintable())


@dataclass(frozen=True, slots=True)
class Packed:
    """An archive in a file that is gone once it is closed; `missing` tracks have no audio here."""

    file: io.BufferedIOBase
    missing: tuple[Entry, ...]


def names_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Name the files in an archive: by number first, so that no two are the same and none means anything to a system."""
    return {
        entry.clip.clip_id: f"{number:03} - {filename(entry.clip.title)} - {filename(entry.clip.variant)}{_suffix(entry)}"
        for number, entry in enumerate(entries, start=1)
    }


def _suffix(entry: Entry) -> str:
    return Path(entry.clip.audio_name or "").suffix


def kept(export: Export, media_path: Callable[[str], Path]) -> Sequence[Entry]:
    """List the tracks whose audio is kept here."""
    return [entry for entry in export.entries if entry.clip.audio_name and media_path(entry.clip.audio_name).is_file()]


def pack(export: Export, media_path: Callable[[str], Path], *, limit: int) -> Packed | None:
    """Pack the audio that is kept here and a playlist of it, on disk; None where that is more than `limit` bytes. Raises OSError.

    Audio is packed as it is: it does not get smaller. Call it in a thread.
    """
    there = kept(export, media_path)
    paths = {entry.clip.clip_id: media_path(entry.clip.audio_name or "") for entry in there}
    names = names_of(there)
    if sum(path.stat().st_size + OVERHEAD for path in paths.values()) > limit:
        return None
    file = cast("io.BufferedIOBase", tempfile.TemporaryFile())  # noqa: SIM115 - whoever sends it closes it
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
            for clip_id, path in paths.items():
                archive.write(path, names[clip_id])
            archive.writestr(PLAYLIST, as_m3u8(export, names))
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    if size > limit:
        file.close()
        return None
    return Packed(file, tuple(entry for entry in export.entries if entry.clip.clip_id not in names))
