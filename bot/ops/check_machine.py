"""What the doctor looks at on this machine: the folder for audio, its disk, and the operator's port."""

import asyncio
import ipaddress
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, cast

import aiohttp

from bot.ops.findings import Finding, fail, look, ok

GIGABYTE: Final = 1000**3
SCARCE: Final = 0.25
"""Gigabytes below which the next tracks may find no room: a track is some megabytes, and several come at once."""
PORT_PATIENCE: Final = aiohttp.ClientTimeout(total=5)


async def check_media(media_dir: Path, max_gb: float) -> AsyncIterator[Finding]:
    """Look at MEDIA_DIR: can it be written to, and is there room for MEDIA_MAX_GB?"""
    for finding in await asyncio.to_thread(_look_at_media, media_dir, max_gb):
        yield finding


def _look_at_media(media_dir: Path, max_gb: float) -> list[Finding]:
    folder = media_dir.absolute()
    there = _nearest(folder)
    if problem := _problem_of_writing(there):
        advice = "Set MEDIA_DIR to a folder that the bot's user may write to, or give it that one."
        return [fail("media", f"MEDIA_DIR {media_dir} cannot be used: {problem}.", advice)]
    held = _held(folder)
    state = f"can be written to and holds {held:.2f} GB" if there == folder else "will be made at the first start"
    return [ok("media", f"{media_dir} {state}."), _look_at_disk(shutil.disk_usage(there).free / GIGABYTE, held, max_gb)]


def _look_at_disk(free: float, held: float, max_gb: float) -> Finding:
    wanted = max(max_gb - held, 0.0)
    room = f"{free:.1f} GB are free; MEDIA_MAX_GB={max_gb:g} lets the audio grow by {wanted:.1f} GB."
    if free < SCARCE:
        return fail("disk", room, "Free some space, or no finished track can be kept.")
    if free < wanted:
        return look("disk", room, f"Free some space, or set MEDIA_MAX_GB to {max(held + free * 0.8, 0.1):.1f} or less.")
    return ok("disk", room)


def _nearest(folder: Path) -> Path:
    """Find what there is of a path."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _problem_of_writing(folder: Path) -> str:
    """Write a file there that goes away again; say what keeps that from working. Rights alone do not tell: a disk may be read-only."""
    if not folder.is_dir():
        return f"{folder} is a file, not a folder"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return f"{folder}: {error.strerror or error}"


def _held(folder: Path) -> float:
    """Add up what the folder holds, in gigabytes."""
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file()) / GIGABYTE


async def check_port(host: str, port: int | None) -> AsyncIterator[Finding]:
    """Look at OPS_HOST:OPS_PORT: is it free, or does a bot answer there?"""
    if port is None:
        yield ok("ops port", "OPS_PORT is empty: /healthz, /readyz and /metrics are off.")
        return
    place = f"{host}:{port}"
    try:
        reasons = await _reasons_at(_reachable(host), port)
    except (aiohttp.ClientError, TimeoutError, OSError):
        yield await _bindable(host, port)
        return
    if reasons is None:
        yield look("ops port", f"Something that is no bot answers at {place}.", "Set OPS_PORT to a free port, or the bot does without.")
    elif reasons:
        yield look(
            "ops port", f"A bot answers at {place}. It is not ready: {'; '.join(reasons)}.", "Its log says more; so may the lines here."
        )
    else:
        yield ok("ops port", f"A bot answers at {place}, and is ready.")


def _reachable(host: str) -> str:
    """Turn the address of every interface into one that can be asked."""
    try:
        everywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host
    shown = "127.0.0.1" if everywhere and ":" not in host else "::1" if everywhere else host
    return f"[{shown}]" if ":" in shown else shown


async def _reasons_at(host: str, port: int) -> list[str] | None:
    """Ask a bot what keeps it from working; None if what answers is no bot."""
    async with (
        aiohttp.ClientSession(timeout=PORT_PATIENCE) as session,
        session.get(f"http://{host}:{port}/readyz", allow_redirects=False) as response,
    ):
        try:
            body: object = await response.json(content_type=None)
        except ValueError:
            return None
    reasons = cast("dict[str, object]", body).get("reasons") if isinstance(body, dict) else None
    return [str(reason) for reason in cast("list[object]", reasons)] if isinstance(reasons, list) else None


async def _bindable(host: str, port: int) -> Finding:
    try:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), host, port)
    except OSError as error:
        return look(
            "ops port",
            f"{host}:{port} cannot be taken ({error.strerror or error}).",
            "Set OPS_HOST to an address of this machine and OPS_PORT to a free port, or the bot does without.",
        )
    server.close()
    await server.wait_closed()
    return ok("ops port", f"{host}:{port} is free.")
