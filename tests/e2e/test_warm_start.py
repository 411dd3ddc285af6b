"""The tests' quick way to start the bot: what it starts is what the operator's command would."""

import asyncio
import json
import os
import select
import sys
from pathlib import Path

import pytest

from bot.sandbox.stage import PROJECT, Launch, start_afresh
from tests.e2e.play import ONE_LONG_DAY, PATIENCE, Play, until
from tests.warm import start_warm

PROBE = """
import atexit, json, locale, os, random, signal, sys, threading, uuid
import bot.store.ledger, bot.services.starters

def kind(name):
    return os.readlink(f"/proc/self/fd/{name}").partition(":")[0]

# The one by which the folder is listed is gone when it is looked at.
descriptors = [kind(name) for name in sorted(os.listdir("/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{name}")]

def tell():
    seen = dict(
        arguments=sys.argv,
        folder=os.getcwd(),
        environment={name: value for name, value in os.environ.items() if name != "LC_CTYPE"},  # set by an interpreter that finds no locale
        path=sys.path,
        flags=list(sys.flags),
        warnings=sys.warnoptions,
        locale=locale.setlocale(locale.LC_ALL),
        streams=[[stream.encoding, stream.errors, stream.line_buffering] for stream in (sys.stdin, sys.stdout, sys.stderr)],
        descriptors=descriptors,
        threads=sorted(thread.name for thread in threading.enumerate()),
        leads_its_session=os.getsid(0) == os.getpid(),
        blocked=len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        handlers={str(number): getattr(handler := signal.getsignal(number), "__name__", str(handler)) for number in signal.valid_signals()},
        days=[bot.store.ledger.DAY, bot.services.starters.DAY],
        chance=[random.random(), uuid.uuid4().hex],
    )
    with open("seen.json", "w") as file:
        json.dump(seen, file)

atexit.register(tell)
"""
"""What Python runs before the bot: at its end, it writes down all that a start leaves in a process."""

HOLDER = """\
import asyncio, json, sys
from pathlib import Path
from bot.sandbox.stage import BotProcess
from tests.warm import start_warm

async def hold(environment, folder):
    bot = BotProcess(environment, folder, folder / "bot.log", launch=start_warm)
    await bot.start()
    print(bot.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(hold(json.loads(sys.argv[1]), Path(sys.argv[2])))
"""


async def seen(stage: Play, launch: Launch) -> dict[str, object]:
    """Start the bot with settings that it refuses, and tell what it found."""
    stage.bot.launch = launch
    stage.set(DISCORD_TOKEN="")
    stage.shorten(ONE_LONG_DAY)
    with (stage.bot.folder / "shortened" / "sitecustomize.py").open("a") as file:
        file.write(PROBE)
    await stage.bot.start()
    process = stage.bot.process
    assert process is not None
    assert process.returncode is None
    assert await stage.ended() == 2
    assert process.returncode == 2
    with pytest.raises(ProcessLookupError):
        process.kill()
    return json.loads((stage.bot.folder / "seen.json").read_text())


async def test_what_it_starts_is_no_different_from_a_fresh_process_and_shares_no_chance_with_the_next(stage: Play) -> None:
    warm, again, fresh = await seen(stage, start_warm), await seen(stage, start_warm), await seen(stage, start_afresh)
    assert warm.pop("chance") != again.pop("chance")
    fresh.pop("chance")
    assert warm == again == fresh
    said = stage.bot.log
    assert said == 3 * said[: len(said) // 3]
    assert fresh["days"] == 2 * list(ONE_LONG_DAY.values())


async def test_what_is_killed_says_so(stage: Play) -> None:
    await stage.start()
    assert await stage.bot.kill() == -9


@pytest.mark.parametrize("name", ["COVERAGE_FILE", "PYTHONUTF8"])
async def test_what_an_interpreter_reads_when_it_starts_makes_a_fresh_start(stage: Play, name: str) -> None:
    stage.set(**{name: "1"})
    await stage.bot.start()
    assert isinstance(stage.bot.process, asyncio.subprocess.Process)
    await stage.bot.kill()


def parent_of(number: int) -> int:
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def is_over(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="every start is a fresh one here")
async def test_tests_that_are_killed_take_their_bot_along_and_what_it_was_forked_from(stage: Play) -> None:
    environment = {name: value for name, value in stage.bot.environment.items() if not name.startswith("COVERAGE_")}
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, json.dumps(environment), str(stage.bot.folder)), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        bot = int(await holder.stdout.readline())
        starter = parent_of(bot)
        both = [os.pidfd_open(number) for number in (bot, starter)]
        await stage.discord.wait_ready(PATIENCE)
        assert not any(map(is_over, both))
    finally:
        holder.kill()
        await holder.wait()
    await until(lambda: all(map(is_over, both)))
    for descriptor in both:
        os.close(descriptor)
    assert "SIGTERM: finishing what is in hand" in stage.bot.log
