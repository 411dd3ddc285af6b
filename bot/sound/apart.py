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
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.domain.waveforms import Waveform
from bot.errors import CannotStore, EncoreError, NotAudio, TooLongToSend, WorkLost
from bot.sound import joining, waveform, worker
from bot.sound.encoding import Labels
from bot.sound.joining import Joined, OnProgress, Piece, nobody

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", worker.__name__)
ERRORS: Final[dict[str, Callable[..., EncoreError]]] = {error.__name__: error for error in (NotAudio, CannotStore, TooLongToSend)}
"""What the work raises, by name."""


async def join(pieces: Sequence[Piece], target: Path, *, max_bytes: int, labels: Labels, on_progress: OnProgress = nobody) -> Joined:
    """Join as `joining.join` does; `on_progress` is called in the event loop. Raises WorkLost too."""
    work = partial(joining.join, pieces, target, max_bytes=max_bytes, labels=labels, on_progress=worker.tell)
    return _joined(await _done(work, on_progress))


async def excerpt(before: Piece, after: Piece, target: Path, *, max_bytes: int, labels: Labels) -> Joined:
    """Join the two sides of a joint as `joining.excerpt` does. Raises WorkLost too."""
    return _joined(await _done(partial(joining.excerpt, before, after, target, max_bytes=max_bytes, labels=labels)))


async def read(path: Path) -> Waveform:
    """Read a file's waveform as `waveform.read` does. Raises NotAudio, WorkLost."""
    made = await _done(partial(waveform.read, path))
    return Waveform(seconds=made["seconds"], peaks=tuple(made["peaks"]), quiet=tuple(made["quiet"]))


def _joined(made: dict[str, Any]) -> Joined:
    return Joined(made["seconds"], made["bit_rate"], tuple(made["joints"]))


async def _done(work: partial[Any], on_progress: OnProgress = nobody) -> dict[str, Any]:
    """Let a process do the work; it is gone when this returns, however."""
    pipe = asyncio.subprocess.PIPE
    # In a session of its own: Ctrl-C is for the bot alone, which then ends the work.
    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, start_new_session=True)
    try:
        return await _heard(process, pickle.dumps(work), on_progress)
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
