"""The command line: `python -m bot` runs the bot; `migrate`, `doctor`, `make-key` and `sandbox` are its other words."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

from bot import checkup
from bot.app import running
from bot.errors import EncoreError, SettingsError
from bot.ops.logs import configure_logging
from bot.services.sealing import make_key
from bot.settings import load_settings

log = logging.getLogger("bot")

OK, FAILED, WRONG_SETTINGS = 0, 1, 2
"""Exit codes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="Encore, a Discord bot that extends instrumentals.")
    words = parser.add_subparsers(dest="word", metavar="")
    words.add_parser("run", help="run the bot (the default)")
    words.add_parser("migrate", help="bring the database to this version's schema, and do nothing else")
    words.add_parser("doctor", help="look whether everything is in order, and say how to mend what is not; nothing is changed")
    words.add_parser("make-key", help="print a fresh ENCRYPTION_KEY, with which servers' own API keys are encrypted")
    sandbox = words.add_parser("sandbox", help="try the bot on this machine alone: no token, no key, no network")
    sandbox.add_argument("--script", action="store_true", help="play a user's first minutes and print them, instead of serving the page")
    sandbox.add_argument("--fast", action="store_true", help="make a track take 6 seconds")
    sandbox.add_argument("--host", default="127.0.0.1", help="loopback name or address on which the page is served")
    sandbox.add_argument("--port", type=int, default=8400, help="port of the page; where it is taken, the next one that is free")
    sandbox.add_argument("--no-open", action="store_true", help="print the page's address, and open no browser")
    options = parser.parse_args(arguments)
    if options.word == "sandbox":
        return _sandbox(options)
    if options.word == "doctor":
        return _doctor()
    if options.word == "make-key":
        print(make_key())  # noqa: T201 - the key is what was asked for
        return OK
    try:
        settings = load_settings()
    except SettingsError as error:
        return _wrong_settings(error)
    redact = configure_logging(settings.log_level, settings.log_format, settings.secrets)
    return _finish(running.migrate_only(settings) if options.word == "migrate" else running.run(settings, redact))


def _doctor() -> int:
    try:
        return OK if asyncio.run(checkup.check_up(sys.stdout)) else FAILED
    except KeyboardInterrupt:
        return FAILED


def _sandbox(options: argparse.Namespace) -> int:
    try:
        from bot.sandbox import host, script  # noqa: PLC0415 - the sandbox's packages are not installed with the bot alone
    except ImportError as error:
        print(f"The sandbox needs {error.name}, which is not installed here: make setup", file=sys.stderr)  # noqa: T201 - a script speaks
        return FAILED
    if options.script:
        work = script.play(fast=options.fast)
    else:
        work = host.serve(fast=options.fast, host=options.host, port=options.port, open_browser=not options.no_open)
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return FAILED


def _finish(work: Coroutine[Any, Any, None]) -> int:
    """Run to the end; an error of ours is one line, any other is a traceback."""
    try:
        asyncio.run(work)
    except EncoreError as error:
        return _told(error)
    except BaseExceptionGroup as group:
        expected, unexpected = group.split(EncoreError)
        if expected is None or unexpected is not None:
            raise
        return _told(_leaf(expected))
    except KeyboardInterrupt:
        return FAILED
    return OK


def _leaf(group: BaseExceptionGroup[EncoreError]) -> EncoreError:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first


def _told(error: EncoreError) -> int:
    if isinstance(error, SettingsError):
        return _wrong_settings(error)
    log.critical("%s", error)
    return FAILED


def _wrong_settings(error: SettingsError) -> int:
    print("The settings are not right yet:", *(f"  - {problem}" for problem in error.problems), sep="\n", file=sys.stderr)  # noqa: T201 - before logging
    return WRONG_SETTINGS


if __name__ == "__main__":
    sys.exit(main())
