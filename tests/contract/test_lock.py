import asyncio
import errno
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.errors import AlreadyRunning, StartupError, StoreUnavailable
from bot.store.lock import hold_lock
from bot.store.urls import parse_url

HOLDER = """
import asyncio, sys
from bot.store.lock import hold_lock

async def main():
    async with hold_lock(sys.argv[1]):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def another_process(url: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"held\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_second_process_is_refused_in_words_until_the_first_is_killed(url: str) -> None:
    async with another_process(url) as process:
        with pytest.raises(AlreadyRunning, match=r"Another bot .* Stop it first, or give this one its own database \(DATABASE_URL\)"):
            async with hold_lock(url):
                pass
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        async with asyncio.timeout(30):
            # A server notices the closed connection in its own time.
            while True:
                try:
                    async with hold_lock(url):
                        return
                except AlreadyRunning:
                    await asyncio.sleep(0.02)


async def test_it_is_free_again_after_its_end_also_after_an_error(url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with hold_lock(url):
            raise ZeroDivisionError
    async with hold_lock(url) as lock:
        waiting = asyncio.create_task(lock.lost())
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()


async def test_a_file_lock_names_the_process_that_holds_it(sqlite_url: str) -> None:
    async with another_process(sqlite_url) as process:
        with pytest.raises(AlreadyRunning, match=rf"process {process.pid}\b"):
            async with hold_lock(sqlite_url):
                pass


async def test_databases_do_not_share_a_lock(tmp_path: Path) -> None:
    async with hold_lock(f"sqlite:///{tmp_path}/one.db"), hold_lock(f"sqlite:///{tmp_path}/two.db"):
        pass


async def test_a_lost_connection_is_noticed(fresh_postgres_url: str, postgres_url: str) -> None:
    name = parse_url(fresh_postgres_url).database
    async with hold_lock(fresh_postgres_url) as lock:
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as operator:
            await operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        async with asyncio.timeout(30):
            await lock.lost()


async def test_a_folder_that_cannot_be_used_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StartupError, match="folder cannot be used"):
        async with hold_lock(f"sqlite:///{tmp_path}/file/encore.db"):
            pass


async def test_so_is_a_disk_that_is_full(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "truncate", full)
    with pytest.raises(StartupError, match=r"cannot be written: .*No space left"):
        async with hold_lock(sqlite_url):
            pass
    monkeypatch.undo()
    async with hold_lock(sqlite_url):
        pass


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(StoreUnavailable):
        async with hold_lock("postgresql://postgres@127.0.0.1:1/nothing"):
            pass
