"""`python -m bot.sandbox.leash MODULE`: run a module as `python -m MODULE` does, and end it when whoever started it is gone.

Standard input is the leash: a process that dies, however it dies, lets go of its end of a pipe, and there is nothing more to read.
"""

import os
import runpy
import signal
import sys
import threading
import time

STANDARD_INPUT = 0
GRACE = 15.0
"""Seconds in which the module may end in order."""


def main() -> None:
    """Run the module that the command line names; it sees the rest of the line."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(STANDARD_INPUT, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    main()
