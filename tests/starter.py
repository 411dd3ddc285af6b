"""`python -m tests.starter SOCKET`: import the bot once, and become it, by a fork, each time that the tests ask for it (`warm.py`).

A start is mostly imports: 2 s of a processor, several hundred times. What a fork inherits is what an import leaves behind; everything
else (environment, folder, descriptors, session, `sitecustomize`) is made as it would be for a process of its own, before the bot begins.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import leash

LONGEST_REQUEST = 1 << 16
MODULE = "bot.__main__"


@dataclass(frozen=True, slots=True)
class Start:
    """A start that was asked for: where, with which pipe that keeps it running and which file for its log, and who waits for its end."""

    folder: str
    environment: dict[str, str]
    pipe: int
    log: int
    report: socket.socket


@dataclass(frozen=True, slots=True)
class Child:
    """A bot that was started, and who waits for its end."""

    number: int
    descriptor: int
    report: socket.socket

    def ended(self) -> None:
        """Report its exit code."""
        _, status = os.waitpid(self.number, 0)
        with self.report:
            self.report.send(str(os.waitstatus_to_exitcode(status)).encode())
        os.close(self.descriptor)

    def forget(self) -> None:
        """Let go of what a sibling has no use for."""
        self.report.close()
        os.close(self.descriptor)


def main() -> None:
    """Serve until the tests are gone; in a bot, be the bot."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _import()
    start = _serve(control)
    control.close()
    if start is not None:
        _settle_in(start)
        leash.main()


def _import() -> None:
    importlib.import_module(MODULE)
    # It is to be run, not to be imported: runpy complains of a module that is both.
    del sys.modules[MODULE]
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, f"{threads} threads: a fork takes only one of them along, and every lock as it is"
    # A collection in a fork would copy every page that it looks at.
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket) -> Start | None:
    """Fork for each start that is asked for. Returns the start in the new process, and None in the old one when the tests are gone."""
    children: dict[int, Child] = {}
    while True:
        poll = select.poll()
        for descriptor in (control.fileno(), *children):
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll():
            if descriptor in children:
                children.pop(descriptor).ended()
            elif (start := _asked(control)) is None:
                return None
            elif (number := os.fork()) == 0:
                for child in children.values():
                    child.forget()
                return start
            else:
                child = _started(start, number)
                children[child.descriptor] = child


def _asked(control: socket.socket) -> Start | None:
    text, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 3)
    if not text:
        return None
    asked = json.loads(text)
    pipe, log, report = descriptors
    return Start(asked["folder"], asked["environment"], pipe, log, socket.socket(fileno=report))


def _started(start: Start, number: int) -> Child:
    """Tell who asked: the process's number, and a descriptor that means this process even when the number is another's."""
    os.close(start.pipe)
    os.close(start.log)
    descriptor = os.pidfd_open(number)
    socket.send_fds(start.report, [str(number).encode()], [descriptor])
    return Child(number, descriptor, start.report)


def _settle_in(start: Start) -> None:
    """Make this process what a new interpreter would be."""
    start.report.close()
    os.setsid()
    for descriptor, places in ((start.pipe, (0,)), (start.log, (1, 2))):
        for place in places:
            os.dup2(descriptor, place)
        os.close(descriptor)
    os.chdir(start.folder)
    os.environ.clear()
    os.environ.update(start.environment)
    sys.argv[1:] = ["bot"]
    sys.path[0] = start.folder
    for folder in reversed(start.environment.get("PYTHONPATH", "").split(os.pathsep)):
        _look_first_in(folder)


def _look_first_in(folder: str) -> None:
    if folder and folder not in sys.path:
        sys.path.insert(1, folder)
        if (custom := Path(folder, "sitecustomize.py")).exists():
            runpy.run_path(str(custom))


if __name__ == "__main__":
    main()
