"""The tests' way to start a bot: as a fork of a process that has imported everything already (`starter.py`)."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from bot.sandbox.stage import KEPT, PROJECT, start_afresh

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from bot.sandbox.stage import BotProcess, Process

AT_THE_START = ("PYTHON", "COVERAGE_", "LC_", "LANG", "TMPDIR", "TZ")
"""How those names in an environment begin that tell when an interpreter starts, or a library is imported."""
OWN = {
    **{name: os.environ[name] for name in KEPT if name in os.environ},
    "PYTHONPATH": str(PROJECT),
    # NumPy's threads, which nothing of the bot's own process uses, would not survive a fork.
    "OPENBLAS_NUM_THREADS": "1",
}
"""The environment of the process that forks."""
LONGEST_ANSWER = 64


async def start_warm(bot: BotProcess, log: BinaryIO) -> Process:
    """Start a bot by a fork; afresh where that would not be the same: a measured one, or one whose interpreter is set up in its own way."""
    if sys.platform != "linux" or bot.module != "bot" or _told_at_the_start(bot.environment) != _told_at_the_start(OWN):
        return await start_afresh(bot, log)
    return await _starter().start(bot, log)


def close() -> None:
    """End the process that forks, if there is one."""
    if _starter.cache_info().currsize:
        _starter().close()
        _starter.cache_clear()


def _told_at_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    # The path is looked at again after the fork.
    return {name: value for name, value in environment.items() if name.startswith(AT_THE_START) and name != "PYTHONPATH"}


@functools.cache
def _starter() -> Starter:
    return Starter()


class Starter:
    """The process that forks; it ends when this one lets go of the socket, however that ends."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "tests.starter", str(theirs.fileno())],
                cwd=PROJECT,
                env=OWN,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._process.wait()

    async def start(self, bot: BotProcess, log: BinaryIO) -> WarmProcess:
        """Start a bot."""
        report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        reading, leash = os.pipe()
        request = json.dumps({"folder": str(bot.folder), "environment": dict(bot.environment)})
        with theirs:
            socket.send_fds(self._control, [request.encode()], [reading, log.fileno(), theirs.fileno()])
        os.close(reading)
        # The first one waits for the imports.
        number, descriptors, _, _ = await asyncio.to_thread(socket.recv_fds, report, LONGEST_ANSWER, 1)
        return WarmProcess(_number(number), descriptors[0], leash, report)


class WarmProcess:
    """A bot that was started by a fork, as `asyncio.subprocess.Process` would show it."""

    def __init__(self, pid: int, descriptor: int, leash: int, report: socket.socket) -> None:
        self.pid = pid
        self._descriptor: int | None = descriptor
        self._ended = asyncio.create_task(self._end(descriptor, leash, report), name=f"bot-{pid}")

    @property
    def returncode(self) -> int | None:
        """Its exit code, once it has ended; below zero, the signal that ended it."""
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, number: int, /) -> None:
        """Send it a signal. Raises ProcessLookupError when it has ended."""
        if self._descriptor is None:
            raise ProcessLookupError
        signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it as a power cut would. Raises ProcessLookupError when it has ended."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        return await asyncio.shield(self._ended)

    async def _end(self, descriptor: int, leash: int, report: socket.socket) -> int:
        report.setblocking(False)
        try:
            return _number(await asyncio.get_running_loop().sock_recv(report, LONGEST_ANSWER))
        finally:
            self._descriptor = None
            os.close(descriptor)
            os.close(leash)
            report.close()


def _number(answer: bytes) -> int:
    if not answer:
        raise RuntimeError("the process that bots are forked from has ended; it says why where this one writes its errors")
    return int(answer)
