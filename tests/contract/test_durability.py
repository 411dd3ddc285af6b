import asyncio
import signal
import sys

from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.migrate import migrate
from tests.contract.builders import make_job

ACCEPT_AND_DIE = """
import asyncio, os, signal, sys
from bot.domain.limits import Limits
from bot.store.database import Database
from bot.store.jobs import Jobs
from tests.contract.builders import make_job

async def main():
    async with Database(sys.argv[1]) as database:
        await Jobs(database).accept(make_job(1), limits=Limits(in_flight=3))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_an_accepted_job_outlives_a_kill_right_after_its_commit(url: str) -> None:
    await migrate(url)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ACCEPT_AND_DIE, url)
    assert await process.wait() == -signal.SIGKILL
    async with Database(url) as database:
        assert await Jobs(database).get("job1") == make_job(1)
