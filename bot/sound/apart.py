"""Work on sound in a process of its own: what keeps a processor busy in Python holds up every other thread, the event loop's too.

There is one for each piece of work (`bot.sound.worker`). That costs 0.4 s of processor time, and nothing while there is no work: its
memory goes with it. One that is killed, or that a spoilt file brings down, takes nothing else along. Whoever gives up ends it.
"""

import asyncio
import contextlib
import json
import logging
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bot.domain.waveforms import Waveform
from bot.domain.whole_track import OnProgress, nobody
from bot.errors import CannotStore, EncoreError, NotAudio, TooLongToSend, WorkLost
from bot.sound.orders import Joined, Labels, Piece, Work

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "bot.sound.worker")
"""It is named, not imported: it brings numpy, which nothing else in the bot's process takes."""
ERRORS: Final[dict[str, Callable[..., EncoreError]]] = {error.__name__: error for error in (NotAudio, CannotStore, TooLongToSend)}
"""What the work raises, by name."""


async def join(pieces: Sequence[Piece], target: Path, *, max_bytes: int, labels: Labels, on_progress: OnProgress = nobody) -> Joined:
    """Join as `joining.join` does; `on_progress` is called in the event loop. Raises WorkLost too."""
    return _joined(await _done(ordered(Work.JOIN, pieces, target, max_bytes=max_bytes, labels=labels), on_progress))


async def excerpt(before: Piece, after: Piece, target: Path, *, max_bytes: int, labels: Labels) -> Joined:
    """Join the two sides of a joint as `joining.excerpt` does. Raises WorkLost too."""
    return _joined(await _done(ordered(Work.EXCERPT, before, after, target, max_bytes=max_bytes, labels=labels)))


async def read(path: Path) -> Waveform:
    """Read a file's waveform as `waveform.read` does. Raises NotAudio, WorkLost."""
    made = await _done(ordered(Work.READ, path))
    return Waveform(seconds=made["seconds"], peaks=tuple(made["peaks"]), quiet=tuple(made["quiet"]))


def ordered(work: Work, *given: object, **options: object) -> bytes:
    """Write what the worker is to do: the name of the work, and what it is given."""
    return pickle.dumps((work, given, options))


def _joined(made: dict[str, Any]) -> Joined:
    return Joined(made["seconds"], made["bit_rate"], tuple(made["joints"]))


async def _done(order: bytes, on_progress: OnProgress = nobody) -> dict[str, Any]:
    """Let a process do the work; it is gone when this returns, however."""
    pipe = asyncio.subprocess.PIPE
    # In a session of its own: Ctrl-C is for the bot alone, which then ends the work.
    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, start_new_session=True)
    try:
        return await _heard(process, order, on_progress)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _heard(process: asyncio.subprocess.Process, order: bytes, on_progress: OnProgress) -> dict[str, Any]:
    """Say what to do, and hear what comes of it; lines that break off come from a process that was killed."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    process.stdin.write(order)
    process.stdin.write_eof()
    async for line in process.stdout:
        if not line.endswith(b"\n"):
            break
        said: dict[str, Any] = json.loads(line)
        if "made" in said:
            return said["made"]
        if "error" in said:
            raise ERRORS[said["error"]](*said["said"])
        on_progress(said["share"])
    code = await process.wait()
    log.error("work on sound broke off: its process ended with %d", code)
    raise WorkLost(f"the process ended with {code}")
