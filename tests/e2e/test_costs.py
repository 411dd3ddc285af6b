"""What the lives of two jobs cost the real bot, one that goes at once and one that waits for it: by its own count, and by Discord's."""

from tests.e2e.play import Play
from tests.e2e.ports import free_port
from tests.e2e.reading import text_of
from tests.e2e.test_metrics import scrape
from tests.postgres import fresh_database

STATEMENTS = 6
REQUESTS = 4
"""Of a job, at most."""


async def statements(port: int) -> float:
    (line,) = [line for line in (await scrape(port)).splitlines() if line.startswith("encore_sql_statements_total ")]
    return float(line.split()[1])


async def _two_jobs(stage: Play) -> None:
    port = free_port()
    stage.set(OPS_PORT=str(port), MUSIC_SUBMIT_INTERVAL="4")
    await stage.start()
    # What a server has set, and who is blocked, is read once: by whoever is the first to use the bot there.
    await stage.use("jobs")
    before = await statements(port)
    looking = await statements(port) - before
    requests = len(stage.discord.requests)
    first = await stage.extend(title="first")
    second = await stage.extend(stage.world.jo, title="second")
    assert "In line" in text_of(second.message), "as the first answer"
    for call in (first, second):
        await stage.shows(call, "The track is here")
    assert await statements(port) - before - 2 * looking <= 2 * STATEMENTS
    assert len(stage.discord.requests) - requests <= 2 * REQUESTS


async def test_two_jobs_on_sqlite(stage: Play) -> None:
    await _two_jobs(stage)


async def test_two_jobs_on_postgresql(stage: Play, postgres_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        stage.set(DATABASE_URL=url)
        await _two_jobs(stage)
        assert await stage.bot.stop() == 0
